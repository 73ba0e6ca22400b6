//! Zones: the sites.

use openpam_ids::{SatelliteId, ZoneId};
use sqlx::{PgConnection, PgPool};

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
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// The satellite that has joined and is not revoked.
    pub satellite_id: Option<SatelliteId>,
    /// When that satellite was last heard of.
    pub satellite_last_seen: Option<Time>,
    /// Whether that satellite is quarantined.
    pub satellite_quarantined: bool,
}

/// One zone.
///
/// # Errors
/// [`StoreError`].
pub async fn find(pool: &PgPool, id: ZoneId) -> Result<Option<Zone>, StoreError> {
    Ok(select(pool, Some(id), None, Page { limit: 1, after: None }).await?.pop())
}

/// Zones, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(pool: &PgPool, page: Page) -> Result<Vec<Zone>, StoreError> {
    select(pool, None, None, page).await
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
    pool: &PgPool,
    only: Option<ZoneId>,
    of_type: Option<ZoneType>,
    page: Page,
) -> Result<Vec<Zone>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT z.id, z.name, z.type AS zone_type, z.description, z.enabled,
                  z.created_at AS "created_at!: Time", z.updated_at AS "updated_at!: Time",
                  s.id AS "satellite_id?", s.last_seen AS "last_seen?: Time",
                  (s.quarantined_at IS NOT NULL) AS "quarantined!"
             FROM zones z LEFT JOIN satellites s ON s.zone_id = z.id AND s.revoked_at IS NULL
            WHERE ($1::uuid IS NULL OR z.id = $1) AND ($2::uuid IS NULL OR z.id < $2)
              AND ($4::text IS NULL OR z.type = $4)
            ORDER BY z.id DESC LIMIT $3"#,
        only.map(ZoneId::uuid),
        page.after,
        page.rows(),
        of_type.map(ZoneType::as_str),
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Zone {
            id: row.id.into(),
            name: row.name,
            zone_type: row.zone_type.into(),
            description: row.description,
            enabled: row.enabled,
            created_at: row.created_at,
            updated_at: row.updated_at,
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
) -> Result<ZoneId, StoreError> {
    let id = ZoneId::generate();
    sqlx::query!(
        "INSERT INTO zones (id, name, type, description) VALUES ($1, $2, $3, $4)",
        id.uuid(),
        name,
        zone_type.as_str(),
        description,
    )
    .execute(db)
    .await?;
    Ok(id)
}

/// Enables or disables a zone; `false`: there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn set_enabled(db: &mut PgConnection, id: ZoneId, enabled: bool) -> Result<bool, StoreError> {
    let done =
        sqlx::query!("UPDATE zones SET enabled = $2, updated_at = NOW() WHERE id = $1", id.uuid(), enabled);
    Ok(done.execute(db).await?.rows_affected() > 0)
}
