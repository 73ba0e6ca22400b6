//! What admins say of desktops: how they are opened, and what may pass between one and its user's computer.

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
