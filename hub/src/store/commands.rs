//! `site_commands`: what satellites are ordered to do, how far it is and what came of it.
//!
//! A command is over once: whoever says so second changes nothing.

use openpam_ids::{CommandId, SatelliteId, SessionId, UserId, ZoneId};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::kinds::{CommandKind, CommandState};
use super::{Page, StoreError};
use crate::time::Time;

/// A command.
#[derive(Clone, Debug)]
pub struct Command {
    /// Which.
    pub id: CommandId,
    /// Whose.
    pub satellite_id: SatelliteId,
    /// That machine's name.
    pub satellite: String,
    /// Its zone.
    pub zone_id: ZoneId,
    /// That zone's name.
    pub zone: String,
    /// What.
    pub kind: CommandKind,
    /// The session that it is about.
    pub session_id: Option<Uuid>,
    /// Who ordered it.
    pub ordered_by: UserId,
    /// Their user name.
    pub user: String,
    /// When.
    pub ordered_at: Time,
    /// Past this nobody does it.
    pub expires_at: Time,
    /// Where it stands.
    pub state: CommandState,
    /// How far it is.
    pub percent: i16,
    /// At what it is, in the satellite's words.
    pub step: Option<String>,
    /// Since when it is over.
    pub finished_at: Option<Time>,
    /// Why it failed.
    pub failed_code: Option<String>,
    /// What came of it, in the satellite's words.
    pub message: Option<String>,
    /// What a diagnosis found.
    pub findings: Value,
    /// How much it collected, in bytes as they came.
    pub output_bytes: Option<i32>,
}

/// A command to keep.
#[derive(Clone, Debug)]
pub struct New {
    /// Which.
    pub id: CommandId,
    /// Whose.
    pub satellite_id: SatelliteId,
    /// What.
    pub kind: CommandKind,
    /// The session that it is about.
    pub session_id: Option<SessionId>,
    /// Who orders it.
    pub ordered_by: UserId,
    /// Past this nobody does it.
    pub expires_at: Time,
}

/// Keeps a command, unless as many of the satellite's are unfinished as may be; whether it did.
///
/// # Errors
/// [`StoreError`].
pub async fn create(db: &mut PgConnection, new: &New, most: i64) -> Result<bool, StoreError> {
    // Whoever orders at the same time waits, so that the count holds.
    sqlx::query!("SELECT id FROM satellites WHERE id = $1 FOR NO KEY UPDATE", new.satellite_id.uuid())
        .fetch_optional(&mut *db)
        .await?;
    let kept = sqlx::query!(
        "INSERT INTO site_commands (id, satellite_id, kind, session_id, ordered_by, expires_at)
         SELECT $1, $2, $3, $4, $5, $6
          WHERE (SELECT COUNT(*) FROM site_commands WHERE satellite_id = $2 AND finished_at IS NULL) < $7",
        new.id.uuid(),
        new.satellite_id.uuid(),
        new.kind.as_str(),
        new.session_id.map(SessionId::uuid),
        new.ordered_by.uuid(),
        new.expires_at as Time,
        most,
    );
    Ok(kept.execute(db).await?.rows_affected() == 1)
}

/// Which commands to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<CommandId>,
    /// Only this satellite's.
    pub satellite_id: Option<SatelliteId>,
    /// Only unfinished ones, or only those that are over.
    pub unfinished: Option<bool>,
}

/// Commands, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(pool: &PgPool, filter: Filter, page: Page) -> Result<Vec<Command>, StoreError> {
    let rows = sqlx::query_as!(
        Command,
        r#"SELECT c.id, c.satellite_id, s.name AS satellite, s.zone_id, z.name AS zone, c.kind, c.session_id,
                  c.ordered_by, u.username AS user, c.ordered_at AS "ordered_at: Time", c.expires_at AS "expires_at: Time",
                  c.state, c.percent, c.step, c.finished_at AS "finished_at: Time", c.failed_code, c.message, c.findings,
                  octet_length(c.output) AS output_bytes
             FROM site_commands c
             JOIN satellites s ON s.id = c.satellite_id JOIN zones z ON z.id = s.zone_id
             JOIN users u ON u.id = c.ordered_by
            WHERE ($1::uuid IS NULL OR c.id = $1) AND ($2::uuid IS NULL OR c.satellite_id = $2)
              AND ($3::boolean IS NULL OR (c.finished_at IS NULL) = $3) AND ($4::uuid IS NULL OR c.id < $4)
            ORDER BY c.id DESC LIMIT $5"#,
        filter.id.map(CommandId::uuid),
        filter.satellite_id.map(SatelliteId::uuid),
        filter.unfinished,
        page.after,
        page.rows(),
    );
    Ok(rows.fetch_all(pool).await?)
}

/// One command.
///
/// # Errors
/// [`StoreError`].
pub async fn find(pool: &PgPool, id: CommandId) -> Result<Option<Command>, StoreError> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    Ok(list(pool, filter, Page { limit: 1, after: None }).await?.pop())
}

/// The unfinished commands of a satellite, oldest first.
///
/// # Errors
/// [`StoreError`].
pub async fn unfinished(pool: &PgPool, satellite: SatelliteId) -> Result<Vec<Command>, StoreError> {
    let filter = Filter { satellite_id: Some(satellite), unfinished: Some(true), ..Filter::default() };
    let mut commands = list(pool, filter, Page { limit: 500, after: None }).await?;
    commands.reverse();
    Ok(commands)
}

/// The satellites that have unfinished commands.
///
/// # Errors
/// [`StoreError`].
pub async fn satellites(pool: &PgPool) -> Result<Vec<SatelliteId>, StoreError> {
    let rows =
        sqlx::query_scalar!("SELECT DISTINCT satellite_id FROM site_commands WHERE finished_at IS NULL");
    Ok(rows.fetch_all(pool).await?.into_iter().map(Into::into).collect())
}

/// It is on its way to its site.
///
/// # Errors
/// [`StoreError`].
pub async fn sent(pool: &PgPool, ids: &[CommandId]) -> Result<(), StoreError> {
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    sqlx::query!("UPDATE site_commands SET state = 'sent' WHERE id = ANY($1) AND state = 'waiting'", &ids)
        .execute(pool)
        .await?;
    Ok(())
}

/// Its site works on it.
///
/// # Errors
/// [`StoreError`].
pub async fn progress(
    pool: &PgPool,
    id: CommandId,
    satellite: SatelliteId,
    percent: i16,
    step: &str,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE site_commands SET state = 'running', percent = GREATEST(percent, $3), step = $4
          WHERE id = $1 AND satellite_id = $2 AND finished_at IS NULL",
        id.uuid(),
        satellite.uuid(),
        percent,
        step
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// What came of it, as its site says.
#[derive(Clone, Debug)]
pub struct Outcome<'a> {
    /// Which.
    pub id: CommandId,
    /// Whose.
    pub satellite_id: SatelliteId,
    /// Why it failed.
    pub failed: Option<&'a str>,
    /// For people.
    pub message: &'a str,
    /// What a diagnosis found.
    pub findings: &'a Value,
}

/// It is over, as its site says. Returns its kind and who ordered it, if it was not over before.
///
/// # Errors
/// [`StoreError`].
pub async fn finish(
    db: &mut PgConnection,
    outcome: Outcome<'_>,
) -> Result<Option<(CommandKind, UserId)>, StoreError> {
    let row = sqlx::query!(
        "UPDATE site_commands
            SET state = CASE WHEN $3::text IS NULL THEN 'done' ELSE 'failed' END, finished_at = NOW(), failed_code = $3,
                message = $4, findings = $5, step = NULL, percent = CASE WHEN $3::text IS NULL THEN 100 ELSE percent END
          WHERE id = $1 AND satellite_id = $2 AND finished_at IS NULL
          RETURNING kind, ordered_by",
        outcome.id.uuid(),
        outcome.satellite_id.uuid(),
        outcome.failed,
        outcome.message,
        outcome.findings,
    );
    Ok(row.fetch_optional(db).await?.map(|row| (row.kind.into(), row.ordered_by.into())))
}

/// Nobody wants it any more; whether it was unfinished.
///
/// # Errors
/// [`StoreError`].
pub async fn withdraw(db: &mut PgConnection, id: CommandId) -> Result<bool, StoreError> {
    let stopped = sqlx::query!(
        "UPDATE site_commands SET state = 'withdrawn', finished_at = NOW() WHERE id = $1 AND finished_at IS NULL",
        id.uuid()
    );
    Ok(stopped.execute(db).await?.rows_affected() == 1)
}

/// Those whose time is over are over; which they were.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(db: &mut PgConnection) -> Result<Vec<CommandId>, StoreError> {
    let expired = sqlx::query_scalar!(
        "UPDATE site_commands SET state = 'expired', finished_at = NOW()
          WHERE finished_at IS NULL AND expires_at <= NOW() RETURNING id"
    );
    Ok(expired.fetch_all(db).await?.into_iter().map(Into::into).collect())
}

/// Keeps what it collected; whether it was unfinished and that satellite's.
///
/// # Errors
/// [`StoreError`].
pub async fn keep_output(
    pool: &PgPool,
    id: CommandId,
    satellite: SatelliteId,
    output: &[u8],
) -> Result<bool, StoreError> {
    let kept = sqlx::query!(
        "UPDATE site_commands SET output = $3
          WHERE id = $1 AND satellite_id = $2 AND kind = 'collect_logs' AND finished_at IS NULL",
        id.uuid(),
        satellite.uuid(),
        output
    );
    Ok(kept.execute(pool).await?.rows_affected() == 1)
}

/// What it collected.
///
/// # Errors
/// [`StoreError`].
pub async fn output(pool: &PgPool, id: CommandId) -> Result<Option<Vec<u8>>, StoreError> {
    let output = sqlx::query_scalar!("SELECT output FROM site_commands WHERE id = $1", id.uuid());
    Ok(output.fetch_optional(pool).await?.flatten())
}

/// Forgets those that are over for long.
///
/// # Errors
/// [`StoreError`].
pub async fn forget_old(pool: &PgPool, days: i32) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM site_commands WHERE finished_at < NOW() - make_interval(days => $1)", days)
        .execute(pool)
        .await?;
    Ok(())
}
