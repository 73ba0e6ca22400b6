//! The satellite's side of the tunnel port: tunnels, joins, renewals, and the hub's time.
//!
//! A join sends the token's secret only after the hub proved the pinned root. Which transport carries it is decided in
//! `race`; here is what is said over it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use openpam_ids::HubId;
use openpam_proto::close::CloseCode;
use openpam_proto::frame::{self, Frame};
use openpam_proto::join::{self, JoinRequest, Joined, Refused};
use openpam_proto::message::Message;
use openpam_proto::renew::{self, RenewRequest, Renewed, TimeRequest};
use openpam_proto::token::JoinToken;
use rustls_pki_types::CertificateDer;

use crate::exchange;
use crate::identity::{NodeIdentity, NodeName, read_certificate, sha256};
use crate::mux::End;
use crate::proxy::Proxy;
use crate::quic::{Congestion, EndpointError, QuicTunnel};
use crate::race::{self, Carried, Wish};
use crate::tcp::TcpTunnel;
use crate::tls::{self, Clock, Purpose};
use crate::tunnel::{TransportKind, Tunnel};

/// Why there is no tunnel, or no answer.
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
    /// The hub's certificate is not valid at our time: one of the two clocks is wrong. Nothing was sent.
    #[error(
        "{address}: the hub's certificate is not valid at this machine's time; one of the two clocks is wrong"
    )]
    HubTime {
        /// The address.
        address: String,
    },
    /// The hub closed with a reason of its own.
    #[error("the hub closed the connection: {}", .code.as_str())]
    Closed {
        /// The reason.
        code: CloseCode,
    },
    /// The hub refused what was asked.
    #[error("{}", .0.message)]
    Refused(Refused),
    /// The hub's answer makes no sense.
    #[error("the hub's answer is malformed or was cut off")]
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
            Self::HubTime { .. } => "clock_wrong",
            Self::Closed { code } => code.as_str(),
            Self::Refused(refused) => &refused.code,
            Self::Malformed => "malformed_answer",
            Self::Endpoint(_) => "internal",
        }
    }
}

/// Which transports may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Allowed {
    /// QUIC where it works, else TCP.
    #[default]
    Auto,
    /// QUIC alone.
    Quic,
    /// TCP alone.
    Tcp,
}

impl std::str::FromStr for Allowed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "quic" => Ok(Self::Quic),
            "tcp" => Ok(Self::Tcp),
            other => Err(format!("{other:?} is no transport; auto, quic or tcp is")),
        }
    }
}

/// How the hub is dialled.
#[derive(Clone, Debug, Default)]
pub struct DialOptions {
    /// Which transports.
    pub allowed: Allowed,
    /// A proxy in between; with one, TCP alone is used.
    pub proxy: Option<Proxy>,
    /// How the line is filled.
    pub congestion: Congestion,
}

impl DialOptions {
    /// Why QUIC is not even tried; `None` where it is.
    #[must_use]
    pub fn without_quic(&self) -> Option<String> {
        match (&self.proxy, self.allowed) {
            (Some(proxy), _) => Some(format!("through the proxy {proxy}")),
            (None, Allowed::Tcp) => Some("transport = \"tcp\" is set".to_owned()),
            (None, Allowed::Auto | Allowed::Quic) => None,
        }
    }
}

/// What is known before a dial.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hint {
    /// Somebody waits: a new attempt every quarter of a second, until one succeeds or the patience is over.
    pub urgent: bool,
    /// QUIC did not work lately: TCP is tried at the same time, not later.
    pub udp_blocked: bool,
    /// Handshakes over QUIC work, tunnels do not: it is tried only where TCP fails.
    pub quic_distrusted: bool,
}

/// A tunnel that stands, before anything is said in it.
#[derive(Debug)]
pub struct Dialled {
    /// The tunnel.
    pub tunnel: Tunnel,
    /// Which hub instance.
    pub hub_id: HubId,
    /// Why it does not use QUIC, for people.
    pub note: Option<String>,
}

/// One handshake as it went, for people who ask.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Over what.
    pub transport: TransportKind,
    /// The hub's clock: milliseconds since 1970 UTC.
    pub time_ms: i64,
    /// From the first packet to the answer.
    pub took: Duration,
    /// Where.
    pub address: String,
}

/// Dials one hub.
#[derive(Clone, Debug)]
pub struct Dialler {
    addresses: Vec<String>,
    options: DialOptions,
    clock: Clock,
}

impl Dialler {
    /// For a hub at `addresses` (`host:port`, tried in their order); certificates are judged at `clock`.
    #[must_use]
    pub fn new(addresses: Vec<String>, options: DialOptions, clock: Clock) -> Self {
        Self { addresses, options, clock }
    }

    /// From now on the hub is there.
    pub fn set_addresses(&mut self, addresses: Vec<String>) {
        self.addresses = addresses;
    }

    /// How it dials.
    #[must_use]
    pub const fn options(&self) -> &DialOptions {
        &self.options
    }

    /// Where it dials.
    #[must_use]
    pub fn addresses(&self) -> &[String] {
        &self.addresses
    }

    /// Dials a tunnel with whichever transport works.
    ///
    /// # Errors
    /// [`DialError`].
    pub async fn tunnel(&self, identity: &NodeIdentity, hint: Hint) -> Result<Dialled, DialError> {
        let wish = Wish { allowed: self.options.allowed, paired: true, hint };
        let (carried, note) = self.dial(Purpose::Tunnel(identity), wish).await?;
        dialled(carried, note)
    }

    /// Dials a tunnel over QUIC alone: does it work again?
    ///
    /// # Errors
    /// [`DialError`].
    pub async fn probe_quic(&self, identity: &NodeIdentity) -> Result<Dialled, DialError> {
        let wish = Wish { allowed: Allowed::Quic, paired: true, hint: Hint::default() };
        let (carried, _) = self.dial(Purpose::Tunnel(identity), wish).await?;
        dialled(carried, None)
    }

    /// Joins with a token: sends its secret and a signing request to the pinned hub.
    ///
    /// # Errors
    /// [`DialError`]; `Refused` carries the hub's code.
    pub async fn join(
        &self,
        token: &JoinToken,
        csr: Vec<u8>,
        version: String,
        host: String,
    ) -> Result<Joined, DialError> {
        let request = join::ToHub::JoinRequest(JoinRequest {
            token_id: token.id,
            secret: token.secret.to_vec().into(),
            csr: csr.into(),
            version,
            host,
        });
        match self.ask(Purpose::Join(token.ca_sha256), self.options.allowed, &request).await?.0 {
            // The root that is kept is the one that the token pins.
            join::ToSite::Joined(joined) if sha256(&joined.root) == token.ca_sha256 => Ok(joined),
            join::ToSite::Refused(refused) => Err(DialError::Refused(refused)),
            join::ToSite::Joined(_) | join::ToSite::Unknown(_) => Err(DialError::Malformed),
        }
    }

    /// Asks for the next certificate.
    ///
    /// # Errors
    /// [`DialError`]; `Refused` carries the hub's code.
    pub async fn renew(&self, identity: &NodeIdentity, request: RenewRequest) -> Result<Renewed, DialError> {
        let request = renew::ToHub::RenewRequest(request);
        match self.ask(Purpose::Renew(identity), self.options.allowed, &request).await?.0 {
            renew::ToSite::Renewed(renewed) => Ok(renewed),
            renew::ToSite::Refused(refused) => Err(DialError::Refused(refused)),
            renew::ToSite::Time(_) | renew::ToSite::Unknown(_) => Err(DialError::Malformed),
        }
    }

    /// Asks for the hub's time over `allowed`, from a hub whose chain leads to the root with this fingerprint, whatever
    /// its validity.
    ///
    /// # Errors
    /// [`DialError`].
    pub async fn time(&self, root_sha256: [u8; 32], allowed: Allowed) -> Result<Checked, DialError> {
        let begun = Instant::now();
        let request = renew::ToHub::TimeRequest(TimeRequest {});
        let (answer, transport, address) = self.ask(Purpose::Time(root_sha256), allowed, &request).await?;
        match answer {
            renew::ToSite::Time(time) => {
                Ok(Checked { transport, time_ms: time.time_ms, took: begun.elapsed(), address })
            }
            renew::ToSite::Refused(refused) => Err(DialError::Refused(refused)),
            renew::ToSite::Renewed(_) | renew::ToSite::Unknown(_) => Err(DialError::Malformed),
        }
    }

    async fn ask<A: Message>(
        &self,
        purpose: Purpose<'_>,
        allowed: Allowed,
        request: &impl Message,
    ) -> Result<(A, TransportKind, String), DialError> {
        let mut buffer = BytesMut::new();
        frame::put_message(&mut buffer, request).map_err(|_| DialError::Malformed)?;
        let wish = Wish { allowed, paired: false, hint: Hint::default() };
        let (carried, _) = self.dial(purpose, wish).await?;
        let (transport, address) = (carried.transport(), carried.address().to_owned());
        let answer = exchange::ask(carried, &buffer).await?;
        match frame::take(&mut BytesMut::from(&answer[..])) {
            Ok(Some(Frame::Message(body))) => {
                let answer = A::from_bytes(&body).map_err(|_| DialError::Malformed)?;
                Ok((answer, transport, address))
            }
            _ => Err(DialError::Malformed),
        }
    }

    async fn dial(&self, purpose: Purpose<'_>, wish: Wish) -> Result<(Carried, Option<String>), DialError> {
        let tls = tls::client(purpose, &self.clock).map_err(|error| EndpointError::Tls(error.to_string()))?;
        race::run(&self.addresses, &self.options, Arc::new(tls), wish).await
    }
}

fn dialled(carried: Carried, note: Option<String>) -> Result<Dialled, DialError> {
    let address = carried.address().to_owned();
    let hub_id = hub_of(carried.peer_chain().as_deref()).ok_or(DialError::WrongHub { address })?;
    let tunnel = match carried {
        Carried::Quic { connection, endpoint, .. } => QuicTunnel::dialled(connection, endpoint).into(),
        Carried::Tcp { stream, pair: Some((_, bulk)), .. } => {
            TcpTunnel::start(stream, bulk, End::Opener).into()
        }
        Carried::Tcp { pair: None, .. } => return Err(DialError::Malformed),
    };
    Ok(Dialled { tunnel, hub_id, note })
}

fn hub_of(chain: Option<&[CertificateDer<'static>]>) -> Option<HubId> {
    match read_certificate(chain?.first()?).ok()?.name {
        NodeName::Hub(id) => Some(id),
        NodeName::Satellite(_) => None,
    }
}
