//! Bulk lanes of a satellite: a channel per recording that comes up, or for the policy that goes down.

use std::time::Duration;

use openpam_ids::{SatelliteId, ZoneId};
use openpam_link::channel::Channel;
use openpam_link::lane::{Lane, LaneAcceptor};
use openpam_proto::channel::ChannelHeader;

use super::uploads;
use crate::app::{AppState, Hub};
use crate::commands::output;
use crate::policy;
use crate::recordings::said::why;

/// A channel's header must be there this soon.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves one bulk lane until its end.
pub async fn serve(
    hub: AppState,
    satellite: SatelliteId,
    zone: ZoneId,
    lane: Lane,
    mut acceptor: LaneAcceptor,
) {
    while let Some(channel) = acceptor.accept().await {
        let hub = hub.clone();
        tokio::spawn(async move { answer(&hub, satellite, zone, channel).await });
    }
    drop(lane);
}

async fn answer(hub: &Hub, satellite: SatelliteId, zone: ZoneId, mut channel: Channel) {
    let header = tokio::time::timeout(HEADER_TIMEOUT, channel.reader.next_message()).await;
    match header {
        Ok(Ok(Some(ChannelHeader::Recording(header)))) => {
            if let Err(error) = uploads::upload(hub, satellite, header.session_id, channel).await {
                tracing::warn!(%satellite, error = why(&error), "upload of a recording stopped");
            }
        }
        // Whatever it asks for, it is given its own zone's.
        Ok(Ok(Some(ChannelHeader::Snapshot(header)))) => {
            if let Err(error) = policy::offer::serve(hub, zone, header, channel).await {
                tracing::warn!(%satellite, error = format!("{error:#}"), "a policy did not get to its site");
            }
        }
        Ok(Ok(Some(ChannelHeader::Output(header)))) => {
            let command = header.command_id;
            if let Err(error) = output::take(hub, satellite, header, channel).await {
                tracing::warn!(%satellite, %command, %error, "what a command collected was not kept");
            }
        }
        _ => tracing::warn!(%satellite, "a bulk channel without a header was dropped"),
    }
}
