//! Events and the sessions they tell of: appended to the hash chain, and deleted a while after the hub's receipt, so that a
//! hub that was restored from a backup gets them again.
//!
//! `chain` keeps the newest link, so that deleting rows never breaks or restarts the chain, and the newest receipt.

use openpam_ids::{EventId, SessionId, TargetId, UserId, Uuid};
use openpam_proto::end::EndCode;
use openpam_proto::event::{About, ChainedEvent, Event, SessionEnded};
use openpam_proto::limits::MAX_EVENT_BYTES;
use openpam_proto::message::Message;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::clock;

/// The longest message that an event keeps; what is longer was not written for people.
const MAX_MESSAGE_BYTES: usize = 2048;
/// How long an event stays that the hub has: as old as the backup may be that it is restored from.
const KEPT_MS: i64 = 7 * 24 * 3600 * 1000;
/// And how many of them; about 8 MB.
const MAX_KEPT: u64 = 20_000;

/// The number of the newest event; 0 before the first.
pub(super) fn head(connection: &Connection) -> Result<u64, rusqlite::Error> {
    connection.prepare_cached("SELECT seq FROM chain")?.query_row([], |row| row.get(0))
}

/// How many events wait.
pub(super) fn count(connection: &Connection) -> Result<u64, rusqlite::Error> {
    connection
        .prepare_cached("SELECT COUNT(*) FROM outbox WHERE seq > (SELECT receipt FROM chain)")?
        .query_row([], |row| row.get(0))
}

/// Links `event` behind the newest one and keeps `sessions` in step.
pub(super) fn append(connection: &Connection, event: &Event) -> Result<u64, rusqlite::Error> {
    let (seq, previous): (u64, [u8; 32]) = connection
        .prepare_cached("SELECT seq, hash FROM chain")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let link = ChainedEvent::link(seq + 1, previous, body(event));
    put(connection, &link)?;
    match event {
        Event::SessionOpened(opened) => {
            let about = &opened.about;
            connection
                .prepare_cached(
                    "INSERT INTO sessions (id, user_id, target_id, credential_id, opened_at_ms)
                     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING",
                )?
                .execute(params![
                    about.session_id.uuid().as_bytes(),
                    about.user_id.uuid().as_bytes(),
                    about.target_id.uuid().as_bytes(),
                    opened.credential_id.map(|id| *id.uuid().as_bytes()),
                    about.at_ms,
                ])?;
        }
        Event::SessionEnded(ended) => {
            connection.prepare_cached("DELETE FROM sessions WHERE id = ?1")?.execute([ended
                .about
                .session_id
                .uuid()
                .as_bytes()])?;
        }
        Event::Attached(_)
        | Event::Detached(_)
        | Event::Watched(_)
        | Event::Unwatched(_)
        | Event::Uploaded(_)
        | Event::Downloaded(_)
        | Event::SiteAway(_)
        | Event::SiteRecovered(_)
        | Event::Unknown(_) => {}
    }
    Ok(link.seq)
}

/// Adds an event as it stands in its chain, whose newest it is.
pub(super) fn put(connection: &Connection, link: &ChainedEvent) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached(
            "INSERT INTO outbox (seq, previous, hash, body, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![link.seq, link.previous, link.hash, link.body.as_slice(), clock::now_ms()])?;
    connection
        .prepare_cached("UPDATE chain SET seq = ?1, hash = ?2")?
        .execute(params![link.seq, link.hash])?;
    Ok(())
}

/// The encoded event, its message shortened if it would not fit the wire.
fn body(event: &Event) -> Vec<u8> {
    let bytes = event.to_bytes();
    match event {
        Event::SessionEnded(ended) if bytes.len() > MAX_EVENT_BYTES => {
            let end = ended.message.floor_char_boundary(MAX_MESSAGE_BYTES);
            let message = ended.message.get(..end).unwrap_or_default().to_owned();
            Event::SessionEnded(SessionEnded { message, ..ended.clone() }).to_bytes()
        }
        _ => bytes,
    }
}

pub(super) fn after(
    connection: &Connection,
    seq: u64,
    max: usize,
) -> Result<Vec<ChainedEvent>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT seq, previous, hash, body FROM outbox WHERE seq > ?1 ORDER BY seq LIMIT ?2")?
        .query_map(params![seq, max], chained)?
        .collect()
}

pub(super) fn chained(row: &Row<'_>) -> Result<ChainedEvent, rusqlite::Error> {
    Ok(ChainedEvent {
        seq: row.get(0)?,
        previous: row.get(1)?,
        hash: row.get(2)?,
        body: row.get::<_, Vec<u8>>(3)?.into(),
    })
}

/// The hub has every event up to `seq`; what is old of it goes.
pub(super) fn receipt(connection: &Connection, seq: u64, now_ms: i64) -> Result<(), rusqlite::Error> {
    connection.prepare_cached("UPDATE chain SET receipt = MAX(receipt, ?1)")?.execute([seq])?;
    connection
        .prepare_cached("DELETE FROM outbox WHERE seq <= ?1 AND (seq <= ?2 OR created_at_ms < ?3)")?
        .execute(params![seq, seq.saturating_sub(MAX_KEPT), now_ms.saturating_sub(KEPT_MS)])?;
    Ok(())
}

/// The newest receipt.
pub(super) fn receipted(connection: &Connection) -> Result<u64, rusqlite::Error> {
    connection.prepare_cached("SELECT receipt FROM chain")?.query_row([], |row| row.get(0))
}

/// The hub wants every event behind `seq`: if it had more once, its books are a backup's, and what it lost waits again.
/// `receipted` is the receipt from before it was asked: with another one by now, another hub's word is newer.
pub(super) fn wanted_behind(
    connection: &Connection,
    seq: u64,
    receipted: u64,
) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached("UPDATE chain SET receipt = ?1 WHERE receipt > ?1 AND receipt = ?2")?
        .execute([seq, receipted])?;
    Ok(())
}

pub(super) fn close_orphans(connection: &Connection, now_ms: i64) -> Result<usize, rusqlite::Error> {
    let orphans = connection
        .prepare_cached("SELECT id, user_id, target_id FROM sessions ORDER BY opened_at_ms, id")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<Vec<([u8; 16], [u8; 16], [u8; 16])>, _>>()?;
    for (session, user, target) in &orphans {
        append(connection, &orphaned(*session, *user, *target, now_ms))?;
    }
    Ok(orphans.len())
}

fn orphaned(session: [u8; 16], user: [u8; 16], target: [u8; 16], now_ms: i64) -> Event {
    Event::SessionEnded(SessionEnded {
        about: About {
            event_id: EventId::generate(),
            at_ms: now_ms,
            session_id: SessionId::from_bytes(session),
            user_id: UserId::from_bytes(user),
            target_id: TargetId::from_uuid(Uuid::from_bytes(target)),
        },
        code: EndCode::SatelliteRestarted,
        message: "the satellite that owned the session was interrupted".to_owned(),
        exit_status: None,
        exit_signal: None,
        input_bytes: 0,
        output_bytes: 0,
        was_open: true,
        basis: None,
    })
}

/// Whether what is left in the outbox is one chain that ends in `chain`; `holes`: there may be some in it.
pub(super) fn is_sound(connection: &Connection, holes: bool) -> Result<bool, rusqlite::Error> {
    let mut statement = connection.prepare("SELECT seq, previous, hash, body FROM outbox ORDER BY seq")?;
    let mut before: Option<(u64, [u8; 32])> = None;
    for event in statement.query_map([], chained)? {
        let event = event?;
        let follows =
            holes || before.is_none_or(|(seq, hash)| event.seq == seq + 1 && event.previous == hash);
        if !follows || !event.is_sound() {
            return Ok(false);
        }
        before = Some((event.seq, event.hash));
    }
    let head = connection
        .query_row("SELECT seq, hash FROM chain", [], |row| {
            Ok((row.get::<_, u64>(0)?, row.get::<_, [u8; 32]>(1)?))
        })
        .optional()?;
    Ok(match (head, before) {
        (Some(head), Some(newest)) => head == newest,
        (Some(_), None) => true,
        (None, _) => false,
    })
}
