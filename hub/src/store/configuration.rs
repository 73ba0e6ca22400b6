//! The whole configuration at one moment: to be read, or to be changed by nobody else meanwhile.

use sqlx::{PgConnection, PgPool, Postgres, Transaction};

use super::StoreError;

/// PostgreSQL's code for a lock that was not given in time.
const NOT_GIVEN: &str = "55P03";
/// The lock is asked for so often, each time for half a second.
const ATTEMPTS: u32 = 20;

/// A transaction in which everything is as it was at its beginning.
///
/// # Errors
/// [`StoreError`].
pub async fn begin_to_read(pool: &PgPool) -> Result<Transaction<'static, Postgres>, StoreError> {
    Ok(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
}

/// A transaction that alone may change what admins keep; others read on, and wait with their changes until it is over.
///
/// # Errors
/// [`StoreError::Unavailable`] if others change it all the time.
pub async fn begin_alone(pool: &PgPool) -> Result<Transaction<'static, Postgres>, StoreError> {
    let mut attempt = 1;
    loop {
        let mut tx = pool.begin().await?;
        match lock(&mut tx).await {
            Ok(()) => return Ok(tx),
            Err(error) if was_not_given(&error) && attempt < ATTEMPTS => attempt += 1,
            Err(error) if was_not_given(&error) => return Err(StoreError::Unavailable(error)),
            Err(error) => return Err(error.into()),
        }
    }
}

async fn lock(db: &mut PgConnection) -> Result<(), sqlx::Error> {
    // Shorter than PostgreSQL waits before it looks for a deadlock: we give way, and nobody's request fails for us.
    sqlx::query!("SELECT set_config('lock_timeout', '500ms', true)").fetch_one(&mut *db).await?;
    sqlx::query!("LOCK TABLE users, groups, zones, targets, group_members, grants IN EXCLUSIVE MODE")
        .execute(&mut *db)
        .await?;
    sqlx::query!("SELECT set_config('lock_timeout', '30s', true)").fetch_one(db).await?;
    Ok(())
}

fn was_not_given(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|inner| inner.code()).is_some_and(|code| code == NOT_GIVEN)
}
