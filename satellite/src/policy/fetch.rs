//! Fetches the zone's policy over a tunnel, whenever a hub has a newer one than is held. With tunnels to several hubs one
//! fetches at a time, and after a failure the next.

use std::time::Duration;

use minicbor::bytes::ByteArray;
use openpam_link::channel::{ChannelError, Incoming};
use openpam_link::tunnel::{Tunnel, TunnelError};
use openpam_policy::{MAX_SNAPSHOT_BYTES, Malformed, Refusal, Update};
use openpam_proto::channel::ChannelHeader;
use openpam_proto::lane::{Bulk, LaneHeader};
use openpam_proto::snapshot::{MAX_BODY_BYTES, Offer, PolicyVersion, SnapshotHeader, ToSite};
use tokio::io::AsyncWriteExt;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};

use super::part::PartFile;
use super::{Policies, TakeError};

/// What failed is tried again after this.
const AGAIN: Duration = Duration::from_secs(1);
/// What was refused comes again as it was; unless there is a newer one it is asked for after this.
const REFUSED_AGAIN: Duration = Duration::from_secs(60);
/// What could not be written comes again after this: a full disk is not soon free.
const DISK_AGAIN: Duration = Duration::from_secs(30);
/// Statement, signature and lengths beside the records.
const UPDATE_HEAD_BYTES: usize = 1024;

/// Why a fetch failed.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error(transparent)]
    Tunnel(#[from] TunnelError),
    #[error(transparent)]
    Channel(#[from] ChannelError),
    #[error("the disk: {0}")]
    Disk(#[from] std::io::Error),
    #[error("the hub sent something else than it offered")]
    Protocol,
    #[error("it was cut off; it goes on from there")]
    CutOff,
    #[error("policy version {} does not count: {error}", .policy.version)]
    Take { policy: PolicyVersion, error: TakeError },
}

/// Fetches until the tunnel is gone.
pub async fn run(tunnel: &Tunnel, policies: &Policies, part: &PartFile) {
    let mut newest = policies.newest();
    let mut rest = Instant::now();
    loop {
        let wanted = *newest.borrow_and_update();
        if wanted <= policies.version() {
            if newest.changed().await.is_err() {
                return;
            }
            continue;
        }
        if rest > Instant::now() {
            tokio::select! {
                changed = newest.changed() => if changed.is_err() { return },
                () = sleep_until(rest) => {}
            }
            rest = Instant::now();
            continue;
        }
        let turn = tokio::select! {
            _ = tunnel.closed() => return,
            turn = part.turn().take() => turn,
        };
        // What came over another tunnel.
        policies.settled().await;
        let before = policies.version();
        if wanted <= before {
            continue;
        }
        let fetched = tokio::select! {
            _ = tunnel.closed() => return,
            fetched = fetch(tunnel, policies, part) => fetched,
        };
        drop(turn);
        match fetched {
            Ok(()) if policies.version() > before => {}
            Ok(()) => rest = Instant::now() + AGAIN,
            Err(error) => rest = Instant::now() + failed(policies, error),
        }
    }
}

/// Says what failed. Returns after what time it is tried again.
fn failed(policies: &Policies, error: FetchError) -> Duration {
    match error {
        FetchError::Take { policy, error: error @ TakeError::Refused(_) } => {
            tracing::error!(%error, version = policy.version, alarm = true, "the hub's policy was refused");
            policies.refuse(policy, error.to_string());
            REFUSED_AGAIN
        }
        FetchError::Take { policy, error: error @ TakeError::Store(_) } => {
            tracing::error!(%error, version = policy.version, alarm = true, "the hub's policy could not be kept");
            policies.refuse(policy, format!("it could not be kept: {error}"));
            DISK_AGAIN
        }
        FetchError::Disk(_) => {
            tracing::error!(%error, alarm = true, "the hub's policy could not be written");
            DISK_AGAIN
        }
        error => {
            tracing::warn!(%error, "the policy was not fetched; it is tried again");
            AGAIN
        }
    }
}

async fn fetch(tunnel: &Tunnel, policies: &Policies, part: &PartFile) -> Result<(), FetchError> {
    let lane = tunnel.open_lane(LaneHeader::Bulk(Bulk {})).await?;
    let held = policies.held().map(|held| ByteArray::from(held.snapshot.statement().sha256()));
    let header = SnapshotHeader { held, part: part.begun().await };
    let mut reader = lane.open_channel(&ChannelHeader::Snapshot(header)).await?.reader;
    let offer = loop {
        match reader.next_message().await? {
            Some(ToSite::Offer(offer)) => break offer,
            Some(ToSite::Unknown(_)) => {}
            Some(ToSite::Current(_)) | None => return Err(FetchError::Protocol),
        }
    };
    if offer.bytes > MAX_BODY_BYTES {
        return Err(FetchError::Take { policy: offer.policy, error: Refusal::TooLarge.into() });
    }
    if offer.from > 0 {
        let (from, bytes) = (offer.from, offer.bytes);
        tracing::info!(from, bytes, "the policy goes on from where it was cut off");
    }
    let mut file = part.append(offer.sha256, offer.from).await?;
    let mut at = offer.from;
    while at < offer.bytes {
        match reader.next::<ToSite>().await? {
            Some(Incoming::Data(data)) if data.offset() == at && data.end() <= offer.bytes => {
                file.write_all(&data.bytes()).await?;
                at = data.end();
            }
            Some(Incoming::Message(ToSite::Unknown(_))) => {}
            Some(_) => return Err(FetchError::Protocol),
            None => {
                file.flush().await?;
                return Err(FetchError::CutOff);
            }
        }
    }
    file.flush().await?;
    let Offer { policy, sha256, .. } = offer;
    drop(file);
    let taken = match part.whole(sha256).await? {
        Some(body) => take(policies, policy, body).await,
        None => Err(FetchError::Protocol),
    };
    // What found no room on the disk need not travel again.
    if !matches!(&taken, Err(FetchError::Take { error: TakeError::Store(_), .. })) {
        part.discard().await?;
    }
    taken
}

async fn take(policies: &Policies, policy: PolicyVersion, body: Vec<u8>) -> Result<(), FetchError> {
    let bytes = body.len();
    let unpacked = spawn_blocking(move || {
        let update = zstd::bulk::decompress(&body, MAX_SNAPSHOT_BYTES + UPDATE_HEAD_BYTES);
        let update = update.map_err(|_| Refusal::TooLarge)?;
        Update::from_bytes(&update).ok_or(Refusal::Malformed(Malformed))
    });
    let unpacked = unpacked.await.unwrap_or(Err(Refusal::Malformed(Malformed)));
    let refused = |refusal: Refusal| FetchError::Take { policy, error: refusal.into() };
    let update = unpacked.map_err(refused)?;
    tracing::info!(version = policy.version, bytes, "a policy came");
    policies.take(update).await.map_err(|error| FetchError::Take { policy, error })
}
