//! The store on real files: the event chain, group commit, orphans, damage.

use std::path::Path;
use std::time::Duration;

use openpam_ids::{CredentialId, EventId, SessionId, TargetId, UserId};
use openpam_proto::end::EndCode;
use openpam_proto::event::{About, ChainedEvent, Event, SessionEnded, SessionOpened};
use openpam_proto::limits::MAX_EVENT_BYTES;
use openpam_proto::message::Message;
use openpam_satellite::store::{Store, StoreError};

fn about(session_id: SessionId) -> About {
    About {
        event_id: EventId::generate(),
        at_ms: 1_700_000_000_000,
        session_id,
        user_id: UserId::generate(),
        target_id: TargetId::generate(),
    }
}

fn opened(session_id: SessionId) -> Event {
    let credential_id = Some(CredentialId::generate());
    Event::SessionOpened(SessionOpened { about: about(session_id), credential_id, client_ip: None })
}

fn ended(session_id: SessionId, message: String) -> Event {
    Event::SessionEnded(SessionEnded {
        about: about(session_id),
        code: EndCode::Exited,
        message,
        exit_status: Some(0),
        exit_signal: None,
        input_bytes: 1,
        output_bytes: 2,
        was_open: true,
    })
}

fn open(folder: &Path) -> Store {
    Store::open(&folder.join("satellite.db")).expect("opens")
}

async fn all(store: &Store) -> Vec<ChainedEvent> {
    store.events_after(0, usize::MAX >> 1).await.expect("reads")
}

fn assert_chain(events: &[ChainedEvent], mut seq: u64, mut previous: [u8; 32]) {
    for event in events {
        seq += 1;
        assert!(event.is_sound() && event.seq == seq && event.previous == previous);
        previous = event.hash;
    }
}

#[tokio::test]
async fn events_chain_from_the_first_across_receipts_and_restarts() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    for expected in 1..=3 {
        assert_eq!(store.record(opened(SessionId::generate())).await.expect("records"), expected);
    }
    let first = all(&store).await;
    assert_chain(&first, 0, [0; 32]);
    let waiting = async |store: &Store| store.backlog().await.expect("counts").events;
    assert_eq!(waiting(&store).await, 3);
    store.receipt(3).await.expect("notes");
    assert_eq!(waiting(&store).await, 0);
    drop(store);
    let store = open(folder.path());
    assert_eq!(*store.newest_event().borrow(), 3);
    assert_eq!(store.record(opened(SessionId::generate())).await.expect("records"), 4);
    assert_eq!(waiting(&store).await, 1);
    assert_chain(&store.events_after(3, 10).await.expect("reads"), 3, first[2].hash);
}

#[tokio::test]
async fn events_that_the_hub_has_are_kept_for_a_week_and_wait_again_if_it_was_set_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    for _ in 1..=3 {
        store.record(opened(SessionId::generate())).await.expect("records");
    }
    store.receipt(3).await.expect("notes");
    assert_chain(&all(&store).await, 0, [0; 32]);
    // A receipt that comes late takes nothing back, a hub that wants more does.
    store.receipt(2).await.expect("notes");
    store.wanted_behind(3).await.expect("notes");
    assert_eq!(store.backlog().await.expect("counts").events, 0);
    store.wanted_behind(1).await.expect("notes");
    assert_eq!(store.backlog().await.expect("counts").events, 2);
    drop(store);

    let connection = rusqlite::Connection::open(folder.path().join("satellite.db")).expect("opens");
    let week_ms = 7 * 24 * 3600 * 1000;
    connection
        .execute("UPDATE outbox SET created_at_ms = created_at_ms - ?1 WHERE seq = 1", [week_ms + 1])
        .expect("ages");
    drop(connection);
    let store = open(folder.path());
    store.receipt(2).await.expect("deletes");
    let left: Vec<_> = all(&store).await.iter().map(|event| event.seq).collect();
    assert_eq!(left, [2, 3], "the first is old");
}

#[tokio::test]
async fn many_events_at_once_share_commits_and_all_are_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let mut news = store.newest_event();
    let mut commits = 0;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..2000 {
        let store = store.clone();
        tasks.spawn(async move { store.record(opened(SessionId::generate())).await.expect("records") });
    }
    let counting = async {
        while *news.borrow_and_update() < 2000 {
            news.changed().await.expect("lives");
            commits += 1;
        }
    };
    let wait = tokio::time::timeout(Duration::from_secs(30), counting);
    let (seqs, waited) = tokio::join!(tasks.join_all(), wait);
    waited.expect("in time");
    let mut seqs = seqs;
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=2000).collect::<Vec<_>>());
    assert_chain(&all(&store).await, 0, [0; 32]);
    assert!(commits <= 400, "{commits} commits for 2000 events");
}

#[tokio::test]
async fn a_session_cut_off_by_a_crash_is_ended_once_at_the_next_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let (cut_off, over) = (SessionId::generate(), SessionId::generate());
    store.record(opened(cut_off)).await.expect("records");
    store.record(opened(over)).await.expect("records");
    store.record(ended(over, "bye".to_owned())).await.expect("records");
    drop(store);
    let store = open(folder.path());
    assert_eq!(store.close_orphans(42).await.expect("closes"), 1);
    assert_eq!(store.close_orphans(43).await.expect("closes"), 0);
    let events = all(&store).await;
    assert_chain(&events, 0, [0; 32]);
    let Event::SessionEnded(event) = Event::from_bytes(&events[3].body).expect("decodes") else {
        panic!("a session ended");
    };
    assert_eq!(
        (event.about.session_id, event.code, event.about.at_ms),
        (cut_off, EndCode::SatelliteRestarted, 42)
    );
    assert!(event.was_open);
}

#[tokio::test]
async fn an_event_always_fits_the_wire() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    store.record(ended(SessionId::generate(), "ü".repeat(10_000))).await.expect("records");
    let events = all(&store).await;
    assert!(events[0].body.len() <= MAX_EVENT_BYTES && events[0].is_sound());
    Event::from_bytes(&events[0].body).expect("decodes");
}

#[tokio::test]
async fn a_damaged_file_is_refused_with_its_name_and_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("satellite.db");
    std::fs::write(&path, vec![7; 8192]).expect("writes");
    let error = Store::open(&path).expect_err("is none");
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("satellite.db") && text.contains("keep this file"), "{text}");
    assert!(matches!(Store::open(&folder.path().join("no/such.db")), Err(StoreError::Open { .. })));
}

#[tokio::test]
async fn an_outbox_that_was_tampered_with_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("satellite.db");
    let store = open(folder.path());
    for _ in 0..3 {
        store.record(opened(SessionId::generate())).await.expect("records");
    }
    drop(store);
    let connection = rusqlite::Connection::open(&path).expect("opens");
    connection.execute("DELETE FROM outbox WHERE seq = 2", []).expect("deletes");
    assert!(matches!(Store::open(&path), Err(StoreError::Damaged { .. })));
}

#[tokio::test]
async fn a_store_of_a_newer_program_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("satellite.db");
    drop(open(folder.path()));
    let connection = rusqlite::Connection::open(&path).expect("opens");
    connection.pragma_update(None, "user_version", 99).expect("writes");
    assert!(matches!(Store::open(&path), Err(StoreError::Newer { .. })));
}
