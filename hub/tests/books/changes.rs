//! What admins keep is changed by one at a time and told to the chain; what the books name is retired, not deleted.

use axum::http::StatusCode;
use openpam_hub::changes::Change;
use openpam_hub::store::credentials;
use openpam_policy::Role;
use serde_json::{Value, json};

use crate::harness::world::{Who, World};
use crate::harness::{Answer, PASSWORD};

/// An admin's calls.
struct Desk<'a> {
    world: &'a World,
    cookie: String,
}

impl<'a> Desk<'a> {
    async fn of(world: &'a World) -> Self {
        Self { world, cookie: world.cookie(Who::Admin).await.expect("signed in") }
    }

    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let path = format!("/api/v1/admin/{path}");
        self.world.test.call(method, &path, Some(&self.cookie), body.as_ref()).await
    }

    async fn create(&self, resource: &str, body: Value) -> String {
        let answer = self.call("POST", resource, Some(body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json()["id"].as_str().expect("an id").to_owned()
    }

    async fn change(&self, path: &str, body: Value) -> Value {
        let answer = self.call("PATCH", path, Some(body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()
    }

    async fn delete(&self, path: &str) {
        let answer = self.call("DELETE", path, None).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{path} {answer:?}");
    }

    async fn read(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    async fn lists(&self, resource: &str, id: &str) -> bool {
        let list = self.read(resource).await.json();
        list["items"].as_array().expect("items").iter().any(|item| item["id"] == id)
    }

    /// What the chain tells of the last event of a kind.
    async fn told(&self, kind: &str) -> Value {
        let body: Vec<u8> =
            sqlx::query_scalar("SELECT body FROM audit_events WHERE kind = $1 ORDER BY seq DESC LIMIT 1")
                .bind(kind)
                .fetch_one(&self.world.test.hub.pool)
                .await
                .expect("an event");
        serde_json::from_slice::<Value>(&body).expect("JSON")["detail"].clone()
    }
}

#[tokio::test]
async fn a_change_touches_what_it_names_and_is_told_with_both_values() {
    let world = World::new().await;
    let desk = Desk::of(&world).await;
    let path = format!("targets/{}", world.target);
    let before = desk.read(&path).await.json();
    let after =
        desk.change(&path, json!({ "hostname": "10.0.0.8", "port": 2222, "description": null })).await;
    assert_eq!((&after["hostname"], &after["port"]), (&json!("10.0.0.8"), &json!(2222)));
    assert_eq!((&after["description"], &after["version"]), (&Value::Null, &json!(2)));
    for stays in ["name", "zone_id", "protocol", "enabled", "created_at", "retired_at"] {
        assert_eq!(after[stays], before[stays], "{stays}");
    }
    assert_eq!(
        desk.told("target.changed").await,
        json!({
            "id": world.target,
            "name": "press",
            "changes": {
                "hostname": { "from": "10.0.0.7", "to": "10.0.0.8" },
                "port": { "from": 22, "to": 2222 },
                "description": { "from": "The hydraulic press", "to": null },
            }
        })
    );
    // Nothing to change is no change.
    assert_eq!(desk.change(&path, json!({ "port": 2222 })).await["version"], 2);

    let group = desk.change(&format!("groups/{}", world.group), json!({ "name": "welders" })).await;
    let zone = desk.change(&format!("zones/{}", world.zone), json!({ "description": "North hall" })).await;
    let user = format!("users/{}", world.user);
    let person = desk
        .change(&user, json!({ "email": "ann@plant.example", "display_name": "Ann", "role": "auditor" }))
        .await;
    assert_eq!((&group["name"], &zone["description"]), (&json!("welders"), &json!("North hall")));
    assert_eq!((&person["role"], &person["username"]), (&json!("auditor"), &json!("user")));
    assert_eq!(desk.change(&user, json!({ "email": null })).await["email"], Value::Null);
}

#[tokio::test]
async fn of_two_who_change_the_same_the_second_is_told_and_changes_nothing() {
    let world = World::new().await;
    let desk = Desk::of(&world).await;
    for (path, first, second) in [
        (format!("targets/{}", world.target), json!({ "name": "a" }), json!({ "name": "b" })),
        (format!("zones/{}", world.zone), json!({ "name": "a" }), json!({ "name": "b" })),
        (format!("groups/{}", world.group), json!({ "name": "a" }), json!({ "name": "b" })),
        (format!("credentials/{}", world.credential), json!({ "username": "a" }), json!({ "username": "b" })),
        (format!("users/{}", world.user), json!({ "display_name": "a" }), json!({ "display_name": "b" })),
    ] {
        let seen = desk.read(&path).await.json()["version"].clone();
        let from = |mut change: Value| {
            change["version"] = seen.clone();
            change
        };
        let changed = desk.change(&path, from(first)).await;
        let refused = desk.call("PATCH", &path, Some(from(second))).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::CONFLICT, "changed_meanwhile"));
        assert_eq!(desk.read(&path).await.json(), changed, "{path}");
    }
}

#[tokio::test]
async fn bad_changes_name_the_field_and_change_nothing() {
    let world = World::new().await;
    let desk = Desk::of(&world).await;
    let (target, credential, user) = (world.target, world.credential, world.user);
    for (path, body, field) in [
        (format!("targets/{target}"), json!({ "name": " " }), Some("name")),
        (format!("targets/{target}"), json!({ "port": 0 }), Some("port")),
        (format!("targets/{target}"), json!({ "hostname": "a;b" }), Some("hostname")),
        (format!("targets/{target}"), json!({ "zone_id": world.zone }), Some("zone_id")),
        (format!("zones/{}", world.zone), json!({ "type": "hub" }), Some("type")),
        (format!("groups/{}", world.group), json!({ "name": "a\u{7}" }), Some("name")),
        (
            format!("credentials/{credential}"),
            json!({ "password": "a", "private_key": "b" }),
            Some("password"),
        ),
        (format!("credentials/{credential}"), json!({ "private_key": "b" }), Some("private_key")),
        (format!("users/{user}"), json!({ "password": "short" }), Some("password")),
        (format!("users/{user}"), json!({ "role": "owner" }), None),
        (format!("users/{user}"), json!({ "username": "other" }), Some("username")),
    ] {
        let before = desk.read(&path).await.json();
        let refused = desk.call("PATCH", &path, Some(body.clone())).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (StatusCode::BAD_REQUEST, "invalid_request"),
            "{body}"
        );
        assert_eq!(refused.json()["field"].as_str(), field, "{path} {body}");
        assert_eq!(desk.read(&path).await.json(), before);
    }
    desk.create("zones", json!({ "name": "other" })).await;
    let taken = desk.call("PATCH", &format!("zones/{}", world.zone), Some(json!({ "name": "other" }))).await;
    assert_eq!((taken.status, taken.code().as_str()), (StatusCode::CONFLICT, "already_exists"));
}

#[tokio::test]
async fn what_nothing_names_is_deleted_with_its_secrets() {
    let world = World::new().await;
    let desk = Desk::of(&world).await;
    let zone = desk.create("zones", json!({ "name": "plant-8" })).await;
    let new = json!({ "zone_id": zone, "name": "saw", "hostname": "h", "protocol": "ssh", "port": 22 });
    let target = desk.create("targets", new).await;
    let account = |name: &str| json!({ "target_id": target, "username": name, "password": "s3cret" });
    let one = desk.create("credentials", account("one")).await;
    let two = desk.create("credentials", account("two")).await;
    let user = desk.create("users", json!({ "username": "eve", "password": PASSWORD, "role": "user" })).await;
    let grant = desk.create("grants", json!({ "group_id": world.group, "target_id": target })).await;
    desk.delete(&format!("credentials/{one}")).await;
    desk.delete(&format!("targets/{target}")).await;
    desk.delete(&format!("zones/{zone}")).await;
    desk.delete(&format!("users/{user}")).await;
    for gone in [
        format!("credentials/{one}"),
        format!("credentials/{two}"),
        format!("targets/{target}"),
        format!("zones/{zone}"),
        format!("users/{user}"),
        format!("grants/{grant}"),
    ] {
        assert_eq!(desk.read(&gone).await.status, StatusCode::NOT_FOUND, "{gone}");
        assert_eq!(desk.call("DELETE", &gone, None).await.status, StatusCode::NOT_FOUND, "{gone}");
    }
    let kept = std::fs::read_to_string(world.test.hub.config.secrets_dir.join("sealed-store.json"));
    assert_eq!(kept.expect("the store was written").trim(), "{}");
    let told = desk.told("target.deleted").await;
    assert_eq!(told, json!({ "id": target, "name": "saw", "retired": false }));
}

#[tokio::test]
async fn what_the_books_name_is_hidden_kept_and_leaves_its_name() {
    let world = World::new().await;
    let desk = Desk::of(&world).await;
    let session = world.some_session().await;
    let mut changes = world.test.hub.changes.listen();
    desk.delete(&format!("targets/{}", world.target)).await;
    assert_eq!(changes.recv().await.expect("told"), Change::TargetChanged(world.target));
    desk.delete(&format!("users/{}", world.user)).await;
    for (resource, id) in [
        ("targets", world.target.to_string()),
        ("credentials", world.credential.to_string()),
        ("users", world.user.to_string()),
    ] {
        let kept = desk.read(&format!("{resource}/{id}")).await.json();
        assert!(kept["retired_at"].is_string() && kept["enabled"] == false, "{kept}");
        assert!(!desk.lists(resource, &id).await, "{resource}");
        let again = desk.call("PATCH", &format!("{resource}/{id}"), Some(json!({ "enabled": true }))).await;
        assert_eq!(again.status, StatusCode::NOT_FOUND, "{resource}");
    }
    // Who did what on which machine is still told by name.
    let told = desk.world.test.get(&format!("/api/v1/sessions/{session}"), &desk.cookie).await.json();
    assert_eq!(
        (&told["target"], &told["user"], &told["username"]),
        (&json!("press"), &json!("user"), &json!("root"))
    );
    assert_eq!(desk.told("user.deleted").await["retired"], true);
    // The name is free, and what is retired is nothing to refer to.
    let new =
        json!({ "zone_id": world.zone, "name": "press", "hostname": "h", "protocol": "ssh", "port": 22 });
    desk.create("targets", new).await;
    desk.create("users", json!({ "username": "user", "password": PASSWORD, "role": "user" })).await;
    let account = json!({ "target_id": world.target, "username": "a", "password": "p" });
    for (path, body, code) in [
        ("grants", json!({ "user_id": world.user, "zone_id": world.zone }), "unknown_user"),
        ("grants", json!({ "group_id": world.group, "target_id": world.target }), "unknown_target"),
        ("credentials", account, "unknown_target"),
    ] {
        let refused = desk.call("POST", path, Some(body)).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, code));
    }
}

#[tokio::test]
async fn a_zone_is_deleted_once_nothing_stands_in_it() {
    let world = World::new().await;
    let desk = Desk::of(&world).await;
    let path = format!("zones/{}", world.zone);
    let refused = desk.call("DELETE", &path, None).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::CONFLICT, "wrong_state"));
    desk.call("POST", &format!("satellites/{}/revoke", world.satellite), None).await;
    let refused = desk.call("DELETE", &path, None).await;
    assert!(refused.json()["detail"].as_str().is_some_and(|text| text.contains("1 target")), "{refused:?}");
    desk.delete(&format!("targets/{}", world.target)).await;
    desk.delete(&path).await;
    assert!(!desk.lists("zones", &world.zone.to_string()).await);
    assert!(desk.read(&path).await.json()["retired_at"].is_string());
    let token = desk.call("POST", "tokens", Some(json!({ "zone_id": world.zone }))).await;
    assert_eq!(token.code(), "unknown_zone");
}

#[tokio::test]
async fn a_new_secret_replaces_the_old_one_and_a_refused_one_does_not() {
    let world = World::new().await;
    let desk = Desk::of(&world).await;
    let account = |name: &str| json!({ "target_id": world.target, "username": name, "password": "first" });
    let id = desk.create("credentials", account("fitter")).await;
    let path = format!("credentials/{id}");
    let secret = async || {
        let row =
            credentials::find(&world.test.hub.pool, id.parse().expect("an id")).await.expect("the books");
        let secret =
            world.test.hub.secrets.read(&row.expect("there").vault_secret_path).await.expect("the store");
        secret.expect("a secret").expose().to_owned()
    };
    assert_eq!(desk.change(&path, json!({ "password": "second" })).await["kind"], "password");
    assert_eq!(secret().await, "second");
    // The name is taken: the change and its secret are refused together.
    let refused = desk.call("PATCH", &path, Some(json!({ "username": "root", "password": "third" }))).await;
    assert_eq!(refused.code(), "already_exists");
    assert_eq!(secret().await, "second");
    let file = std::fs::read_to_string(world.test.hub.config.secrets_dir.join("sealed-store.json"));
    let kept: Value = serde_json::from_str(&file.expect("the store was written")).expect("JSON");
    assert_eq!(kept.as_object().map(serde_json::Map::len), Some(1), "no secret is left behind");
    let told = desk.told("credential.changed").await.to_string();
    assert!(!told.contains("second") && told.contains("vault_secret_path"), "{told}");
}

#[tokio::test]
async fn one_admin_is_always_left_and_nobody_locks_themselves_out() {
    let world = World::new().await;
    let desk = Desk::of(&world).await;
    let own = format!("users/{}", world.admin);
    for change in [json!({ "role": "user" }), json!({ "enabled": false })] {
        assert_eq!(desk.call("PATCH", &own, Some(change)).await.code(), "own_account");
    }
    assert_eq!(desk.call("DELETE", &own, None).await.code(), "own_account");
    assert_eq!(desk.change(&own, json!({ "display_name": "Chief" })).await["display_name"], "Chief");

    // Two admins who take each other's role at the same moment: one of them keeps it.
    let other = world.test.user("other", Role::Admin).await;
    let others = Desk { world: &world, cookie: world.test.signed_in(other).await };
    let demoted = json!({ "role": "user" });
    let theirs = format!("users/{other}");
    let (mine, theirs) = tokio::join!(
        desk.call("PATCH", &theirs, Some(demoted.clone())),
        others.call("PATCH", &own, Some(demoted)),
    );
    let done = [&mine, &theirs].iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(done, 1, "{mine:?} {theirs:?}");
}

#[tokio::test]
async fn a_reset_password_signs_out_everywhere_and_is_the_new_one() {
    let world = World::new().await;
    let desk = Desk::of(&world).await;
    let old = world.cookie(Who::User).await.expect("signed in");
    let mut changes = world.test.hub.changes.listen();
    desk.change(&format!("users/{}", world.user), json!({ "password": "another long password" })).await;
    assert!(matches!(changes.recv().await, Ok(Change::SignedOut(_))));
    assert_eq!(world.test.get("/api/v1/auth/me", &old).await.status, StatusCode::UNAUTHORIZED);
    let sign_in = async |password: &str| {
        let body = json!({ "username": "user", "password": password });
        world.test.call("POST", "/api/v1/auth/login", None, Some(&body)).await.status
    };
    assert_eq!(sign_in(PASSWORD).await, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in("another long password").await, StatusCode::OK);
    assert!(!desk.told("user.password_reset").await.to_string().contains("another"));
}
