//! The way to the hub: dial, serve the tunnel, dial again with backoff.
//!
//! Sessions do not notice: they live in the host. Driven by `node`, one per hub.

use std::time::Duration;

use openpam_link::backoff::Backoff;
use openpam_link::dial::{self, DialError};
use openpam_link::identity::NodeIdentity;
use openpam_link::lane::{Lane, LaneAcceptor};
use openpam_link::tunnel::{Ended, Tunnel, TunnelError};
use openpam_proto::close::CloseCode;
use openpam_proto::lane::{Control as ControlLane, LaneHeader};

use crate::control::{Control, ControlError};
use crate::host::Host;
use crate::session::attach;
use crate::upload;

const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The hub will not have this satellite any more; dialling again is no use.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Expelled {
    /// Stable code.
    pub code: &'static str,
    /// What to do.
    pub message: String,
}

/// Keeps a tunnel to the hub until the hub expels this satellite.
pub async fn run(host: Host, identity: NodeIdentity, addresses: Vec<String>) -> Expelled {
    let mut backoff = Backoff::new(FIRST_WAIT, LONGEST_WAIT);
    loop {
        match dial::connect(&identity, &addresses).await {
            Ok((tunnel, hub)) => {
                tracing::info!(%hub, transport = tunnel.transport().as_str(), "tunnel is up");
                let ended = serve(&tunnel, &host).await;
                if let Some(expelled) = expelled(&ended) {
                    return expelled;
                }
                if ended.served {
                    backoff.reset();
                }
                tracing::warn!(code = ended.code(), reason = ended.reason, "tunnel is down");
            }
            Err(DialError::Closed { code }) if is_final(code) => return expelled_by(code),
            Err(error) => tracing::warn!(code = error.code(), %error, "no tunnel"),
        }
        tokio::time::sleep(backoff.wait(random())).await;
    }
}

struct Served {
    code: Option<CloseCode>,
    reason: String,
    /// Whether the hub welcomed this satellite.
    served: bool,
}

impl Served {
    fn code(&self) -> &'static str {
        self.code.map_or("link_lost", CloseCode::as_str)
    }
}

async fn serve(tunnel: &Tunnel, host: &Host) -> Served {
    let mut served = false;
    let error = match serve_until_error(tunnel, host, &mut served).await {
        Ok(()) => "done".to_owned(),
        Err(Failure::Control(ControlError::Revoked)) => {
            tunnel.close(CloseCode::Normal);
            return Served {
                code: Some(CloseCode::Revoked),
                reason: ControlError::Revoked.to_string(),
                served,
            };
        }
        Err(error) => error.to_string(),
    };
    // If the hub closed with a code, that says more than our own stumbling over it.
    let ended = tokio::time::timeout(Duration::from_millis(200), tunnel.closed()).await;
    tunnel.close(CloseCode::Normal);
    match ended {
        Ok(Ended { code: Some(code), reason }) => Served { code: Some(code), reason, served },
        _ => Served { code: None, reason: error, served },
    }
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Tunnel(#[from] TunnelError),
    #[error(transparent)]
    Control(#[from] ControlError),
}

async fn serve_until_error(tunnel: &Tunnel, host: &Host, served: &mut bool) -> Result<(), Failure> {
    let (lane, _acceptor) = tunnel.open_lane(LaneHeader::Control(ControlLane {})).await?;
    let control = Control::open(&lane, host).await?;
    *served = true;
    tracing::info!(hub = %control.welcome.hub_id, version = control.welcome.version, "hub welcomed this satellite");
    host.recorder().set_key(control.welcome.recording_key.to_vec());
    tokio::select! {
        ended = control.run(host) => Ok(ended?),
        ended = accept_lanes(tunnel, host) => Ok(ended?),
        () = upload::run(tunnel, host.store(), host.recorder()) => Ok(()),
    }
}

async fn accept_lanes(tunnel: &Tunnel, host: &Host) -> Result<(), TunnelError> {
    loop {
        match tunnel.accept_lane().await {
            Ok((LaneHeader::Session(_), lane, acceptor)) => {
                tokio::spawn(serve_session_lane(host.clone(), lane, acceptor));
            }
            Ok((other, ..)) => tracing::debug!(?other, "unexpected lane dropped"),
            Err(TunnelError::Header) => {}
            Err(error) => return Err(error),
        }
    }
}

/// The hub closes a session's lane; until then it is held, also while no channel is open in it.
async fn serve_session_lane(host: Host, lane: Lane, mut acceptor: LaneAcceptor) {
    while let Some(channel) = acceptor.accept().await {
        tokio::spawn(attach::serve(host.clone(), channel));
    }
    drop(lane);
}

fn expelled(ended: &Served) -> Option<Expelled> {
    ended.code.filter(|code| is_final(*code)).map(expelled_by)
}

const fn is_final(code: CloseCode) -> bool {
    matches!(code, CloseCode::Revoked | CloseCode::Unknown)
}

fn expelled_by(code: CloseCode) -> Expelled {
    let message = match code {
        CloseCode::Revoked => {
            "this satellite was revoked by an administrator; to use this machine again, \
                               get a new token and run: openpam-satellite join --replace TOKEN"
        }
        _ => {
            "the hub does not know this satellite; get a new token and run: openpam-satellite join --replace TOKEN"
        }
    };
    Expelled { code: code.as_str(), message: message.to_owned() }
}

fn random() -> f64 {
    let mut bytes = [0; 4];
    // Without randomness the jitter is lost, nothing else.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}
