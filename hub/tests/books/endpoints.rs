//! Every endpoint as everybody: whoever may succeeds with a real body, whoever may not is refused.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::world::{Who, World};
use crate::harness::{Answer, PASSWORD};

/// Method, path of the OpenAPI document, and the status for nobody, stranger, user, auditor and admin.
type Row = (&'static str, &'static str, [u16; 5]);

const EVERYBODY: [u16; 5] = [200; 5];
const SIGNED_IN: [u16; 5] = [401, 200, 200, 200, 200];
const ADMIN_200: [u16; 5] = [401, 403, 403, 403, 200];
const ADMIN_201: [u16; 5] = [401, 403, 403, 403, 201];
const ADMIN_204: [u16; 5] = [401, 403, 403, 403, 204];

const TABLE: &[Row] = &[
    ("post", "/api/v1/auth/login", EVERYBODY),
    ("get", "/api/v1/auth/me", SIGNED_IN),
    ("post", "/api/v1/auth/logout", [401, 204, 204, 204, 204]),
    ("get", "/api/v1/auth/sign-ins", SIGNED_IN),
    ("delete", "/api/v1/auth/sign-ins", [401, 204, 204, 204, 204]),
    // The user's: being admin or auditor is no right to it.
    ("delete", "/api/v1/auth/sign-ins/{id}", [401, 404, 204, 404, 404]),
    ("put", "/api/v1/auth/password", [401, 204, 204, 204, 204]),
    ("get", "/api/v1/schedules", SIGNED_IN),
    ("post", "/api/v1/schedules", ADMIN_201),
    ("get", "/api/v1/schedules/active", SIGNED_IN),
    ("get", "/api/v1/schedules/windows", SIGNED_IN),
    ("post", "/api/v1/schedules/validate", ADMIN_200),
    ("get", "/api/v1/schedules/{id}", [401, 404, 200, 200, 200]),
    ("patch", "/api/v1/schedules/{id}", ADMIN_200),
    ("delete", "/api/v1/schedules/{id}", ADMIN_204),
    ("post", "/api/v1/traces", [401, 204, 204, 204, 204]),
    ("get", "/api/v1/openapi.json", EVERYBODY),
    ("get", "/api/v1/targets", SIGNED_IN),
    // Being admin or auditor grants no target.
    ("get", "/api/v1/targets/{id}", [401, 404, 200, 404, 404]),
    ("get", "/api/v1/sessions", SIGNED_IN),
    ("get", "/api/v1/sessions/{id}", [401, 404, 200, 200, 200]),
    ("delete", "/api/v1/sessions/{id}", [401, 404, 204, 403, 204]),
    ("get", "/api/v1/recordings", SIGNED_IN),
    ("get", "/api/v1/recordings/{session_id}/text", RECORDING),
    ("get", "/api/v1/recordings/{session_id}/cast", RECORDING),
    // This one is a shell's.
    ("get", "/api/v1/recordings/{session_id}/guac", [401, 404, 409, 409, 409]),
    ("get", "/api/v1/audit", READERS),
    ("get", "/api/v1/audit/export", READERS),
    ("get", "/api/v1/audit/events", READERS),
    ("get", "/api/v1/audit/events/export", READERS),
    ("get", "/api/v1/audit/users/{id}", READERS),
    ("get", "/api/v1/audit/targets/{id}", READERS),
    ("get", "/api/v1/admin/zones", ADMIN_200),
    ("post", "/api/v1/admin/zones", ADMIN_201),
    ("get", "/api/v1/admin/zones/{id}", ADMIN_200),
    ("patch", "/api/v1/admin/zones/{id}", ADMIN_200),
    ("delete", "/api/v1/admin/zones/{id}", ADMIN_204),
    ("post", "/api/v1/admin/zones/{id}/end-sessions", ADMIN_200),
    ("get", "/api/v1/admin/zones/{id}/access-alone", READERS),
    ("get", "/api/v1/admin/access", READERS),
    ("get", "/api/v1/admin/bus", READERS),
    ("get", "/api/v1/admin/targets", ADMIN_200),
    ("post", "/api/v1/admin/targets", ADMIN_201),
    ("get", "/api/v1/admin/targets/{id}", ADMIN_200),
    ("patch", "/api/v1/admin/targets/{id}", ADMIN_200),
    ("delete", "/api/v1/admin/targets/{id}", ADMIN_204),
    ("post", "/api/v1/admin/targets/{id}/test", ADMIN_200),
    ("post", "/api/v1/admin/targets/{id}/host-key/accept", ADMIN_200),
    ("post", "/api/v1/admin/targets/{id}/host-key/refuse", ADMIN_200),
    ("get", "/api/v1/admin/credentials", ADMIN_200),
    ("post", "/api/v1/admin/credentials", ADMIN_201),
    ("get", "/api/v1/admin/credentials/{id}", ADMIN_200),
    ("patch", "/api/v1/admin/credentials/{id}", ADMIN_200),
    ("delete", "/api/v1/admin/credentials/{id}", ADMIN_204),
    ("get", "/api/v1/admin/users", ADMIN_200),
    ("post", "/api/v1/admin/users", ADMIN_201),
    ("get", "/api/v1/admin/users/{id}", ADMIN_200),
    ("patch", "/api/v1/admin/users/{id}", ADMIN_200),
    ("delete", "/api/v1/admin/users/{id}", ADMIN_204),
    ("post", "/api/v1/admin/users/{id}/end-sessions", ADMIN_200),
    ("get", "/api/v1/admin/groups", ADMIN_200),
    ("post", "/api/v1/admin/groups", ADMIN_201),
    ("get", "/api/v1/admin/groups/{id}", ADMIN_200),
    ("patch", "/api/v1/admin/groups/{id}", ADMIN_200),
    ("delete", "/api/v1/admin/groups/{id}", ADMIN_204),
    ("put", "/api/v1/admin/groups/{id}/members/{user_id}", ADMIN_204),
    ("delete", "/api/v1/admin/groups/{id}/members/{user_id}", ADMIN_204),
    ("get", "/api/v1/outages", READERS),
    ("get", "/api/v1/outages/{id}", READERS),
    ("get", "/api/v1/admin/grants", ADMIN_200),
    ("post", "/api/v1/admin/grants", ADMIN_201),
    ("get", "/api/v1/admin/grants/{id}", ADMIN_200),
    ("patch", "/api/v1/admin/grants/{id}", ADMIN_200),
    ("delete", "/api/v1/admin/grants/{id}", ADMIN_204),
    ("get", "/api/v1/admin/satellites", ADMIN_200),
    ("get", "/api/v1/admin/satellites/{id}", ADMIN_200),
    ("post", "/api/v1/admin/satellites/{id}/commands", ADMIN_201),
    ("get", "/api/v1/admin/commands", READERS),
    ("get", "/api/v1/admin/commands/{id}", READERS),
    ("delete", "/api/v1/admin/commands/{id}", ADMIN_204),
    ("get", "/api/v1/admin/commands/{id}/output", ADMIN_200),
    ("post", "/api/v1/admin/satellites/{id}/release", ADMIN_204),
    ("post", "/api/v1/admin/satellites/{id}/readmit", ADMIN_204),
    ("post", "/api/v1/admin/satellites/{id}/revoke", ADMIN_204),
    ("get", "/api/v1/admin/tokens", ADMIN_200),
    ("post", "/api/v1/admin/tokens", ADMIN_201),
    ("get", "/api/v1/admin/tokens/{id}", ADMIN_200),
    ("post", "/api/v1/admin/tokens/{id}/revoke", ADMIN_204),
];

const READERS: [u16; 5] = [401, 403, 403, 200, 200];
const RECORDING: [u16; 5] = [401, 404, 200, 200, 200];

#[tokio::test]
async fn every_endpoint_serves_whoever_may_and_refuses_whoever_may_not() {
    let world = World::new().await;
    world.site_online();
    let mut wrong = Vec::new();
    for &(method, path, expected) in TABLE {
        for (who, expected) in Who::ALL.into_iter().zip(expected) {
            let (url, body) = real_request(&world, method, path).await;
            let cookie = world.cookie(who).await;
            let answer =
                world.test.call(&method.to_uppercase(), &url, cookie.as_deref(), body.as_ref()).await;
            if answer.status != expected {
                wrong.push(format!("{method} {path} as {who:?}: {expected} expected, {answer:?}"));
            }
            check_shape(&answer);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Lists that everybody may read, and who finds there what is the user's. (Nobody gets no list.)
const SEEN: &[(&str, &str, [bool; 4])] = &[
    ("/api/v1/targets", "id", [false, true, false, false]),
    ("/api/v1/sessions", "id", [false, true, true, true]),
    ("/api/v1/recordings", "session_id", [false, true, true, true]),
    ("/api/v1/auth/sign-ins", "id", [false, true, false, false]),
    ("/api/v1/schedules", "id", [false, true, true, true]),
    ("/api/v1/schedules/active", "id", [false, true, true, true]),
    (WINDOWS, "schedule_id", [false, true, true, true]),
];

/// Those of the schedule that is open.
const WINDOWS: &str = "/api/v1/schedules/windows?from=2026-03-01T00:00:00Z&to=2026-03-31T00:00:00Z";

#[tokio::test]
async fn in_a_list_everybody_finds_their_own_and_only_whoever_may_read_all_finds_others() {
    let world = World::new().await;
    let session = world.some_session().await.to_string();
    let users = world.cookie(Who::User).await.expect("signed in");
    let sign_ins = world.test.get("/api/v1/auth/sign-ins", &users).await.json();
    let sign_in = sign_ins["items"][0]["id"].as_str().expect("an id").to_owned();
    let target = world.target.to_string();
    let schedule = world.some_schedule().await.to_string();
    for &(path, column, expected) in SEEN {
        let theirs = match path {
            "/api/v1/targets" => &target,
            "/api/v1/auth/sign-ins" => &sign_in,
            path if path.starts_with("/api/v1/schedules") => &schedule,
            _ => &session,
        };
        let callers = Who::ALL.into_iter().filter(|who| !matches!(who, Who::Nobody));
        for (who, expected) in callers.zip(expected) {
            let cookie = match who {
                // The very sign-in that is looked for.
                Who::User => users.clone(),
                _ => world.cookie(who).await.expect("signed in"),
            };
            let list = world.test.get(path, &cookie).await.json();
            let items = list["items"].as_array().or(list["windows"].as_array()).expect("a list");
            let found = items.iter().any(|row| row[column] == theirs.as_str());
            assert_eq!(found, expected, "{path} as {who:?}: {list}");
        }
    }
}

#[tokio::test]
async fn every_route_of_the_openapi_document_stands_in_the_table() {
    let document: Value = serde_json::from_str(&openpam_hub::api::document()).expect("JSON");
    let documented: BTreeSet<_> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().expect("methods").keys().map(move |method| (method.clone(), path.clone()))
        })
        .collect();
    let tried: BTreeSet<_> = TABLE.iter().map(|row| (row.0.to_owned(), row.1.to_owned())).collect();
    assert_eq!(documented, tried, "routes and table differ");
}

#[tokio::test]
async fn nobody_gets_401_before_the_body_or_the_path_is_looked_at() {
    let world = World::new().await;
    for (method, path) in [
        ("POST", "/api/v1/admin/zones"),
        ("GET", "/api/v1/targets/no-uuid"),
        ("GET", "/api/v1/no/such/path"),
        ("PUT", "/api/v1/auth/login"),
        ("GET", "/api/ws/connect/ssh/no-uuid"),
    ] {
        let answer = world.test.call(method, path, None, Some(&json!("nonsense"))).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (401, "not_signed_in"),
            "{method} {path}"
        );
    }
    for path in ["/health", "/ready"] {
        let answer = world.test.call("GET", path, None, None).await;
        assert_ne!(answer.status, 401, "{path}");
    }
}

fn check_shape(answer: &Answer) {
    let kind = answer.headers.get("content-type").map(|kind| kind.to_str().expect("text").to_owned());
    if answer.status.is_client_error() || answer.status.is_server_error() {
        assert_eq!(kind.as_deref(), Some("application/problem+json"), "{answer:?}");
        let problem = answer.json();
        assert_eq!(problem["status"], answer.status.as_u16());
        assert!(!answer.code().is_empty() && problem["detail"].is_string() && problem["type"].is_string());
    }
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert!(answer.headers.contains_key("content-security-policy"));
    assert_eq!(answer.headers["cache-control"], "no-store");
}

/// The id of something that an admin makes to be used up.
async fn created(world: &World, resource: &str, body: Value) -> String {
    let admin = world.cookie(Who::Admin).await;
    let answer =
        world.test.call("POST", &format!("/api/v1/admin/{resource}"), admin.as_deref(), Some(&body)).await;
    answer.json()["id"].as_str().expect("an id").to_owned()
}

/// A request that succeeds for somebody who may: every time with things of its own, where it uses them up.
async fn real_request(world: &World, method: &str, path: &str) -> (String, Option<Value>) {
    let new = || openpam_ids::SessionId::generate().uuid().simple().to_string();
    let id = |id: &dyn std::fmt::Display| path.replace("{id}", &id.to_string());
    let list = (path.to_owned(), None);
    let target = || json!({ "zone_id": world.zone, "name": new(), "hostname": "h.example", "protocol": "ssh", "port": 22 });
    let credential =
        || json!({ "target_id": world.target, "username": new(), "password": "s3cret-of-a-target" });
    let user = || json!({ "username": new(), "password": PASSWORD, "role": "user" });
    let described = Some(json!({ "description": new() }));
    match (method, path.trim_start_matches("/api/v1/")) {
        ("post", "auth/login") => {
            (path.to_owned(), Some(json!({ "username": "stranger", "password": PASSWORD })))
        }
        ("delete", "auth/sign-ins/{id}") => {
            let cookie = world.cookie(Who::User).await.expect("signed in");
            let own = world.test.get("/api/v1/auth/sign-ins", &cookie).await.json();
            (id(&own["items"][0]["id"].as_str().expect("an id")), None)
        }
        ("get", "schedules/windows") => (WINDOWS.to_owned(), None),
        ("get" | "delete", "schedules/{id}") => (id(&world.some_schedule().await), None),
        ("patch", "schedules/{id}") => {
            (id(&world.some_schedule().await), Some(json!({ "idle_seconds": 900, "consent": new() })))
        }
        ("post", "schedules") => {
            let body = json!({ "user_id": world.user, "target_id": world.target, "start_time": "2026-03-02T08:00:00Z",
                "end_time": "2026-03-02T16:00:00Z", "recurrence_rule": "FREQ=DAILY" });
            (path.to_owned(), Some(body))
        }
        ("post", "schedules/validate") => {
            let body = json!({ "start_time": "2026-03-02T08:00:00Z", "end_time": "2026-03-02T16:00:00Z" });
            (path.to_owned(), Some(body))
        }
        ("post", "traces") => {
            let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
            let body = json!({ "traceparent": traceparent, "duration_ms": 640, "opened": true });
            (path.to_owned(), Some(body))
        }
        ("put", "auth/password") => (path.to_owned(), Some(json!({ "current": PASSWORD, "new": PASSWORD }))),
        ("get", "targets/{id}" | "admin/targets/{id}" | "audit/targets/{id}") => (id(&world.target), None),
        ("get" | "delete", "sessions/{id}") => (id(&world.some_session().await), None),
        ("get", "outages/{id}") => (id(&world.some_outage().await), None),
        (
            "get",
            "recordings/{session_id}/text" | "recordings/{session_id}/cast" | "recordings/{session_id}/guac",
        ) => (path.replace("{session_id}", &world.some_session().await.to_string()), None),
        ("get", "audit/export" | "audit/events/export") => (format!("{path}?format=csv"), None),
        ("post", "admin/zones") => {
            (path.to_owned(), Some(json!({ "name": new(), "description": "A plant" })))
        }
        (
            "get" | "post",
            "admin/zones/{id}" | "admin/zones/{id}/end-sessions" | "admin/zones/{id}/access-alone",
        ) => (id(&world.zone), None),
        ("get", "admin/access") => {
            (format!("{path}?user_id={}&target_id={}", world.user, world.target), None)
        }
        ("patch", "admin/zones/{id}") => (id(&world.zone), described),
        ("delete", "admin/zones/{id}") => {
            (id(&created(world, "zones", json!({ "name": new() })).await), None)
        }
        ("post", "admin/targets") => (path.to_owned(), Some(target())),
        ("patch", "admin/targets/{id}") => (id(&world.target), described),
        ("delete", "admin/targets/{id}") => (id(&created(world, "targets", target()).await), None),
        ("post", "admin/targets/{id}/test") => (id(&world.target), Some(json!({}))),
        ("post", "admin/targets/{id}/host-key/accept" | "admin/targets/{id}/host-key/refuse") => {
            (id(&world.target), Some(json!({ "fingerprint": world.offered_key().await })))
        }
        ("post", "admin/credentials") => (path.to_owned(), Some(credential())),
        ("get", "admin/credentials/{id}") => (id(&world.credential), None),
        ("patch", "admin/credentials/{id}") => (id(&world.credential), described),
        ("delete", "admin/credentials/{id}") => {
            (id(&created(world, "credentials", credential()).await), None)
        }
        ("post", "admin/users") => (path.to_owned(), Some(user())),
        ("get" | "post", "admin/users/{id}" | "audit/users/{id}" | "admin/users/{id}/end-sessions") => {
            (id(&world.stranger), None)
        }
        ("patch", "admin/users/{id}") => (id(&world.stranger), Some(json!({ "display_name": new() }))),
        ("delete", "admin/users/{id}") => (id(&created(world, "users", user()).await), None),
        ("post", "admin/groups") => (path.to_owned(), Some(json!({ "name": new() }))),
        ("get", "admin/groups/{id}") => (id(&world.group), None),
        ("patch", "admin/groups/{id}") => (id(&world.group), described),
        ("delete", "admin/groups/{id}") => {
            (id(&created(world, "groups", json!({ "name": new() })).await), None)
        }
        ("put" | "delete", "admin/groups/{id}/members/{user_id}") => {
            let put = id(&world.group).replace("{user_id}", &world.stranger.to_string());
            if method == "delete" {
                let admin = world.cookie(Who::Admin).await;
                world.test.call("PUT", &put, admin.as_deref(), None).await;
            }
            (put, None)
        }
        ("post", "admin/grants") => {
            let group = created(world, "groups", json!({ "name": new() })).await;
            (path.to_owned(), Some(json!({ "group_id": group, "target_id": world.target })))
        }
        ("get" | "delete", "admin/grants/{id}") => (id(&world.some_grant().await), None),
        ("patch", "admin/grants/{id}") => {
            (id(&world.some_grant().await), Some(json!({ "idle_seconds": 900, "consent": new() })))
        }
        ("get" | "post", "admin/satellites/{id}" | "admin/satellites/{id}/revoke") => {
            (id(&world.satellite), None)
        }
        ("post", "admin/satellites/{id}/release") => {
            world.quarantine().await;
            (id(&world.satellite), None)
        }
        ("post", "admin/satellites/{id}/commands") => {
            (id(&world.satellite), Some(json!({ "kind": "diagnose" })))
        }
        ("get" | "delete", "admin/commands/{id}") => (id(&world.some_command().await), None),
        ("get", "admin/commands/{id}/output") => {
            let command = world.some_command().await;
            let output = zstd::bulk::compress(b"a line\n", 3).expect("compresses");
            sqlx::query("UPDATE site_commands SET output = $2 WHERE id = $1")
                .bind(command.uuid())
                .bind(output)
                .execute(&world.test.hub.pool)
                .await
                .expect("is kept");
            (id(&command), None)
        }
        ("post", "admin/satellites/{id}/readmit") => {
            world.come_back_late().await;
            (id(&world.satellite), None)
        }
        ("post", "admin/tokens") => {
            (path.to_owned(), Some(json!({ "zone_id": world.zone, "lifetime_seconds": 60 })))
        }
        ("get" | "post", "admin/tokens/{id}" | "admin/tokens/{id}/revoke") => (id(&world.token), None),
        _ => list,
    }
}
