//! Zones: the sites.

use openpam_ids::{SatelliteId, ZoneId};
use serde::Serialize;
use sqlx::{PgConnection, PgExecutor, PgPool};

use super::change::{Deleted, Held};
use super::kinds::ZoneType;
use super::{Page, StoreError};
use crate::time::Time;

/// A zone and its living satellite, if it has one.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Which.
    pub id: ZoneId,
    /// Its name, unique.
    pub name: String,
    /// What serves it.
    pub zone_type: ZoneType,
    /// For people.
    pub description: Option<String>,
    /// Whether its targets may be opened.
    pub enabled: bool,
    /// How many days its recordings are kept after their sessions' end; absent: for ever.
    pub retention_days: Option<i32>,
    /// Whether nothing of it is deleted, however old.
    pub legal_hold: bool,
    /// On whose clocks the site works: a name of the IANA database.
    pub timezone: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Its changes so far.
    pub version: i64,
    /// When it was deleted, if it was.
    pub retired_at: Option<Time>,
    /// The satellite that has joined and is not revoked.
    pub satellite_id: Option<SatelliteId>,
    /// When that satellite was last heard of.
    pub satellite_last_seen: Option<Time>,
    /// Whether that satellite is quarantined.
    pub satellite_quarantined: bool,
}

/// What of a zone can be changed.
#[derive(Clone, Debug, Serialize)]
pub struct Fields {
    /// Its name.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// Whether its targets may be opened.
    pub enabled: bool,
    /// How many days its recordings are kept after their sessions' end; absent: for ever.
    pub retention_days: Option<i32>,
    /// Whether nothing of it is deleted, however old.
    pub legal_hold: bool,
    /// On whose clocks the site works: a name of the IANA database.
    pub timezone: String,
}

/// What keeps a zone from being deleted.
#[derive(Clone, Copy, Debug)]
pub struct InUse {
    /// So many targets stand in it.
    pub targets: i64,
    /// Whether a satellite serves it.
    pub satellite: bool,
}

/// One zone.
///
/// # Errors
/// [`StoreError`].
pub async fn find(db: impl PgExecutor<'_>, id: ZoneId) -> Result<Option<Zone>, StoreError> {
    Ok(select(db, Some(id), None, Page { limit: 1, after: None }).await?.pop())
}

/// The zone of that name, of those that are not retired.
///
/// # Errors
/// [`StoreError`].
pub async fn named(pool: &PgPool, name: &str) -> Result<Option<ZoneId>, StoreError> {
    let id = sqlx::query_scalar!("SELECT id FROM zones WHERE name = $1 AND retired_at IS NULL", name);
    Ok(id.fetch_optional(pool).await?.map(Into::into))
}

/// Zones that are not retired, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(db: impl PgExecutor<'_>, page: Page) -> Result<Vec<Zone>, StoreError> {
    select(db, None, None, page).await
}

/// The hub's own enabled zones.
///
/// # Errors
/// [`StoreError`].
pub async fn own(pool: &PgPool, page: Page) -> Result<Vec<Zone>, StoreError> {
    let zones = select(pool, None, Some(ZoneType::Hub), page).await?;
    Ok(zones.into_iter().filter(|zone| zone.enabled).collect())
}

/// Whether a satellite ever joined it.
///
/// # Errors
/// [`StoreError`].
pub async fn had_satellite(pool: &PgPool, id: ZoneId) -> Result<bool, StoreError> {
    let had = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM satellites WHERE zone_id = $1) AS "had!""#,
        id.uuid()
    );
    Ok(had.fetch_one(pool).await?)
}

async fn select(
    db: impl PgExecutor<'_>,
    only: Option<ZoneId>,
    of_type: Option<ZoneType>,
    page: Page,
) -> Result<Vec<Zone>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT z.id, z.name, z.type AS zone_type, z.description, z.enabled, z.retention_days, z.legal_hold, z.timezone,
                  z.created_at AS "created_at!: Time", z.updated_at AS "updated_at!: Time",
                  z.version, z.retired_at AS "retired_at: Time",
                  s.id AS "satellite_id?", s.last_seen AS "last_seen?: Time",
                  (s.quarantined_at IS NOT NULL) AS "quarantined!"
             FROM zones z LEFT JOIN satellites s ON s.zone_id = z.id AND s.revoked_at IS NULL
            WHERE (($1::uuid IS NULL AND z.retired_at IS NULL) OR z.id = $1) AND ($2::uuid IS NULL OR z.id < $2)
              AND ($4::text IS NULL OR z.type = $4)
            ORDER BY z.id DESC LIMIT $3"#,
        only.map(ZoneId::uuid),
        page.after,
        page.rows(),
        of_type.map(ZoneType::as_str),
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Zone {
            id: row.id.into(),
            name: row.name,
            zone_type: row.zone_type.into(),
            description: row.description,
            enabled: row.enabled,
            retention_days: row.retention_days,
            legal_hold: row.legal_hold,
            timezone: row.timezone,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            retired_at: row.retired_at,
            satellite_id: row.satellite_id.map(Into::into),
            satellite_last_seen: row.last_seen,
            satellite_quarantined: row.quarantined,
        })
        .collect())
}

/// Makes a zone.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if the name is taken.
pub async fn create(
    db: &mut PgConnection,
    name: &str,
    zone_type: ZoneType,
    description: Option<&str>,
    timezone: &str,
) -> Result<ZoneId, StoreError> {
    let id = ZoneId::generate();
    sqlx::query!(
        "INSERT INTO zones (id, name, type, description, timezone) VALUES ($1, $2, $3, $4, $5)",
        id.uuid(),
        name,
        zone_type.as_str(),
        description,
        timezone,
    )
    .execute(db)
    .await?;
    Ok(id)
}

/// Holds a zone for a change; `None`: there is none, or it is retired.
///
/// # Errors
/// [`StoreError`].
pub async fn hold(db: &mut PgConnection, id: ZoneId) -> Result<Option<Held<Fields>>, StoreError> {
    let row = sqlx::query!(
        "SELECT version, name, description, enabled, retention_days, legal_hold, timezone FROM zones
          WHERE id = $1 AND retired_at IS NULL FOR UPDATE",
        id.uuid(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Held {
        version: row.version,
        fields: Fields {
            name: row.name,
            description: row.description,
            enabled: row.enabled,
            retention_days: row.retention_days,
            legal_hold: row.legal_hold,
            timezone: row.timezone,
        },
    }))
}

/// Changes a zone that is held.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if the name is taken.
pub async fn change(db: &mut PgConnection, id: ZoneId, fields: &Fields) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE zones SET name = $2, description = $3, enabled = $4, retention_days = $5, legal_hold = $6, timezone = $7,
                version = version + 1, updated_at = NOW()
          WHERE id = $1",
        id.uuid(),
        fields.name,
        fields.description,
        fields.enabled,
        fields.retention_days,
        fields.legal_hold,
        fields.timezone,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What still uses a zone that is held.
///
/// # Errors
/// [`StoreError`].
pub async fn in_use(db: &mut PgConnection, id: ZoneId) -> Result<InUse, StoreError> {
    let used = sqlx::query_as!(
        InUse,
        r#"SELECT (SELECT count(*) FROM targets WHERE zone_id = $1 AND retired_at IS NULL) AS "targets!",
                  EXISTS (SELECT 1 FROM satellites WHERE zone_id = $1 AND revoked_at IS NULL) AS "satellite!""#,
        id.uuid(),
    );
    Ok(used.fetch_one(db).await?)
}

/// Deletes a zone that is held and not in use, with its grants; its join tokens are worth nothing any more.
///
/// # Errors
/// [`StoreError`].
pub async fn delete(db: &mut PgConnection, id: ZoneId) -> Result<Deleted, StoreError> {
    let removed = sqlx::query!(
        "DELETE FROM zones z WHERE z.id = $1
            AND NOT EXISTS (SELECT 1 FROM targets t WHERE t.zone_id = z.id)
            AND NOT EXISTS (SELECT 1 FROM satellites s WHERE s.zone_id = z.id)
            AND NOT EXISTS (SELECT 1 FROM join_tokens k WHERE k.zone_id = z.id)",
        id.uuid(),
    )
    .execute(&mut *db)
    .await?;
    if removed.rows_affected() > 0 {
        return Ok(Deleted::Removed);
    }
    sqlx::query!("DELETE FROM grants WHERE zone_id = $1", id.uuid()).execute(&mut *db).await?;
    sqlx::query!(
        "UPDATE join_tokens SET revoked_at = NOW() WHERE zone_id = $1 AND revoked_at IS NULL",
        id.uuid()
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "UPDATE zones SET enabled = false, retired_at = NOW(), version = version + 1, updated_at = NOW()
          WHERE id = $1",
        id.uuid(),
    )
    .execute(db)
    .await?;
    Ok(Deleted::Retired)
}
