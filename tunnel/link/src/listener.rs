//! The hub's side of the tunnel port, over QUIC and over TCP: handshakes, told apart by ALPN into tunnels, joins and
//! renewals.
//!
//! It verifies certificates, not rights: whether a satellite is known or revoked is its caller's question.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::BytesMut;
use openpam_ids::TunnelId;
use openpam_proto::close::CloseCode;
use openpam_proto::frame::{self, Frame};
use openpam_proto::join::{self, JoinRequest};
use openpam_proto::message::Message;
use openpam_proto::renew::{self, RenewRequest};
use openpam_proto::tcp::{Close, Opened, ToHub, ToSite};
use openpam_proto::version::{ALPN_JOIN, ALPN_RENEW, ALPN_TUNNEL};
use quinn::crypto::rustls::HandshakeData;
use rustls_pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::exchange::{MAX_REQUEST_BYTES, Reply};
use crate::handshakes::{Handshakes, Slot};
use crate::identity::{Certified, NodeIdentity, NodeName, read_certificate};
use crate::quic::{self, Congestion, EndpointError, QuicTunnel, ResetKey};
use crate::tcp::{self, TcpTunnel};
use crate::tls;
use crate::tunnel::{Tunnel, first_message};

/// Finished arrivals that wait for the hub; further handshakes wait.
const ARRIVALS: usize = 64;
/// After an accept that failed (out of file descriptors, say) the next one waits.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How often another port is tried where any will do.
const PORT_TRIES: usize = 16;

type TlsStream = tokio_rustls::server::TlsStream<TcpStream>;

/// The port's settings.
#[derive(Clone, Copy, Debug)]
pub struct ListenerOptions {
    /// A handshake, and a request after it, must be done this soon.
    pub handshake_timeout: Duration,
    /// Handshakes at the same time over each transport; further ones wait or are refused.
    pub max_handshakes: usize,
    /// Of these, from one address.
    pub max_handshakes_per_address: usize,
    /// How the line is filled.
    pub congestion: Congestion,
}

impl Default for ListenerOptions {
    fn default() -> Self {
        Self {
            handshake_timeout: Duration::from_secs(10),
            max_handshakes: 256,
            max_handshakes_per_address: 64,
            congestion: Congestion::default(),
        }
    }
}

/// Whoever completed a handshake.
#[derive(Debug)]
pub enum Arrival {
    /// A satellite with a valid certificate of this installation.
    Tunnel {
        /// What the certificate says.
        certified: Certified,
        /// The tunnel.
        tunnel: Tunnel,
        /// Its id.
        tunnel_id: TunnelId,
        /// From where.
        remote: SocketAddr,
    },
    /// A machine with a join token.
    Join(JoinRequest, Reply),
    /// A satellite, its certificate perhaps expired, that wants the next one.
    Renew(Certified, RenewRequest, Reply),
    /// Somebody asks the time.
    Time(Reply),
}

/// The tunnel port.
#[derive(Debug)]
pub struct Listener {
    port: TunnelPort,
    address: SocketAddr,
    arrivals: mpsc::Receiver<Arrival>,
}

impl Listener {
    /// Listens on one port, UDP and TCP, with the hub's identity.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub async fn bind(
        address: SocketAddr,
        identity: &NodeIdentity,
        reset: &ResetKey,
        options: ListenerOptions,
    ) -> Result<Self, EndpointError> {
        let (endpoint, socket, address) = sockets(address, identity, reset, options).await?;
        let (send, arrivals) = mpsc::channel(ARRIVALS);
        let doors = Doors {
            arrivals: send,
            over_quic: Handshakes::new(options.max_handshakes, options.max_handshakes_per_address),
            over_tcp: Handshakes::new(options.max_handshakes, options.max_handshakes_per_address),
            halves: Arc::default(),
            options,
        };
        let port = TunnelPort {
            endpoint: endpoint.clone(),
            tls: Arc::new(watch::Sender::new(tcp_config(identity)?)),
            stop: CancellationToken::new(),
            congestion: options.congestion,
        };
        tokio::spawn(doors.clone().accept_quic(endpoint));
        tokio::spawn(doors.accept_tcp(socket, port.tls.subscribe(), port.stop.clone()));
        Ok(Self { port, address, arrivals })
    }

    /// The address it really listens on.
    #[must_use]
    pub const fn local_address(&self) -> SocketAddr {
        self.address
    }

    /// The next arrival; `None` after [`TunnelPort::close`]. Cancel-safe.
    pub async fn next(&mut self) -> Option<Arrival> {
        self.arrivals.recv().await
    }

    /// A handle on the port, for whoever does not take arrivals.
    #[must_use]
    pub fn port(&self) -> TunnelPort {
        self.port.clone()
    }
}

/// Both sockets on the same port; where port 0 was asked for, one that is free for both.
async fn sockets(
    address: SocketAddr,
    identity: &NodeIdentity,
    reset: &ResetKey,
    options: ListenerOptions,
) -> Result<(quinn::Endpoint, TcpListener, SocketAddr), EndpointError> {
    let mut tries = if address.port() == 0 { PORT_TRIES } else { 1 };
    loop {
        tries -= 1;
        let endpoint = quic::server(address, quic_config(identity, options.congestion)?, reset)?;
        let bound = endpoint.local_addr().map_err(|source| EndpointError::Bind { address, source })?;
        match TcpListener::bind(bound).await {
            Ok(socket) => return Ok((endpoint, socket, bound)),
            Err(_) if tries > 0 => {}
            Err(source) => return Err(EndpointError::Listen { address: bound, source }),
        }
    }
}

fn quic_config(
    identity: &NodeIdentity,
    congestion: Congestion,
) -> Result<quinn::ServerConfig, EndpointError> {
    quic::server_config(server_tls(identity)?, congestion)
}

fn tcp_config(identity: &NodeIdentity) -> Result<Arc<rustls::ServerConfig>, EndpointError> {
    server_tls(identity).map(Arc::new)
}

fn server_tls(identity: &NodeIdentity) -> Result<rustls::ServerConfig, EndpointError> {
    tls::server(identity).map_err(|error| EndpointError::Tls(error.to_string()))
}

/// The port of a [`Listener`].
#[derive(Clone, Debug)]
pub struct TunnelPort {
    endpoint: quinn::Endpoint,
    tls: Arc<watch::Sender<Arc<rustls::ServerConfig>>>,
    stop: CancellationToken,
    congestion: Congestion,
}

impl TunnelPort {
    /// Handshakes from now on use this identity; tunnels that stand are not touched.
    ///
    /// # Errors
    /// [`EndpointError::Tls`].
    pub fn renew(&self, identity: &NodeIdentity) -> Result<(), EndpointError> {
        self.endpoint.set_server_config(Some(quic_config(identity, self.congestion)?));
        self.tls.send_replace(tcp_config(identity)?);
        Ok(())
    }

    /// Accepts nobody more, closes every QUIC tunnel and waits until the peers were told, or `patience` is over.
    /// Tunnels over TCP are closed by whoever holds them.
    pub async fn close(&self, patience: Duration) {
        self.stop.cancel();
        self.endpoint.close(CloseCode::Normal.number().into(), b"shutting down");
        let _ = timeout(patience, self.endpoint.wait_idle()).await;
    }
}

/// The interactive connection of a tunnel over TCP that waits for its bulk connection.
#[derive(Debug)]
struct Half {
    key_sha256: [u8; 32],
    bulk: oneshot::Sender<TlsStream>,
}

#[derive(Clone)]
struct Doors {
    arrivals: mpsc::Sender<Arrival>,
    over_quic: Handshakes,
    over_tcp: Handshakes,
    halves: Arc<Mutex<HashMap<TunnelId, Half>>>,
    options: ListenerOptions,
}

impl Doors {
    async fn accept_quic(self, endpoint: quinn::Endpoint) {
        while let Some(incoming) = endpoint.accept().await {
            let remote = incoming.remote_address();
            let Some(slot) = self.over_quic.admit(remote.ip()) else {
                // The peer repeats its first packet by itself; by then there may be a place.
                incoming.ignore();
                continue;
            };
            let doors = self.clone();
            tokio::spawn(async move { doors.handle(remote, quic_handshake(incoming, slot)).await });
        }
    }

    async fn accept_tcp(
        self,
        socket: TcpListener,
        tls: watch::Receiver<Arc<rustls::ServerConfig>>,
        stop: CancellationToken,
    ) {
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = socket.accept() => accepted,
            };
            let (stream, remote) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            // Past the limit the connection is dropped, which resets it.
            let Some(slot) = self.over_tcp.admit(remote.ip()) else { continue };
            tcp::tune(&stream, self.options.congestion);
            let acceptor = TlsAcceptor::from(tls.borrow().clone());
            let doors = self.clone();
            tokio::spawn(async move {
                let handshake = doors.clone().tcp_handshake(acceptor, stream, remote, slot);
                doors.handle(remote, handshake).await;
            });
        }
    }

    async fn handle(
        self,
        remote: SocketAddr,
        handshake: impl Future<Output = Result<Option<Arrival>, String>>,
    ) {
        match timeout(self.options.handshake_timeout, handshake).await {
            Ok(Ok(Some(arrival))) => {
                let _ = self.arrivals.send(arrival).await;
            }
            Ok(Ok(None)) => {}
            Ok(Err(reason)) => tracing::info!(%remote, reason, "handshake refused"),
            Err(_) => tracing::info!(%remote, "handshake timed out"),
        }
    }

    async fn tcp_handshake(
        self,
        acceptor: TlsAcceptor,
        stream: TcpStream,
        remote: SocketAddr,
        slot: Slot,
    ) -> Result<Option<Arrival>, String> {
        let mut stream = acceptor.accept(stream).await.map_err(|error| error.to_string())?;
        let (_, tls) = stream.get_ref();
        let certified = tls.peer_certificates().and_then(node);
        match tls.alpn_protocol() {
            Some(ALPN_TUNNEL) => match valid_node(certified) {
                Ok(certified) => self.tcp_tunnel(stream, certified, remote, slot).await,
                Err((code, reason)) => {
                    refuse(&mut stream, code).await;
                    Err(reason.to_owned())
                }
            },
            Some(protocol) => {
                let protocol = protocol.to_vec();
                let bytes = read_request(&mut stream).await?;
                request(&protocol, &bytes, certified, Reply::tcp(stream, remote)).map(Some)
            }
            None => Err("no protocol in common".to_owned()),
        }
    }

    async fn tcp_tunnel(
        self,
        mut stream: TlsStream,
        certified: Certified,
        remote: SocketAddr,
        slot: Slot,
    ) -> Result<Option<Arrival>, String> {
        let first = first_message(&mut stream).await.map_err(|error| error.to_string())?;
        match first {
            ToHub::Open(_) => {
                let tunnel_id = TunnelId::generate();
                let (bulk, paired) = oneshot::channel();
                let half = Half { key_sha256: certified.key_sha256, bulk };
                let Some(_waiting) = self.wait_for_bulk(tunnel_id, half) else {
                    refuse(&mut stream, CloseCode::Busy).await;
                    return Err("too many tunnels wait for their bulk connection".to_owned());
                };
                say(&mut stream, &ToSite::Opened(Opened { tunnel_id })).await?;
                // Its bulk connection needs a place too.
                drop(slot);
                let bulk = paired.await.map_err(|_| "its bulk connection did not come".to_owned())?;
                let tunnel = TcpTunnel::accepted(stream, bulk).into();
                Ok(Some(Arrival::Tunnel { certified, tunnel, tunnel_id, remote }))
            }
            ToHub::Pair(pair) => {
                let half = self.halves().remove(&pair.tunnel_id);
                let Some(half) = half.filter(|half| half.key_sha256 == certified.key_sha256) else {
                    refuse(&mut stream, CloseCode::Protocol).await;
                    return Err("a bulk connection without its tunnel".to_owned());
                };
                say(&mut stream, &ToSite::Opened(Opened { tunnel_id: pair.tunnel_id })).await?;
                half.bulk.send(stream).map_err(|_| "its tunnel is gone".to_owned())?;
                Ok(None)
            }
            ToHub::Unknown(_) => {
                refuse(&mut stream, CloseCode::Protocol).await;
                Err("malformed first message".to_owned())
            }
        }
    }

    /// `None`: as many wait as may.
    fn wait_for_bulk(&self, tunnel_id: TunnelId, half: Half) -> Option<Waiting> {
        let mut halves = self.halves();
        if halves.len() >= self.options.max_handshakes {
            return None;
        }
        halves.insert(tunnel_id, half);
        Some(Waiting { halves: self.halves.clone(), tunnel_id })
    }

    fn halves(&self) -> std::sync::MutexGuard<'_, HashMap<TunnelId, Half>> {
        self.halves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets an interactive connection whose bulk connection did not come in time.
struct Waiting {
    halves: Arc<Mutex<HashMap<TunnelId, Half>>>,
    tunnel_id: TunnelId,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.halves.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.tunnel_id);
    }
}

async fn quic_handshake(incoming: quinn::Incoming, _slot: Slot) -> Result<Option<Arrival>, String> {
    let remote = incoming.remote_address();
    let connection = incoming.await.map_err(|error| error.to_string())?;
    let alpn = connection
        .handshake_data()
        .and_then(|data| data.downcast::<HandshakeData>().ok())
        .and_then(|data| data.protocol)
        .ok_or("no protocol in common")?;
    let chain =
        connection.peer_identity().and_then(|chain| chain.downcast::<Vec<CertificateDer<'static>>>().ok());
    let certified = chain.and_then(|chain| node(&chain));
    if alpn == ALPN_TUNNEL {
        return match valid_node(certified) {
            Ok(certified) => {
                let (tunnel, tunnel_id) = (QuicTunnel::accepted(connection).into(), TunnelId::generate());
                Ok(Some(Arrival::Tunnel { certified, tunnel, tunnel_id, remote }))
            }
            Err((code, reason)) => {
                connection.close(code.number().into(), reason.as_bytes());
                Err(reason.to_owned())
            }
        };
    }
    let (send, mut recv) = connection.accept_bi().await.map_err(|error| error.to_string())?;
    let bytes = read_request(&mut recv).await?;
    let arrival = request(&alpn, &bytes, certified, Reply::quic(connection.clone(), send));
    if arrival.is_err() {
        connection.close(CloseCode::Protocol.number().into(), b"malformed request");
    }
    arrival.map(Some)
}

fn node(chain: &[CertificateDer<'static>]) -> Option<Certified> {
    let certified = read_certificate(chain.first()?).ok()?;
    matches!(certified.name, NodeName::Satellite(_)).then_some(certified)
}

/// A tunnel takes a satellite's certificate that is valid now.
fn valid_node(certified: Option<Certified>) -> Result<Certified, (CloseCode, &'static str)> {
    let certified = certified.ok_or((CloseCode::Unauthenticated, "no node certificate"))?;
    let now_s = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let seconds = |s: i64| u64::try_from(s).unwrap_or_default();
    match seconds(certified.not_before_s)..=seconds(certified.not_after_s) {
        valid if valid.contains(&now_s) => Ok(certified),
        _ => Err((CloseCode::CertificateExpired, "its certificate is not valid now")),
    }
}

async fn read_request(from: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    from.take(MAX_REQUEST_BYTES).read_to_end(&mut bytes).await.map_err(|error| error.to_string())?;
    Ok(bytes)
}

fn request(
    protocol: &[u8],
    bytes: &[u8],
    certified: Option<Certified>,
    reply: Reply,
) -> Result<Arrival, String> {
    match (Request::read(protocol, bytes)?, certified) {
        (Request::Join(request), _) => Ok(Arrival::Join(request, reply)),
        (Request::Renew(request), Some(certified)) => Ok(Arrival::Renew(certified, request, reply)),
        (Request::Renew(_), None) => Err("a renewal without a certificate".to_owned()),
        (Request::Time, _) => Ok(Arrival::Time(reply)),
    }
}

/// What a stranger asks after a handshake, before anybody knows who it is.
#[derive(Debug)]
pub enum Request {
    /// To join.
    Join(JoinRequest),
    /// For the next certificate.
    Renew(RenewRequest),
    /// For the time.
    Time,
}

impl Request {
    /// Reads all that was sent, under the protocol (ALPN) that the handshake agreed on.
    ///
    /// # Errors
    /// What is wrong, for the log.
    pub fn read(protocol: &[u8], bytes: &[u8]) -> Result<Self, String> {
        let malformed = || "malformed request".to_owned();
        let Ok(Some(Frame::Message(body))) = frame::take(&mut BytesMut::from(bytes)) else {
            return Err(malformed());
        };
        match protocol {
            ALPN_JOIN => match join::ToHub::from_bytes(&body) {
                Ok(join::ToHub::JoinRequest(request)) => Ok(Self::Join(request)),
                _ => Err(malformed()),
            },
            ALPN_RENEW => match renew::ToHub::from_bytes(&body) {
                Ok(renew::ToHub::RenewRequest(request)) => Ok(Self::Renew(request)),
                Ok(renew::ToHub::TimeRequest(_)) => Ok(Self::Time),
                _ => Err(malformed()),
            },
            _ => Err("no protocol in common".to_owned()),
        }
    }
}

async fn say(stream: &mut TlsStream, message: &ToSite) -> Result<(), String> {
    let mut buffer = BytesMut::new();
    frame::put_message(&mut buffer, message).map_err(|error| error.to_string())?;
    stream.write_all(&buffer).await.map_err(|error| error.to_string())?;
    stream.flush().await.map_err(|error| error.to_string())
}

async fn refuse(stream: &mut TlsStream, code: CloseCode) {
    if say(stream, &ToSite::Close(Close { code: code.number() })).await.is_ok() {
        let _ = stream.shutdown().await;
    }
}
