//! A damaged database: kept apart for people, and what can still be read of it carried into a new one.
//!
//! Events that the hub has not received go on, as far as they can be read; the chain is tied to what the hub has once it says
//! so. The policy comes again from the hub. The spool is files of its own, whose index is made anew.

use std::path::{Path, PathBuf};

use openpam_ids::EventId;
use openpam_proto::event::{ChainedEvent, Event, SiteRecovered};
use rusqlite::{Connection, OpenFlags, params};

use super::{StoreError, open, outbox, settings};

/// What a database had in it that could still be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Where the damaged file lies now.
    pub kept: PathBuf,
    /// Events that could be read, of those that were there.
    pub events: u64,
    /// What was wrong with it.
    pub reason: String,
}

/// In `meta` while the chain waits for the hub's word of where it was: the number of the newest event that could be read, 0
/// for none. What was recorded behind it, the hub cannot have.
const UNTIED: &str = "chain_untied";
/// Files of one database.
const SUFFIXES: [&str; 3] = ["", "-wal", "-shm"];
/// Facts that are worth carrying over, beside what a hub says anew with each tunnel.
const FACTS: [&str; 2] = ["recording_key", "hub_heard_ms"];

/// Moves the damaged database away and begins another one.
pub(super) fn recover(
    path: &Path,
    reason: String,
    now_ms: i64,
) -> Result<(Connection, Recovered), StoreError> {
    let kept = with_suffix(path, &format!(".damaged-{now_ms}"));
    for suffix in SUFFIXES {
        match std::fs::rename(with_suffix(path, suffix), with_suffix(&kept, suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::Open { path: path.to_owned(), reason: error.to_string() });
            }
            _ => {}
        }
    }
    let connection = open::open(path)?;
    let salvage = salvage(&kept);
    let events = salvage.events.len() as u64;
    carry_over(&connection, &salvage, now_ms, &reason)?;
    Ok((connection, Recovered { kept, events, reason }))
}

#[derive(Default)]
struct Salvage {
    /// The newest events without a hole among them.
    events: Vec<ChainedEvent>,
    sessions: Vec<[Vec<u8>; 3]>,
    facts: Vec<(String, Vec<u8>)>,
}

fn salvage(kept: &Path) -> Salvage {
    let mut salvage = Salvage::default();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let Ok(connection) = Connection::open_with_flags(kept, flags) else { return salvage };
    let events =
        read(&connection, "SELECT seq, previous, hash, body FROM outbox ORDER BY seq DESC", outbox::chained);
    for event in events {
        let follows = salvage
            .events
            .last()
            .is_none_or(|after| after.seq == event.seq + 1 && after.previous == event.hash);
        if !follows || !event.is_sound() {
            break;
        }
        salvage.events.push(event);
    }
    salvage.events.reverse();
    salvage.sessions = read(&connection, "SELECT id, user_id, target_id FROM sessions", |row| {
        Ok([row.get(0)?, row.get(1)?, row.get(2)?])
    });
    for name in FACTS {
        if let Ok(Some(value)) = settings::read(&connection, name) {
            salvage.facts.push((name.to_owned(), value));
        }
    }
    salvage
}

/// The rows up to the first that cannot be read.
fn read<T>(
    connection: &Connection,
    query: &str,
    row: impl FnMut(&rusqlite::Row<'_>) -> Result<T, rusqlite::Error>,
) -> Vec<T> {
    let Ok(mut statement) = connection.prepare(query) else { return Vec::new() };
    let Ok(rows) = statement.query_map([], row) else { return Vec::new() };
    rows.map_while(Result::ok).collect()
}

fn carry_over(
    connection: &Connection,
    salvage: &Salvage,
    now_ms: i64,
    reason: &str,
) -> Result<(), rusqlite::Error> {
    let transaction = connection.unchecked_transaction()?;
    for event in &salvage.events {
        outbox::put(&transaction, event)?;
    }
    for [session, user, target] in &salvage.sessions {
        transaction.execute(
            "INSERT OR IGNORE INTO sessions (id, user_id, target_id, opened_at_ms) VALUES (?1, ?2, ?3, 0)",
            params![session, user, target],
        )?;
    }
    for (name, value) in &salvage.facts {
        settings::keep(&transaction, name, value)?;
    }
    let newest = salvage.events.last().map_or(0, |event| event.seq);
    settings::keep(&transaction, UNTIED, &newest.to_be_bytes())?;
    let (event_id, events) = (EventId::generate(), salvage.events.len() as u64);
    let recovered = SiteRecovered { event_id, at_ms: now_ms, reason: reason.to_owned(), events };
    outbox::append(&transaction, &Event::SiteRecovered(recovered))?;
    transaction.commit()
}

/// The hub has this chain up to `seq`, which has that hash: what it does not have goes on behind it.
pub(super) fn tie(connection: &Connection, seq: u64, hash: [u8; 32]) -> Result<(), rusqlite::Error> {
    let Some(newest) = settings::read(connection, UNTIED)? else { return Ok(()) };
    let newest = newest.try_into().map_or(0, u64::from_be_bytes);
    let here = read(connection, "SELECT seq, previous, hash, body FROM outbox ORDER BY seq", outbox::chained);
    let known = here.iter().any(|event| event.seq == seq && event.hash == hash);
    let follows = |event: &&ChainedEvent| event.seq == seq + 1 && event.previous == hash;
    if !known && here.first().as_ref().is_none_or(|first| !follows(first)) {
        let missing = here.into_iter().filter(|event| event.seq > seq.min(newest));
        connection.execute("DELETE FROM outbox", [])?;
        connection.execute("UPDATE chain SET seq = ?1, hash = ?2, receipt = ?1", params![seq, hash])?;
        let mut head = (seq, hash);
        for event in missing {
            let event = ChainedEvent::link(head.0 + 1, head.1, event.body.to_vec());
            head = (event.seq, event.hash);
            outbox::put(connection, &event)?;
        }
    }
    connection.execute("DELETE FROM meta WHERE name = ?1", [UNTIED])?;
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
