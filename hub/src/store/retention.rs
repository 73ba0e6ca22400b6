//! Recordings that are kept no longer. Their rows stay: they say what there was.

use openpam_ids::SessionId;
use sqlx::{PgConnection, PgPool};

use super::StoreError;
use crate::time::Time;

/// A recording that was just deleted.
#[derive(Clone, Debug)]
pub struct Expired {
    /// Of which session.
    pub session_id: SessionId,
    /// Where that was, by the zone's name.
    pub zone: String,
    /// How many days that zone keeps recordings.
    pub retention_days: i32,
    /// When the session ended.
    pub end_time: Time,
    /// How many chunks were there.
    pub chunks: i64,
    /// What they took, in bytes.
    pub size_bytes: i64,
    /// The last chunk's hash.
    pub head_hash: Vec<u8>,
}

/// Deletes at most `limit` recordings, oldest first, that their zones kept long enough; not where a legal hold stands.
/// Whoever changes such a zone waits until this is written.
///
/// # Errors
/// [`StoreError`].
pub async fn delete_expired(
    db: &mut PgConnection,
    now: Time,
    limit: i64,
) -> Result<Vec<Expired>, StoreError> {
    let rows = sqlx::query!(
        r#"WITH expired AS (
               SELECT r.session_id, z.name, z.retention_days, a.end_time
                 FROM recordings r
                 JOIN audit_logs a ON a.id = r.session_id
                 JOIN targets t ON t.id = a.target_id
                 JOIN zones z ON z.id = t.zone_id
                WHERE r.deleted_at IS NULL AND NOT z.legal_hold
                  AND a.end_time < $1::timestamptz - make_interval(days => z.retention_days)
                ORDER BY r.session_id LIMIT $2
                  FOR UPDATE OF r SKIP LOCKED FOR SHARE OF z
           ), found_no_more AS (
               DELETE FROM recording_words w USING expired WHERE w.session_id = expired.session_id
           )
           UPDATE recordings r SET deleted_at = $1 FROM expired WHERE r.session_id = expired.session_id
           RETURNING r.session_id, expired.name AS "zone!", expired.retention_days AS "retention_days!",
                     expired.end_time AS "end_time!: Time", r.chunks, r.size_bytes, r.head_hash"#,
        now as Time,
        limit,
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Expired {
            session_id: row.session_id.into(),
            zone: row.zone,
            retention_days: row.retention_days,
            end_time: row.end_time,
            chunks: row.chunks,
            size_bytes: row.size_bytes,
            head_hash: row.head_hash,
        })
        .collect())
}

/// At most `limit` recordings that were deleted before that time and whose chunks may still be there: session and folder.
///
/// # Errors
/// [`StoreError`].
pub async fn to_empty(
    pool: &PgPool,
    deleted_before: Time,
    limit: i64,
) -> Result<Vec<(SessionId, String)>, StoreError> {
    let rows = sqlx::query!(
        "SELECT session_id, path FROM recordings WHERE deleted_at < $1 AND emptied_at IS NULL ORDER BY deleted_at LIMIT $2",
        deleted_before as Time,
        limit,
    );
    let rows = rows.fetch_all(pool).await?;
    Ok(rows.into_iter().map(|row| (row.session_id.into(), row.path)).collect())
}

/// Notes that nothing of it is there any more.
///
/// # Errors
/// [`StoreError`].
pub async fn emptied(pool: &PgPool, session: SessionId) -> Result<(), StoreError> {
    sqlx::query!("UPDATE recordings SET emptied_at = NOW() WHERE session_id = $1", session.uuid())
        .execute(pool)
        .await?;
    Ok(())
}
