//! What auditors read: events of hub and satellites in one list, and both lists as files.

use axum::http::StatusCode;
use openpam_hub::mesh::events;
use openpam_ids::{AttachmentId, EventId, SessionId};
use openpam_proto::event::{About, Attachment, ChainedEvent, Event};
use openpam_proto::message::Message;
use serde_json::{Value, json};

use crate::harness::Answer;
use crate::harness::world::{Who, World};

async fn read(world: &World, query: &str) -> Answer {
    let cookie = world.cookie(Who::Auditor).await.expect("signed in");
    world.test.get(&format!("/api/v1/audit{query}"), &cookie).await
}

async fn kinds(world: &World, query: &str) -> Vec<String> {
    let list = read(world, &format!("/events{query}")).await.json();
    let items = list["items"].as_array().unwrap_or_else(|| panic!("{list}")).clone();
    items.iter().map(|item| item["kind"].as_str().expect("a kind").to_owned()).collect()
}

/// An admin makes zones of these names.
async fn zones(world: &World, names: &[&str]) {
    let admin = world.cookie(Who::Admin).await;
    for name in names {
        let body = json!({ "name": name });
        let made = world.test.call("POST", "/api/v1/admin/zones", admin.as_deref(), Some(&body)).await;
        assert_eq!(made.status, StatusCode::CREATED);
    }
}

/// The site tells that a browser came.
async fn told_by_the_site(world: &World, session_id: SessionId) {
    let about = About {
        event_id: EventId::generate(),
        at_ms: 1_790_000_000_000,
        session_id,
        user_id: world.user,
        target_id: world.target,
    };
    let event = Event::Attached(Attachment {
        about,
        attachment_id: AttachmentId::generate(),
        client_ip: Some("192.0.2.7".to_owned()),
    });
    let link = ChainedEvent::link(1, [0; 32], event.to_bytes());
    events::accept(&world.test.hub, world.satellite, &[link]).await.expect("taken");
}

#[tokio::test]
async fn events_of_hub_and_site_stand_in_one_list_and_are_filtered() {
    let world = World::new().await;
    zones(&world, &["one", "two"]).await;
    let session = world.some_session().await;
    told_by_the_site(&world, session).await;
    assert_eq!(kinds(&world, "").await, ["session.attached", "zone.created", "zone.created"]);
    assert_eq!(kinds(&world, "?kind=zone.created").await.len(), 2);
    assert_eq!(kinds(&world, "?kind=zone.").await.len(), 2);
    assert!(kinds(&world, "?kind=zone").await.is_empty() && kinds(&world, "?kind=user.").await.is_empty());
    assert_eq!(kinds(&world, &format!("?user_id={}", world.admin)).await.len(), 2);
    assert_eq!(kinds(&world, &format!("?session_id={session}")).await, ["session.attached"]);
    assert_eq!(kinds(&world, "?to=2026-10-01T00:00:00Z").await, ["session.attached"]);

    let list = read(&world, "/events").await.json();
    let (site, hub) = (&list["items"][0], &list["items"][1]);
    assert_eq!(
        (&site["satellite"], &site["zone"], &site["seq"]),
        (&json!("box"), &json!("plant-7"), &json!(1))
    );
    assert_eq!((&site["client_ip"], &site["user"]), (&json!("192.0.2.7"), &json!("user")));
    assert_eq!(site["detail"]["target_id"], json!(world.target));
    assert_eq!((&hub["satellite"], &hub["user"]), (&Value::Null, &json!("admin")));
    assert_eq!((&hub["detail"]["name"], &hub["client_ip"]), (&json!("two"), &json!("127.0.0.1")));

    let first = read(&world, "/events?limit=2").await.json();
    let cursor = first["next"].as_str().expect("it goes on");
    let rest = read(&world, &format!("/events?limit=2&cursor={cursor}")).await.json();
    assert_eq!((rest["items"][0]["detail"]["name"].as_str(), &rest["next"]), (Some("one"), &Value::Null));
    // A cursor of another list, and one that never was any.
    for wrong in [world.zone.to_string(), "-".to_owned()] {
        let refused = read(&world, &format!("/events?cursor={wrong}")).await;
        assert_eq!(
            (refused.status, refused.json()["field"].as_str()),
            (StatusCode::BAD_REQUEST, Some("cursor"))
        );
    }
    let refused = read(&world, &format!("?cursor={cursor}")).await;
    assert_eq!((refused.status, refused.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some("cursor")));
}

#[tokio::test]
async fn exports_have_every_row_and_no_formula_and_are_told() {
    let world = World::new().await;
    let sessions = [world.some_session().await, world.some_session().await];
    let csv = read(&world, "/export?format=csv").await;
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8; header=present");
    let disposition = csv.headers["content-disposition"].to_str().expect("text");
    assert!(disposition.starts_with("attachment; filename=\"openpam-sessions-20"), "{disposition}");
    assert!(disposition.ends_with("Z.csv\""), "{disposition}");
    let lines: Vec<_> = csv.text.split_terminator("\r\n").collect();
    assert!(lines[0].starts_with("session_id,start_time,end_time,user,"), "{}", lines[0]);
    assert_eq!(lines.len(), 3);
    assert!(lines[1].starts_with(&sessions[1].to_string()) && lines[2].starts_with(&sessions[0].to_string()));

    let jsonl = read(&world, &format!("/export?format=jsonl&user_id={}", world.user)).await;
    let rows: Vec<Value> =
        jsonl.text.lines().map(|line| serde_json::from_str(line).expect("a JSON object")).collect();
    assert_eq!((rows.len(), rows[0]["target"].as_str()), (2, Some("press")));
    let nothing = read(&world, &format!("/export?format=jsonl&user_id={}", world.admin)).await;
    assert_eq!((nothing.status, nothing.text.as_str()), (StatusCode::OK, ""));

    // More than is read at once.
    let mut sql =
        "INSERT INTO audit_events (node_id, seq, prev_hash, hash, kind, occurred_at, body) ".to_owned();
    sql.push_str("SELECT gen_random_uuid(), 1, sha256(''), sha256(''), '=1+1', NOW(), '{}' FROM generate_series(1, 1203)");
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&world.test.hub.pool).await.expect("events");
    let csv = read(&world, "/events/export?format=csv&kind=%3D1%2B1").await;
    let lines: Vec<_> = csv.text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 1204);
    assert!(lines[1].contains(",'=1+1,"), "{}", lines[1]);
    let ids: Vec<i64> = lines[1..]
        .iter()
        .map(|line| line.split(',').next().expect("an id").parse().expect("a number"))
        .collect();
    assert!(ids.is_sorted_by(|newer, older| newer > older), "each once, newest first");

    assert_eq!(kinds(&world, "?kind=audit.").await.len(), 4);
    for wrong in ["/export", "/export?format=xlsx", "/events/export?format=csv&colour=1"] {
        assert_eq!(read(&world, wrong).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}
