//! What admins say of desktops: how they are opened, and what may pass between one and its user's computer.

use std::process::Command;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::harness::Answer;
use crate::harness::world::{Who, World};

const WAYS: [&str; 4] = ["clipboard_copy", "clipboard_paste", "file_download", "file_upload"];

async fn call(world: &World, method: &str, path: &str, body: Value) -> Answer {
    let cookie = world.cookie(Who::Admin).await.expect("signed in");
    world.test.call(method, &format!("/api/v1/admin/{path}"), Some(&cookie), Some(&body)).await
}

/// What the chain tells of the last event of a kind.
async fn told(world: &World, kind: &str) -> Value {
    let body: Vec<u8> =
        sqlx::query_scalar("SELECT body FROM audit_events WHERE kind = $1 ORDER BY seq DESC LIMIT 1")
            .bind(kind)
            .fetch_one(&world.test.hub.pool)
            .await
            .expect("an event");
    serde_json::from_slice::<Value>(&body).expect("JSON")["detail"].clone()
}

fn ways(row: &Value) -> [bool; 4] {
    WAYS.map(|way| row[way].as_bool().expect("yes or no"))
}

#[tokio::test]
async fn a_grant_lets_text_pass_and_no_files_until_it_says_otherwise() {
    let world = World::new().await;
    let new = json!({ "user_id": world.user, "target_id": world.target });
    let made = call(&world, "POST", "grants", new).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    assert_eq!(ways(&made.json()), [true, true, false, false]);
    let path = format!("grants/{}", made.json()["id"].as_str().expect("an id"));

    // Each alone, and the others stay.
    let mut stands = [true, true, false, false];
    for (way, place) in WAYS.iter().zip(0..) {
        stands[place] = !stands[place];
        let change = Map::from_iter([((*way).to_owned(), json!(stands[place]))]);
        let changed = call(&world, "PATCH", &path, Value::Object(change)).await;
        assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
        assert_eq!(ways(&changed.json()), stands);
        let both = json!({ "from": !stands[place], "to": stands[place] });
        assert_eq!(told(&world, "grant.changed").await["changes"], json!({ *way: both }));
    }
    assert_eq!(ways(&call(&world, "GET", &path, Value::Null).await.json()), [false, false, true, true]);

    let refused = call(&world, "PATCH", &path, json!({ "clipboard_copy": 1 })).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::BAD_REQUEST, "invalid_request"));
    let whole = json!({
        "user_id": world.stranger, "zone_id": world.zone, "clipboard_copy": false, "clipboard_paste": false,
        "file_download": true, "file_upload": true,
    });
    let made = call(&world, "POST", "grants", whole).await.json();
    assert_eq!(ways(&made), [false, false, true, true]);
}

#[tokio::test]
async fn a_target_is_a_shell_or_one_of_two_desktops() {
    let world = World::new().await;
    for (protocol, port) in [("ssh", 22), ("rdp", 3389), ("vnc", 5900)] {
        let new = json!({
            "zone_id": world.zone, "name": protocol, "hostname": "10.0.0.8", "protocol": protocol, "port": port,
        });
        let made = call(&world, "POST", "targets", new).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        assert_eq!(made.json()["protocol"], protocol);
    }
    let new = json!({
        "zone_id": world.zone, "name": "old", "hostname": "10.0.0.8", "protocol": "telnet", "port": 23,
    });
    let refused = call(&world, "POST", "targets", new).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::BAD_REQUEST, "invalid_request"));
}

fn target(world: &World, protocol: &str, desktop: Value) -> Value {
    json!({
        "zone_id": world.zone, "name": "panel", "hostname": "10.0.0.8", "protocol": protocol, "port": 3389,
        "desktop": desktop,
    })
}

#[tokio::test]
async fn how_a_desktop_is_opened_is_kept_changed_as_a_whole_and_told() {
    let world = World::new().await;
    assert_eq!(
        call(&world, "GET", &format!("targets/{}", world.target), Value::Null).await.json()["desktop"],
        Value::Null
    );
    let said = json!({ "security": "nla", "domain": "PLANT", "wake_on_lan": { "mac": "00-1A-2B-3C-4D-5E" } });
    let made = call(&world, "POST", "targets", target(&world, "rdp", said)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let wake = json!({ "mac": "00:1a:2b:3c:4d:5e", "broadcast": "255.255.255.255", "wait_seconds": 60 });
    let kept = json!({ "security": "nla", "domain": "PLANT", "wake_on_lan": wake });
    assert_eq!(made.json()["desktop"], kept);
    let created = told(&world, "target.created").await;
    assert_eq!((&created["protocol"], &created["desktop"]), (&json!("rdp"), &kept));

    let path = format!("targets/{}", made.json()["id"].as_str().expect("an id"));
    let same = call(&world, "PATCH", &path, json!({ "port": 3390 })).await.json();
    assert_eq!((&same["desktop"], &same["port"]), (&kept, &json!(3390)), "what is left out stays");
    let other = json!({ "remote_app": { "program": "||historian" }, "font_smoothing": false });
    let changed = call(&world, "PATCH", &path, json!({ "desktop": other })).await;
    assert_eq!(changed.json()["desktop"], other, "{changed:?}");
    let both = json!({ "desktop": { "from": kept, "to": other } });
    assert_eq!(told(&world, "target.changed").await["changes"], both);
    let usual = call(&world, "PATCH", &path, json!({ "desktop": {} })).await;
    assert_eq!(usual.json()["desktop"], json!({}), "{usual:?}");
    assert_eq!(call(&world, "GET", &path, Value::Null).await.json(), usual.json());
    let list = call(&world, "GET", "targets", Value::Null).await.json();
    let row = list["items"].as_array().expect("items").iter().find(|row| row["name"] == "panel");
    assert_eq!(row, Some(&usual.json()));
}

#[tokio::test]
async fn what_a_target_is_not_opened_with_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let shell = format!("targets/{}", world.target);
    let made = call(&world, "POST", "targets", target(&world, "vnc", json!({ "color_depth": 16 }))).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let panel = format!("targets/{}", made.json()["id"].as_str().expect("an id"));
    for (method, path, body, field) in [
        ("POST", "targets", target(&world, "ssh", json!({})), "desktop"),
        ("POST", "targets", target(&world, "rdp", json!({ "color_depth": 15 })), "desktop.color_depth"),
        ("POST", "targets", target(&world, "rdp", json!({ "domain": "a;b" })), "desktop.domain"),
        (
            "POST",
            "targets",
            target(&world, "rdp", json!({ "gateway": { "hostname": "" } })),
            "desktop.gateway.hostname",
        ),
        ("POST", "targets", target(&world, "rdp", json!({ "drive-path": "/etc" })), "drive-path"),
        ("POST", "targets", target(&world, "vnc", json!({ "security": "nla" })), "desktop.security"),
        ("PATCH", &shell, json!({ "desktop": { "color_depth": 16 } }), "desktop"),
        ("PATCH", &panel, json!({ "desktop": { "console": true } }), "desktop.console"),
    ] {
        let refused = call(&world, method, path, body.clone()).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (400, "invalid_request"), "{body}");
        assert_eq!(refused.json()["field"], field, "{body} {refused:?}");
    }
    assert_eq!(call(&world, "GET", &panel, Value::Null).await.json(), made.json());
}

#[tokio::test]
async fn a_desktop_takes_a_password_and_no_key() {
    let world = World::new().await;
    let made = call(&world, "POST", "targets", target(&world, "rdp", json!({}))).await.json();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key");
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&file);
    assert!(keygen.status().expect("ssh-keygen").success());
    let key = std::fs::read_to_string(&file).expect("a key");
    let account = |secret: Value| {
        let mut account = json!({ "target_id": made["id"], "username": "operator" });
        account.as_object_mut().expect("fields").extend(secret.as_object().expect("fields").clone());
        account
    };
    let refused = call(&world, "POST", "credentials", account(json!({ "private_key": key }))).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["field"]), (400, &json!("private_key")));
    assert!(refused.json()["detail"].as_str().expect("words").contains("password"), "{refused:?}");
    let kept = call(&world, "POST", "credentials", account(json!({ "password": "s3cret" }))).await;
    assert_eq!(kept.status, StatusCode::CREATED, "{kept:?}");
    let path = format!("credentials/{}", kept.json()["id"].as_str().expect("an id"));
    let refused = call(&world, "PATCH", &path, json!({ "private_key": key })).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["field"]), (400, &json!("private_key")));
    assert_eq!(call(&world, "GET", &path, Value::Null).await.json(), kept.json());
}
