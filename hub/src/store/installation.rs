//! Which installation this database is of, and whether it was restored from a backup.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::StoreError;
use crate::time::Time;

/// Its identity and epoch.
#[derive(Clone, Copy, Debug)]
pub struct Installation {
    /// Shared by all hub instances on this database.
    pub id: Uuid,
    /// Raised when it is restored from a backup.
    pub epoch: u64,
    /// The last restore.
    pub restored: Option<Restored>,
}

/// A restore.
#[derive(Clone, Copy, Debug)]
pub struct Restored {
    /// Of when the backup was.
    pub backup_at: Time,
    /// When it was restored.
    pub at: Time,
}

impl Restored {
    /// Whether what happened then was lost with the books before.
    #[must_use]
    pub fn lost(&self, at: Time) -> bool {
        self.backup_at <= at && at <= self.at
    }
}

/// Reads the one row.
///
/// # Errors
/// [`StoreError`].
pub async fn read(pool: &PgPool) -> Result<Installation, StoreError> {
    let row = sqlx::query!(
        r#"SELECT id, epoch, backup_at AS "backup_at: Time", restored_at AS "restored_at: Time" FROM installation"#
    );
    let row = row.fetch_one(pool).await?;
    let restored = row.backup_at.zip(row.restored_at).map(|(backup_at, at)| Restored { backup_at, at });
    Ok(Installation { id: row.id, epoch: row.epoch.unsigned_abs(), restored })
}

/// What a restore took back, because it may have been withdrawn since the backup.
#[derive(Clone, Copy, Debug)]
pub struct TakenBack {
    /// Sign-ins.
    pub sign_ins: u64,
    /// Join tokens that had not been used.
    pub tokens: u64,
    /// Satellites of the hub's own zones: they were on the machine that is gone.
    pub own_satellites: u64,
}

/// Books were restored from a backup of that time: raises the epoch, and takes back what may have been withdrawn
/// since. For the owner of the books. Gives the epoch from now on.
///
/// # Errors
/// [`StoreError`].
pub async fn restored(owner: &mut PgConnection, backup_at: Time) -> Result<(u64, TakenBack), StoreError> {
    let epoch = sqlx::query_scalar!(
        "UPDATE installation SET epoch = epoch + 1, backup_at = $1, restored_at = NOW() RETURNING epoch",
        backup_at as Time
    )
    .fetch_one(&mut *owner)
    .await?;
    let sign_ins = sqlx::query!(
        "UPDATE sign_in_sessions SET revoked_at = NOW() WHERE revoked_at IS NULL AND expires_at > NOW()"
    );
    let sign_ins = sign_ins.execute(&mut *owner).await?.rows_affected();
    let tokens = sqlx::query!(
        "UPDATE join_tokens SET revoked_at = NOW() WHERE revoked_at IS NULL AND used_at IS NULL AND expires_at > NOW()"
    );
    let tokens = tokens.execute(&mut *owner).await?.rows_affected();
    let own = sqlx::query!(
        "UPDATE satellites s SET revoked_at = NOW() FROM zones z
          WHERE z.id = s.zone_id AND z.type = 'hub' AND s.revoked_at IS NULL"
    );
    let own_satellites = own.execute(owner).await?.rows_affected();
    Ok((epoch.unsigned_abs(), TakenBack { sign_ins, tokens, own_satellites }))
}
