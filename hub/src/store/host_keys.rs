//! Host keys, pinned at first use. A pinned key is never replaced here; the satellite compares.

use openpam_ids::TargetId;
use sqlx::PgPool;

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
