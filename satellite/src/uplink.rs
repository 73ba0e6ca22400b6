//! The way to the hub: dial, serve the tunnel, dial again, also beside a tunnel that fell silent; renew the certificate in
//! time; go back to QUIC when it works.
//!
//! Sessions do not notice: they live in the host. Driven by `node`, one per hub.

mod pace;
mod serve;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use openpam_link::dial::{DialError, Dialled, Dialler, Hint};
use openpam_link::identity::{NodeIdentity, sha256};
use openpam_link::tunnel::{TransportKind, Tunnel};
use openpam_proto::close::CloseCode;
use tokio::time::{Instant, sleep};

use self::pace::{Pace, QuicTrials};
use self::serve::Served;
use crate::bus::site::SiteBus;
use crate::clock::{Reading, SiteClock};
use crate::health::Gauge;
use crate::host::Host;
use crate::policy::part::PartFile;
use crate::renewal::{self, RenewalError};
use crate::state::StateDir;
use crate::status::LineBoard;
use crate::upload::rate::Rate;

/// The hub has to decide first: asked again after this.
const WAIT_FOR_ADMIN: Duration = Duration::from_secs(15);
/// A tunnel that stood so long was one; without a wait another one is dialled.
const STOOD: Duration = Duration::from_secs(5);
/// A renewal that failed while a tunnel stands is tried again after this.
const RENEW_AGAIN: Duration = Duration::from_secs(60);

/// The hub will not have this satellite any more; dialling again is no use.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Expelled {
    /// Stable code.
    pub code: &'static str,
    /// What to do.
    pub message: String,
    /// Whether the key is of no use any more.
    pub revoked: bool,
}

/// What the way to the hub is made of.
pub struct Uplink {
    /// Every living session.
    pub host: Host,
    /// Key and certificate on the disk.
    pub state: Arc<StateDir>,
    /// The same, as dialled with.
    pub identity: NodeIdentity,
    /// Dials the hub.
    pub dialler: Dialler,
    /// What time it is.
    pub clock: SiteClock,
    /// Disk and backlog.
    pub gauge: Gauge,
    /// Where people read how it goes.
    pub board: LineBoard,
    /// The beginning of a policy that is on its way.
    pub part: PartFile,
    /// How fast recordings go up.
    pub rate: Rate,
    /// The site's part of the bus.
    pub bus: SiteBus,
}

/// What is next.
enum Next {
    /// Dial at once.
    Now,
    /// After the usual wait.
    Wait,
    /// After an admin may have decided.
    WaitForAdmin,
    /// A better tunnel stands already.
    Switch(Dialled),
}

impl Uplink {
    /// Keeps a tunnel to the hub until the hub expels this satellite.
    pub async fn run(mut self) -> Expelled {
        let mut pace = Pace::new(Instant::now());
        let mut trials = QuicTrials::default();
        let mut renew_first = false;
        let mut standing = None;
        loop {
            let next = match self.attempt(&mut pace, &mut trials, &mut renew_first, standing.take()).await {
                Ok(next) => next,
                Err(expelled) => return expelled,
            };
            match next {
                Next::Now => {}
                Next::Switch(dialled) => standing = Some(dialled),
                Next::Wait => sleep(pace.wait(Instant::now(), self.host.is_empty(), random())).await,
                Next::WaitForAdmin => sleep(WAIT_FOR_ADMIN).await,
            }
        }
    }

    async fn attempt(
        &mut self,
        pace: &mut Pace,
        trials: &mut QuicTrials,
        renew_first: &mut bool,
        standing: Option<Dialled>,
    ) -> Result<Next, Expelled> {
        if let Reading::Jumped { ahead_ms } = self.clock.look() {
            tracing::error!(
                alarm = true,
                ahead_ms,
                "the machine's clock jumped ahead without the hub's word"
            );
        }
        if *renew_first || renewal::has_expired(&self.identity, self.clock.now_ms()) {
            if let Err(error) = self.renew().await {
                return self.failed(&error).await;
            }
            *renew_first = false;
        }
        let dialled = match standing {
            Some(dialled) => dialled,
            None => {
                let hint = pace.hint(Instant::now(), self.host.is_empty(), trials);
                match self.dialler.tunnel(&self.identity, hint).await {
                    Ok(dialled) => dialled,
                    Err(error) => {
                        if matches!(error, DialError::Closed { code: CloseCode::CertificateExpired }) {
                            *renew_first = true;
                        }
                        return self.failed(&error.into()).await;
                    }
                }
            }
        };
        let (transport, since) = (dialled.tunnel.transport(), Instant::now());
        trials.dialled(transport, since);
        let (served, switched) = self.serve(dialled, trials).await;
        if let Some(better) = switched {
            return Ok(Next::Switch(better));
        }
        self.board.down(self.clock.now_ms(), served.code(), served.reason.clone());
        tracing::warn!(code = served.code(), reason = served.reason, "tunnel is down");
        trials.lost(transport, served.code.is_some(), Instant::now());
        // A hub that welcomes and closes at once is given time.
        let stood = served.welcomed && since.elapsed() >= STOOD;
        if stood {
            pace.lost(Instant::now());
        }
        match served.code {
            Some(code) if is_final(code) => Err(expelled_by(code)),
            Some(CloseCode::Quarantined) => Ok(Next::WaitForAdmin),
            // Its issuer was rotated away, or its last answer got lost: the hub says so once the tunnel stands.
            Some(CloseCode::CertificateExpired) => {
                *renew_first = true;
                Ok(Next::Wait)
            }
            // Somebody else connected as this satellite: a renewal finds out which of the two is the copy.
            Some(CloseCode::Replaced) => {
                *renew_first = true;
                Ok(Next::Now)
            }
            _ if stood => Ok(Next::Now),
            _ => Ok(Next::Wait),
        }
    }

    /// Serves a tunnel until it is lost, or a better one stands beside it.
    async fn serve(&mut self, dialled: Dialled, trials: &mut QuicTrials) -> (Served, Option<Dialled>) {
        let Dialled { tunnel, hub_id, note } = dialled;
        tracing::info!(hub = %hub_id, transport = tunnel.transport().as_str(), note, "tunnel is up");
        let site = serve::Site {
            host: &self.host,
            clock: &self.clock,
            gauge: &self.gauge,
            board: &self.board,
            note: note.as_deref(),
            part: &self.part,
            rate: &self.rate,
            bus: &self.bus,
        };
        let mut renewed = None;
        let hint = Hint { urgent: true, ..trials.hint() };
        let outcome = tokio::select! {
            served = site.serve(&tunnel) => (served, None),
            better = until_quic(&self.dialler, &self.identity, &tunnel, trials) => {
                (Served::switched(&tunnel), Some(better))
            }
            better = until_another(&self.dialler, &self.identity, &tunnel, &self.host, hint) => {
                (Served::switched(&tunnel), Some(better))
            }
            never = keep_renewed(&self.state, &self.dialler, &self.clock, &self.identity, &mut renewed) => {
                match never {}
            }
        };
        if let Some(next) = renewed {
            self.take(next);
        }
        outcome
    }

    fn take(&mut self, next: renewal::Next) {
        self.identity = next.identity;
        self.dialler.set_addresses(next.addresses);
    }

    async fn renew(&mut self) -> Result<(), RenewalError> {
        let next = renewal::renew(&self.state, &self.dialler, &self.clock).await?;
        self.take(next);
        Ok(())
    }

    /// What to do about an attempt that failed.
    async fn failed(&self, error: &RenewalError) -> Result<Next, Expelled> {
        let (code, next) = match error {
            RenewalError::Dial(DialError::Closed { code }) if is_final(*code) => {
                return Err(expelled_by(*code));
            }
            RenewalError::Dial(DialError::Refused(refused)) => match refused.code.as_str() {
                "satellite_revoked" => return Err(expelled_by(CloseCode::Revoked)),
                "satellite_unknown" => return Err(expelled_by(CloseCode::Unknown)),
                "quarantined" | "readmit_needed" => (refused.code.clone(), Next::WaitForAdmin),
                _ => (refused.code.clone(), Next::Wait),
            },
            RenewalError::Dial(DialError::HubTime { .. }) if self.ask_the_time().await => {
                ("clock_wrong".to_owned(), Next::Now)
            }
            RenewalError::Dial(error) => (error.code().to_owned(), Next::Wait),
            _ => ("renewal".to_owned(), Next::Wait),
        };
        self.board.down(self.clock.now_ms(), &code, error.to_string());
        tracing::warn!(code, %error, "no tunnel");
        Ok(next)
    }

    /// With the time unknown, the hub that the pinned root vouches for is asked, whatever its certificate's validity.
    async fn ask_the_time(&self) -> bool {
        if self.clock.look() != Reading::Unknown {
            return false;
        }
        let root = sha256(&self.identity.root);
        match self.dialler.time(root, self.dialler.options().allowed).await {
            Ok(checked) => {
                tracing::warn!(
                    time_ms = checked.time_ms,
                    "the machine's clock is wrong; the hub's time is used"
                );
                self.clock.set(checked.time_ms);
                self.clock.keep();
                true
            }
            Err(error) => {
                tracing::warn!(code = error.code(), %error, "the hub was asked the time in vain");
                false
            }
        }
    }
}

/// Returns when QUIC carries a tunnel, while TCP has to. Never where QUIC is not wanted or carries it already.
async fn until_quic(
    dialler: &Dialler,
    identity: &NodeIdentity,
    tunnel: &Tunnel,
    trials: &mut QuicTrials,
) -> Dialled {
    let wanted = dialler.options().without_quic().is_none();
    if tunnel.transport() != TransportKind::Tcp || !wanted {
        return std::future::pending().await;
    }
    loop {
        sleep(trials.next_trial(random())).await;
        match dialler.probe_quic(identity).await {
            Ok(dialled) => {
                tracing::info!("QUIC works again");
                return dialled;
            }
            Err(error) => tracing::debug!(code = error.code(), %error, "still no QUIC"),
        }
    }
}

/// Returns when this tunnel fell silent with living sessions and the hub answered on another one first.
async fn until_another(
    dialler: &Dialler,
    identity: &NodeIdentity,
    tunnel: &Tunnel,
    host: &Host,
    hint: Hint,
) -> Dialled {
    loop {
        tunnel.falls_silent(|| !host.is_empty()).await;
        tracing::info!("the line is silent; the hub is dialled anew beside it");
        tokio::select! {
            dialled = another(dialler, identity, hint) => {
                tracing::warn!(code = "link_lost", reason = "silent; another tunnel stands", "tunnel is down");
                return dialled;
            }
            () = tunnel.answers() => {}
        }
    }
}

async fn another(dialler: &Dialler, identity: &NodeIdentity, hint: Hint) -> Dialled {
    loop {
        match dialler.tunnel(identity, hint).await {
            Ok(dialled) => return dialled,
            Err(error) => tracing::debug!(code = error.code(), %error, "no tunnel beside the silent one"),
        }
        sleep(pace::URGENT_WAIT).await;
    }
}

/// Renews the certificate in time, again and again; what is new is for the next dial.
async fn keep_renewed(
    state: &StateDir,
    dialler: &Dialler,
    clock: &SiteClock,
    present: &NodeIdentity,
    renewed: &mut Option<renewal::Next>,
) -> Infallible {
    loop {
        let identity = renewed.as_ref().map_or(present, |next| &next.identity);
        sleep(renewal::due_in(identity, clock.now_ms())).await;
        match renewal::renew(state, dialler, clock).await {
            Ok(next) => *renewed = Some(next),
            Err(error) => {
                tracing::warn!(%error, "the certificate could not be renewed; it is tried again");
                sleep(RENEW_AGAIN).await;
            }
        }
    }
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
    Expelled { code: code.as_str(), message: message.to_owned(), revoked: code == CloseCode::Revoked }
}

pub(crate) fn random() -> f64 {
    let mut bytes = [0; 4];
    // Without randomness the jitter is lost, nothing else.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}
