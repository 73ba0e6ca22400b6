//! Hands a zone's policy to its site: whole, or what changed since the one that the site holds, from where it was cut off.
//!
//! One at a time to each site: who asks again is answered instead of before, so that a site costs the hub no more than one body.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use openpam_ids::ZoneId;
use openpam_link::channel::{Channel, ChannelWriter};
use openpam_link::identity::sha256;
use openpam_policy::Update;
use openpam_proto::snapshot::{Current, MAX_BODY_BYTES, Offer, PolicyVersion, SnapshotHeader, ToSite};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{UNPACKING, compress, decompress};
use crate::app::Hub;
use crate::store::policy;

/// Bytes in one frame: a slow line carries something else in between soon.
const PIECE_BYTES: usize = 16 * 1024;
/// A site that takes no piece for so long is not there.
const STALLED: Duration = Duration::from_secs(60);
/// Deltas that are kept to go on with, all together: when full, they begin anew.
const MAX_DELTA_BYTES: usize = 64 * 1024 * 1024;

/// What is on its way to sites. Those of each zone are one entry.
#[derive(Debug, Default)]
pub struct Offers(Mutex<HashMap<ZoneId, Offered>>);

#[derive(Debug, Default)]
struct Offered {
    /// Cancelled by the next one.
    turn: CancellationToken,
    /// The delta that was made last, unless it is small: a line that is cut again and again still gets to its end.
    delta: Option<Arc<Delta>>,
}

#[derive(Debug)]
struct Delta {
    /// To what this leads.
    policy: PolicyVersion,
    /// From records with this hash.
    base: [u8; 32],
    sha256: [u8; 32],
    bytes: Vec<u8>,
}

impl Offers {
    fn turn(&self, zone: ZoneId) -> CancellationToken {
        let turn = CancellationToken::new();
        let mut offers = self.offers();
        std::mem::replace(&mut offers.entry(zone).or_default().turn, turn.clone()).cancel();
        turn
    }

    fn delta(&self, zone: ZoneId) -> Option<Arc<Delta>> {
        self.offers().get(&zone)?.delta.clone()
    }

    fn keep(&self, zone: ZoneId, delta: Arc<Delta>) {
        let mut offers = self.offers();
        let kept: usize = offers.values().filter_map(|offer| Some(offer.delta.as_ref()?.bytes.len())).sum();
        if kept + delta.bytes.len() > MAX_DELTA_BYTES {
            offers.values_mut().for_each(|offer| offer.delta = None);
        }
        offers.entry(zone).or_default().delta = Some(delta);
    }

    fn offers(&self) -> MutexGuard<'_, HashMap<ZoneId, Offered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a site is sent.
enum Body {
    Whole(PolicyVersion, Vec<u8>),
    Delta(Arc<Delta>),
}

impl Body {
    fn policy(&self) -> PolicyVersion {
        match self {
            Self::Whole(policy, _) => *policy,
            Self::Delta(delta) => delta.policy,
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Whole(_, bytes) => bytes,
            Self::Delta(delta) => &delta.bytes,
        }
    }

    fn sha256(&self) -> [u8; 32] {
        match self {
            Self::Whole(_, bytes) => sha256(bytes),
            Self::Delta(delta) => delta.sha256,
        }
    }
}

/// Answers a site that asks for its zone's policy; what it asked for before is not answered any more.
///
/// # Errors
/// If the books or the line fail; the site asks again.
pub async fn serve(hub: &Hub, zone: ZoneId, header: SnapshotHeader, channel: Channel) -> anyhow::Result<()> {
    let turn = hub.offers.turn(zone);
    tokio::select! {
        () = turn.cancelled() => Ok(()),
        sent = send(hub, zone, header, channel.writer) => sent,
    }
}

async fn send(
    hub: &Hub,
    zone: ZoneId,
    header: SnapshotHeader,
    mut writer: ChannelWriter,
) -> anyhow::Result<()> {
    let Some(body) = choose(hub, zone, &header).await? else {
        writer.send(&ToSite::Current(Current {})).await?;
        writer.finish().await;
        return Ok(());
    };
    let (bytes, sha256) = (body.bytes(), body.sha256());
    anyhow::ensure!(bytes.len() as u64 <= MAX_BODY_BYTES, "the policy of a zone is too large to travel");
    let begun = header.part.filter(|part| part.sha256 == sha256).map_or(0, |part| part.bytes);
    let rest = usize::try_from(begun).ok().and_then(|begun| bytes.get(begun..));
    let (from, rest) = rest.map_or((0, bytes), |rest| (begun, rest));
    let offer = Offer { policy: body.policy(), sha256, bytes: bytes.len() as u64, from };
    writer.send(&ToSite::Offer(offer)).await?;
    let mut offset = from;
    for piece in rest.chunks(PIECE_BYTES) {
        timeout(STALLED, writer.send_data(offset, piece)).await.context("the site takes nothing")??;
        offset += piece.len() as u64;
    }
    writer.finish().await;
    Ok(())
}

/// What is begun goes on as long as it is kept: a line that is cut again and again still comes to an end.
async fn choose(hub: &Hub, zone: ZoneId, header: &SnapshotHeader) -> anyhow::Result<Option<Body>> {
    let held = header.held.as_ref().map(|held| **held);
    let kept = hub.offers.delta(zone).filter(|delta| Some(delta.base) == held);
    if let Some(part) = &header.part {
        if let Some(delta) = kept.as_ref().filter(|delta| delta.sha256 == part.sha256) {
            return Ok(Some(Body::Delta(delta.clone())));
        }
        if let Some((policy, whole)) = policy::with_body(&hub.pool, zone, &part.sha256).await? {
            return Ok(Some(Body::Whole(policy, whole)));
        }
    }
    let Some((newest, whole)) = policy::newest(&hub.pool, zone).await? else { return Ok(None) };
    let Some(held) = held else { return Ok(Some(Body::Whole(newest, whole))) };
    if let Some(delta) = kept.filter(|delta| delta.policy == newest) {
        return Ok(Some(Body::Delta(delta)));
    }
    let Some(base) = policy::with_records(&hub.pool, zone, &held).await? else {
        return Ok(Some(Body::Whole(newest, whole)));
    };
    let turn = UNPACKING.acquire().await?;
    let body = spawn_blocking(move || {
        let _turn = turn;
        let (base, update) = (decompress(&base)?, decompress(&whole)?);
        let (base, records) = (base.records()?, update.records()?);
        let bytes = compress(&Update::delta(update.signed, &base, &records))?;
        anyhow::Ok(if bytes.len() < whole.len() {
            Body::Delta(Arc::new(Delta { policy: newest, base: held, sha256: sha256(&bytes), bytes }))
        } else {
            Body::Whole(newest, whole)
        })
    });
    let body = body.await?.context("what changed in a zone's policy was not worked out")?;
    if let Body::Delta(delta) = &body
        && delta.bytes.len() > PIECE_BYTES
    {
        hub.offers.keep(zone, delta.clone());
    }
    Ok(Some(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(bytes: usize) -> Arc<Delta> {
        let policy = PolicyVersion { epoch: 1, version: 2 };
        Arc::new(Delta { policy, base: [0; 32], sha256: [1; 32], bytes: vec![0; bytes] })
    }

    #[test]
    fn whoever_asks_again_ends_what_it_asked_for_before_and_nobody_elses() {
        let (offers, one, other) = (Offers::default(), ZoneId::generate(), ZoneId::generate());
        let (first, others) = (offers.turn(one), offers.turn(other));
        assert!(!first.is_cancelled());
        let second = offers.turn(one);
        assert!(first.is_cancelled() && !second.is_cancelled() && !others.is_cancelled());
    }

    #[test]
    fn deltas_take_no_more_room_than_there_is() {
        let (offers, one, other) = (Offers::default(), ZoneId::generate(), ZoneId::generate());
        let turn = offers.turn(one);
        offers.keep(one, delta(MAX_DELTA_BYTES / 2));
        offers.keep(other, delta(MAX_DELTA_BYTES / 2));
        assert!(offers.delta(one).is_some() && offers.delta(other).is_some());
        offers.keep(other, delta(1));
        assert!(
            offers.delta(one).is_none() && offers.delta(other).is_some_and(|delta| delta.bytes.len() == 1)
        );
        assert!(!turn.is_cancelled(), "what is on its way goes on");
    }
}
