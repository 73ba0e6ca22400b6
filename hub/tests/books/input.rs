//! Bad input gets a problem that names the field, and changes nothing.

use openpam_hub::store::{Page, access, targets};
use openpam_ids::{TargetId, UserId, ZoneId};
use openpam_policy::Role;
use serde_json::json;

use crate::harness::world::{Who, World};

#[tokio::test]
async fn bad_bodies_are_refused_and_the_field_is_named() {
    let world = World::new().await;
    let admin = world.cookie(Who::Admin).await.expect("signed in");
    let target = |changes: serde_json::Value| {
        let mut body =
            json!({ "zone_id": world.zone, "name": "n", "hostname": "h", "protocol": "ssh", "port": 22 });
        body.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
        body
    };
    let user = |username: &str, password: &str| json!({ "username": username, "password": password, "role": "user" });
    for (path, body, field) in [
        ("zones", json!({ "name": "" }), Some("name")),
        ("zones", json!({}), Some("name")),
        ("zones", json!({ "name": "a", "colour": 1 }), Some("colour")),
        ("zones", json!({ "name": "a", "type": "moon" }), None),
        ("targets", target(json!({ "port": 0 })), Some("port")),
        ("targets", target(json!({ "port": 70_000 })), None),
        ("targets", target(json!({ "hostname": "a b" })), Some("hostname")),
        ("credentials", json!({ "target_id": world.target, "username": "a" }), Some("password")),
        (
            "credentials",
            json!({ "target_id": world.target, "username": "a", "private_key": "x" }),
            Some("private_key"),
        ),
        ("users", user("ann", "short"), Some("password")),
        ("users", user("ann lee", "long enough it is"), Some("username")),
        ("grants", json!({ "user_id": world.user }), Some("target_id")),
        ("grants", json!({ "target_id": world.target }), Some("user_id")),
        ("grants", json!({ "user_id": world.user, "label": "env" }), Some("label")),
        (
            "grants",
            json!({ "user_id": world.user, "label": "a=b", "zone_id": world.zone }),
            Some("target_id"),
        ),
        ("grants", json!({ "user_id": world.user, "zone_id": world.zone, "file_upload": "yes" }), None),
        ("targets", target(json!({ "labels": ["env=a", "env=b"] })), Some("labels")),
        ("targets", target(json!({ "labels": ["env = a"] })), Some("labels")),
        (
            "targets",
            target(json!({ "labels": (0..33).map(|n| format!("k{n}=v")).collect::<Vec<_>>() })),
            Some("labels"),
        ),
        ("tokens", json!({ "zone_id": world.zone, "lifetime_seconds": 0 }), Some("lifetime_seconds")),
    ] {
        let answer =
            world.test.call("POST", &format!("/api/v1/admin/{path}"), Some(&admin), Some(&body)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (400, "invalid_request"),
            "{path} {body}"
        );
        assert_eq!(answer.json()["field"].as_str(), field, "{path} {body} {answer:?}");
    }
}

#[tokio::test]
async fn twice_the_same_is_409_and_a_dangling_reference_422() {
    let world = World::new().await;
    let admin = world.cookie(Who::Admin).await.expect("signed in");
    let nowhere = (ZoneId::generate(), TargetId::generate(), UserId::generate());
    for (path, body, status, code) in [
        ("zones", json!({ "name": "plant-7" }), 409, "already_exists"),
        (
            "credentials",
            json!({ "target_id": world.target, "username": "root", "password": "p" }),
            409,
            "already_exists",
        ),
        (
            "users",
            json!({ "username": "USER", "password": "long enough it is", "role": "user" }),
            409,
            "already_exists",
        ),
        ("grants", json!({ "user_id": world.user, "zone_id": world.zone }), 409, "already_exists"),
        ("tokens", json!({ "zone_id": nowhere.0 }), 422, "unknown_zone"),
        (
            "credentials",
            json!({ "target_id": nowhere.1, "username": "a", "password": "p" }),
            422,
            "unknown_target",
        ),
        ("grants", json!({ "user_id": nowhere.2, "zone_id": world.zone }), 422, "unknown_user"),
    ] {
        let answer =
            world.test.call("POST", &format!("/api/v1/admin/{path}"), Some(&admin), Some(&body)).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{path} {body}");
    }
    let huge = json!({ "name": "x".repeat(70_000) });
    let answer = world.test.call("POST", "/api/v1/admin/zones", Some(&admin), Some(&huge)).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (413, "too_large"));
}

#[tokio::test]
async fn a_secret_whose_credential_was_refused_is_not_kept() {
    let world = World::new().await;
    let admin = world.cookie(Who::Admin).await.expect("signed in");
    let body = json!({ "target_id": world.target, "username": "root", "password": "p" });
    world.test.call("POST", "/api/v1/admin/credentials", Some(&admin), Some(&body)).await;
    let file = world.test.hub.config.secrets_dir.join("sealed-store.json");
    let kept = std::fs::read_to_string(file).expect("the store was written");
    assert_eq!(kept.trim(), "{}");
}

#[tokio::test]
async fn the_list_of_granted_targets_and_the_policy_agree() {
    let world = World::new().await;
    let pool = &world.test.hub.pool;
    let grouped = world.test.user("grouped", Role::User).await;
    let admin = world.cookie(Who::Admin).await.expect("signed in");
    let call = |method: &'static str, path: String, body: serde_json::Value| {
        let (admin, test) = (admin.clone(), &world.test);
        async move { test.call(method, &path, Some(&admin), Some(&body)).await.status.as_u16() }
    };
    let (group, target, stranger) = (world.group, world.target, world.stranger);
    let steps = [
        ("POST", "/api/v1/admin/grants".to_owned(), json!({ "group_id": group, "target_id": target }), 201),
        ("PUT", format!("/api/v1/admin/groups/{group}/members/{grouped}"), json!({}), 204),
        ("PATCH", format!("/api/v1/admin/targets/{target}"), json!({ "enabled": false }), 200),
        ("PATCH", format!("/api/v1/admin/targets/{target}"), json!({ "enabled": true }), 200),
        ("PATCH", format!("/api/v1/admin/zones/{}", world.zone), json!({ "enabled": false }), 200),
        ("PATCH", format!("/api/v1/admin/zones/{}", world.zone), json!({ "enabled": true }), 200),
        ("PATCH", format!("/api/v1/admin/users/{grouped}"), json!({ "enabled": false }), 200),
        ("PATCH", format!("/api/v1/admin/users/{grouped}"), json!({ "enabled": true }), 200),
        ("DELETE", format!("/api/v1/admin/groups/{group}/members/{grouped}"), json!({}), 204),
        ("POST", "/api/v1/admin/grants".to_owned(), json!({ "user_id": stranger, "label": "env=test" }), 201),
        (
            "PATCH",
            format!("/api/v1/admin/targets/{target}"),
            json!({ "labels": ["line=3", "env=test"] }),
            200,
        ),
        ("PATCH", format!("/api/v1/admin/targets/{target}"), json!({ "labels": ["env=testing"] }), 200),
    ];
    let mut seen = Vec::new();
    for (method, path, body, status) in steps {
        assert_eq!(call(method, path.clone(), body).await, status, "{method} {path}");
        for user in [world.user, world.admin, grouped, world.stranger] {
            let page = Page { limit: 10, after: None };
            let listed = !targets::granted(pool, user, None, "", page).await.expect("lists").is_empty();
            let decided = access::authorize(pool, user, target).await.is_ok();
            assert_eq!(listed, decided, "after {method} {path}");
            seen.push(decided);
        }
    }
    assert!(seen.contains(&true) && seen.contains(&false));
}

#[tokio::test]
async fn targets_are_found_by_name_zone_and_description_and_paged_by_name() {
    let world = World::new().await;
    let admin = world.cookie(Who::Admin).await.expect("signed in");
    for name in ["Crane", "anvil", "belt"] {
        let body =
            json!({ "zone_id": world.zone, "name": name, "hostname": "h", "protocol": "rdp", "port": 3389 });
        assert_eq!(
            world.test.call("POST", "/api/v1/admin/targets", Some(&admin), Some(&body)).await.status,
            201
        );
    }
    let user = world.cookie(Who::User).await.expect("signed in");
    let names = async |query: &str| {
        let list = world.test.get(&format!("/api/v1/targets?{query}"), &user).await.json();
        let names: Vec<_> =
            list["items"].as_array().expect("items").iter().map(|item| item["name"].to_string()).collect();
        (names.join(" ").replace('"', ""), list["next"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(names("").await.0, "anvil belt Crane press");
    assert_eq!(names("q=HYDRAULIC").await.0, "press");
    assert_eq!(names("q=plant-7&limit=500").await.0, "anvil belt Crane press");
    let (first, cursor) = names("limit=2").await;
    assert_eq!(first, "anvil belt");
    assert_eq!(names(&format!("limit=2&cursor={cursor}")).await.0, "Crane press");
    let press = world.test.get(&format!("/api/v1/targets/{}", world.target), &user).await.json();
    assert_eq!(
        (press["reachable"].as_bool(), press["credentials"][0]["username"].as_str()),
        (Some(false), Some("root"))
    );
    world.site_online();
    let press = world.test.get(&format!("/api/v1/targets/{}", world.target), &user).await.json();
    assert_eq!(press["reachable"].as_bool(), Some(true));
}
