//! The satellite's side: joining with a token, and dialling the tunnel with its certificate.
//!
//! A join sends the token's secret only after the hub proved the pinned root.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use openpam_ids::HubId;
use openpam_proto::close::CloseCode;
use openpam_proto::frame::{self, Frame};
use openpam_proto::join::{self, JoinRequest, Joined, Refused};
use openpam_proto::message::Message;
use openpam_proto::token::JoinToken;
use quinn::ConnectionError;
use rustls_pki_types::CertificateDer;

use crate::identity::{HUB_SERVER_NAME, NodeIdentity, NodeName, read_certificate, sha256};
use crate::quic::{self, EndpointError, QuicTunnel};
use crate::tls;
use crate::tunnel::Tunnel;

/// One address gets this long for its handshake.
const DIAL_TIMEOUT: Duration = Duration::from_secs(5);
/// The hub gets this long to answer a join.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// An answer carries three certificates.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Why there is no tunnel, or no certificate.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// No address answered.
    #[error("{address}: {reason}")]
    Unreachable {
        /// The last address tried.
        address: String,
        /// What happened there.
        reason: String,
    },
    /// The hub is another one than the token or the certificate names. Nothing was sent.
    #[error("{address}: this is not the hub we know (its certificate leads to another root)")]
    WrongHub {
        /// The address.
        address: String,
    },
    /// The hub closed with a reason of its own.
    #[error("the hub closed the connection: {}", .code.as_str())]
    Closed {
        /// The reason.
        code: CloseCode,
    },
    /// The hub refused the join.
    #[error("{}", .0.message)]
    Refused(Refused),
    /// The hub's answer makes no sense.
    #[error("the hub's answer is malformed")]
    Malformed,
    /// No socket, or own keys that do not fit.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
}

impl DialError {
    /// The stable code for output and tests.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Unreachable { .. } => "hub_unreachable",
            Self::WrongHub { .. } => "wrong_hub",
            Self::Closed { code } => code.as_str(),
            Self::Refused(refused) => &refused.code,
            Self::Malformed => "malformed_answer",
            Self::Endpoint(_) => "internal",
        }
    }
}

/// Dials the first hub address that answers. `addresses` are `host:port`.
///
/// # Errors
/// [`DialError`] of the last address tried.
pub async fn connect(identity: &NodeIdentity, addresses: &[String]) -> Result<(Tunnel, HubId), DialError> {
    let tls = tls::client(identity).map_err(|error| EndpointError::Tls(error.to_string()))?;
    let config = quic::client_config(tls)?;
    let (connection, endpoint, address) = dial(addresses, &config).await?;
    match hub_of(&connection) {
        Some(hub) => Ok((QuicTunnel::dialled(connection, endpoint).into(), hub)),
        None => Err(DialError::WrongHub { address }),
    }
}

/// Joins with a token: sends its secret and a signing request to the pinned hub.
///
/// # Errors
/// [`DialError`]; `Refused` carries the hub's code.
pub async fn join(
    token: &JoinToken,
    csr: Vec<u8>,
    version: String,
    host: String,
) -> Result<Joined, DialError> {
    let tls = tls::join_client(token.ca_sha256).map_err(|error| EndpointError::Tls(error.to_string()))?;
    let config = quic::client_config(tls)?;
    let (connection, endpoint, _) = dial(&token.addresses, &config).await?;
    let request = JoinRequest {
        token_id: token.id,
        secret: token.secret.to_vec().into(),
        csr: csr.into(),
        version,
        host,
    };
    let answer = tokio::time::timeout(ANSWER_TIMEOUT, ask(&connection, request)).await;
    connection.close(CloseCode::Normal.number().into(), b"");
    endpoint.wait_idle().await;
    match answer.map_err(|_| DialError::Malformed)?? {
        // The root that is kept is the one that the token pins.
        join::ToSite::Joined(joined) if sha256(&joined.root) != token.ca_sha256 => Err(DialError::Malformed),
        join::ToSite::Joined(joined) => Ok(joined),
        join::ToSite::Refused(refused) => Err(DialError::Refused(refused)),
        join::ToSite::Unknown(_) => Err(DialError::Malformed),
    }
}

async fn ask(connection: &quinn::Connection, request: JoinRequest) -> Result<join::ToSite, DialError> {
    let closed = |error: ConnectionError| closed_error(&error);
    let (mut send, mut recv) = connection.open_bi().await.map_err(closed)?;
    let mut buffer = BytesMut::new();
    frame::put_message(&mut buffer, &join::ToHub::JoinRequest(request)).map_err(|_| DialError::Malformed)?;
    send.write_all(&buffer).await.map_err(|_| lost(connection))?;
    let _ = send.finish();
    let answer = recv.read_to_end(MAX_ANSWER_BYTES).await.map_err(|_| lost(connection))?;
    match frame::take(&mut BytesMut::from(&answer[..])) {
        Ok(Some(Frame::Message(body))) => join::ToSite::from_bytes(&body).map_err(|_| DialError::Malformed),
        _ => Err(DialError::Malformed),
    }
}

fn lost(connection: &quinn::Connection) -> DialError {
    connection.close_reason().map_or(DialError::Malformed, |error| closed_error(&error))
}

fn closed_error(error: &ConnectionError) -> DialError {
    match quic::ended(error) {
        crate::tunnel::Ended { code: Some(code), .. } => DialError::Closed { code },
        ended => DialError::Unreachable { address: "hub".to_owned(), reason: ended.reason },
    }
}

async fn dial(
    addresses: &[String],
    config: &quinn::ClientConfig,
) -> Result<(quinn::Connection, quinn::Endpoint, String), DialError> {
    let mut last = DialError::Unreachable { address: "-".to_owned(), reason: "no address known".to_owned() };
    for address in addresses {
        let found = match tokio::net::lookup_host(address.as_str()).await {
            Ok(found) => found.collect::<Vec<SocketAddr>>(),
            Err(error) => {
                last = DialError::Unreachable { address: address.clone(), reason: error.to_string() };
                continue;
            }
        };
        for peer in found {
            match dial_one(peer, config).await {
                Ok((connection, endpoint)) => return Ok((connection, endpoint, address.clone())),
                Err(DialFailure::Endpoint(error)) => last = error.into(),
                Err(DialFailure::Unreachable(reason)) => {
                    last = DialError::Unreachable { address: address.clone(), reason };
                }
                Err(DialFailure::WrongHub) => return Err(DialError::WrongHub { address: address.clone() }),
                Err(DialFailure::Closed(code)) => return Err(DialError::Closed { code }),
            }
        }
    }
    Err(last)
}

enum DialFailure {
    Endpoint(EndpointError),
    Unreachable(String),
    WrongHub,
    Closed(CloseCode),
}

async fn dial_one(
    peer: SocketAddr,
    config: &quinn::ClientConfig,
) -> Result<(quinn::Connection, quinn::Endpoint), DialFailure> {
    let endpoint = quic::dialler(peer).map_err(DialFailure::Endpoint)?;
    let connecting = endpoint
        .connect_with(config.clone(), peer, HUB_SERVER_NAME)
        .map_err(|error| DialFailure::Unreachable(error.to_string()))?;
    match tokio::time::timeout(DIAL_TIMEOUT, connecting).await {
        Ok(Ok(connection)) => Ok((connection, endpoint)),
        Ok(Err(error)) => Err(failure(&error)),
        Err(_) => {
            Err(DialFailure::Unreachable(format!("no answer over UDP within {} s", DIAL_TIMEOUT.as_secs())))
        }
    }
}

fn failure(error: &ConnectionError) -> DialFailure {
    // TLS alerts are the crypto error codes 0x100 to 0x1ff (RFC 9001, section 4.8); ours say: not that certificate.
    const BAD_CERTIFICATE: u64 = 0x100 + 42;
    const CERTIFICATE_UNKNOWN: u64 = 0x100 + 46;
    const UNKNOWN_CA: u64 = 0x100 + 48;
    // Another installation's root has the same name but another key.
    const DECRYPT_ERROR: u64 = 0x100 + 51;
    match error {
        ConnectionError::TransportError(transport)
            if [BAD_CERTIFICATE, CERTIFICATE_UNKNOWN, UNKNOWN_CA, DECRYPT_ERROR]
                .contains(&u64::from(transport.code)) =>
        {
            DialFailure::WrongHub
        }
        ConnectionError::ApplicationClosed(close) => {
            DialFailure::Closed(CloseCode::from_number(close.error_code.into_inner()))
        }
        other => DialFailure::Unreachable(other.to_string()),
    }
}

fn hub_of(connection: &quinn::Connection) -> Option<HubId> {
    let chain = connection.peer_identity()?.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    match read_certificate(chain.first()?).ok()?.name {
        NodeName::Hub(id) => Some(id),
        NodeName::Satellite(_) => None,
    }
}
