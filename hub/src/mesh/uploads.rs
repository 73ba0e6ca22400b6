//! A recording coming up: a channel per session, chunks stored before their receipt.
//!
//! A satellite can only send recordings of sessions that the hub opened through it.

use openpam_ids::{SatelliteId, SessionId};
use openpam_link::channel::{Channel, ChannelError};
use openpam_proto::recording::{ChunkReceipt, ToHub, ToSite, Want};

use crate::app::Hub;
use crate::recordings::RecordingError;
use crate::store::{StoreError, sessions};

/// Why an upload stopped.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The line, or the satellite broke the protocol.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The chunk, or the place of recordings.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// The books.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The hub opened no such session through it.
    #[error("not a session of this satellite")]
    NotTheirs,
}

/// Keeps what comes on a recording's channel.
///
/// # Errors
/// [`UploadError`]; the satellite tries it again.
pub async fn upload(
    hub: &Hub,
    satellite: SatelliteId,
    session_id: SessionId,
    mut channel: Channel,
) -> Result<(), UploadError> {
    check_owner(hub, satellite, session_id).await?;
    let next_seq = hub.recordings.next_seq(session_id).await?;
    channel.writer.send(&ToSite::Want(Want { next_seq })).await?;
    while let Some(message) = channel.reader.next_message::<ToHub>().await? {
        let ToHub::Chunk(chunk) = message else { continue };
        if chunk.chunk.session_id != session_id {
            return Err(UploadError::NotTheirs);
        }
        let seq = chunk.chunk.seq;
        hub.recordings.put(&chunk.chunk).await?;
        channel.writer.send(&ToSite::ChunkReceipt(ChunkReceipt { seq })).await?;
    }
    Ok(())
}

async fn check_owner(hub: &Hub, satellite: SatelliteId, session: SessionId) -> Result<(), UploadError> {
    match sessions::find(&hub.pool, session).await? {
        Some(row) if row.satellite_id == Some(satellite) => Ok(()),
        _ => Err(UploadError::NotTheirs),
    }
}
