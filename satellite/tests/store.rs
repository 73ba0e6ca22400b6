//! The store on real files: the event chain, group commit, orphans, damage.

use std::path::Path;
use std::time::Duration;

use openpam_ids::{CredentialId, EventId, SessionId, TargetId, UserId};
use openpam_policy::Delta;
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
    Event::SessionOpened(SessionOpened {
        about: about(session_id),
        credential_id,
        client_ip: None,
        basis: None,
    })
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
        basis: None,
    })
}

fn open(folder: &Path) -> Store {
    Store::open(&folder.join("satellite.db")).expect("opens").0
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
    store.wanted_behind(3, 3).await.expect("notes");
    assert_eq!(store.backlog().await.expect("counts").events, 0);
    store.wanted_behind(1, 3).await.expect("notes");
    assert_eq!(store.backlog().await.expect("counts").events, 2);
    // Another hub gave a receipt after this one was asked.
    let receipted = store.receipted().await.expect("reads");
    store.receipt(2).await.expect("notes");
    store.wanted_behind(0, receipted).await.expect("notes");
    assert_eq!(store.backlog().await.expect("counts").events, 1);
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

/// A database with three events, of which the hub has the first, and then `damage` done to the file.
fn damaged(
    folder: &Path,
    events: u64,
    damage: impl FnOnce(&Path),
) -> (Store, openpam_satellite::store::Recovered) {
    let path = folder.join("satellite.db");
    damage(&path);
    let (store, recovered) = Store::open(&path).expect("another one begins");
    let recovered = recovered.expect("it was damaged");
    assert_eq!(recovered.events, events, "{recovered:?}");
    assert!(recovered.kept.exists(), "{recovered:?}");
    (store, recovered)
}

async fn three(folder: &Path) -> Vec<ChainedEvent> {
    some(folder, 3).await
}

async fn some(folder: &Path, count: usize) -> Vec<ChainedEvent> {
    let store = open(folder);
    for _ in 0..count {
        store.record(opened(SessionId::generate())).await.expect("records");
    }
    let events = all(&store).await;
    drop(store);
    // Its thread closes the file a moment later.
    while folder.join("satellite.db-wal").exists() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    events
}

fn kinds(events: &[ChainedEvent]) -> Vec<&'static str> {
    events.iter().map(|event| Event::from_bytes(&event.body).expect("decodes").name()).collect()
}

#[tokio::test]
async fn a_file_that_is_no_database_is_kept_and_another_one_begins_behind_what_the_hub_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let before = three(folder.path()).await;
    let (store, recovered) =
        damaged(folder.path(), 0, |path| std::fs::write(path, vec![7; 8192]).expect("writes"));
    assert_eq!(std::fs::read(&recovered.kept).expect("reads"), vec![7; 8192]);
    store.tie(3, before[2].hash).await.expect("ties");
    let after = store.events_after(3, 10).await.expect("events");
    assert_eq!(kinds(&after), ["site.recovered"]);
    assert_eq!((after[0].seq, after[0].previous, after[0].is_sound()), (4, before[2].hash, true));
    assert_eq!(store.record(opened(SessionId::generate())).await.expect("records"), 5);
    drop(store);
    let (store, again) = Store::open(&folder.path().join("satellite.db")).expect("opens");
    assert_eq!(again, None);
    store.tie(1, before[0].hash).await.expect("is tied already");
    assert_eq!(store.events_after(3, 10).await.expect("events").len(), 2);
    assert!(matches!(Store::open(&folder.path().join("no/such.db")), Err(StoreError::Open { .. })));
}

#[tokio::test]
async fn events_that_can_be_read_are_carried_over_and_a_hole_is_closed_behind_what_the_hub_has() {
    for (deleted, read, hub_has, kept) in [(0, 3, 1, 2), (2, 2, 1, 1), (1, 2, 1, 2), (3, 2, 1, 1)] {
        let folder = tempfile::tempdir().expect("a folder");
        let before = three(folder.path()).await;
        let (store, _) = damaged(folder.path(), read, |path| {
            let connection = rusqlite::Connection::open(path).expect("opens");
            let damage = match deleted {
                0 => "DELETE FROM chain".to_owned(),
                3 => "UPDATE chain SET hash = zeroblob(32)".to_owned(),
                seq => format!("DELETE FROM outbox WHERE seq = {seq}; UPDATE chain SET hash = zeroblob(32)"),
            };
            let damage = if deleted == 3 { damage + "; DELETE FROM outbox WHERE seq = 3" } else { damage };
            connection.execute_batch(&damage).expect("damages");
        });
        store.tie(hub_has, before[0].hash).await.expect("ties");
        let after = store.events_after(hub_has, 10).await.expect("events");
        let mut wanted = vec!["session.opened"; kept];
        wanted.push("site.recovered");
        assert_eq!(kinds(&after), wanted, "{deleted}");
        let mut head = (hub_has, before[0].hash);
        for event in &after {
            assert_eq!(
                (event.seq, event.previous, event.is_sound()),
                (head.0 + 1, head.1, true),
                "{deleted}"
            );
            head = (event.seq, event.hash);
        }
    }
}

/// Tears the page that an event lies in.
fn tear(path: &Path, event: &ChainedEvent) {
    let mut bytes = std::fs::read(path).expect("reads");
    let body = event.body.to_vec();
    let at: Vec<_> = bytes.windows(body.len()).enumerate().filter(|(_, part)| *part == body).collect();
    let pages: Vec<_> = at.iter().map(|(at, _)| at / 4096 * 4096).collect();
    assert!(!pages.is_empty());
    for page in pages {
        bytes.get_mut(page..page + 4096).expect("a page").fill(0x5a);
    }
    std::fs::write(path, bytes).expect("writes");
}

#[tokio::test]
async fn torn_pages_cost_the_events_that_lay_in_them_alone() {
    const COUNT: usize = 600;
    for torn in [vec![COUNT - 1], vec![0], vec![200], vec![100, 400, COUNT - 1]] {
        let folder = tempfile::tempdir().expect("a folder");
        let before = some(folder.path(), COUNT).await;
        let path = folder.path().join("satellite.db");
        torn.iter().for_each(|at| tear(&path, &before[*at]));
        let (store, recovered) = Store::open(&path).expect("another one begins");
        let read = recovered.expect("it was damaged").events as usize;
        assert!(read < COUNT && read >= COUNT - torn.len() * 40, "{torn:?}: {read}");
        // It may be restarted before the hub is there.
        drop(store);
        let (store, again) = Store::open(&path).expect("opens");
        assert_eq!(again, None);
        let has = &before[49];
        store.tie(has.seq, has.hash).await.expect("ties");
        let after = store.events_after(has.seq, COUNT).await.expect("events");
        assert_chain(&after, has.seq, has.hash);
        let wanted = before[50..].iter().filter(|event| !torn.iter().any(|at| before[*at] == **event));
        let lost = wanted.filter(|event| !after.iter().any(|left| left.body == event.body)).count();
        assert!(lost <= torn.len() * 40, "{torn:?}: {lost}");
        assert_eq!(kinds(&after).last(), Some(&"site.recovered"));
        drop(store);
        assert_eq!(Store::open(&path).expect("opens").1, None, "it is sound");
    }
}

#[tokio::test]
async fn a_recovery_that_fails_or_is_killed_at_any_step_goes_on_at_the_next_start() {
    let name = |folder: &Path, suffix: &str| folder.join(format!("satellite.db{suffix}"));
    for killed in 0..4 {
        let folder = tempfile::tempdir().expect("a folder");
        let before = three(folder.path()).await;
        let path = folder.path().join("satellite.db");
        let connection = rusqlite::Connection::open(&path).expect("opens");
        connection.execute_batch("UPDATE chain SET hash = zeroblob(32)").expect("damages");
        drop(connection);
        match killed {
            // There is no room for the other one, then there is.
            0 => {
                std::fs::create_dir(name(folder.path(), ".half")).expect("makes");
                Store::open(&path).expect_err("cannot be made");
                assert!(path.exists(), "the damaged one is in its place");
                std::fs::remove_dir(name(folder.path(), ".half")).expect("removes");
            }
            // It was half made.
            1 => std::fs::write(name(folder.path(), ".half"), b"half").expect("writes"),
            // It was whole, and the damaged one in its place, or away.
            _ => {
                let other = tempfile::tempdir().expect("a folder");
                let there = other.path().join("satellite.db");
                std::fs::copy(&path, &there).expect("copies");
                drop(Store::open(&there).expect("another one begins"));
                while name(other.path(), "-wal").exists() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                std::fs::copy(&there, name(folder.path(), ".whole")).expect("copies");
                if killed == 3 {
                    std::fs::rename(&path, name(folder.path(), ".damaged-1")).expect("moves");
                }
            }
        }
        let (store, recovered) = Store::open(&path).expect("another one begins");
        assert_eq!(recovered.map(|recovered| recovered.events), Some(3), "{killed}");
        store.tie(1, before[0].hash).await.expect("ties");
        let after = store.events_after(1, 10).await.expect("events");
        assert_chain(&after, 1, before[0].hash);
        assert_eq!(kinds(&after), ["session.opened", "session.opened", "site.recovered"], "{killed}");
        drop(store);
        assert_eq!(Store::open(&path).expect("opens").1, None, "{killed}");
        assert!(!name(folder.path(), ".half").exists() && !name(folder.path(), ".whole").exists());
    }
}

#[tokio::test]
async fn a_database_that_is_gone_goes_on_behind_what_the_hub_has() {
    for events in [0, 1] {
        let folder = tempfile::tempdir().expect("a folder");
        let before = three(folder.path()).await;
        let path = folder.path().join("satellite.db");
        std::fs::remove_file(&path).expect("removes");
        let (store, recovered) = Store::open(&path).expect("begins");
        assert_eq!(recovered, None);
        for _ in 0..events {
            store.record(opened(SessionId::generate())).await.expect("records");
        }
        store.tie(3, before[2].hash).await.expect("ties");
        let after = store.events_after(3, 10).await.expect("events");
        assert_chain(&after, 3, before[2].hash);
        assert_eq!(kinds(&after).len(), events + 1);
        assert_eq!(kinds(&after).last(), Some(&"site.recovered"));
        // What the hub has of it already is not told again.
        let head = after.last().expect("one");
        store.tie(head.seq, head.hash).await.expect("ties");
        assert_eq!(store.events_after(3, 10).await.expect("events"), after);
    }
}

#[tokio::test]
async fn on_a_tight_disk_a_policy_waits_and_events_that_come_with_it_do_not() {
    let folder = tempfile::tempdir().expect("a folder");
    // There is no room for the reserve.
    std::fs::create_dir(folder.path().join("satellite.reserve")).expect("makes");
    let store = open(folder.path());
    let keep = || store.keep_policy(vec![1], Delta::default(), true);
    let record = || store.record(opened(SessionId::generate()));
    let (one, kept, other) = tokio::join!(record(), keep(), record());
    assert_eq!((one.expect("is booked"), other.expect("is booked")), (1, 2));
    assert!(store.is_tight() && matches!(kept, Err(StoreError::DiskFull)), "{kept:?}");
    assert_eq!(store.policy().await.expect("reads"), None);
    drop(store);
    std::fs::remove_dir(folder.path().join("satellite.reserve")).expect("removes");
    let store = open(folder.path());
    store.keep_policy(vec![1], Delta::default(), true).await.expect("there is room");
    assert!(store.policy().await.expect("reads").is_some());
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
