//! By which words recordings are found. The words are hashes; what makes them is not here.

use openpam_ids::SessionId;
use sqlx::PgPool;

use super::StoreError;
use super::kinds::Protocol;

/// The newest complete recording whose words are not kept yet, and what was recorded.
///
/// # Errors
/// [`StoreError`].
pub async fn next(pool: &PgPool) -> Result<Option<(SessionId, Protocol)>, StoreError> {
    let next = sqlx::query!(
        "SELECT r.session_id, t.protocol FROM recordings r
           JOIN audit_logs a ON a.id = r.session_id
           JOIN targets t ON t.id = a.target_id
          WHERE r.complete AND r.deleted_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM recording_words w WHERE w.session_id = r.session_id)
          ORDER BY r.session_id DESC LIMIT 1",
    );
    Ok(next.fetch_optional(pool).await?.map(|row| (row.session_id.into(), row.protocol.into())))
}

/// Keeps the words of a recording, once, unless it was deleted.
///
/// # Errors
/// [`StoreError`].
pub async fn keep(pool: &PgPool, session: SessionId, words: &[i64], whole: bool) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO recording_words (session_id, words, whole)
         SELECT session_id, $2, $3 FROM recordings WHERE session_id = $1 AND deleted_at IS NULL FOR SHARE
         ON CONFLICT DO NOTHING",
        session.uuid(),
        words,
        whole,
    )
    .execute(pool)
    .await?;
    Ok(())
}
