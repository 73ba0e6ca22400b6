//! Satellites: the nodes at the sites, as the books know them. Whether one is connected now is in `sites`.

use openpam_ids::{SatelliteId, ZoneId};
use sqlx::{PgConnection, PgPool};

use super::kinds::Transport;
use super::{Page, StoreError};
use crate::time::Time;

/// A satellite.
#[derive(Clone, Debug)]
pub struct Satellite {
    /// Which.
    pub id: SatelliteId,
    /// Its zone.
    pub zone_id: ZoneId,
    /// That zone's name.
    pub zone: String,
    /// The machine's name.
    pub name: String,
    /// SHA-256 of its public key (SPKI).
    pub key_sha256: Vec<u8>,
    /// The version it said last.
    pub version: Option<String>,
    /// When it joined.
    pub joined_at: Time,
    /// When it was last heard of.
    pub last_seen: Option<Time>,
    /// Until when its certificate is good.
    pub certificate_expires_at: Option<Time>,
    /// Set aside because its identity was used twice.
    pub quarantined: bool,
    /// Revoked by an admin, for good.
    pub revoked: bool,
}

/// One satellite.
///
/// # Errors
/// [`StoreError`].
pub async fn find(pool: &PgPool, id: SatelliteId) -> Result<Option<Satellite>, StoreError> {
    Ok(select(pool, Some(id), Page { limit: 1, after: None }).await?.pop())
}

/// All satellites, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(pool: &PgPool, page: Page) -> Result<Vec<Satellite>, StoreError> {
    select(pool, None, page).await
}

async fn select(pool: &PgPool, only: Option<SatelliteId>, page: Page) -> Result<Vec<Satellite>, StoreError> {
    let rows = sqlx::query_as!(
        Satellite,
        r#"SELECT s.id, s.zone_id, z.name AS zone, s.name, s.key_sha256, s.version,
                  s.joined_at AS "joined_at: Time", s.last_seen AS "last_seen: Time",
                  s.certificate_expires_at AS "certificate_expires_at: Time",
                  (s.quarantined_at IS NOT NULL) AS "quarantined!", (s.revoked_at IS NOT NULL) AS "revoked!"
             FROM satellites s JOIN zones z ON z.id = s.zone_id
            WHERE ($1::uuid IS NULL OR s.id = $1) AND ($2::uuid IS NULL OR s.id < $2)
            ORDER BY s.id DESC LIMIT $3"#,
        only.map(SatelliteId::uuid),
        page.after,
        page.rows(),
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// Notes that it is connected (with what), or was until now.
///
/// # Errors
/// [`StoreError`].
pub async fn seen(
    pool: &PgPool,
    id: SatelliteId,
    version: &str,
    transport: Transport,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE satellites SET last_seen = NOW(), version = $2, transport = $3 WHERE id = $1",
        id.uuid(),
        version.chars().take(100).collect::<String>(),
        transport.as_str(),
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Notes the certificate it was given.
///
/// # Errors
/// [`StoreError`].
pub async fn certified(
    db: &mut PgConnection,
    id: SatelliteId,
    serial: &[u8],
    expires_at: Time,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE satellites SET certificate_serial = $2, certificate_expires_at = $3 WHERE id = $1",
        id.uuid(),
        serial,
        expires_at as Time,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Revokes it for good; `false`: there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn revoke(db: &mut PgConnection, id: SatelliteId) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE satellites SET revoked_at = COALESCE(revoked_at, NOW()) WHERE id = $1",
        id.uuid()
    );
    Ok(done.execute(db).await?.rows_affected() > 0)
}
