//! Which installation this database is of.

use sqlx::PgPool;
use uuid::Uuid;

use super::StoreError;

/// Its identity and epoch.
#[derive(Clone, Copy, Debug)]
pub struct Installation {
    /// Shared by all hub instances on this database.
    pub id: Uuid,
    /// Raised when it is restored from a backup.
    pub epoch: u64,
}

/// Reads the one row.
///
/// # Errors
/// [`StoreError`].
pub async fn read(pool: &PgPool) -> Result<Installation, StoreError> {
    let row = sqlx::query!("SELECT id, epoch FROM installation").fetch_one(pool).await?;
    Ok(Installation { id: row.id, epoch: row.epoch.unsigned_abs() })
}
