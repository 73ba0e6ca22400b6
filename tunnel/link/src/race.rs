//! Which transport carries a dial: QUIC first, TCP when QUIC does not answer soon, whichever stands first.
//!
//! Attempts are staggered over all addresses of the hub; where somebody waits they repeat every quarter of a second, so
//! that a hub's return is noticed at once.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use futures::stream::{FuturesUnordered, StreamExt};
use openpam_ids::TunnelId;
use openpam_proto::close::CloseCode;
use openpam_proto::frame;
use openpam_proto::tcp::{Open, Pair, ToHub, ToSite};
use quinn::ConnectionError;
use rustls::{AlertDescription, CertificateError};
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsConnector;

use crate::dial::{Allowed, DialError, DialOptions, Hint};
use crate::identity::HUB_SERVER_NAME;
use crate::quic;
use crate::tcp;
use crate::tunnel::{TransportKind, first_message};

/// One attempt gets this long; an urgent one [`URGENT_ATTEMPT`].
const ATTEMPT: Duration = Duration::from_secs(5);
const URGENT_ATTEMPT: Duration = Duration::from_secs(2);
/// Between attempts at different addresses; urgent ones follow each other every [`URGENT_EVERY`].
const STAGGER: Duration = Duration::from_millis(500);
const URGENT_EVERY: Duration = Duration::from_millis(250);
/// Urgent attempts end after this, and the caller looks around.
const URGENT_PATIENCE: Duration = Duration::from_secs(5);
/// QUIC's head start over TCP, unless it did not work lately.
const HEAD_START: Duration = Duration::from_secs(2);
/// Names are resolved this soon.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);
/// Addresses tried in one dial.
const MAX_CANDIDATES: usize = 16;

pub(crate) type TlsStream = tokio_rustls::client::TlsStream<TcpStream>;

/// What a dial is to bring.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    pub(crate) allowed: Allowed,
    /// Over TCP: both connections of a tunnel.
    pub(crate) paired: bool,
    pub(crate) hint: Hint,
}

/// A finished handshake.
pub(crate) enum Carried {
    Quic { connection: quinn::Connection, endpoint: quinn::Endpoint, address: String },
    Tcp { stream: Box<TlsStream>, pair: Option<(TunnelId, Box<TlsStream>)>, address: String },
}

impl Carried {
    pub(crate) const fn transport(&self) -> TransportKind {
        match self {
            Self::Quic { .. } => TransportKind::Quic,
            Self::Tcp { .. } => TransportKind::Tcp,
        }
    }

    pub(crate) fn address(&self) -> &str {
        match self {
            Self::Quic { address, .. } | Self::Tcp { address, .. } => address,
        }
    }

    pub(crate) fn peer_chain(&self) -> Option<Vec<CertificateDer<'static>>> {
        match self {
            Self::Quic { connection, .. } => connection
                .peer_identity()?
                .downcast::<Vec<CertificateDer<'static>>>()
                .ok()
                .map(|chain| *chain),
            Self::Tcp { stream, .. } => stream
                .get_ref()
                .1
                .peer_certificates()
                .map(|chain| chain.iter().map(|certificate| certificate.clone().into_owned()).collect()),
        }
    }
}

/// An address as it was given and as it resolved; through a proxy it is not resolved here.
#[derive(Clone, Debug)]
struct Candidate {
    address: String,
    peer: Option<SocketAddr>,
}

/// Dials; beside the connection, why it is not QUIC.
pub(crate) async fn run(
    addresses: &[String],
    options: &DialOptions,
    tls: Arc<rustls::ClientConfig>,
    wish: Wish,
) -> Result<(Carried, Option<String>), DialError> {
    let without_quic = match wish.allowed {
        Allowed::Tcp => Some(options.without_quic().unwrap_or_default()),
        Allowed::Auto => options.without_quic(),
        Allowed::Quic => None,
    };
    let candidates = candidates(addresses, options).await?;
    let quic = async {
        let config = quic::client_config((*tls).clone(), options.congestion)?;
        staggered(&candidates, wish.hint.urgent, |candidate| over_quic(candidate, config.clone())).await
    };
    let tcp = || {
        staggered(&candidates, wish.hint.urgent, |candidate| over_tcp(candidate, options, &tls, wish.paired))
    };
    if let Some(why) = without_quic {
        return Ok((tcp().await?, Some(why).filter(|why| !why.is_empty())));
    }
    if wish.allowed == Allowed::Quic {
        return Ok((quic.await?, None));
    }
    if wish.hint.quic_distrusted {
        return match tcp().await {
            Ok(carried) => Ok((carried, Some("tunnels over QUIC break off here".to_owned()))),
            Err(DialError::Unreachable { .. }) => Ok((quic.await?, None)),
            Err(error) => Err(error),
        };
    }
    let quic_failed = Notify::new();
    let quic = async {
        let result = quic.await;
        quic_failed.notify_one();
        result
    };
    let delayed = async {
        if !wish.hint.udp_blocked {
            let _ = timeout(HEAD_START, quic_failed.notified()).await;
        }
        tcp().await
    };
    first_to_stand(quic, delayed).await
}

async fn first_to_stand(
    quic: impl Future<Output = Result<Carried, DialError>>,
    tcp: impl Future<Output = Result<Carried, DialError>>,
) -> Result<(Carried, Option<String>), DialError> {
    tokio::pin!(quic, tcp);
    let (mut quic_error, mut tcp_error) = (None, None);
    loop {
        tokio::select! {
            biased;
            result = &mut quic, if quic_error.is_none() => match result {
                Ok(carried) => return Ok((carried, None)),
                Err(error @ DialError::Unreachable { .. }) => quic_error = Some(error),
                Err(error) => return Err(error),
            },
            result = &mut tcp, if tcp_error.is_none() => match result {
                Ok(carried) => {
                    let why = quic_error.map_or_else(
                        || "no answer over UDP".to_owned(),
                        |error| format!("no QUIC: {error}"),
                    );
                    return Ok((carried, Some(why)));
                }
                Err(error) => tcp_error = Some(error),
            },
        }
        match (quic_error.take(), tcp_error.take()) {
            (
                Some(DialError::Unreachable { address, reason }),
                Some(DialError::Unreachable { reason: tcp, .. }),
            ) => {
                return Err(DialError::Unreachable { address, reason: format!("{reason}; over TCP: {tcp}") });
            }
            (Some(_), Some(error)) => return Err(error),
            (quic, tcp) => (quic_error, tcp_error) = (quic, tcp),
        }
    }
}

async fn candidates(addresses: &[String], options: &DialOptions) -> Result<Vec<Candidate>, DialError> {
    if options.proxy.is_some() {
        return Ok(addresses
            .iter()
            .map(|address| Candidate { address: address.clone(), peer: None })
            .collect());
    }
    let mut last = unreachable("-", "no address of the hub is known");
    let mut candidates = Vec::new();
    for address in addresses {
        match timeout(RESOLVE_TIMEOUT, tokio::net::lookup_host(address.as_str())).await {
            Ok(Ok(found)) => {
                candidates.extend(found.map(|peer| Candidate { address: address.clone(), peer: Some(peer) }))
            }
            Ok(Err(error)) => last = unreachable(address, format!("the name does not resolve: {error}")),
            Err(_) => last = unreachable(address, "the name does not resolve in time"),
        }
    }
    candidates.truncate(MAX_CANDIDATES);
    if candidates.is_empty() { Err(last) } else { Ok(candidates) }
}

fn unreachable(address: &str, reason: impl Into<String>) -> DialError {
    DialError::Unreachable { address: address.to_owned(), reason: reason.into() }
}

/// Attempts after one another without waiting for the one before. A hub that answers with a reason ends it.
async fn staggered<F>(
    candidates: &[Candidate],
    urgent: bool,
    attempt: impl Fn(Candidate) -> F,
) -> Result<Carried, DialError>
where
    F: Future<Output = Result<Carried, DialError>>,
{
    let (every, patience) = if urgent { (URGENT_EVERY, URGENT_ATTEMPT) } else { (STAGGER, ATTEMPT) };
    let deadline = Instant::now() + URGENT_PATIENCE;
    let mut waiting: Box<dyn Iterator<Item = &Candidate> + Send> =
        if urgent { Box::new(candidates.iter().cycle()) } else { Box::new(candidates.iter()) };
    let mut running = FuturesUnordered::new();
    let mut next_at = Instant::now();
    let mut last = unreachable("-", "no address of the hub is known");
    let mut next = waiting.next();
    loop {
        tokio::select! {
            Some(result) = running.next() => match result {
                Ok(carried) => return Ok(carried),
                Err(error @ DialError::Unreachable { .. }) => {
                    last = error;
                    // The next address need not wait for its turn.
                    if !urgent {
                        next_at = Instant::now();
                    }
                }
                Err(error) => return Err(error),
            },
            () = sleep_until(next_at), if next.is_some() => {
                if let Some(candidate) = next.take() {
                    let (address, attempt) = (candidate.address.clone(), attempt(candidate.clone()));
                    running.push(async move {
                        timeout(patience, attempt).await.unwrap_or_else(|_| {
                            Err(unreachable(&address, format!("no answer within {} s", patience.as_secs())))
                        })
                    });
                    next_at = Instant::now() + every;
                    next = waiting.next().filter(|_| !urgent || Instant::now() < deadline);
                }
            }
            else => return Err(last),
        }
    }
}

async fn over_quic(candidate: Candidate, config: quinn::ClientConfig) -> Result<Carried, DialError> {
    let address = candidate.address;
    let Some(peer) = candidate.peer else { return Err(unreachable(&address, "not resolved")) };
    let endpoint = quic::dialler(peer)?;
    let connecting = endpoint
        .connect_with(config, peer, HUB_SERVER_NAME)
        .map_err(|error| unreachable(&address, error.to_string()))?;
    match timeout(ATTEMPT, connecting).await {
        Ok(Ok(connection)) => Ok(Carried::Quic { connection, endpoint, address }),
        Ok(Err(error)) => Err(quic_error(&error, &address)),
        Err(_) => Err(unreachable(&address, "no answer over UDP")),
    }
}

pub(crate) fn quic_error(error: &ConnectionError, address: &str) -> DialError {
    match error {
        // TLS alerts are the crypto error codes 0x100 to 0x1ff (RFC 9001, section 4.8).
        ConnectionError::TransportError(transport) => {
            let code = u64::from(transport.code);
            let alert = code.checked_sub(0x100).and_then(|alert| u8::try_from(alert).ok());
            alert.and_then(|alert| about_certificates(AlertDescription::from(alert), address))
        }
        ConnectionError::ApplicationClosed(close) => {
            Some(DialError::Closed { code: CloseCode::from_number(close.error_code.into_inner()) })
        }
        _ => None,
    }
    .unwrap_or_else(|| unreachable(address, error.to_string()))
}

fn about_certificates(alert: AlertDescription, address: &str) -> Option<DialError> {
    let address = address.to_owned();
    match alert {
        AlertDescription::BadCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnknownCA
        // Another installation's root has the same name but another key.
        | AlertDescription::DecryptError => Some(DialError::WrongHub { address }),
        AlertDescription::CertificateExpired => Some(DialError::HubTime { address }),
        _ => None,
    }
}

async fn over_tcp(
    candidate: Candidate,
    options: &DialOptions,
    tls: &Arc<rustls::ClientConfig>,
    paired: bool,
) -> Result<Carried, DialError> {
    let address = candidate.address.clone();
    if !paired {
        let stream = tls_stream(&candidate, options, tls).await?;
        return Ok(Carried::Tcp { stream, pair: None, address });
    }
    let (mut stream, mut bulk) =
        tokio::try_join!(tls_stream(&candidate, options, tls), tls_stream(&candidate, options, tls))?;
    let tunnel_id = introduce(&mut stream, &ToHub::Open(Open {}), &address).await?;
    let pair = ToHub::Pair(Pair { tunnel_id });
    if introduce(&mut bulk, &pair, &address).await? != tunnel_id {
        return Err(DialError::Malformed);
    }
    Ok(Carried::Tcp { stream, pair: Some((tunnel_id, bulk)), address })
}

async fn introduce(stream: &mut TlsStream, message: &ToHub, address: &str) -> Result<TunnelId, DialError> {
    let failed = |error: std::io::Error| tls_error(&error, address);
    let mut buffer = BytesMut::new();
    frame::put_message(&mut buffer, message).map_err(|_| DialError::Malformed)?;
    stream.write_all(&buffer).await.map_err(failed)?;
    stream.flush().await.map_err(failed)?;
    match first_message(stream).await.map_err(failed)? {
        ToSite::Opened(opened) => Ok(opened.tunnel_id),
        ToSite::Close(close) => Err(DialError::Closed { code: CloseCode::from_number(close.code.into()) }),
        ToSite::Unknown(_) => Err(DialError::Malformed),
    }
}

async fn tls_stream(
    candidate: &Candidate,
    options: &DialOptions,
    tls: &Arc<rustls::ClientConfig>,
) -> Result<Box<TlsStream>, DialError> {
    let address = &candidate.address;
    let socket = match (&options.proxy, candidate.peer) {
        (Some(proxy), _) => proxy.connect(address).await.map_err(|reason| unreachable(address, reason))?,
        (None, Some(peer)) => {
            TcpStream::connect(peer).await.map_err(|error| unreachable(address, error.to_string()))?
        }
        (None, None) => return Err(unreachable(address, "not resolved")),
    };
    tcp::tune(&socket, options.congestion);
    let name = ServerName::try_from(HUB_SERVER_NAME).map_err(|_| DialError::Malformed)?;
    let connecting = TlsConnector::from(tls.clone()).connect(name, socket);
    connecting.await.map(Box::new).map_err(|error| tls_error(&error, address))
}

/// What an error of a TLS stream means.
pub(crate) fn tls_error(error: &std::io::Error, address: &str) -> DialError {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        Some(rustls::Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        )) => Some(DialError::HubTime { address: address.to_owned() }),
        Some(rustls::Error::InvalidCertificate(_)) => {
            Some(DialError::WrongHub { address: address.to_owned() })
        }
        Some(rustls::Error::AlertReceived(alert)) => about_certificates(*alert, address),
        _ => None,
    }
    .unwrap_or_else(|| unreachable(address, error.to_string()))
}
