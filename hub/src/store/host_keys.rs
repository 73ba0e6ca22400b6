//! Host keys, pinned at first use; the satellite compares. Another one that a target shows is kept beside them until an
//! admin accepts it, which replaces them, or refuses it.

use openpam_ids::TargetId;
use sqlx::{PgConnection, PgPool};

use super::StoreError;
use crate::time::Time;

/// A target's key.
#[derive(Clone, Debug)]
pub struct HostKey {
    /// Whose.
    pub target_id: TargetId,
    /// Such as `ssh-ed25519`.
    pub algorithm: String,
    /// One line of OpenSSH's public key format.
    pub public_key: String,
    /// `SHA256:` and base64, as OpenSSH shows it.
    pub fingerprint: String,
    /// When it was first seen.
    pub pinned_at: Time,
}

/// The keys pinned for these targets.
///
/// # Errors
/// [`StoreError`].
pub async fn of_targets(pool: &PgPool, targets: &[TargetId]) -> Result<Vec<HostKey>, StoreError> {
    let ids: Vec<_> = targets.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        HostKey,
        r#"SELECT target_id, algorithm, public_key, fingerprint, pinned_at AS "pinned_at: Time"
             FROM host_keys WHERE target_id = ANY($1) ORDER BY target_id, algorithm"#,
        &ids,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// Pins a key unless the target has one of that algorithm; says whether it was pinned now.
///
/// # Errors
/// [`StoreError::Dangling`] without the target.
pub async fn pin(
    pool: &PgPool,
    target_id: TargetId,
    algorithm: &str,
    public_key: &str,
    fingerprint: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "INSERT INTO host_keys (target_id, algorithm, public_key, fingerprint) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
        target_id.uuid(),
        algorithm,
        public_key,
        fingerprint,
    );
    Ok(done.execute(pool).await?.rows_affected() > 0)
}

/// The key that a target showed instead of the known ones.
#[derive(Clone, Debug)]
pub struct OfferedKey {
    /// Whose.
    pub target_id: TargetId,
    /// Such as `ssh-ed25519`.
    pub algorithm: String,
    /// `SHA256:` and base64, as OpenSSH shows it.
    pub fingerprint: String,
    /// When it was last shown.
    pub offered_at: Time,
}

/// The other keys that these targets showed last.
///
/// # Errors
/// [`StoreError`].
pub async fn offered_by(pool: &PgPool, targets: &[TargetId]) -> Result<Vec<OfferedKey>, StoreError> {
    let ids: Vec<_> = targets.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        OfferedKey,
        r#"SELECT target_id, algorithm, fingerprint, offered_at AS "offered_at: Time"
             FROM offered_host_keys WHERE target_id = ANY($1)"#,
        &ids,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// Keeps the key that a target showed instead of the known ones; says whether it is another one than it showed before.
///
/// # Errors
/// [`StoreError::Dangling`] without the target.
pub async fn offer(
    db: &mut PgConnection,
    target_id: TargetId,
    algorithm: &str,
    public_key: &str,
    fingerprint: &str,
) -> Result<bool, StoreError> {
    let is_new = sqlx::query_scalar!(
        r#"WITH before AS (SELECT fingerprint FROM offered_host_keys WHERE target_id = $1),
                kept AS (INSERT INTO offered_host_keys (target_id, algorithm, public_key, fingerprint) VALUES ($1, $2, $3, $4)
                         ON CONFLICT (target_id) DO UPDATE SET algorithm = excluded.algorithm, public_key = excluded.public_key,
                                     fingerprint = excluded.fingerprint, offered_at = NOW())
           SELECT NOT EXISTS (SELECT 1 FROM before WHERE fingerprint = $4) AS "is_new!""#,
        target_id.uuid(),
        algorithm,
        public_key,
        fingerprint,
    )
    .fetch_one(db)
    .await?;
    Ok(is_new)
}

/// The other key becomes the only known one; the fingerprints of those before, or `None` if the target did not show it.
///
/// # Errors
/// [`StoreError`].
pub async fn accept(
    db: &mut PgConnection,
    target_id: TargetId,
    fingerprint: &str,
) -> Result<Option<Vec<String>>, StoreError> {
    let taken = sqlx::query!(
        "DELETE FROM offered_host_keys WHERE target_id = $1 AND fingerprint = $2 RETURNING algorithm, public_key",
        target_id.uuid(),
        fingerprint,
    );
    let Some(key) = taken.fetch_optional(&mut *db).await? else { return Ok(None) };
    let before = sqlx::query_scalar!(
        "DELETE FROM host_keys WHERE target_id = $1 RETURNING fingerprint",
        target_id.uuid()
    );
    let before = before.fetch_all(&mut *db).await?;
    sqlx::query!(
        "INSERT INTO host_keys (target_id, algorithm, public_key, fingerprint) VALUES ($1, $2, $3, $4)",
        target_id.uuid(),
        key.algorithm,
        key.public_key,
        fingerprint,
    )
    .execute(db)
    .await?;
    Ok(Some(before))
}

/// The other key is forgotten; `false` if the target did not show it. It is told anew when it is shown again.
///
/// # Errors
/// [`StoreError`].
pub async fn refuse(
    db: &mut PgConnection,
    target_id: TargetId,
    fingerprint: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "DELETE FROM offered_host_keys WHERE target_id = $1 AND fingerprint = $2",
        target_id.uuid(),
        fingerprint,
    );
    Ok(done.execute(db).await?.rows_affected() > 0)
}
