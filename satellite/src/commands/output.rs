//! What commands collected goes up, over one tunnel at a time.

use std::time::Duration;

use bytes::Bytes;
use openpam_ids::CommandId;
use openpam_link::channel::ChannelError;
use openpam_link::tunnel::{Tunnel, TunnelError};
use openpam_proto::channel::ChannelHeader;
use openpam_proto::command::{OutputHeader, OutputToSite};
use openpam_proto::lane::{Bulk, LaneHeader};
use tokio::time::sleep;

use super::Commands;

/// Bytes in one frame: a slow line carries something else in between soon.
const PIECE_BYTES: usize = 16 * 1024;
/// What did not get there is tried again after this.
const AGAIN: Duration = Duration::from_secs(2);

#[derive(Debug, thiserror::Error)]
enum OutputError {
    #[error(transparent)]
    Tunnel(#[from] TunnelError),
    #[error(transparent)]
    Channel(#[from] ChannelError),
    #[error("the hub did not take it")]
    NotTaken,
}

/// Carries until the tunnel is gone.
pub async fn run(tunnel: &Tunnel, commands: &Commands) {
    let mut changed = commands.watch();
    loop {
        changed.borrow_and_update();
        let Some((id, bytes)) = commands.take_output() else {
            tokio::select! {
                _ = tunnel.closed() => return,
                changed = changed.changed() => if changed.is_err() { return },
            }
            continue;
        };
        let mut carrying = Carrying { commands, id, there: false };
        let carried = tokio::select! {
            _ = tunnel.closed() => return,
            carried = carry(tunnel, id, &bytes) => carried,
        };
        match carried {
            Ok(()) => carrying.there = true,
            Err(error) => {
                tracing::warn!(command = %id, %error, "what a command collected did not get to the hub; it is tried again");
                sleep(AGAIN).await;
            }
        }
    }
}

/// However this ends, others are told.
struct Carrying<'a> {
    commands: &'a Commands,
    id: CommandId,
    there: bool,
}

impl Drop for Carrying<'_> {
    fn drop(&mut self) {
        self.commands.carried(self.id, self.there);
    }
}

async fn carry(tunnel: &Tunnel, command_id: CommandId, bytes: &Bytes) -> Result<(), OutputError> {
    let lane = tunnel.open_lane(LaneHeader::Bulk(Bulk {})).await?;
    let header = OutputHeader { command_id, bytes: bytes.len() as u64 };
    let mut channel = lane.open_channel(&ChannelHeader::Output(header)).await?;
    let mut offset = 0;
    for piece in bytes.chunks(PIECE_BYTES) {
        channel.writer.send_data(offset, piece).await?;
        offset += piece.len() as u64;
    }
    loop {
        match channel.reader.next_message().await? {
            Some(OutputToSite::OutputReceipt(_)) => return Ok(()),
            Some(OutputToSite::Unknown(_)) => {}
            None => return Err(OutputError::NotTaken),
        }
    }
}
