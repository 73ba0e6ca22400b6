//! `audit verify` finds what was done to the books by hand, as the most powerful role there is.

use openpam_hub::store::{events, sessions};
use openpam_hub::time::Time;
use openpam_hub::verify::{self, Code, Report};
use openpam_ids::{EventId, SessionId};
use openpam_proto::end::EndCode;
use openpam_proto::event::{About, ChainedEvent, Event, SessionEnded};
use openpam_proto::message::Message;
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::harness::world::{Who, World};

/// Books with a hub's chain of four, a satellite's chain of three, and three closed sessions with recordings.
struct Books {
    world: World,
    sessions: Vec<SessionId>,
}

impl Books {
    async fn new() -> Self {
        let world = World::new().await;
        let admin = world.cookie(Who::Admin).await;
        for name in ["one", "two", "three", "four"] {
            let body = json!({ "name": name });
            let made = world.test.call("POST", "/api/v1/admin/zones", admin.as_deref(), Some(&body)).await;
            assert_eq!(made.status, 201, "{made:?}");
        }
        let mut sessions = Vec::new();
        let mut head = [0; 32];
        for seq in 1..=3 {
            let id = world.some_session().await;
            head = end(&world, id, seq, head).await;
            sessions.push(id);
        }
        let books = Self { world, sessions };
        // The owner of the tables can do this: nothing in the database stands in the way any more.
        for table in ["audit_events", "audit_logs"] {
            books.sql(&format!("ALTER TABLE {table} DISABLE TRIGGER USER")).await;
        }
        books.sql("CREATE TABLE kept_events AS TABLE audit_events").await;
        books.sql("CREATE TABLE kept_logs AS TABLE audit_logs").await;
        books.sql("CREATE TABLE kept_recordings AS TABLE recordings").await;
        books
    }

    async fn sql(&self, sql: &str) {
        let pool = &self.world.test.hub.pool;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(pool)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    async fn verify(&self) -> Report {
        let hub = &self.world.test.hub;
        verify::verify(&hub.pool, &hub.recordings).await.expect("reads")
    }

    /// What is found after this was done; then it is undone.
    async fn after(&self, tampering: &str) -> Vec<Code> {
        self.sql(tampering).await;
        let codes = self.verify().await.findings.iter().map(|finding| finding.code).collect();
        self.sql("TRUNCATE audit_events, recordings, audit_logs").await;
        self.sql("INSERT INTO audit_logs SELECT * FROM kept_logs").await;
        self.sql("INSERT INTO recordings SELECT * FROM kept_recordings").await;
        self.sql("INSERT INTO audit_events OVERRIDING SYSTEM VALUE SELECT * FROM kept_events").await;
        assert!(self.verify().await.is_clean(), "undone: {tampering}");
        codes
    }
}

/// The satellite tells that the session is over, and the hub writes it into the book.
async fn end(world: &World, id: SessionId, seq: u64, head: [u8; 32]) -> [u8; 32] {
    let at = Time::now();
    let about = About {
        event_id: EventId::generate(),
        at_ms: at.as_ms(),
        session_id: id,
        user_id: world.user,
        target_id: world.target,
    };
    let event = Event::SessionEnded(SessionEnded {
        about,
        code: EndCode::Exited,
        message: String::new(),
        exit_status: Some(0),
        exit_signal: None,
        input_bytes: 3,
        output_bytes: 5,
        was_open: true,
    });
    let link = ChainedEvent::link(seq, head, event.to_bytes());
    let head = link.hash;
    let closing = sessions::Closing {
        id,
        satellite_id: Some(world.satellite),
        end_time: at,
        was_open: true,
        code: EndCode::Exited,
        message: "",
        input_bytes: 3,
        output_bytes: 5,
    };
    let mut tx = world.test.hub.pool.begin().await.expect("a transaction");
    events::accept(&mut tx, world.satellite, &[link]).await.expect("taken");
    assert!(sessions::close(&mut tx, closing).await.expect("closes"));
    tx.commit().await.expect("commits");
    head
}

#[tokio::test]
async fn untouched_books_fit_and_what_was_looked_at_is_told() {
    let books = Books::new().await;
    let report = books.verify().await;
    assert!(report.is_clean(), "{report}");
    let mut counts: Vec<_> =
        report.chains.iter().map(|chain| (chain.satellite.is_some(), chain.events)).collect();
    counts.sort_unstable();
    assert_eq!(counts, [(false, 4), (true, 3)]);
    assert_eq!((report.recordings, report.chunks), (3, 3));
    assert!(report.to_string().ends_with("everything fits\n"), "{report}");
}

#[tokio::test]
async fn every_change_of_the_events_is_found() {
    let books = Books::new().await;
    let hub = format!("node_id = '{}'", books.world.test.hub.id);
    let satellite = format!("node_id = '{}'", books.world.satellite);
    for chain in [&hub, &satellite] {
        let changed = books
            .after(&format!("UPDATE audit_events SET body = body || '\\x20' WHERE {chain} AND seq = 2"))
            .await;
        assert!(changed.contains(&Code::EventChanged), "{changed:?}");
        for column in [
            "kind = 'x'",
            "occurred_at = occurred_at - interval '1 day'",
            "user_id = gen_random_uuid()",
            "session_id = gen_random_uuid()",
        ] {
            let codes =
                books.after(&format!("UPDATE audit_events SET {column} WHERE {chain} AND seq = 2")).await;
            assert_eq!(codes, [Code::EventChanged], "{column}");
        }
        let removed = books.after(&format!("DELETE FROM audit_events WHERE {chain} AND seq = 2")).await;
        assert_eq!(removed, [Code::EventMissing]);
        let first = books.after(&format!("DELETE FROM audit_events WHERE {chain} AND seq = 1")).await;
        assert_eq!(first, [Code::EventMissing]);
        // Those behind are moved up, so that no place is empty.
        let closed_up = format!(
            "DELETE FROM audit_events WHERE {chain} AND seq = 2; UPDATE audit_events SET seq = 2 WHERE {chain} AND seq = 3"
        );
        let codes = books.after(&closed_up).await;
        assert!(codes.contains(&Code::EventOutOfPlace) && codes.contains(&Code::EventChanged), "{codes:?}");
        let reordered = format!(
            "UPDATE audit_events SET seq = 100 WHERE {chain} AND seq = 1; UPDATE audit_events SET seq = 1 WHERE {chain} AND seq = 2; UPDATE audit_events SET seq = 2 WHERE {chain} AND seq = 100"
        );
        let codes = books.after(&reordered).await;
        assert!(codes.contains(&Code::EventOutOfPlace) && codes.contains(&Code::EventChanged), "{codes:?}");
        let inserted = format!(
            "INSERT INTO audit_events (node_id, seq, prev_hash, hash, kind, occurred_at, body) SELECT node_id, seq + 100, hash, hash, kind, occurred_at, body FROM audit_events WHERE {chain} AND seq = 3"
        );
        let codes = books.after(&inserted).await;
        assert!(codes.contains(&Code::EventMissing) && codes.contains(&Code::EventChanged), "{codes:?}");
    }
}

#[tokio::test]
async fn a_session_is_what_its_satellite_told() {
    let books = Books::new().await;
    let id = books.sessions[1];
    for change in [
        "bytes_sent = 4".to_owned(),
        "bytes_received = 6".to_owned(),
        "end_code = 'idle_limit'".to_owned(),
        "end_time = NULL".to_owned(),
        format!("user_id = '{}'", books.world.admin),
    ] {
        let codes = books.after(&format!("UPDATE audit_logs SET {change} WHERE id = '{id}'")).await;
        assert_eq!(codes, [Code::SessionChanged], "{change}");
    }
    let removed =
        format!("DELETE FROM recordings WHERE session_id = '{id}'; DELETE FROM audit_logs WHERE id = '{id}'");
    assert_eq!(books.after(&removed).await, [Code::SessionMissing]);
}

#[tokio::test]
async fn a_recording_is_what_was_kept() {
    let books = Books::new().await;
    let [first, second, _] = books.sessions[..] else { panic!("three sessions") };
    for (change, code) in [
        ("DELETE FROM recordings WHERE session_id = 'ID'", Code::RecordingMissing),
        (
            "UPDATE recordings SET head_hash = decode(repeat('01', 32), 'hex') WHERE session_id = 'ID'",
            Code::RecordingChanged,
        ),
        ("UPDATE recordings SET chunks = 0 WHERE session_id = 'ID'", Code::RecordingChanged),
        ("UPDATE recordings SET complete = true WHERE session_id = 'ID'", Code::RecordingChanged),
        ("UPDATE recordings SET chunks = 2 WHERE session_id = 'ID'", Code::RecordingMissing),
        ("UPDATE audit_logs SET recording_path = 'elsewhere' WHERE id = 'ID'", Code::RecordingChanged),
    ] {
        assert_eq!(books.after(&change.replace("ID", &first.to_string())).await, [code], "{change}");
    }
    let folder = books.world.test.hub.config.data_dir.join("recordings");
    let chunk = |id: SessionId| folder.join(id.to_string()).join("00000000.chunk");
    let codes = async || books.verify().await.findings.iter().map(|finding| finding.code).collect::<Vec<_>>();
    let kept = std::fs::read(chunk(first)).expect("a chunk");
    let middle = kept.len() / 2;
    let mut flipped = kept.clone();
    flipped[middle] ^= 1;
    let of_another = std::fs::read(chunk(second)).expect("a chunk");
    for bytes in [flipped, of_another, kept[..middle].to_vec(), Vec::new()] {
        std::fs::write(chunk(first), bytes).expect("replaced");
        assert_eq!(codes().await, [Code::RecordingChanged]);
    }
    std::fs::remove_file(chunk(first)).expect("removed");
    assert_eq!(codes().await, [Code::RecordingMissing]);
    std::fs::write(chunk(first), kept).expect("put back");
    assert_eq!(codes().await, []);
}
