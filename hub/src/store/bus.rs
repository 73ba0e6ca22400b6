//! `bus_outbox`: events of the books that the bus has not taken yet.

use sqlx::{PgConnection, PgPool, Postgres, Transaction};

use super::StoreError;
use crate::time::Time;

/// The oldest of them, by their places in the books.
///
/// # Errors
/// [`StoreError`].
pub async fn waiting(db: &mut PgConnection, limit: i64) -> Result<Vec<i64>, StoreError> {
    let waiting = sqlx::query_scalar!("SELECT event_id FROM bus_outbox ORDER BY event_id LIMIT $1", limit);
    Ok(waiting.fetch_all(db).await?)
}

/// Begins to tell: one hub instance at a time does; `None`: another one does.
///
/// # Errors
/// [`StoreError`].
pub async fn begin(pool: &PgPool) -> Result<Option<Transaction<'static, Postgres>>, StoreError> {
    let mut turn = pool.begin().await?;
    let ours = sqlx::query_scalar!(
        r#"SELECT pg_try_advisory_xact_lock(hashtextextended('openpam_bus', 0)) AS "ours!""#
    );
    Ok(ours.fetch_one(&mut *turn).await?.then_some(turn))
}

/// What waits for the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// So many events.
    pub events: i64,
    /// When the oldest of them was kept.
    pub oldest: Option<Time>,
}

/// How much waits, since when.
///
/// # Errors
/// [`StoreError`].
pub async fn backlog(pool: &PgPool) -> Result<Backlog, StoreError> {
    let backlog = sqlx::query_as!(
        Backlog,
        r#"SELECT count(*) AS "events!", min(received_at) AS "oldest: Time"
           FROM bus_outbox JOIN audit_events ON id = event_id"#
    );
    Ok(backlog.fetch_one(pool).await?)
}

/// The bus has these, or nobody will ask for them.
///
/// # Errors
/// [`StoreError`].
pub async fn forget(db: &mut PgConnection, events: &[i64]) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM bus_outbox WHERE event_id = ANY($1)", events).execute(db).await?;
    Ok(())
}
