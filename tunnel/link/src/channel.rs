//! A channel: frames over one yamux stream of a lane, reading and writing apart.
//!
//! A frame is written with one write, so that a keystroke is one packet all the way. Dropping both halves
//! resets the stream; [`ChannelWriter::finish`] closes it cleanly.

use bytes::BytesMut;
use openpam_proto::frame::{self, Data, Frame, FrameError};
use openpam_proto::message::{Malformed, Message};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio_util::compat::Compat;

use crate::mux::Held;

type Stream = Compat<yamux::Stream>;

/// How much is read from the stream at once.
const READ_BYTES: usize = 64 * 1024;

/// Why a channel is at its end.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// The lane or tunnel is gone.
    #[error("the tunnel is gone")]
    Gone(#[from] std::io::Error),
    /// A frame that is refused: the peer's, or an own message past the limit.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The peer sent a message that does not decode, or data where none belongs.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// What arrives on a channel.
#[derive(Debug)]
pub enum Incoming<M> {
    /// A message.
    Message(M),
    /// Session bytes.
    Data(Data),
}

/// Both halves of a channel.
#[derive(Debug)]
pub struct Channel {
    /// What arrives.
    pub reader: ChannelReader,
    /// What is sent.
    pub writer: ChannelWriter,
}

impl Channel {
    pub(crate) fn new(stream: Stream, held: Held) -> Self {
        let (read, write) = tokio::io::split(stream);
        let held = Arc::new(held);
        Self {
            reader: ChannelReader { read, buffer: BytesMut::new(), held: held.clone() },
            writer: ChannelWriter { write, buffer: BytesMut::new(), _held: held },
        }
    }

    /// Over TCP: keeps the way to its lane's acceptor open while this channel lives.
    pub(crate) fn keep_lane(&self, lane: tokio::sync::mpsc::Sender<Self>) {
        let _ = self.reader.held.lane.set(lane);
    }
}

/// The reading half.
#[derive(Debug)]
pub struct ChannelReader {
    read: ReadHalf<Stream>,
    buffer: BytesMut,
    held: Arc<Held>,
}

impl ChannelReader {
    /// The next message or data; `None` when the peer closed its half. Cancel-safe.
    ///
    /// # Errors
    /// [`ChannelError`]; the channel is of no further use.
    pub async fn next<M: Message>(&mut self) -> Result<Option<Incoming<M>>, ChannelError> {
        loop {
            match frame::take(&mut self.buffer)? {
                Some(Frame::Message(bytes)) => return Ok(Some(Incoming::Message(M::from_bytes(&bytes)?))),
                Some(Frame::Data(data)) => return Ok(Some(Incoming::Data(data))),
                None => {}
            }
            if self.buffer.is_empty() {
                // An idle channel holds no buffer.
                self.buffer = BytesMut::new();
            }
            if self.fill().await? == 0 {
                return Ok(None);
            }
        }
    }

    /// A frame that is already here, without waiting.
    ///
    /// # Errors
    /// As [`ChannelReader::next`].
    pub fn buffered<M: Message>(&mut self) -> Result<Option<Incoming<M>>, ChannelError> {
        match frame::take(&mut self.buffer)? {
            Some(Frame::Message(bytes)) => Ok(Some(Incoming::Message(M::from_bytes(&bytes)?))),
            Some(Frame::Data(data)) => Ok(Some(Incoming::Data(data))),
            None => Ok(None),
        }
    }

    /// The next message where no data belongs.
    ///
    /// # Errors
    /// [`ChannelError`]; data is malformed here.
    pub async fn next_message<M: Message>(&mut self) -> Result<Option<M>, ChannelError> {
        match self.next().await? {
            None => Ok(None),
            Some(Incoming::Message(message)) => Ok(Some(message)),
            Some(Incoming::Data(_)) => Err(Malformed { reason: "data where none belongs".to_owned() }.into()),
        }
    }

    async fn fill(&mut self) -> Result<usize, std::io::Error> {
        // Waits with a small buffer; a large read then takes what a flood left behind.
        if self.buffer.capacity() - self.buffer.len() < 4096 {
            let want = if self.buffer.is_empty() { 4096 } else { READ_BYTES };
            self.buffer.reserve(want);
        }
        self.read.read_buf(&mut self.buffer).await
    }
}

/// The writing half.
#[derive(Debug)]
pub struct ChannelWriter {
    write: WriteHalf<Stream>,
    buffer: BytesMut,
    _held: Arc<Held>,
}

impl ChannelWriter {
    /// Sends a message.
    ///
    /// # Errors
    /// [`ChannelError::Gone`]; [`ChannelError::Frame`] for a message past the protocol's limit, which is not sent.
    pub async fn send(&mut self, message: &impl Message) -> Result<(), ChannelError> {
        frame::put_message(&mut self.buffer, message)?;
        self.flush().await
    }

    /// Sends session bytes, at most 64 KiB.
    ///
    /// # Errors
    /// [`ChannelError::Gone`].
    pub async fn send_data(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ChannelError> {
        frame::put_data(&mut self.buffer, offset, bytes);
        self.flush().await
    }

    /// Sends session bytes that came from elsewhere, unread.
    ///
    /// # Errors
    /// [`ChannelError::Gone`].
    pub async fn relay(&mut self, data: &Data) -> Result<(), ChannelError> {
        frame::put_relayed(&mut self.buffer, data);
        self.flush().await
    }

    /// Takes a message that goes out with the next [`ChannelWriter::flush`].
    ///
    /// # Errors
    /// [`ChannelError::Frame`] for a message past the protocol's limit.
    pub fn feed(&mut self, message: &impl Message) -> Result<(), ChannelError> {
        Ok(frame::put_message(&mut self.buffer, message)?)
    }

    /// Takes session bytes, at most 64 KiB, that go out with the next [`ChannelWriter::flush`].
    pub fn feed_data(&mut self, offset: u64, bytes: &[u8]) {
        frame::put_data(&mut self.buffer, offset, bytes);
    }

    /// Bytes that wait for a flush.
    #[must_use]
    pub fn fed(&self) -> usize {
        self.buffer.len()
    }

    /// Closes this half cleanly: the peer reads everything sent, then the end.
    pub async fn finish(mut self) {
        let _ = self.write.shutdown().await;
    }

    /// Sends what was fed.
    ///
    /// # Errors
    /// [`ChannelError::Gone`].
    pub async fn flush(&mut self) -> Result<(), ChannelError> {
        let result = self.write.write_all_buf(&mut self.buffer).await;
        if self.buffer.capacity() > 16 * 1024 {
            self.buffer = BytesMut::new();
        } else {
            self.buffer.clear();
        }
        result?;
        self.write.flush().await?;
        Ok(())
    }
}
