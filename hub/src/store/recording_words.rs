//! By which words recordings are found. The words are hashes; what makes them is not here.

use openpam_ids::SessionId;
use sqlx::PgPool;

use super::StoreError;

/// The newest complete recording whose words are not kept yet.
///
/// # Errors
/// [`StoreError`].
pub async fn next(pool: &PgPool) -> Result<Option<SessionId>, StoreError> {
    let next = sqlx::query_scalar!(
        "SELECT r.session_id FROM recordings r
          WHERE r.complete AND NOT EXISTS (SELECT 1 FROM recording_words w WHERE w.session_id = r.session_id)
          ORDER BY r.session_id DESC LIMIT 1",
    );
    Ok(next.fetch_optional(pool).await?.map(Into::into))
}

/// Keeps the words of a recording, once.
///
/// # Errors
/// [`StoreError`].
pub async fn keep(pool: &PgPool, session: SessionId, words: &[i64], whole: bool) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO recording_words (session_id, words, whole) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        session.uuid(),
        words,
        whole,
    )
    .execute(pool)
    .await?;
    Ok(())
}
