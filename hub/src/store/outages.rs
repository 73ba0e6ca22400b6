//! `outages`: when sites were without their hub, and the reports on what they decided meanwhile.

use openpam_ids::{SatelliteId, Uuid, ZoneId};
use openpam_proto::event::SiteAway;
use serde_json::Value;
use sqlx::{PgConnection, PgPool};

use super::{Page, StoreError};
use crate::time::Time;

/// A time in which a site was without its hub.
#[derive(Clone, Debug)]
pub struct Outage {
    /// Which.
    pub id: Uuid,
    /// Whose.
    pub satellite_id: SatelliteId,
    /// Its zone.
    pub zone_id: ZoneId,
    /// That zone's name.
    pub zone: String,
    /// From when on.
    pub since: Time,
    /// Until when.
    pub until: Time,
    /// By which policy it decided meanwhile.
    pub policy_version: Option<i64>,
    /// The newest policy of its zone at its return.
    pub newest_version: Option<i64>,
    /// How many sessions it had meanwhile; absent: the report is not made yet.
    pub sessions: Option<i32>,
    /// How many decisions would have been others.
    pub difference_count: i32,
    /// These, at most a thousand.
    pub differences: Value,
}

/// Keeps what a site said, as far as it can be: no time before it joined or to come, none twice. What is left of it must have
/// been a second.
///
/// # Errors
/// [`StoreError`].
pub async fn add(db: &mut PgConnection, satellite: SatelliteId, away: &SiteAway) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO outages (id, event_id, satellite_id, since, until, policy_version, newest_version)
         SELECT $1, $2, $3, said.since, said.until, $6,
                (SELECT MAX(p.version) FROM policy_snapshots p JOIN satellites s ON s.zone_id = p.zone_id WHERE s.id = $3)
           FROM (SELECT GREATEST($4::timestamptz, s.joined_at,
                                 (SELECT MAX(o.until) FROM outages o WHERE o.satellite_id = s.id)) AS since,
                        LEAST($5::timestamptz, NOW()) AS until
                   FROM satellites s WHERE s.id = $3) said
          WHERE said.until >= said.since + INTERVAL '1 second' ON CONFLICT (event_id) DO NOTHING",
        Uuid::now_v7(),
        away.event_id.uuid(),
        satellite.uuid(),
        Time::from_ms(away.since_ms) as Time,
        Time::from_ms(away.at_ms) as Time,
        away.policy.map(|policy| i64::try_from(policy.version).unwrap_or(i64::MAX)),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// One outage.
///
/// # Errors
/// [`StoreError`].
pub async fn find(pool: &PgPool, id: Uuid) -> Result<Option<Outage>, StoreError> {
    Ok(select(pool, Some(id), None, false, Page { limit: 1, after: None }).await?.pop())
}

/// The outages of all sites or of one zone, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(pool: &PgPool, zone: Option<ZoneId>, page: Page) -> Result<Vec<Outage>, StoreError> {
    select(pool, None, zone, false, page).await
}

/// Those whose report is not made yet: the oldest one of each site.
///
/// # Errors
/// [`StoreError`].
pub async fn pending(pool: &PgPool) -> Result<Vec<Outage>, StoreError> {
    select(pool, None, None, true, Page { limit: 100, after: None }).await
}

async fn select(
    pool: &PgPool,
    only: Option<Uuid>,
    zone: Option<ZoneId>,
    pending: bool,
    page: Page,
) -> Result<Vec<Outage>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT o.id, o.satellite_id, s.zone_id, z.name AS zone, o.since AS "since: Time", o.until AS "until: Time",
                  o.policy_version, o.newest_version, o.sessions, o.difference_count, o.differences
             FROM outages o JOIN satellites s ON s.id = o.satellite_id JOIN zones z ON z.id = s.zone_id
            WHERE ($1::uuid IS NULL OR o.id = $1) AND ($2::uuid IS NULL OR s.zone_id = $2)
              AND (NOT $3 OR (o.sessions IS NULL
                   AND NOT EXISTS (SELECT 1 FROM outages p
                                    WHERE p.satellite_id = o.satellite_id AND p.sessions IS NULL AND p.id < o.id)))
              AND ($4::uuid IS NULL OR o.id < $4)
            ORDER BY o.id DESC LIMIT $5"#,
        only,
        zone.map(ZoneId::uuid),
        pending,
        page.after,
        page.rows(),
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Outage {
            id: row.id,
            satellite_id: row.satellite_id.into(),
            zone_id: row.zone_id.into(),
            zone: row.zone,
            since: row.since,
            until: row.until,
            policy_version: row.policy_version,
            newest_version: row.newest_version,
            sessions: row.sessions,
            difference_count: row.difference_count,
            differences: row.differences,
        })
        .collect())
}

/// Keeps a report; the first one stays.
///
/// # Errors
/// [`StoreError`].
pub async fn reported(
    pool: &PgPool,
    id: Uuid,
    sessions: usize,
    count: usize,
    differences: &Value,
) -> Result<(), StoreError> {
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    sqlx::query!(
        "UPDATE outages SET sessions = $2, difference_count = $3, differences = $4 WHERE id = $1 AND sessions IS NULL",
        id,
        number(sessions),
        number(count),
        differences
    )
    .execute(pool)
    .await?;
    Ok(())
}
