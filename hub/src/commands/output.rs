//! What a command collected, coming up from its site.

use std::time::Duration;

use openpam_ids::SatelliteId;
use openpam_link::channel::{Channel, ChannelError, Incoming};
use openpam_proto::channel::ChannelHeader;
use openpam_proto::command::{
    MAX_OUTPUT_BYTES, MAX_UNPACKED_BYTES, OutputHeader, OutputReceipt, OutputToSite,
};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::app::Hub;
use crate::store::{StoreError, commands};

/// A site that sends nothing for so long is not there.
const STALLED: Duration = Duration::from_secs(60);

/// Why it was not kept.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The line.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The books.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nobody asked this satellite for it, or not any more.
    #[error("nobody waits for it")]
    Unwanted,
    /// Longer than it may be, cut off, or something else than it says.
    #[error("it is not what it says")]
    Malformed,
}

/// Keeps what comes on an `output` channel.
///
/// # Errors
/// [`OutputError`].
pub async fn take(
    hub: &Hub,
    satellite: SatelliteId,
    header: OutputHeader,
    mut channel: Channel,
) -> Result<(), OutputError> {
    if header.bytes > MAX_OUTPUT_BYTES {
        return Err(OutputError::Malformed);
    }
    let mut packed = Vec::new();
    while (packed.len() as u64) < header.bytes {
        let next = timeout(STALLED, channel.reader.next::<ChannelHeader>()).await;
        match next.map_err(|_| OutputError::Malformed)?? {
            Some(Incoming::Data(data))
                if data.offset() == packed.len() as u64 && data.end() <= header.bytes =>
            {
                packed.extend_from_slice(&data.bytes());
            }
            _ => return Err(OutputError::Malformed),
        }
    }
    let (packed, readable) = spawn_blocking(move || {
        let readable = unpack(&packed).is_some();
        (packed, readable)
    })
    .await
    .map_err(|_| OutputError::Malformed)?;
    if !readable {
        return Err(OutputError::Malformed);
    }
    if !commands::keep_output(&hub.pool, header.command_id, satellite, &packed).await? {
        return Err(OutputError::Unwanted);
    }
    channel.writer.send(&OutputToSite::OutputReceipt(OutputReceipt {})).await?;
    Ok(())
}

/// As it was collected; nothing if it is larger than that may be. It takes a moment: not for a thread that others wait for.
#[must_use]
pub fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    zstd::bulk::decompress(packed, MAX_UNPACKED_BYTES).ok()
}
