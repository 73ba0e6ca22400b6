//! A damaged database: kept apart for people, and what can still be read of it carried into a new one.
//!
//! Events that the hub has not received go on, as far as they can be read; the chain is tied to what the hub has once it says
//! so. The policy comes again from the hub. The spool is files of its own, whose index is made anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use openpam_ids::EventId;
use openpam_proto::event::{ChainedEvent, Event, SiteRecovered};
use openpam_proto::message::Message;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

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
/// for none. What was recorded behind it, the hub cannot have. Until then there may be holes in the chain.
const UNTIED: &str = "chain_untied";
/// Files of one database.
const SUFFIXES: [&str; 3] = ["", "-wal", "-shm"];
/// The other database while it is made, and once it is whole.
const HALF: &str = ".half";
const WHOLE: &str = ".whole";
/// Facts that are worth carrying over, beside what a hub says anew with each tunnel.
const FACTS: [&str; 2] = ["recording_key", "hub_heard_ms"];
/// So many events are looked for one by one where the disk gives no list of them.
const MAX_SOUGHT: usize = 100_000;

/// Makes another database of what can be read of the damaged one, then puts it in its place.
///
/// A failure leaves the damaged one where it was; whatever is interrupted goes on at the next start.
pub(super) fn recover(path: &Path, reason: &str, now_ms: i64) -> Result<(Connection, Recovered), StoreError> {
    let (half, whole) = (with_suffix(path, HALF), with_suffix(path, WHOLE));
    let failed =
        |error: std::io::Error| StoreError::Open { path: path.to_owned(), reason: error.to_string() };
    for suffix in SUFFIXES {
        remove(&with_suffix(&half, suffix)).map_err(failed)?;
    }
    let salvage = salvage(path);
    let connection = open::open(&half)?;
    carry_over(&connection, &salvage, now_ms, reason)?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    connection.close().map_err(|(_, error)| error)?;
    std::fs::rename(&half, &whole).map_err(failed)?;
    finish(path, now_ms)?.ok_or_else(|| failed(std::io::ErrorKind::NotFound.into()))
}

/// Puts the whole database in the place of the damaged one, if there is one that waits for that.
pub(super) fn finish(path: &Path, now_ms: i64) -> Result<Option<(Connection, Recovered)>, StoreError> {
    let whole = with_suffix(path, WHOLE);
    if !whole.exists() {
        return Ok(None);
    }
    let kept = with_suffix(path, &format!(".damaged-{now_ms}"));
    replace(path, &kept, &whole)
        .map_err(|error| StoreError::Open { path: path.to_owned(), reason: error.to_string() })?;
    let connection = open::open(path)?;
    let (events, reason) = told(&connection)?.unwrap_or_default();
    Ok(Some((connection, Recovered { kept, events, reason })))
}

fn replace(path: &Path, kept: &Path, whole: &Path) -> std::io::Result<()> {
    for suffix in SUFFIXES {
        match std::fs::rename(with_suffix(path, suffix), with_suffix(kept, suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    // Not beside the write-ahead log of the other one, whenever the power fails.
    sync_folder(path)?;
    std::fs::rename(whole, path)?;
    sync_folder(path)
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What the books say of the recovery.
fn told(connection: &Connection) -> Result<Option<(u64, String)>, rusqlite::Error> {
    let newest = connection
        .query_row("SELECT body FROM outbox ORDER BY seq DESC LIMIT 1", [], |row| row.get::<_, Vec<u8>>(0))
        .optional()?;
    Ok(match newest.map(|body| Event::from_bytes(&body)) {
        Some(Ok(Event::SiteRecovered(recovered))) => Some((recovered.events, recovered.reason)),
        _ => None,
    })
}

/// Whether the chain waits for the hub's word of where it was.
pub(super) fn is_untied(connection: &Connection) -> Result<bool, rusqlite::Error> {
    settings::read(connection, UNTIED).map(|newest| newest.is_some())
}

#[derive(Default)]
struct Salvage {
    /// What was not changed, oldest first; there may be holes.
    events: Vec<ChainedEvent>,
    sessions: Vec<[Vec<u8>; 3]>,
    facts: Vec<(String, Vec<u8>)>,
}

fn salvage(damaged: &Path) -> Salvage {
    let mut salvage = Salvage::default();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let Ok(connection) = Connection::open_with_flags(damaged, flags) else { return salvage };
    // It stays as it was found.
    let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    salvage.events = events(&connection);
    for order in ["", "DESC"] {
        let query = format!("SELECT id, user_id, target_id FROM sessions ORDER BY id {order}");
        let sessions = read(&connection, &query, |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]));
        salvage.sessions.extend(sessions);
    }
    for name in FACTS {
        if let Ok(Some(value)) = settings::read(&connection, name) {
            salvage.facts.push((name.to_owned(), value));
        }
    }
    salvage
}

/// Every event that can be read and is what it was: from both ends up to what is damaged, and in between one by one.
fn events(connection: &Connection) -> Vec<ChainedEvent> {
    const EVENTS: &str = "SELECT seq, previous, hash, body FROM outbox";
    let oldest = read(connection, &format!("{EVENTS} ORDER BY seq"), outbox::chained);
    let newest = read(connection, &format!("{EVENTS} ORDER BY seq DESC"), outbox::chained);
    let number = |query| connection.query_row(query, [], |row| row.get::<_, u64>(0)).unwrap_or_default();
    let from = oldest.last().map_or_else(|| number("SELECT receipt FROM chain"), |event| event.seq);
    let to = newest.last().map_or_else(|| number("SELECT seq FROM chain") + 1, |event| event.seq);
    let mut found: BTreeMap<u64, ChainedEvent> =
        oldest.into_iter().chain(newest).map(|event| (event.seq, event)).collect();
    if let Ok(mut one) = connection.prepare(&format!("{EVENTS} WHERE seq = ?1")) {
        let sought = (from.saturating_add(1)..to).take(MAX_SOUGHT);
        let between = sought.filter_map(|seq| one.query_row([seq], outbox::chained).ok());
        found.extend(between.map(|event| (event.seq, event)));
    }
    found.into_values().filter(ChainedEvent::is_sound).collect()
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
pub(super) fn tie(
    connection: &Connection,
    seq: u64,
    hash: [u8; 32],
    now_ms: i64,
) -> Result<(), rusqlite::Error> {
    let untied = settings::read(connection, UNTIED)?;
    let newest = match &untied {
        Some(newest) => newest.as_slice().try_into().map_or(0, u64::from_be_bytes),
        None if seq > 0 && began_anew(connection)? => 0,
        None => return Ok(()),
    };
    let here = read(connection, "SELECT seq, previous, hash, body FROM outbox ORDER BY seq", outbox::chained);
    let known = here.iter().any(|event| event.seq == seq && event.hash == hash);
    let follows = here.first().is_some_and(|first| first.seq == seq + 1 && first.previous == hash);
    let whole = here.is_sorted_by(|one, next| next.seq == one.seq + 1 && next.previous == one.hash);
    if !whole || !known && !follows {
        let missing: Vec<_> = here.into_iter().filter(|event| event.seq > seq.min(newest)).collect();
        let events = missing.len() as u64;
        connection.execute("DELETE FROM outbox", [])?;
        connection.execute("UPDATE chain SET seq = ?1, hash = ?2, receipt = ?1", params![seq, hash])?;
        let mut head = (seq, hash);
        for event in missing {
            let event = ChainedEvent::link(head.0 + 1, head.1, event.body.to_vec());
            head = (event.seq, event.hash);
            outbox::put(connection, &event)?;
        }
        if untied.is_none() {
            let (event_id, reason) = (EventId::generate(), "its database was gone".to_owned());
            let recovered = SiteRecovered { event_id, at_ms: now_ms, reason, events };
            outbox::append(connection, &Event::SiteRecovered(recovered))?;
        }
    }
    connection.execute("DELETE FROM meta WHERE name = ?1", [UNTIED])?;
    Ok(())
}

/// Whether the chain begins here with its first event, and no hub has confirmed any of it.
fn began_anew(connection: &Connection) -> Result<bool, rusqlite::Error> {
    connection.query_row("SELECT receipt = 0 AND seq = (SELECT COUNT(*) FROM outbox) FROM chain", [], |row| {
        row.get(0)
    })
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
