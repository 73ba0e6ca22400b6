//! A zone's recordings are kept as long as it says, and no longer; a legal hold keeps all of them.

use std::time::Duration;

use openpam_hub::recordings::retention::{self, EMPTY_AFTER};
use openpam_hub::store::sessions;
use openpam_hub::time::Time;
use openpam_hub::verify::{self, Code, Evidence, Report};
use openpam_ids::SessionId;
use openpam_link::seal;
use openpam_proto::chunk::{Place, SEAL_INFO, SealedChunk};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions};

use crate::harness::world::{Who, World};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A session with a recording, which ended just now.
async fn recorded(world: &World) -> SessionId {
    let id = world.some_session().await;
    let closing = world.ended(id);
    let mut tx = world.test.hub.pool.begin().await.expect("a transaction");
    assert!(sessions::close(&mut tx, closing).await.expect("closes"));
    tx.commit().await.expect("commits");
    id
}

async fn change_zone(world: &World, body: Value) -> u16 {
    let admin = world.cookie(Who::Admin).await;
    let path = format!("/api/v1/admin/zones/{}", world.zone);
    world.test.call("PATCH", &path, admin.as_deref(), Some(&body)).await.status.as_u16()
}

async fn read(world: &World, id: SessionId) -> u16 {
    let auditor = world.cookie(Who::Auditor).await;
    let path = format!("/api/v1/recordings/{id}/text");
    world.test.call("GET", &path, auditor.as_deref(), None).await.status.as_u16()
}

async fn listed(world: &World, id: SessionId) -> Value {
    let auditor = world.cookie(Who::Auditor).await;
    let list = world.test.call("GET", "/api/v1/recordings", auditor.as_deref(), None).await;
    let rows = list.json()["items"].as_array().expect("a list").clone();
    rows.into_iter().find(|row| row["session_id"] == json!(id)).expect("listed")
}

fn chunks(world: &World, id: SessionId) -> usize {
    let folder = world.test.hub.config.data_dir.join("recordings").join(id.to_string());
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

async fn verified(world: &World) -> Report {
    let hub = &world.test.hub;
    let evidence =
        Evidence { pool: &hub.pool, recordings: &hub.recordings, key: &hub.keys.witness, note: None };
    verify::verify(evidence).await.expect("reads")
}

#[tokio::test]
async fn a_recording_is_deleted_when_its_zone_keeps_it_no_longer() {
    let world = World::new().await;
    let id = recorded(&world).await;
    let hub = &world.test.hub;
    let after = |days: u32| Time::now().after(DAY * days);
    assert_eq!(retention::pass(hub, after(40_000)).await.expect("passes"), 0, "kept for ever");
    assert_eq!(listed(&world, id).await["kept_until"], Value::Null);

    assert_eq!(change_zone(&world, json!({ "retention_days": 30 })).await, 200);
    assert!(listed(&world, id).await["kept_until"].is_string());
    assert_eq!(retention::pass(hub, after(29)).await.expect("passes"), 0);
    assert_eq!(read(&world, id).await, 200);
    assert_eq!(change_zone(&world, json!({ "legal_hold": true })).await, 200);
    assert_eq!(listed(&world, id).await["kept_until"], Value::Null);
    assert_eq!(retention::pass(hub, after(31)).await.expect("passes"), 0, "a legal hold stands");
    assert_eq!(change_zone(&world, json!({ "legal_hold": false })).await, 200);
    assert_eq!(retention::pass(hub, after(31)).await.expect("passes"), 1);

    assert_eq!(read(&world, id).await, 410);
    let row = listed(&world, id).await;
    assert!(row["deleted_at"].is_string() && row["kept_until"].is_null(), "{row}");
    assert_eq!(chunks(&world, id), 1, "a backup that is being taken finds it");
    assert_eq!(retention::pass(hub, after(31).after(EMPTY_AFTER + DAY)).await.expect("passes"), 0);
    assert_eq!(chunks(&world, id), 0);

    let auditor = world.cookie(Who::Auditor).await;
    let path = format!("/api/v1/audit/events?kind=recording.deleted&session_id={id}");
    let told = world.test.call("GET", &path, auditor.as_deref(), None).await.json();
    let [event] = told["items"].as_array().expect("a list").as_slice() else { panic!("{told}") };
    assert_eq!(
        (&event["detail"]["retention_days"], &event["detail"]["zone"]),
        (&json!(30), &json!("plant-7"))
    );
    assert_eq!((&event["user_id"], &event["detail"]["chunks"]), (&Value::Null, &json!(1)));
}

#[tokio::test]
async fn what_comes_late_of_a_deleted_recording_is_taken_and_not_kept() {
    let world = World::new().await;
    let id = recorded(&world).await;
    let hub = &world.test.hub;
    assert_eq!(change_zone(&world, json!({ "retention_days": 1 })).await, 200);
    let later = Time::now().after(DAY * 2);
    assert_eq!(retention::pass(hub, later).await.expect("passes"), 1);
    retention::pass(hub, later.after(EMPTY_AFTER * 2)).await.expect("passes");
    let first = sqlx::query_scalar::<_, Vec<u8>>("SELECT head_hash FROM recordings WHERE session_id = $1")
        .bind(id.uuid())
        .fetch_one(&hub.pool)
        .await
        .expect("a row");
    let place = Place { session_id: id, seq: 1, previous: first.try_into().expect("a hash"), last: true };
    let sealed = seal::seal(hub.keys.recording.public(), SEAL_INFO, &place.aad(), b"late").expect("seals");
    hub.recordings.put(&SealedChunk::new(place, 9, sealed.enc, sealed.ciphertext)).await.expect("taken");
    assert_eq!(hub.recordings.next_seq(id).await.expect("reads"), 2, "the site sends it once");
    assert_eq!(chunks(&world, id), 0);
    assert_eq!(read(&world, id).await, 410);
}

#[tokio::test]
async fn a_deletion_that_no_event_tells_of_or_that_came_too_soon_is_found() {
    let world = World::new().await;
    let id = recorded(&world).await;
    let hub = &world.test.hub;
    let of_recordings = async || {
        let findings = verified(&world).await.findings;
        let codes = findings.iter().filter(|finding| finding.place.starts_with("recording"));
        codes.map(|finding| finding.code).collect::<Vec<_>>()
    };
    let sql = async |sql: String| {
        let mut owner = world.test.ways.owner.connect().await.expect("connects");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut owner).await.expect("done");
    };
    sql(format!("UPDATE recordings SET deleted_at = NOW() WHERE session_id = '{id}'")).await;
    assert_eq!(of_recordings().await, [Code::RecordingMissing], "no event");
    sql(format!("UPDATE recordings SET deleted_at = NULL WHERE session_id = '{id}'")).await;
    assert_eq!(of_recordings().await, []);

    // The event is of today, and says that the zone keeps recordings for thirty days.
    assert_eq!(change_zone(&world, json!({ "retention_days": 30 })).await, 200);
    retention::pass(hub, Time::now().after(DAY * 31)).await.expect("passes");
    assert_eq!(of_recordings().await, [Code::RecordingMissing], "too soon");
    let freeze = |what| format!("ALTER TABLE audit_logs {what} TRIGGER USER");
    let age = format!("UPDATE audit_logs SET end_time = end_time - interval '31 days' WHERE id = '{id}'");
    sql(format!("{}; {age}; {}", freeze("DISABLE"), freeze("ENABLE"))).await;
    assert_eq!(of_recordings().await, []);
    assert_eq!(verified(&world).await.deleted_recordings, 1);
}

#[tokio::test]
async fn retention_has_bounds() {
    let world = World::new().await;
    for days in [json!(0), json!(-1), json!(36_501), json!("30"), json!(1.5)] {
        assert_eq!(change_zone(&world, json!({ "retention_days": days })).await, 400, "{days}");
    }
    assert_eq!(change_zone(&world, json!({ "retention_days": 36_500 })).await, 200);
    assert_eq!(change_zone(&world, json!({ "retention_days": null })).await, 200);
}
