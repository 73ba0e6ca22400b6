//! The hub's side of the tunnel port: handshakes, told apart by ALPN into tunnels and joins.
//!
//! It verifies certificates, not rights: whether a satellite is known or revoked is its caller's question.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use openpam_proto::close::CloseCode;
use openpam_proto::frame::{self, Frame};
use openpam_proto::join::{self, JoinRequest};
use openpam_proto::message::Message;
use openpam_proto::version::{ALPN_JOIN, ALPN_TUNNEL};
use quinn::crypto::rustls::HandshakeData;
use rustls_pki_types::CertificateDer;
use tokio::io::AsyncReadExt;
use tokio::sync::{Semaphore, mpsc};

use crate::identity::{Certified, NodeIdentity, NodeName, read_certificate};
use crate::quic::{self, EndpointError, QuicTunnel, ResetKey};
use crate::tls;
use crate::tunnel::Tunnel;

/// A handshake, and a join's request after it, must be done this soon.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Handshakes at the same time; further ones are refused.
const MAX_HANDSHAKES: usize = 256;
/// Finished arrivals that wait for the hub; further handshakes wait.
const ARRIVALS: usize = 64;

/// Whoever completed a handshake.
#[derive(Debug)]
pub enum Arrival {
    /// A node with a certificate of this installation.
    Tunnel {
        /// What the certificate says.
        certified: Certified,
        /// The tunnel.
        tunnel: Tunnel,
        /// From where.
        remote: SocketAddr,
    },
    /// A machine with a join token.
    Join(JoinArrival),
}

/// A join that waits for its answer.
#[derive(Debug)]
pub struct JoinArrival {
    /// What was asked.
    pub request: JoinRequest,
    /// From where.
    pub remote: SocketAddr,
    connection: quinn::Connection,
    send: quinn::SendStream,
}

impl JoinArrival {
    /// Answers, waits until the peer has it (or a while), and closes.
    pub async fn answer(mut self, answer: &join::ToSite) {
        let mut buffer = BytesMut::new();
        if frame::put_message(&mut buffer, answer).is_ok()
            && self.send.write_all(&buffer).await.is_ok()
            && self.send.finish().is_ok()
        {
            let _ = tokio::time::timeout(HANDSHAKE_TIMEOUT, self.connection.closed()).await;
        }
        self.connection.close(CloseCode::Normal.number().into(), b"");
    }
}

/// The tunnel port.
#[derive(Debug)]
pub struct Listener {
    endpoint: quinn::Endpoint,
    arrivals: mpsc::Receiver<Arrival>,
}

impl Listener {
    /// Listens on a UDP address with the hub's identity.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub fn bind(
        address: SocketAddr,
        identity: &NodeIdentity,
        reset: &ResetKey,
    ) -> Result<Self, EndpointError> {
        let endpoint = quic::server(address, server_config(identity)?, reset)?;
        let (send, arrivals) = mpsc::channel(ARRIVALS);
        tokio::spawn(accept(endpoint.clone(), send));
        Ok(Self { endpoint, arrivals })
    }

    /// The address it really listens on.
    #[must_use]
    pub fn local_address(&self) -> Option<SocketAddr> {
        self.endpoint.local_addr().ok()
    }

    /// The next arrival; `None` after [`TunnelPort::close`]. Cancel-safe.
    pub async fn next(&mut self) -> Option<Arrival> {
        self.arrivals.recv().await
    }

    /// A handle on the port, for whoever does not take arrivals.
    #[must_use]
    pub fn port(&self) -> TunnelPort {
        TunnelPort(self.endpoint.clone())
    }
}

fn server_config(identity: &NodeIdentity) -> Result<quinn::ServerConfig, EndpointError> {
    quic::server_config(tls::server(identity).map_err(|error| EndpointError::Tls(error.to_string()))?)
}

/// The port of a [`Listener`].
#[derive(Clone, Debug)]
pub struct TunnelPort(quinn::Endpoint);

impl TunnelPort {
    /// Handshakes from now on use this identity; tunnels that stand are not touched.
    ///
    /// # Errors
    /// [`EndpointError::Tls`].
    pub fn renew(&self, identity: &NodeIdentity) -> Result<(), EndpointError> {
        self.0.set_server_config(Some(server_config(identity)?));
        Ok(())
    }

    /// Closes every tunnel and waits until the peers were told, or `patience` is over.
    pub async fn close(&self, patience: Duration) {
        self.0.close(CloseCode::Normal.number().into(), b"shutting down");
        let _ = tokio::time::timeout(patience, self.0.wait_idle()).await;
    }
}

async fn accept(endpoint: quinn::Endpoint, arrivals: mpsc::Sender<Arrival>) {
    let limit = Arc::new(Semaphore::new(MAX_HANDSHAKES));
    while let Some(incoming) = endpoint.accept().await {
        let Ok(permit) = limit.clone().try_acquire_owned() else {
            incoming.refuse();
            continue;
        };
        let arrivals = arrivals.clone();
        tokio::spawn(async move {
            let remote = incoming.remote_address();
            match tokio::time::timeout(HANDSHAKE_TIMEOUT, handshake(incoming)).await {
                Ok(Ok(arrival)) => {
                    let _ = arrivals.send(arrival).await;
                }
                Ok(Err(reason)) => tracing::info!(%remote, reason, "handshake refused"),
                Err(_) => tracing::info!(%remote, "handshake timed out"),
            }
            drop(permit);
        });
    }
}

async fn handshake(incoming: quinn::Incoming) -> Result<Arrival, String> {
    let remote = incoming.remote_address();
    let connection = incoming.await.map_err(|error| error.to_string())?;
    let alpn = connection
        .handshake_data()
        .and_then(|data| data.downcast::<HandshakeData>().ok())
        .and_then(|data| data.protocol);
    match alpn.as_deref() {
        Some(ALPN_TUNNEL) => {
            let Some(certified) = node(&connection) else {
                connection.close(CloseCode::Unauthenticated.number().into(), b"no node certificate");
                return Err("no node certificate".to_owned());
            };
            Ok(Arrival::Tunnel { certified, tunnel: QuicTunnel::accepted(connection).into(), remote })
        }
        Some(ALPN_JOIN) => join(connection, remote).await,
        _ => Err("no protocol in common".to_owned()),
    }
}

fn node(connection: &quinn::Connection) -> Option<Certified> {
    let chain = connection.peer_identity()?.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    let certified = read_certificate(chain.first()?).ok()?;
    matches!(certified.name, NodeName::Satellite(_)).then_some(certified)
}

async fn join(connection: quinn::Connection, remote: SocketAddr) -> Result<Arrival, String> {
    let (send, recv) = connection.accept_bi().await.map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    // A request is about 600 bytes.
    recv.take(16 * 1024).read_to_end(&mut bytes).await.map_err(|error| error.to_string())?;
    let mut buffer = BytesMut::from(&bytes[..]);
    let Ok(Some(Frame::Message(body))) = frame::take(&mut buffer) else {
        connection.close(CloseCode::Protocol.number().into(), b"malformed join request");
        return Err("malformed join request".to_owned());
    };
    match join::ToHub::from_bytes(&body) {
        Ok(join::ToHub::JoinRequest(request)) => {
            Ok(Arrival::Join(JoinArrival { request, remote, connection, send }))
        }
        _ => {
            connection.close(CloseCode::Protocol.number().into(), b"malformed join request");
            Err("malformed join request".to_owned())
        }
    }
}
