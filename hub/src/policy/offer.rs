//! Hands a zone's policy to its site: whole, or what changed since the one that the site holds, from where it was cut off.

use anyhow::Context;
use aws_lc_rs::digest;
use openpam_ids::ZoneId;
use openpam_link::channel::Channel;
use openpam_policy::Update;
use openpam_proto::snapshot::{Current, MAX_BODY_BYTES, Offer, PolicyVersion, SnapshotHeader, ToSite};
use tokio::task::spawn_blocking;

use super::{UNPACKING, compress, decompress};
use crate::app::Hub;
use crate::store::policy;

/// Bytes in one frame: a slow line carries something else in between soon.
const PIECE_BYTES: usize = 16 * 1024;

/// Answers a site that asks for its zone's policy.
///
/// # Errors
/// If the books or the line fail; the site asks again.
pub async fn serve(hub: &Hub, zone: ZoneId, header: SnapshotHeader, channel: Channel) -> anyhow::Result<()> {
    let mut writer = channel.writer;
    let Some((policy, body)) = choose(hub, zone, &header).await? else {
        writer.send(&ToSite::Current(Current {})).await?;
        writer.finish().await;
        return Ok(());
    };
    anyhow::ensure!(body.len() as u64 <= MAX_BODY_BYTES, "the policy of a zone is too large to travel");
    let sha256 = sha256(&body);
    let begun = header.part.filter(|part| part.sha256 == sha256).map_or(0, |part| part.bytes);
    let rest = usize::try_from(begun).ok().and_then(|begun| body.get(begun..));
    let (from, rest) = rest.map_or((0, body.as_slice()), |rest| (begun, rest));
    writer.send(&ToSite::Offer(Offer { policy, sha256, bytes: body.len() as u64, from })).await?;
    let mut offset = from;
    for piece in rest.chunks(PIECE_BYTES) {
        writer.send_data(offset, piece).await?;
        offset += piece.len() as u64;
    }
    writer.finish().await;
    Ok(())
}

/// What is begun goes on as long as it is kept: a line that is cut again and again still comes to an end.
async fn choose(
    hub: &Hub,
    zone: ZoneId,
    header: &SnapshotHeader,
) -> anyhow::Result<Option<(PolicyVersion, Vec<u8>)>> {
    if let Some(part) = &header.part
        && let Some(begun) = policy::with_body(&hub.pool, zone, &part.sha256).await?
    {
        return Ok(Some(begun));
    }
    let Some((newest, whole)) = policy::newest(&hub.pool, zone).await? else { return Ok(None) };
    let Some(held) = &header.held else { return Ok(Some((newest, whole))) };
    let Some(base) = policy::with_records(&hub.pool, zone, &held[..]).await? else {
        return Ok(Some((newest, whole)));
    };
    let _turn = UNPACKING.acquire().await?;
    let body = spawn_blocking(move || {
        let (base, newest) = (decompress(&base)?, decompress(&whole)?);
        let (base, records) = (base.records()?, newest.records()?);
        let delta = compress(&Update::delta(newest.signed, &base, &records))?;
        anyhow::Ok(if delta.len() < whole.len() { delta } else { whole })
    });
    let body = body.await?.context("what changed in a zone's policy was not worked out")?;
    Ok(Some((newest, body)))
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest::digest(&digest::SHA256, bytes).as_ref().try_into().unwrap_or_default()
}
