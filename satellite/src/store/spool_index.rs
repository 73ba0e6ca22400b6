//! The index of the spool: which chunk lies where, how far each segment is indexed, where each recording goes on.
//!
//! A recording's row stays until its last chunk is at the hub, so that recovery never takes an old chunk for new.

use openpam_ids::SessionId;
use openpam_proto::chunk::SealedChunk;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Where a chunk lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkPlace {
    /// Its number in the recording.
    pub seq: u64,
    /// Which segment file.
    pub segment: u64,
    /// Where its record begins in that file.
    pub offset: u64,
    /// Length of the record in bytes.
    pub length: u64,
    /// Whether the recording is complete with it.
    pub last: bool,
}

/// A chunk that is durable in its segment and wants to be in the index.
#[derive(Clone, Debug)]
pub struct ChunkEntry {
    /// Whose recording.
    pub session_id: SessionId,
    /// Where it lies.
    pub place: ChunkPlace,
    /// Its hash, the recording's new head.
    pub hash: [u8; 32],
    /// Milliseconds since the recording's begin at its last event.
    pub until_ms: u64,
}

impl ChunkEntry {
    /// The entry of a chunk whose record lies at `offset`.
    #[must_use]
    pub fn new(chunk: &SealedChunk, segment: u64, offset: u64, length: u64) -> Self {
        Self {
            session_id: chunk.session_id,
            place: ChunkPlace { seq: chunk.seq, segment, offset, length, last: chunk.last },
            hash: chunk.hash,
            until_ms: chunk.until_ms,
        }
    }
}

/// How far a segment's records are indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentMark {
    /// The segment.
    pub id: u64,
    /// The byte behind its last indexed record.
    pub indexed_bytes: u64,
}

/// Where a recording's chain of chunks goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordingHead {
    /// Whose recording.
    pub session_id: SessionId,
    /// The next chunk's number.
    pub next_seq: u64,
    /// The hash of the chunk before it.
    pub hash: [u8; 32],
    /// Milliseconds since the recording's begin at its last event.
    pub until_ms: u64,
    /// Whether it has its last chunk.
    pub complete: bool,
}

const RECORDING: &str = "SELECT session_id, next_seq, head, until_ms, complete FROM recordings";

/// How many bytes wait.
pub(super) fn bytes(connection: &Connection) -> Result<u64, rusqlite::Error> {
    connection.prepare_cached("SELECT COALESCE(SUM(length), 0) FROM spool")?.query_row([], |row| row.get(0))
}

pub(super) fn add(
    connection: &Connection,
    segment: SegmentMark,
    chunks: &[ChunkEntry],
) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached(
            "INSERT INTO segments (id, indexed_bytes) VALUES (?1, ?2)
             ON CONFLICT (id) DO UPDATE SET indexed_bytes = excluded.indexed_bytes",
        )?
        .execute(params![segment.id, segment.indexed_bytes])?;
    let mut recordings = connection.prepare_cached(
        "INSERT INTO recordings (session_id, next_seq, head, until_ms, complete) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (session_id) DO UPDATE SET next_seq = excluded.next_seq, head = excluded.head,
             until_ms = excluded.until_ms, complete = excluded.complete",
    )?;
    let mut spool = connection.prepare_cached(
        "INSERT INTO spool (session_id, seq, segment, offset, length, last) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for ChunkEntry { session_id, place, hash, until_ms } in chunks {
        let id = session_id.as_bytes();
        recordings.execute(params![id, place.seq + 1, hash, until_ms, place.last])?;
        spool.execute(params![id, place.seq, place.segment, place.offset, place.length, place.last])?;
    }
    Ok(())
}

pub(super) fn segments(connection: &Connection) -> Result<Vec<SegmentMark>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT id, indexed_bytes FROM segments ORDER BY id")?
        .query_map([], |row| Ok(SegmentMark { id: row.get(0)?, indexed_bytes: row.get(1)? }))?
        .collect()
}

pub(super) fn recording(
    connection: &Connection,
    session_id: SessionId,
) -> Result<Option<RecordingHead>, rusqlite::Error> {
    connection
        .prepare_cached(&format!("{RECORDING} WHERE session_id = ?1"))?
        .query_row([session_id.as_bytes()], recording_head)
        .optional()
}

pub(super) fn incomplete(connection: &Connection) -> Result<Vec<RecordingHead>, rusqlite::Error> {
    connection
        .prepare_cached(&format!("{RECORDING} WHERE complete = 0"))?
        .query_map([], recording_head)?
        .collect()
}

fn recording_head(row: &Row<'_>) -> Result<RecordingHead, rusqlite::Error> {
    Ok(RecordingHead {
        session_id: SessionId::from_bytes(row.get(0)?),
        next_seq: row.get(1)?,
        hash: row.get(2)?,
        until_ms: row.get(3)?,
        complete: row.get(4)?,
    })
}

pub(super) fn waiting(
    connection: &Connection,
    max: usize,
    except: &[SessionId],
) -> Result<Vec<SessionId>, rusqlite::Error> {
    let mut statement =
        connection.prepare_cached("SELECT DISTINCT session_id FROM spool ORDER BY session_id")?;
    let sessions = statement.query_map([], |row| Ok(SessionId::from_bytes(row.get(0)?)))?;
    sessions.filter(|id| id.as_ref().map_or(true, |id| !except.contains(id))).take(max).collect()
}

pub(super) fn from(
    connection: &Connection,
    session_id: SessionId,
    seq: u64,
    max: usize,
) -> Result<Vec<ChunkPlace>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT seq, segment, offset, length, last FROM spool
             WHERE session_id = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3",
        )?
        .query_map(params![session_id.as_bytes(), seq, max], |row| {
            Ok(ChunkPlace {
                seq: row.get(0)?,
                segment: row.get(1)?,
                offset: row.get(2)?,
                length: row.get(3)?,
                last: row.get(4)?,
            })
        })?
        .collect()
}

pub(super) fn delete_before(
    connection: &Connection,
    session_id: SessionId,
    next_seq: u64,
) -> Result<Vec<u64>, rusqlite::Error> {
    let id = session_id.as_bytes();
    let touched = connection
        .prepare_cached("SELECT DISTINCT segment FROM spool WHERE session_id = ?1 AND seq < ?2")?
        .query_map(params![id, next_seq], |row| row.get(0))?
        .collect::<Result<Vec<u64>, _>>()?;
    connection
        .prepare_cached("DELETE FROM spool WHERE session_id = ?1 AND seq < ?2")?
        .execute(params![id, next_seq])?;
    connection
        .prepare_cached(
            "DELETE FROM recordings WHERE session_id = ?1 AND complete = 1
             AND NOT EXISTS (SELECT 1 FROM spool WHERE spool.session_id = ?1)",
        )?
        .execute([id])?;
    let mut free = Vec::new();
    for segment in touched {
        if !is_segment_in_use(connection, segment)? {
            free.push(segment);
        }
    }
    Ok(free)
}

pub(super) fn is_segment_in_use(connection: &Connection, segment: u64) -> Result<bool, rusqlite::Error> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM spool WHERE segment = ?1)")?
        .query_row([segment], |row| row.get(0))
}

pub(super) fn forget_segment(connection: &Connection, segment: u64) -> Result<(), rusqlite::Error> {
    connection.prepare_cached("DELETE FROM segments WHERE id = ?1")?.execute([segment])?;
    Ok(())
}
