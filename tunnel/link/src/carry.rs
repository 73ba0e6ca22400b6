//! Bytes of another protocol over a channel: what a socket says goes as data, and back.

use std::io;

use openpam_proto::channel::ChannelHeader;
use openpam_proto::limits::MAX_DATA_BYTES;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf, split};

use crate::channel::{Channel, ChannelError, ChannelReader, ChannelWriter, Incoming};

/// Carries both ways until one end closes or fails.
///
/// # Errors
/// What failed; a close is none.
pub async fn carry<S>(channel: Channel, socket: S) -> Result<(), ChannelError>
where
    S: AsyncRead + AsyncWrite,
{
    let (read, write) = split(socket);
    tokio::select! {
        ended = out(read, channel.writer) => ended,
        ended = back(channel.reader, write) => ended,
    }
}

async fn out<S: AsyncRead>(mut socket: ReadHalf<S>, mut channel: ChannelWriter) -> Result<(), ChannelError> {
    let mut buffer = vec![0; MAX_DATA_BYTES];
    let mut offset = 0;
    loop {
        let count = socket.read(&mut buffer).await?;
        if count == 0 {
            channel.finish().await;
            return Ok(());
        }
        channel.send_data(offset, buffer.get(..count).unwrap_or_default()).await?;
        offset += count as u64;
    }
}

async fn back<S: AsyncWrite>(
    mut channel: ChannelReader,
    mut socket: WriteHalf<S>,
) -> Result<(), ChannelError> {
    // No message belongs here; one is passed over.
    while let Some(incoming) = channel.next::<ChannelHeader>().await? {
        if let Incoming::Data(data) = incoming {
            socket.write_all(&data.bytes()).await?;
        }
    }
    match socket.shutdown().await {
        Err(error) if error.kind() != io::ErrorKind::NotConnected => Err(error.into()),
        _ => Ok(()),
    }
}
