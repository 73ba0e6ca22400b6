//! What a site decides by, read from the books: the snapshot that it holds.

use anyhow::Context;
use openpam_ids::ZoneId;
use openpam_policy::Policy;
use openpam_proto::snapshot::PolicyVersion;
use sqlx::PgPool;
use tokio::task::spawn_blocking;

use super::{UNPACKING, decompress};
use crate::store::policy;

/// Reads a snapshot of a zone; `None`: it is not kept any more.
///
/// # Errors
/// If the books fail, or what they kept is damaged.
pub async fn read(pool: &PgPool, zone: ZoneId, version: PolicyVersion) -> anyhow::Result<Option<Policy>> {
    let Some(body) = policy::of_version(pool, zone, version).await? else { return Ok(None) };
    unpack(zone, body).await.map(Some)
}

/// What a site decides by, as far as it is known.
#[derive(Clone, Debug)]
pub struct SitePolicy {
    /// Which.
    pub version: PolicyVersion,
    /// Whether the site holds it; otherwise it is the newest.
    pub held: bool,
    /// Its facts.
    pub policy: Policy,
}

/// Reads the snapshot that a zone's site holds, or else the newest; `None`: none was issued yet.
///
/// # Errors
/// If the books fail, or what they kept is damaged.
pub async fn of_site(
    pool: &PgPool,
    zone: ZoneId,
    holds: Option<PolicyVersion>,
) -> anyhow::Result<Option<SitePolicy>> {
    if let Some(version) = holds
        && let Some(policy) = read(pool, zone, version).await?
    {
        return Ok(Some(SitePolicy { version, held: true, policy }));
    }
    let Some((version, body)) = policy::newest(pool, zone).await? else { return Ok(None) };
    Ok(Some(SitePolicy { version, held: false, policy: unpack(zone, body).await? }))
}

async fn unpack(zone: ZoneId, body: Vec<u8>) -> anyhow::Result<Policy> {
    let turn = UNPACKING.acquire().await?;
    let policy = spawn_blocking(move || {
        let _turn = turn;
        Ok(Policy::read(&decompress(&body)?.records()?, zone)?)
    });
    policy.await.context("a kept policy was not read")?
}
