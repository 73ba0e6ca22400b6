//! The tunnel: lanes over whichever transport carries it.
//!
//! Callers open and accept lanes and learn why it ended; only [`Tunnel::transport`] tells what is below.

use std::time::Duration;

use bytes::BytesMut;
use openpam_proto::close::CloseCode;
use openpam_proto::frame::{self, Frame};
use openpam_proto::lane::LaneHeader;
use openpam_proto::message::Message;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_util::compat::TokioAsyncReadCompatExt;

use crate::lane::{self, End, Lane, LaneAcceptor};
use crate::memory::MemoryTunnel;
use crate::quic::QuicTunnel;
use crate::tcp::TcpTunnel;

/// A lane's header must be there this soon after its stream.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// What carries a tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportKind {
    /// QUIC over UDP.
    Quic,
    /// TLS over TCP, where UDP is blocked.
    Tcp,
    /// Inside one process, for tests.
    Memory,
}

impl TransportKind {
    /// The name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quic => "quic",
            Self::Tcp => "tcp",
            Self::Memory => "memory",
        }
    }
}

/// Why there is no lane.
#[derive(Debug, thiserror::Error)]
pub enum TunnelError {
    /// The tunnel is gone.
    #[error("the tunnel is gone: {reason}")]
    Gone {
        /// What is known.
        reason: String,
    },
    /// The peer opened a lane without saying what for.
    #[error("a lane without a header")]
    Header,
}

impl TunnelError {
    pub(crate) fn gone(reason: impl std::fmt::Display) -> Self {
        Self::Gone { reason: reason.to_string() }
    }
}

/// How a tunnel ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The peer's code, if the peer closed.
    pub code: Option<CloseCode>,
    /// What is known, for logs.
    pub reason: String,
}

/// What one end has sent on a tunnel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Packets {
    /// Packets sent.
    pub sent: u64,
    /// Of these, lost on the way.
    pub lost: u64,
}

/// An established tunnel. Clones are cheap and mean the same tunnel.
#[derive(Clone, Debug)]
pub struct Tunnel(Inner);

#[derive(Clone, Debug)]
enum Inner {
    Quic(QuicTunnel),
    Tcp(TcpTunnel),
    Memory(MemoryTunnel),
}

impl From<TcpTunnel> for Tunnel {
    fn from(tunnel: TcpTunnel) -> Self {
        Self(Inner::Tcp(tunnel))
    }
}

impl From<QuicTunnel> for Tunnel {
    fn from(tunnel: QuicTunnel) -> Self {
        Self(Inner::Quic(tunnel))
    }
}

impl From<MemoryTunnel> for Tunnel {
    fn from(tunnel: MemoryTunnel) -> Self {
        Self(Inner::Memory(tunnel))
    }
}

impl Tunnel {
    /// What carries it.
    #[must_use]
    pub const fn transport(&self) -> TransportKind {
        match &self.0 {
            Inner::Quic(_) => TransportKind::Quic,
            Inner::Tcp(_) => TransportKind::Tcp,
            Inner::Memory(_) => TransportKind::Memory,
        }
    }

    /// Packets sent and lost from here so far; `None` where nobody counts them for us (TCP).
    #[must_use]
    pub fn packets(&self) -> Option<Packets> {
        match &self.0 {
            Inner::Quic(tunnel) => Some(tunnel.packets()),
            Inner::Tcp(_) | Inner::Memory(_) => None,
        }
    }

    /// Opens a lane; only its opener opens channels in it.
    ///
    /// # Errors
    /// [`TunnelError::Gone`].
    pub async fn open_lane(&self, header: LaneHeader) -> Result<Lane, TunnelError> {
        match &self.0 {
            Inner::Quic(tunnel) => open(tunnel.open(&header).await?, &header).await,
            Inner::Tcp(tunnel) => tunnel.open(header),
            Inner::Memory(tunnel) => open(tunnel.open().await?, &header).await,
        }
    }

    /// The next lane the peer opens. Cancel-safe up to the lane's header.
    ///
    /// # Errors
    /// [`TunnelError::Gone`]; [`TunnelError::Header`] condemns that lane alone.
    pub async fn accept_lane(&self) -> Result<(LaneHeader, Lane, LaneAcceptor), TunnelError> {
        match &self.0 {
            Inner::Quic(tunnel) => accept_lane_on(tunnel.accept().await?).await,
            Inner::Tcp(tunnel) => tunnel.accept().await,
            Inner::Memory(tunnel) => accept_lane_on(tunnel.accept().await?).await,
        }
    }

    /// For the satellite's end. While polled, looks after the line where `somebody_waits`; returns when it seems dead,
    /// long before it counts as dead. Never over QUIC, which asks by itself often enough that it flows again within its
    /// keep-alive time of when the line does.
    pub async fn falls_silent(&self, somebody_waits: impl Fn() -> bool) {
        match &self.0 {
            Inner::Tcp(tunnel) => tunnel.falls_silent(somebody_waits).await,
            Inner::Quic(_) | Inner::Memory(_) => std::future::pending().await,
        }
    }

    /// For a tunnel that fell silent: returns when what was asked is answered after all.
    pub async fn answers(&self) {
        match &self.0 {
            Inner::Tcp(tunnel) => tunnel.answers().await,
            Inner::Quic(_) | Inner::Memory(_) => std::future::pending().await,
        }
    }

    /// Closes it, telling the peer why.
    pub fn close(&self, code: CloseCode) {
        match &self.0 {
            Inner::Quic(tunnel) => tunnel.close(code),
            Inner::Tcp(tunnel) => tunnel.close(code),
            Inner::Memory(tunnel) => tunnel.close(code),
        }
    }

    /// Waits until it is gone.
    pub async fn closed(&self) -> Ended {
        match &self.0 {
            Inner::Quic(tunnel) => tunnel.closed().await,
            Inner::Tcp(tunnel) => tunnel.closed().await,
            Inner::Memory(tunnel) => tunnel.closed().await,
        }
    }
}

async fn open<T>(mut socket: T, header: &LaneHeader) -> Result<Lane, TunnelError>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut buffer = BytesMut::new();
    frame::put_message(&mut buffer, header).map_err(TunnelError::gone)?;
    socket.write_all(&buffer).await.map_err(TunnelError::gone)?;
    Ok(lane::over_stream(socket.compat(), End::Opener).0)
}

/// Takes a lane over a stream of its own that the peer opened, whichever transport it came on.
///
/// # Errors
/// [`TunnelError::Header`] for a stream that does not begin with a lane's header.
pub async fn accept_lane_on<T>(mut socket: T) -> Result<(LaneHeader, Lane, LaneAcceptor), TunnelError>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let header = tokio::time::timeout(HEADER_TIMEOUT, read_header(&mut socket))
        .await
        .map_err(|_| TunnelError::Header)??;
    let (lane, acceptor) = lane::over_stream(socket.compat(), End::Acceptor);
    Ok((header, lane, acceptor))
}

/// Reads exactly the header's frame: what follows belongs to yamux.
async fn read_header(socket: &mut (impl AsyncRead + Unpin)) -> Result<LaneHeader, TunnelError> {
    first_message(socket).await.map_err(|_| TunnelError::Header)
}

/// Reads exactly one small message, and no byte after it.
pub(crate) async fn first_message<M: Message>(
    socket: &mut (impl AsyncRead + Unpin),
) -> Result<M, std::io::Error> {
    const MAX_BYTES: usize = 1024;
    let malformed = || std::io::Error::from(std::io::ErrorKind::InvalidData);
    let mut head = [0; frame::HEADER_BYTES];
    socket.read_exact(&mut head).await?;
    let len = (u32::from_be_bytes(head) & 0x00ff_ffff) as usize;
    if len > MAX_BYTES {
        return Err(malformed());
    }
    let mut buffer = BytesMut::zeroed(frame::HEADER_BYTES + len);
    let (start, rest) = buffer.split_at_mut(frame::HEADER_BYTES);
    start.copy_from_slice(&head);
    socket.read_exact(rest).await?;
    match frame::take(&mut buffer) {
        Ok(Some(Frame::Message(bytes))) => M::from_bytes(&bytes).map_err(|_| malformed()),
        _ => Err(malformed()),
    }
}
