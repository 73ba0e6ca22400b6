//! `audit verify` finds what was done to the books by hand, as the most powerful role there is.

use openpam_hub::store::{events, sessions};
use openpam_hub::time::Time;
use openpam_hub::verify::{self, Code, Evidence, Report};
use openpam_hub::witness::{self, Note, Witness};
use openpam_ids::{EventId, SessionId};
use openpam_proto::end::EndCode;
use openpam_proto::event::{About, ChainedEvent, Event, SessionEnded};
use openpam_proto::message::Message;
use openpam_proto::witness::Countersigned;
use serde_json::json;
use sqlx::{AssertSqlSafe, ConnectOptions};

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
        for table in ["audit_events", "audit_subjects", "audit_logs", "audit_witnesses", "recording_gaps"] {
            books.sql(&format!("ALTER TABLE {table} DISABLE TRIGGER USER")).await;
        }
        books.sql("CREATE TABLE kept_events AS TABLE audit_events").await;
        books.sql("CREATE TABLE kept_subjects AS TABLE audit_subjects").await;
        books.sql("CREATE TABLE kept_logs AS TABLE audit_logs").await;
        books.sql("CREATE TABLE kept_recordings AS TABLE recordings").await;
        books.sql("CREATE TABLE kept_witnesses AS TABLE audit_witnesses").await;
        books
    }

    /// Books that were countersigned twice, the second time after another event; and what a satellite then holds.
    async fn witnessed() -> (Self, Countersigned) {
        let books = Self::new().await;
        let hub = &books.world.test.hub;
        books.world.site_online();
        let mut witness = Witness::default();
        witness.state(hub).await.expect("states");
        witness.state(hub).await.expect("nothing went on");
        books.world.test.signed_in(books.world.admin).await;
        let admin = books.world.cookie(Who::Admin).await;
        let body = json!({ "name": "five" });
        let made = books.world.test.call("POST", "/api/v1/admin/zones", admin.as_deref(), Some(&body)).await;
        assert_eq!(made.status, 201, "{made:?}");
        witness.state(hub).await.expect("states");
        for table in ["audit_events", "audit_subjects", "audit_witnesses"] {
            let kept = table.replace("audit_", "kept_");
            books.sql(&format!("DROP TABLE {kept}; CREATE TABLE {kept} AS TABLE {table}")).await;
        }
        let held = hub.countersigned.borrow().clone().expect("told");
        assert_eq!(held.seq, 2);
        (books, held)
    }

    /// Done to the database as the owner of its tables.
    async fn sql(&self, sql: &str) {
        let mut owner = self.world.test.ways.owner.connect().await.expect("connects");
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut owner)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    async fn verify(&self) -> Report {
        let hub = &self.world.test.hub;
        let note = Note::read(&hub.config.data_dir).expect("reads");
        let evidence = Evidence {
            pool: &hub.pool,
            recordings: &hub.recordings,
            key: &hub.keys.witness,
            note: note.as_ref(),
        };
        verify::verify(evidence).await.expect("reads")
    }

    /// What is found after this was done; then it is undone.
    async fn after(&self, tampering: &str) -> Vec<Code> {
        self.sql(tampering).await;
        let codes = self.verify().await.findings.iter().map(|finding| finding.code).collect();
        self.sql(
            "TRUNCATE audit_events, audit_subjects, recordings, recording_words, recording_gaps, audit_logs, audit_witnesses",
        )
        .await;
        self.sql("INSERT INTO audit_witnesses SELECT * FROM kept_witnesses").await;
        self.sql("INSERT INTO audit_logs SELECT * FROM kept_logs").await;
        self.sql("INSERT INTO recordings SELECT * FROM kept_recordings").await;
        self.sql("INSERT INTO audit_events OVERRIDING SYSTEM VALUE SELECT * FROM kept_events").await;
        self.sql("INSERT INTO audit_subjects SELECT * FROM kept_subjects").await;
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
        basis: None,
    });
    let link = ChainedEvent::link(seq, head, event.to_bytes());
    let head = link.hash;
    let closing = sessions::Closing { end_time: at, ..world.ended(id) };
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
        let hidden = "DELETE FROM audit_subjects WHERE event_id IN (SELECT id FROM audit_events WHERE";
        assert_eq!(books.after(&format!("{hidden} {chain} AND seq = 2)")).await, [Code::EventChanged]);
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

#[tokio::test]
async fn books_that_were_set_back_are_found_by_what_was_countersigned() {
    let (books, _) = Books::witnessed().await;
    let report = books.verify().await;
    assert!(report.is_clean(), "{report}");
    let mut witnessed: Vec<_> =
        report.chains.iter().map(|chain| chain.witnessed.map(|witnessed| witnessed.seq)).collect();
    witnessed.sort_unstable();
    assert_eq!(witnessed, [Some(3), Some(5)], "{report}");

    let hub = format!("node_id = '{}'", books.world.test.hub.id);
    let satellite = format!("node_id = '{}'", books.world.satellite);
    for (chain, last) in [(&hub, 5), (&satellite, 3)] {
        let last = books.after(&format!("DELETE FROM audit_events WHERE {chain} AND seq = {last}")).await;
        assert_eq!(last, [Code::HeadSetBack]);
        let all = books.after(&format!("DELETE FROM audit_events WHERE {chain}")).await;
        assert!(all.contains(&Code::HeadSetBack), "{all:?}");
    }
    // Another last event, with a sound hash.
    let remade = format!(
        "UPDATE audit_events SET hash = sha256('openpam-event-v1'::bytea || int8send(seq) || prev_hash || '{{}}'::bytea),
                body = '{{}}' WHERE {hub} AND seq = 5"
    );
    assert_eq!(books.after(&remade).await, [Code::HeadSetBack]);
    // With the statements that tell of it the note in the data folder is left.
    let set_back = format!(
        "DELETE FROM audit_events WHERE {hub} AND seq = 5; DELETE FROM audit_witnesses WHERE seq = 2"
    );
    assert_eq!(books.after(&set_back).await, [Code::HeadSetBack]);
    let without = format!("DELETE FROM audit_events WHERE {hub} AND seq = 5; TRUNCATE audit_witnesses");
    assert_eq!(books.after(&without).await, [Code::HeadSetBack]);

    for (change, code) in [
        ("body = body || '\\x00' WHERE seq = 1", Code::WitnessChanged),
        ("signature = decode(repeat('01', 64), 'hex') WHERE seq = 1", Code::WitnessChanged),
        ("prev_hash = decode(repeat('01', 32), 'hex') WHERE seq = 2", Code::WitnessChanged),
    ] {
        let codes = books.after(&format!("UPDATE audit_witnesses SET {change}")).await;
        assert!(codes.contains(&code), "{change}: {codes:?}");
    }
    assert_eq!(books.after("DELETE FROM audit_witnesses WHERE seq = 1").await, [Code::WitnessMissing]);
}

#[tokio::test]
async fn what_a_satellite_holds_is_told_once_if_the_books_lack_it() {
    let (books, held) = Books::witnessed().await;
    let hub = &books.world.test.hub;
    let compare = async |said: &Countersigned| {
        witness::compare(hub, books.world.satellite, std::slice::from_ref(said)).await.expect("compares");
        books.verify().await
    };
    let report = compare(&held).await;
    assert!(report.is_clean(), "{report}");

    // Everything that the hub itself holds is set back alike.
    books.sql("DELETE FROM audit_witnesses WHERE seq = 2").await;
    books.sql(&format!("DELETE FROM audit_events WHERE node_id = '{}' AND seq = 5", hub.id)).await;
    std::fs::remove_file(hub.config.data_dir.join("witness.json")).expect("a note");
    let report = books.verify().await;
    assert!(report.is_clean(), "{report}");

    let forged = Countersigned { seq: 99, ..held.clone() };
    assert!(compare(&forged).await.is_clean());
    for _ in 0..2 {
        let report = compare(&held).await;
        let codes: Vec<_> = report.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, [Code::HeadSetBack], "{report}");
        let satellite = books.world.satellite.to_string();
        assert!(report.findings[0].found.contains(&satellite), "{report}");
    }
}

#[tokio::test]
async fn what_a_restored_backup_lacks_is_a_note_and_no_finding() {
    let (books, _) = Books::witnessed().await;
    let hub = &books.world.test.hub;
    let mut before = Countersigned {
        hub_id: openpam_ids::HubId::generate(),
        seq: 7,
        hash: [7; 32],
        at_ms: 1_700_000_000_000,
        epoch: hub.epoch - 1,
        signature: Vec::new().into(),
    };
    before.signature = hub.keys.witness.sign(&before.signed_bytes()).into();
    witness::compare(hub, books.world.satellite, &[before]).await.expect("compares");
    let report = books.verify().await;
    assert!(report.is_clean(), "{report}");
    assert!(report.lost_by_restore[0].contains("2023-11-14"), "{report}");
    assert!(report.to_string().contains("note: "), "{report}");
}
