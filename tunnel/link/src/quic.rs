//! The QUIC transport (RFC 9000, quinn): endpoints, their limits, and lanes as bidirectional streams.
//!
//! A dead line is noticed within [`IDLE_TIMEOUT`]; both ends keep the connection alive.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::{hmac, rand};
use openpam_proto::close::CloseCode;
use openpam_proto::lane::LaneHeader;
use openpam_proto::limits::MAX_LANES;
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{
    ConnectionError, ConnectionId, ConnectionIdGenerator, EndpointConfig, IdleTimeout, TokioRuntime,
    TransportConfig, VarInt,
};
use tokio::io::Join;
use zeroize::Zeroizing;

use crate::tunnel::{Ended, Packets, TunnelError};

/// Silence after which the line counts as dead.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(8);
/// How often an idle line is exercised.
const KEEP_ALIVE: Duration = Duration::from_secs(2);
/// A restarted hub tells so many former peers a second that their tunnels are gone; quinn's 50 would leave a large fleet
/// to its [`IDLE_TIMEOUT`].
const RESET_INTERVAL: Duration = Duration::from_micros(500);
/// Assumed until measured (RFC 9002, section 6.2.2, has 333 ms): a first packet that a hub just starting missed is
/// repeated after three times this.
const INITIAL_RTT: Duration = Duration::from_millis(83);
/// Kernel buffers of the UDP socket; the default loses packets at a few hundred MB/s.
const SOCKET_BUFFER_BYTES: usize = 4 * 1024 * 1024;
/// What one stream may hold unread here: the rate times the round trip of a fast long line.
const STREAM_WINDOW_BYTES: u32 = 5 * 1024 * 1024;
/// What all streams of one connection may hold unread here together.
const CONNECTION_WINDOW_BYTES: u32 = 16 * 1024 * 1024;
/// What one connection may hold unacknowledged for sending.
const SEND_WINDOW_BYTES: u64 = 8 * 1024 * 1024;

/// Why an endpoint can't be had.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// The address is taken or not ours.
    #[error("UDP socket {address}: {source}")]
    Bind {
        /// What was asked for.
        address: SocketAddr,
        /// The system's word.
        source: std::io::Error,
    },
    /// The TCP side of the port is taken.
    #[error("TCP socket {address}: {source}")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// The system's word.
        source: std::io::Error,
    },
    /// Certificate and key do not fit, or TLS 1.3 is missing.
    #[error("TLS: {0}")]
    Tls(String),
}

/// Lets a hub that was killed and started again tell peers of its former connections at once that those are gone
/// (stateless reset, RFC 9000, section 10.3), instead of after their [`IDLE_TIMEOUT`]. Must survive the restart.
pub struct ResetKey(Zeroizing<[u8; ResetKey::BYTES]>);

impl ResetKey {
    /// Bytes of a key.
    pub const BYTES: usize = 32;

    /// A stored key.
    #[must_use]
    pub const fn new(bytes: Zeroizing<[u8; Self::BYTES]>) -> Self {
        Self(bytes)
    }

    fn endpoint_config(&self) -> EndpointConfig {
        let mut config = EndpointConfig::new(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &self.0[..])));
        config.cid_generator(|| Box::new(RandomIds));
        config.min_reset_interval(RESET_INTERVAL);
        config
    }
}

/// Connection ids that every process takes for its own: quinn's default ones are known only to the process that made
/// them, and packets for others get no reset.
struct RandomIds;

impl RandomIds {
    const BYTES: usize = 8;
}

impl ConnectionIdGenerator for RandomIds {
    fn generate_cid(&mut self) -> ConnectionId {
        let mut id = [0; Self::BYTES];
        // Without randomness no handshake comes this far.
        let _ = rand::fill(&mut id);
        ConnectionId::new(&id)
    }

    fn cid_len(&self) -> usize {
        Self::BYTES
    }

    fn cid_lifetime(&self) -> Option<Duration> {
        None
    }
}

/// How a sender learns what the line takes. The same choice serves QUIC and the TCP fallback.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Congestion {
    /// By measured rate and round trip: a lost packet does not slow it down. Default: sites have lossy lines.
    #[default]
    Bbr,
    /// By loss (RFC 9438): shares a busy line more evenly, slow where packets get lost.
    Cubic,
}

impl Congestion {
    /// Its name, in settings and to the kernel.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bbr => "bbr",
            Self::Cubic => "cubic",
        }
    }
}

impl std::str::FromStr for Congestion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "bbr" => Ok(Self::Bbr),
            "cubic" => Ok(Self::Cubic),
            other => Err(format!("{other:?} is no congestion control; bbr or cubic is")),
        }
    }
}

fn transport(congestion: Congestion) -> Arc<TransportConfig> {
    let mut config = TransportConfig::default();
    match congestion {
        Congestion::Bbr => {
            config.congestion_controller_factory(Arc::new(quinn::congestion::BbrConfig::default()))
        }
        Congestion::Cubic => {
            config.congestion_controller_factory(Arc::new(quinn::congestion::CubicConfig::default()))
        }
    };
    config
        .initial_rtt(INITIAL_RTT)
        .max_idle_timeout(IdleTimeout::try_from(IDLE_TIMEOUT).ok())
        .keep_alive_interval(Some(KEEP_ALIVE))
        .max_concurrent_bidi_streams(VarInt::from_u32(MAX_LANES))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .datagram_receive_buffer_size(None)
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW_BYTES))
        .receive_window(VarInt::from_u32(CONNECTION_WINDOW_BYTES))
        .send_window(SEND_WINDOW_BYTES);
    Arc::new(config)
}

fn socket(address: SocketAddr) -> Result<std::net::UdpSocket, EndpointError> {
    let bind = |source| EndpointError::Bind { address, source };
    let socket = std::net::UdpSocket::bind(address).map_err(bind)?;
    let reference = socket2::SockRef::from(&socket);
    // The kernel caps these silently; smaller buffers are slower, not wrong.
    let _ = reference.set_recv_buffer_size(SOCKET_BUFFER_BYTES);
    let _ = reference.set_send_buffer_size(SOCKET_BUFFER_BYTES);
    Ok(socket)
}

/// An endpoint that accepts tunnels and joins.
///
/// # Errors
/// [`EndpointError`].
pub fn server(
    address: SocketAddr,
    config: quinn::ServerConfig,
    reset: &ResetKey,
) -> Result<quinn::Endpoint, EndpointError> {
    endpoint(address, Some(config), reset.endpoint_config())
}

/// The configuration of an accepting endpoint.
///
/// # Errors
/// [`EndpointError::Tls`].
pub fn server_config(
    tls: rustls::ServerConfig,
    congestion: Congestion,
) -> Result<quinn::ServerConfig, EndpointError> {
    let crypto = QuicServerConfig::try_from(tls).map_err(|error| EndpointError::Tls(error.to_string()))?;
    let mut config = quinn::ServerConfig::with_crypto(Arc::new(crypto));
    config.transport_config(transport(congestion));
    Ok(config)
}

/// An endpoint that only dials.
///
/// # Errors
/// [`EndpointError`].
pub fn dialler(peer: SocketAddr) -> Result<quinn::Endpoint, EndpointError> {
    let any = if peer.is_ipv6() { "[::]:0" } else { "0.0.0.0:0" };
    let address = any.parse().unwrap_or_else(|_| SocketAddr::from(([0, 0, 0, 0], 0)));
    endpoint(address, None, EndpointConfig::default())
}

fn endpoint(
    address: SocketAddr,
    server: Option<quinn::ServerConfig>,
    config: EndpointConfig,
) -> Result<quinn::Endpoint, EndpointError> {
    quinn::Endpoint::new(config, server, socket(address)?, Arc::new(TokioRuntime))
        .map_err(|source| EndpointError::Bind { address, source })
}

/// The configuration of one dial.
///
/// # Errors
/// [`EndpointError::Tls`].
pub fn client_config(
    tls: rustls::ClientConfig,
    congestion: Congestion,
) -> Result<quinn::ClientConfig, EndpointError> {
    let crypto = QuicClientConfig::try_from(tls).map_err(|error| EndpointError::Tls(error.to_string()))?;
    let mut config = quinn::ClientConfig::new(Arc::new(crypto));
    config.transport_config(transport(congestion));
    Ok(config)
}

/// A tunnel over one QUIC connection.
#[derive(Clone, Debug)]
pub struct QuicTunnel {
    connection: quinn::Connection,
    /// A dialler's endpoint lives with its one connection.
    _endpoint: Option<quinn::Endpoint>,
}

pub(crate) type Stream = Join<quinn::RecvStream, quinn::SendStream>;

impl QuicTunnel {
    pub(crate) fn accepted(connection: quinn::Connection) -> Self {
        Self { connection, _endpoint: None }
    }

    pub(crate) fn dialled(connection: quinn::Connection, endpoint: quinn::Endpoint) -> Self {
        Self { connection, _endpoint: Some(endpoint) }
    }

    pub(crate) async fn open(&self, header: &LaneHeader) -> Result<Stream, TunnelError> {
        let (send, recv) = self.connection.open_bi().await.map_err(TunnelError::gone)?;
        let priority = match header {
            LaneHeader::Control(_) => 2,
            LaneHeader::Session(_) => 1,
            LaneHeader::Bulk(_) | LaneHeader::Link(_) | LaneHeader::Unknown(_) => 0,
        };
        // Fails only if the stream is gone, which the next write says.
        let _ = send.set_priority(priority);
        Ok(tokio::io::join(recv, send))
    }

    pub(crate) async fn accept(&self) -> Result<Stream, TunnelError> {
        let (send, recv) = self.connection.accept_bi().await.map_err(TunnelError::gone)?;
        let _ = send.set_priority(1);
        Ok(tokio::io::join(recv, send))
    }

    pub(crate) fn close(&self, code: CloseCode) {
        self.connection.close(VarInt::from_u32(code.number()), code.as_str().as_bytes());
    }

    pub(crate) async fn closed(&self) -> Ended {
        ended(&self.connection.closed().await)
    }

    pub(crate) fn packets(&self) -> Packets {
        let path = self.connection.stats().path;
        Packets { sent: path.sent_packets, lost: path.lost_packets }
    }
}

pub(crate) fn ended(error: &ConnectionError) -> Ended {
    let code = match error {
        ConnectionError::ApplicationClosed(close) => {
            Some(CloseCode::from_number(close.error_code.into_inner()))
        }
        _ => None,
    };
    Ended { code, reason: error.to_string() }
}
