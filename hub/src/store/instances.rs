//! `hub_instances`: the hubs on these books that are there now. Who was not heard of for a while is not.

use std::time::Duration;

use openpam_ids::HubId;
use sqlx::PgPool;
use uuid::Uuid;

use super::StoreError;
use crate::time::Time;

/// Without a beat for so long an instance is not there.
pub const GONE_AFTER: Duration = Duration::from_secs(10);
/// More are not listened to.
const MAX_INSTANCES: i64 = 32;

/// A hub instance that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Which.
    pub id: HubId,
    /// Where satellites reach it: `host:port`.
    pub addresses: Vec<String>,
    /// Its program's version.
    pub version: String,
    /// The mark of the place where its recordings lie, once that is known.
    pub recordings: Option<Uuid>,
    /// Since when it runs.
    pub started_at: Time,
}

/// What an instance says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Beat<'a> {
    /// Which.
    pub id: HubId,
    /// Where satellites reach it: `host:port`.
    pub addresses: &'a [String],
    /// The mark of the place where its recordings lie, once that is known.
    pub recordings: Option<Uuid>,
    /// Whether it has just begun.
    pub begins: bool,
}

/// An instance says that it is there. Rows that nobody keeps any more are forgotten.
///
/// # Errors
/// [`StoreError`].
pub async fn beat(pool: &PgPool, beat: Beat<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO hub_instances (id, addresses, version, recordings) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET addresses = $2, version = $3, recordings = $4, seen_at = NOW(),
                started_at = CASE WHEN $5 THEN NOW() ELSE hub_instances.started_at END",
        beat.id.uuid(),
        beat.addresses,
        env!("CARGO_PKG_VERSION"),
        beat.recordings,
        beat.begins,
    )
    .execute(pool)
    .await?;
    sqlx::query!("DELETE FROM hub_instances WHERE seen_at < NOW() - make_interval(days => 1)")
        .execute(pool)
        .await?;
    Ok(())
}

/// An instance goes.
///
/// # Errors
/// [`StoreError`].
pub async fn remove(pool: &PgPool, id: HubId) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM hub_instances WHERE id = $1", id.uuid()).execute(pool).await?;
    Ok(())
}

/// Notifies whoever listens to that channel of PostgreSQL.
///
/// # Errors
/// [`StoreError`].
pub async fn notify(pool: &PgPool, channel: &str, text: &str) -> Result<(), StoreError> {
    sqlx::query!("SELECT pg_notify($1, $2)", channel, text).execute(pool).await?;
    Ok(())
}

/// Those that are there, by their ids.
///
/// # Errors
/// [`StoreError`].
pub async fn present(pool: &PgPool) -> Result<Vec<Instance>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id, addresses, version, recordings, started_at AS "started_at: Time" FROM hub_instances
            WHERE seen_at > NOW() - make_interval(secs => $1) ORDER BY id LIMIT $2"#,
        GONE_AFTER.as_secs_f64(),
        MAX_INSTANCES,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Instance {
            id: row.id.into(),
            addresses: row.addresses,
            version: row.version,
            recordings: row.recordings,
            started_at: row.started_at,
        })
        .collect())
}
