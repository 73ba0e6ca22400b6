//! Recordings coming up: bulk lanes of a satellite, a channel per session, chunks stored before their receipt.
//!
//! A satellite can only send recordings of sessions that the hub opened through it.

use std::time::Duration;

use openpam_ids::{SatelliteId, SessionId};
use openpam_link::channel::{Channel, ChannelError};
use openpam_link::lane::LaneAcceptor;
use openpam_proto::channel::ChannelHeader;
use openpam_proto::recording::{ChunkReceipt, ToHub, ToSite, Want};

use crate::app::{AppState, Hub};
use crate::recordings::RecordingError;
use crate::recordings::said::why;
use crate::store::{StoreError, sessions};

/// A channel's header must be there this soon.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
enum UploadError {
    #[error(transparent)]
    Channel(#[from] ChannelError),
    #[error(transparent)]
    Recording(#[from] RecordingError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no recording header")]
    Header,
    #[error("not a session of this satellite")]
    NotTheirs,
}

/// Serves one bulk lane until its end.
pub async fn serve(hub: AppState, satellite: SatelliteId, mut acceptor: LaneAcceptor) {
    while let Some(channel) = acceptor.accept().await {
        let hub = hub.clone();
        tokio::spawn(async move {
            if let Err(error) = upload(&hub, satellite, channel).await {
                tracing::warn!(%satellite, error = why(&error), "upload of a recording stopped");
            }
        });
    }
}

async fn upload(hub: &Hub, satellite: SatelliteId, mut channel: Channel) -> Result<(), UploadError> {
    let header = tokio::time::timeout(HEADER_TIMEOUT, channel.reader.next_message()).await;
    let Ok(Some(ChannelHeader::Recording(header))) = header.map_err(|_| UploadError::Header)? else {
        return Err(UploadError::Header);
    };
    let session_id = header.session_id;
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
