//! What of the sessions' recordings has arrived.

use std::ops::Range;

use openpam_ids::{SessionId, TargetId, UserId};
use sqlx::{PgConnection, PgPool};

use super::kinds::Protocol;
use super::{Page, StoreError};
use crate::time::Time;

/// A recording in the list.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Of which session.
    pub session_id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// Their user name.
    pub user: String,
    /// On which target.
    pub target_id: TargetId,
    /// That target's name.
    pub target: String,
    /// How that is opened.
    pub protocol: Protocol,
    /// Where that stands, by name.
    pub zone: String,
    /// When the session was opened.
    pub start_time: Time,
    /// When it ended.
    pub end_time: Option<Time>,
    /// How long the recording is, in milliseconds.
    pub duration_ms: i64,
    /// What it takes, sealed, in bytes.
    pub size_bytes: i64,
    /// Whether its last chunk is here.
    pub complete: bool,
    /// When it was deleted, if it was.
    pub deleted_at: Option<Time>,
    /// When its zone keeps it no longer; absent: for ever, while a legal hold stands, and while the session runs.
    pub kept_until: Option<Time>,
}

/// Who may read a recording, and as what.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Whose it is.
    pub user_id: UserId,
    /// What was recorded: a shell, or a desktop.
    pub protocol: Protocol,
    /// When it was deleted, if it was.
    pub deleted_at: Option<Time>,
}

/// How far a recording has arrived.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Its folder in the recordings' object store.
    pub path: String,
    /// Chunks that are durable here; the next one has this number.
    pub chunks: u64,
    /// The last chunk's hash; zeros before the first.
    pub head_hash: [u8; 32],
    /// Whether the last chunk is here.
    pub complete: bool,
    /// Whether it was deleted.
    pub deleted: bool,
}

/// One more durable chunk.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Of which session.
    pub session_id: SessionId,
    /// Its number.
    pub seq: u64,
    /// Its hash.
    pub hash: &'a [u8; 32],
    /// Its sealed size in bytes.
    pub size_bytes: u64,
    /// Milliseconds since the recording's begin at its last event.
    pub until_ms: u64,
    /// Whether it is the last.
    pub last: bool,
}

/// Recordings, newest first; only one user's, or all; only those with all these words, if there are any.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    pool: &PgPool,
    user: Option<UserId>,
    words: &[i64],
    page: Page,
) -> Result<Vec<Recording>, StoreError> {
    let rows = sqlx::query_as!(
        Recording,
        r#"SELECT r.session_id, a.user_id, u.username AS "user", a.target_id, t.name AS target, t.protocol, z.name AS zone,
                  a.start_time AS "start_time: Time", a.end_time AS "end_time: Time", r.duration_ms, r.size_bytes,
                  r.complete, r.deleted_at AS "deleted_at: Time",
                  CASE WHEN NOT z.legal_hold AND r.deleted_at IS NULL
                       THEN a.end_time + make_interval(days => z.retention_days) END AS "kept_until: Time"
             FROM recordings r
             JOIN audit_logs a ON a.id = r.session_id
             JOIN users u ON u.id = a.user_id
             JOIN targets t ON t.id = a.target_id
             JOIN zones z ON z.id = t.zone_id
            WHERE ($1::uuid IS NULL OR a.user_id = $1) AND ($2::uuid IS NULL OR r.session_id < $2)
              AND (cardinality($4::bigint[]) = 0
                   OR r.session_id IN (SELECT w.session_id FROM recording_words w WHERE w.words @> $4))
            ORDER BY r.session_id DESC LIMIT $3"#,
        user.map(UserId::uuid),
        page.after,
        page.rows(),
        words,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// One recording; `None`: there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn find(pool: &PgPool, session: SessionId) -> Result<Option<Found>, StoreError> {
    let found = sqlx::query_as!(
        Found,
        r#"SELECT a.user_id, t.protocol, r.deleted_at AS "deleted_at: Time"
             FROM recordings r
             JOIN audit_logs a ON a.id = r.session_id
             JOIN targets t ON t.id = a.target_id
            WHERE r.session_id = $1"#,
        session.uuid(),
    );
    Ok(found.fetch_optional(pool).await?)
}

/// How far a recording has arrived; `None`: nothing yet.
///
/// # Errors
/// [`StoreError`].
pub async fn progress(pool: &PgPool, session: SessionId) -> Result<Option<Progress>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT path, chunks, head_hash, complete, deleted_at IS NOT NULL AS "deleted!" FROM recordings
            WHERE session_id = $1"#,
        session.uuid(),
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Progress {
        path: row.path,
        chunks: row.chunks.unsigned_abs(),
        // The column's CHECK constraint keeps the length.
        head_hash: row.head_hash.try_into().unwrap_or_default(),
        complete: row.complete,
        deleted: row.deleted,
    }))
}

/// The chunks of a recording from the next one up to that were lost with the books before a restore; `false`: they were
/// not, and nothing changed. The recording goes on with chunk `until`, whose `previous` hash this is.
///
/// # Errors
/// [`StoreError::Dangling`] without the session.
pub async fn skip(
    db: &mut PgConnection,
    session: SessionId,
    path: &str,
    until: u64,
    previous: &[u8; 32],
) -> Result<bool, StoreError> {
    let until = i64::try_from(until).unwrap_or(i64::MAX);
    let next = sqlx::query_scalar!(
        r#"SELECT COALESCE(r.chunks, 0) AS "next!" FROM installation i
             JOIN audit_logs a ON a.id = $1 AND a.start_time <= i.restored_at
             LEFT JOIN recordings r ON r.session_id = a.id
            WHERE COALESCE(r.updated_at < i.restored_at AND NOT r.complete, true) AND COALESCE(r.chunks, 0) < $2"#,
        session.uuid(),
        until,
    );
    let Some(next) = next.fetch_optional(&mut *db).await? else { return Ok(false) };
    begin(&mut *db, session, path).await?;
    sqlx::query!(
        "UPDATE recordings SET chunks = $2, head_hash = $3, updated_at = NOW() WHERE session_id = $1",
        session.uuid(),
        until,
        previous.as_slice(),
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "INSERT INTO recording_gaps (session_id, from_seq, until_seq) VALUES ($1, $2, $3)",
        session.uuid(),
        next,
        until,
    )
    .execute(db)
    .await?;
    Ok(true)
}

/// The gaps of a recording: from the first chunk that is lost to the first that is there again.
///
/// # Errors
/// [`StoreError`].
pub async fn gaps(pool: &PgPool, session: SessionId) -> Result<Vec<Range<u64>>, StoreError> {
    let rows = sqlx::query!(
        "SELECT from_seq, until_seq FROM recording_gaps WHERE session_id = $1 ORDER BY from_seq",
        session.uuid()
    );
    let rows = rows.fetch_all(pool).await?;
    Ok(rows.into_iter().map(|row| row.from_seq.unsigned_abs()..row.until_seq.unsigned_abs()).collect())
}

async fn begin(db: &mut PgConnection, session: SessionId, path: &str) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO recordings (session_id, path, head_hash) VALUES ($1, $2, decode(repeat('00', 32), 'hex'))
         ON CONFLICT DO NOTHING",
        session.uuid(),
        path,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "UPDATE audit_logs SET recording_path = $2 WHERE id = $1 AND recording_path IS NULL",
        session.uuid(),
        path,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes a chunk that is durable; `false`: it is not the next one, and nothing changed. With the first one the
/// session's `recording_path` is set, once. One that was deleted is to be emptied again: the chunk may have been on its way.
///
/// # Errors
/// [`StoreError::Dangling`] without the session.
pub async fn arrived(db: &mut PgConnection, path: &str, chunk: Arrival<'_>) -> Result<bool, StoreError> {
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    if chunk.seq == 0 {
        begin(&mut *db, chunk.session_id, path).await?;
    }
    let done = sqlx::query!(
        "UPDATE recordings SET chunks = chunks + 1, size_bytes = size_bytes + $3, duration_ms = GREATEST(duration_ms, $4),
                head_hash = $5, complete = $6, updated_at = NOW(), emptied_at = NULL
          WHERE session_id = $1 AND chunks = $2 AND NOT complete",
        chunk.session_id.uuid(),
        number(chunk.seq),
        number(chunk.size_bytes),
        number(chunk.until_ms),
        chunk.hash.as_slice(),
        chunk.last,
    );
    Ok(done.execute(db).await?.rows_affected() > 0)
}
