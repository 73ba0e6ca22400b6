//! Join tokens: made by an admin for one zone, redeemed by one key.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use openpam_ids::{SatelliteId, TokenId, UserId, ZoneId};
use serde::Serialize;
use sqlx::{PgConnection, PgPool};
use utoipa::ToSchema;

use super::change::{Named, must_stand};
use super::kinds::ZoneType;
use super::{Page, StoreError};
use crate::text::plain;
use crate::time::Time;

/// Where a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenState {
    /// Nobody has used it yet.
    Unused,
    /// A satellite has joined with it.
    Used,
    /// Its time is over.
    Expired,
    /// An admin withdrew it.
    Revoked,
}

/// A token without its secret.
#[derive(Clone, Debug)]
pub struct Token {
    /// Which.
    pub id: TokenId,
    /// For which zone.
    pub zone_id: ZoneId,
    /// That zone's name.
    pub zone: String,
    /// Where it stands.
    pub state: TokenState,
    /// Until when it can be used.
    pub expires_at: Time,
    /// When it was made.
    pub created_at: Time,
    /// By whom.
    pub created_by: Option<UserId>,
    /// When a satellite joined with it.
    pub used_at: Option<Time>,
    /// Which satellite that was.
    pub satellite_id: Option<SatelliteId>,
}

/// Who redeems a token.
#[derive(Clone, Copy, Debug)]
pub struct Redemption<'a> {
    /// Which token.
    pub token_id: TokenId,
    /// SHA-256 of the secret that was shown.
    pub secret_hash: &'a [u8; 32],
    /// SHA-256 of the public key (SPKI) that asks for a certificate.
    pub key_sha256: &'a [u8; 32],
    /// The machine's name, for people.
    pub host: &'a str,
    /// The program's version, for people.
    pub version: &'a str,
}

/// The token was good.
#[derive(Clone, Debug)]
pub struct Redeemed {
    /// The satellite, new or the one that repeats its join.
    pub satellite_id: SatelliteId,
    /// Its zone.
    pub zone_id: ZoneId,
    /// That zone's name.
    pub zone: String,
    /// What serves it.
    pub zone_type: ZoneType,
}

/// Why a token was refused.
#[derive(Debug, thiserror::Error)]
pub enum RedeemError {
    /// No such token, or another secret.
    #[error("unknown token")]
    Unknown,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// An admin withdrew it.
    #[error("the token was revoked")]
    Revoked,
    /// It belongs to another key.
    #[error("the token was used by another key")]
    Used,
    /// The zone has a living satellite with another key.
    #[error("the zone has a satellite already; revoke that one first")]
    ZoneTaken,
    /// The books failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<sqlx::Error> for RedeemError {
    fn from(error: sqlx::Error) -> Self {
        match error.into() {
            StoreError::AlreadyExists { .. } => Self::ZoneTaken,
            other => Self::Store(other),
        }
    }
}

/// One token.
///
/// # Errors
/// [`StoreError`].
pub async fn find(pool: &PgPool, id: TokenId) -> Result<Option<Token>, StoreError> {
    Ok(select(pool, Some(id), Page { limit: 1, after: None }).await?.pop())
}

/// All tokens, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(pool: &PgPool, page: Page) -> Result<Vec<Token>, StoreError> {
    select(pool, None, page).await
}

async fn select(pool: &PgPool, only: Option<TokenId>, page: Page) -> Result<Vec<Token>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT k.id, k.zone_id, z.name AS zone, k.expires_at AS "expires_at: Time",
                  k.created_at AS "created_at: Time", k.created_by, k.used_at AS "used_at: Time", k.satellite_id,
                  (k.revoked_at IS NOT NULL) AS "revoked!", (k.expires_at <= NOW()) AS "expired!"
             FROM join_tokens k JOIN zones z ON z.id = k.zone_id
            WHERE ($1::uuid IS NULL OR k.id = $1) AND ($2::uuid IS NULL OR k.id < $2)
            ORDER BY k.id DESC LIMIT $3"#,
        only.map(TokenId::uuid),
        page.after,
        page.rows(),
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Token {
            id: row.id.into(),
            zone_id: row.zone_id.into(),
            zone: row.zone,
            state: match (row.revoked, row.used_at.is_some(), row.expired) {
                (true, _, _) => TokenState::Revoked,
                (_, true, _) => TokenState::Used,
                (_, _, true) => TokenState::Expired,
                _ => TokenState::Unused,
            },
            expires_at: row.expires_at,
            created_at: row.created_at,
            created_by: row.created_by.map(Into::into),
            used_at: row.used_at,
            satellite_id: row.satellite_id.map(Into::into),
        })
        .collect())
}

/// Keeps a new token's hash; made by an admin, or by the hub itself.
///
/// # Errors
/// [`StoreError::Dangling`] without the zone.
pub async fn create(
    db: &mut PgConnection,
    id: TokenId,
    zone: ZoneId,
    secret_hash: &[u8; 32],
    expires_at: Time,
    by: Option<UserId>,
) -> Result<(), StoreError> {
    must_stand(db, Named::Zone(zone)).await?;
    sqlx::query!(
        "INSERT INTO join_tokens (id, zone_id, secret_hash, expires_at, created_by) VALUES ($1, $2, $3, $4, $5)",
        id.uuid(),
        zone.uuid(),
        secret_hash.as_slice(),
        expires_at as Time,
        by.map(UserId::uuid),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Withdraws a token; `false`: there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn revoke(db: &mut PgConnection, id: TokenId) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE join_tokens SET revoked_at = COALESCE(revoked_at, NOW()) WHERE id = $1",
        id.uuid()
    );
    Ok(done.execute(db).await?.rows_affected() > 0)
}

/// Checks a token and makes its satellite; the same key may repeat this until the token expires.
///
/// # Errors
/// [`RedeemError`]; nothing has changed then.
pub async fn redeem(db: &mut PgConnection, by: Redemption<'_>) -> Result<Redeemed, RedeemError> {
    let token = sqlx::query!(
        r#"SELECT k.zone_id, z.name AS zone, z.type AS zone_type, k.secret_hash, k.bound_key_sha256, k.satellite_id,
                  (k.revoked_at IS NOT NULL OR s.revoked_at IS NOT NULL) AS "revoked!",
                  (k.expires_at <= NOW()) AS "expired!"
             FROM join_tokens k
             JOIN zones z ON z.id = k.zone_id
             LEFT JOIN satellites s ON s.id = k.satellite_id
            WHERE k.id = $1 FOR UPDATE OF k"#,
        by.token_id.uuid(),
    )
    .fetch_optional(&mut *db)
    .await?
    .ok_or(RedeemError::Unknown)?;
    verify_slices_are_equal(&token.secret_hash, by.secret_hash).map_err(|_| RedeemError::Unknown)?;
    if token.revoked {
        return Err(RedeemError::Revoked);
    }
    if token.bound_key_sha256.as_ref().is_some_and(|key| key != by.key_sha256) {
        return Err(RedeemError::Used);
    }
    if token.expired {
        return Err(RedeemError::Expired);
    }
    let done = |satellite_id| Redeemed {
        satellite_id,
        zone_id: token.zone_id.into(),
        zone: token.zone.clone(),
        zone_type: token.zone_type.clone().into(),
    };
    if let Some(satellite) = token.satellite_id {
        return Ok(done(satellite.into()));
    }
    let existing = sqlx::query_scalar!(
        "SELECT id FROM satellites WHERE zone_id = $1 AND key_sha256 = $2 AND revoked_at IS NULL",
        token.zone_id,
        by.key_sha256.as_slice(),
    )
    .fetch_optional(&mut *db)
    .await?;
    let satellite = match existing {
        Some(id) => id.into(),
        None => insert_satellite(&mut *db, token.zone_id.into(), &by).await?,
    };
    sqlx::query!(
        "UPDATE join_tokens SET used_at = NOW(), bound_key_sha256 = $2, satellite_id = $3 WHERE id = $1",
        by.token_id.uuid(),
        by.key_sha256.as_slice(),
        satellite.uuid(),
    )
    .execute(db)
    .await?;
    Ok(done(satellite))
}

async fn insert_satellite(
    db: &mut PgConnection,
    zone: ZoneId,
    by: &Redemption<'_>,
) -> Result<SatelliteId, RedeemError> {
    let id = SatelliteId::generate();
    sqlx::query!(
        "INSERT INTO satellites (id, zone_id, name, key_sha256, version) VALUES ($1, $2, $3, $4, $5)",
        id.uuid(),
        zone.uuid(),
        plain(by.host, 255),
        by.key_sha256.as_slice(),
        plain(by.version, 100),
    )
    .execute(db)
    .await?;
    Ok(id)
}
