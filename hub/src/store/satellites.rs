//! Satellites: the nodes at the sites, as the books know them. Whether one is connected now is in `sites`.

use openpam_ids::{SatelliteId, ZoneId};
use openpam_proto::snapshot::PolicyVersion;
use sqlx::{PgConnection, PgPool};

use super::kinds::{Transport, ZoneType};
use super::{Page, StoreError};
use crate::text::plain;
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
    /// The serial number of the certificate that it was given last.
    pub certificate_serial: Option<Vec<u8>>,
    /// Until when that certificate is good.
    pub certificate_expires_at: Option<Time>,
    /// Set aside because its identity was used twice.
    pub quarantined: bool,
    /// It was away for too long, came back, and waits for an admin's word since then.
    pub readmission_asked_at: Option<Time>,
    /// An admin said yes; its next renewal until then succeeds.
    pub readmission_until: Option<Time>,
    /// Revoked by an admin, for good.
    pub revoked: bool,
    /// Epoch of the policy by which it decides, as it said last.
    pub policy_epoch: Option<i64>,
    /// Its version.
    pub policy_version: Option<i64>,
    /// Since when it has it.
    pub policy_taken_at: Option<Time>,
    /// Why it refused a newer one, in its own words.
    pub policy_refused: Option<String>,
    /// For so many seconds without the hub anything goes on by the one that it has, at most.
    pub longest_offline_seconds: Option<i64>,
    /// Recorded bytes that wait there, as it said last.
    pub spool_bytes: Option<i64>,
    /// Audit events that wait there, as it said last.
    pub events_waiting: Option<i64>,
    /// Whether targets of its zone are desktops.
    pub has_desktops: bool,
}

impl Satellite {
    /// The policy by which it decides, as it said last.
    #[must_use]
    pub fn policy(&self) -> Option<PolicyVersion> {
        let (epoch, version) = self.policy_epoch.zip(self.policy_version)?;
        Some(PolicyVersion { epoch: epoch.unsigned_abs(), version: version.unsigned_abs() })
    }
}

/// What a renewal is judged by.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// SHA-256 of its public key (SPKI).
    pub key_sha256: Vec<u8>,
    /// What serves its zone.
    pub zone_type: ZoneType,
    /// Revoked for good.
    pub revoked: bool,
    /// Set aside.
    pub quarantined: bool,
    /// Of the last certificate.
    pub generation: i64,
    /// With which that was asked for.
    pub nonce: Option<Vec<u8>>,
    /// That certificate and its intermediates.
    pub chain: Option<Vec<Vec<u8>>>,
    /// It has run out meanwhile.
    pub expired: bool,
    /// An admin let it back in after a quarantine.
    pub released: bool,
    /// An admin let it back in after a long absence.
    pub readmitted: bool,
}

/// One satellite.
///
/// # Errors
/// [`StoreError`].
pub async fn find(pool: &PgPool, id: SatelliteId) -> Result<Option<Satellite>, StoreError> {
    Ok(select(pool, Some(id), None, Page { limit: 1, after: None }).await?.pop())
}

/// The one that serves a zone, if one has joined.
///
/// # Errors
/// [`StoreError`].
pub async fn of_zone(pool: &PgPool, zone: ZoneId) -> Result<Option<Satellite>, StoreError> {
    let rows = select(pool, None, Some(zone), Page { limit: 100, after: None }).await?;
    Ok(rows.into_iter().find(|row| !row.revoked))
}

/// All satellites, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(pool: &PgPool, page: Page) -> Result<Vec<Satellite>, StoreError> {
    select(pool, None, None, page).await
}

async fn select(
    pool: &PgPool,
    only: Option<SatelliteId>,
    zone: Option<ZoneId>,
    page: Page,
) -> Result<Vec<Satellite>, StoreError> {
    let rows = sqlx::query_as!(
        Satellite,
        r#"SELECT s.id, s.zone_id, z.name AS zone, s.name, s.key_sha256, s.certificate_serial, s.version,
                  s.joined_at AS "joined_at: Time", s.last_seen AS "last_seen: Time",
                  s.certificate_expires_at AS "certificate_expires_at: Time",
                  (s.quarantined_at IS NOT NULL) AS "quarantined!",
                  s.readmission_asked_at AS "readmission_asked_at: Time",
                  s.readmission_until AS "readmission_until: Time", (s.revoked_at IS NOT NULL) AS "revoked!",
                  s.policy_epoch, s.policy_version, s.policy_taken_at AS "policy_taken_at: Time", s.policy_refused,
                  p.longest_offline_seconds AS "longest_offline_seconds?", s.spool_bytes, s.events_waiting,
                  EXISTS (SELECT 1 FROM targets t WHERE t.zone_id = s.zone_id AND t.protocol <> 'ssh' AND t.enabled) AS "has_desktops!"
             FROM satellites s JOIN zones z ON z.id = s.zone_id
             LEFT JOIN policy_snapshots p
                    ON p.zone_id = s.zone_id AND p.version = s.policy_version AND p.epoch = s.policy_epoch
            WHERE ($1::uuid IS NULL OR s.id = $1) AND ($2::uuid IS NULL OR s.zone_id = $2)
              AND ($3::uuid IS NULL OR s.id < $3)
            ORDER BY s.id DESC LIMIT $4"#,
        only.map(SatelliteId::uuid),
        zone.map(ZoneId::uuid),
        page.after,
        page.rows(),
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// The zones whose satellite may be there: one that is neither revoked nor set aside.
///
/// # Errors
/// [`StoreError`].
pub async fn zones(pool: &PgPool) -> Result<Vec<ZoneId>, StoreError> {
    let zones = sqlx::query_scalar!(
        "SELECT DISTINCT zone_id FROM satellites WHERE revoked_at IS NULL AND quarantined_at IS NULL"
    );
    Ok(zones.fetch_all(pool).await?.into_iter().map(Into::into).collect())
}

/// Which of these may not be connected, each with whether it was revoked; otherwise it was set aside.
///
/// # Errors
/// [`StoreError`].
pub async fn expelled(
    pool: &PgPool,
    connected: &[SatelliteId],
) -> Result<Vec<(SatelliteId, bool)>, StoreError> {
    let connected: Vec<_> = connected.iter().map(|satellite| satellite.uuid()).collect();
    let rows = sqlx::query!(
        r#"SELECT id, revoked_at IS NOT NULL AS "revoked!" FROM satellites
            WHERE id = ANY($1) AND (revoked_at IS NOT NULL OR quarantined_at IS NOT NULL)"#,
        &connected,
    );
    Ok(rows.fetch_all(pool).await?.into_iter().map(|row| (row.id.into(), row.revoked)).collect())
}

/// What waits at a site for the hub.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    /// Recorded bytes.
    pub spool_bytes: u64,
    /// Audit events.
    pub events: u64,
}

/// Notes that it is connected (with what), or was until now; `waiting`: as it said last, if it did.
///
/// # Errors
/// [`StoreError`].
pub async fn seen(
    pool: &PgPool,
    id: SatelliteId,
    version: &str,
    transport: Transport,
    note: Option<&str>,
    waiting: Option<Waiting>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE satellites SET last_seen = NOW(), version = $2, transport = $3, transport_note = $4,
                spool_bytes = COALESCE($5, spool_bytes), events_waiting = COALESCE($6, events_waiting)
          WHERE id = $1",
        id.uuid(),
        plain(version, 100),
        transport.as_str(),
        note.map(|note| plain(note, 500)),
        waiting.map(|waiting| column(waiting.spool_bytes)),
        waiting.map(|waiting| column(waiting.events)),
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Notes by which policy it decides, and why it refused a newer one, in its own words.
///
/// # Errors
/// [`StoreError`].
pub async fn holds_policy(
    pool: &PgPool,
    id: SatelliteId,
    policy: Option<PolicyVersion>,
    refused: Option<&str>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE satellites
            SET policy_epoch = $2, policy_version = $3, policy_refused = $4,
                policy_taken_at = CASE WHEN (policy_epoch, policy_version) IS DISTINCT FROM ($2::bigint, $3::bigint)
                                       THEN NOW() ELSE policy_taken_at END
          WHERE id = $1",
        id.uuid(),
        policy.map(|policy| column(policy.epoch)),
        policy.map(|policy| column(policy.version)),
        refused.map(|reason| plain(reason, 500)),
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Notes the certificate that it was given when it joined: with it renewals begin anew.
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
        "UPDATE satellites
            SET certificate_serial = $2, certificate_expires_at = $3, certificate_chain = NULL,
                renewal_generation = 0, renewal_nonce = NULL
          WHERE id = $1",
        id.uuid(),
        serial,
        expires_at as Time,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What a renewal is judged by; the row is locked until the transaction ends.
///
/// # Errors
/// [`StoreError`].
pub async fn renewal(db: &mut PgConnection, id: SatelliteId) -> Result<Option<Renewal>, StoreError> {
    let row = sqlx::query_as!(
        Renewal,
        r#"SELECT s.key_sha256, z.type AS zone_type, (s.revoked_at IS NOT NULL) AS "revoked!",
                  (s.quarantined_at IS NOT NULL) AS "quarantined!", s.renewal_generation AS generation,
                  s.renewal_nonce AS nonce, s.certificate_chain AS chain,
                  COALESCE(s.certificate_expires_at <= NOW(), FALSE) AS "expired!", s.renewal_released AS released,
                  COALESCE(s.readmission_until > NOW(), FALSE) AS "readmitted!"
             FROM satellites s JOIN zones z ON z.id = s.zone_id
            WHERE s.id = $1 FOR UPDATE OF s"#,
        id.uuid(),
    );
    Ok(row.fetch_optional(db).await?)
}

/// A certificate that was given at a renewal.
#[derive(Clone, Copy, Debug)]
pub struct Renewed<'a> {
    /// Its generation.
    pub generation: i64,
    /// With which it was asked for.
    pub nonce: &'a [u8],
    /// It and its intermediates, DER.
    pub chain: &'a [Vec<u8>],
    /// Its serial number.
    pub serial: &'a [u8],
    /// Until when it is good.
    pub expires_at: Time,
}

/// Notes a renewal.
///
/// # Errors
/// [`StoreError`].
pub async fn renewed(db: &mut PgConnection, id: SatelliteId, by: Renewed<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE satellites
            SET renewal_generation = $2, renewal_nonce = $3, certificate_chain = $4, certificate_serial = $5,
                certificate_expires_at = $6, renewal_released = FALSE, readmission_asked_at = NULL,
                readmission_until = NULL
          WHERE id = $1",
        id.uuid(),
        by.generation,
        by.nonce,
        by.chain,
        by.serial,
        by.expires_at as Time,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Sets it aside; `false`: it was already.
///
/// # Errors
/// [`StoreError`].
pub async fn quarantine(db: &mut PgConnection, id: SatelliteId) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE satellites SET quarantined_at = NOW(), renewal_released = FALSE
          WHERE id = $1 AND quarantined_at IS NULL",
        id.uuid()
    );
    Ok(done.execute(db).await?.rows_affected() > 0)
}

/// An admin lets it back in: whichever machine renews next is it. `false`: it is not quarantined.
///
/// # Errors
/// [`StoreError`].
pub async fn release(db: &mut PgConnection, id: SatelliteId) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE satellites SET quarantined_at = NULL, renewal_released = TRUE
          WHERE id = $1 AND quarantined_at IS NOT NULL AND revoked_at IS NULL",
        id.uuid()
    );
    Ok(done.execute(db).await?.rows_affected() > 0)
}

/// Notes that it came back after too long; `false`: that was known.
///
/// # Errors
/// [`StoreError`].
pub async fn ask_readmission(db: &mut PgConnection, id: SatelliteId) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE satellites SET readmission_asked_at = NOW() WHERE id = $1 AND readmission_asked_at IS NULL",
        id.uuid()
    );
    Ok(done.execute(db).await?.rows_affected() > 0)
}

/// An admin lets it back in for a day; `false`: it did not ask.
///
/// # Errors
/// [`StoreError`].
pub async fn readmit(db: &mut PgConnection, id: SatelliteId) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE satellites SET readmission_until = NOW() + INTERVAL '1 day'
          WHERE id = $1 AND readmission_asked_at IS NOT NULL AND revoked_at IS NULL",
        id.uuid()
    );
    Ok(done.execute(db).await?.rows_affected() > 0)
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

fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
