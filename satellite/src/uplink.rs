//! The way to one hub: dial, serve the tunnel, dial again, also beside a tunnel that fell silent; go back to QUIC when it works.
//!
//! Sessions do not notice: they live in the host. Driven by `uplinks`; whether it dials at all is for `hubs` to say.

mod pace;
mod serve;

use std::time::Duration;

use openpam_ids::HubId;
use openpam_link::dial::{DialError, DialOptions, Dialled, Dialler, Hint};
use openpam_link::identity::sha256;
use openpam_link::tunnel::{TransportKind, Tunnel};
use openpam_proto::close::CloseCode;
use tokio::time::{Instant, sleep, sleep_until};

use self::pace::{Pace, QuicTrials};
use self::serve::Served;
use crate::bus::site::SiteBus;
use crate::clock::{Reading, SiteClock};
use crate::credentials::Credentials;
use crate::health::Gauge;
use crate::host::Host;
use crate::hubs::{Aim, Hubs, NotTaken, Taken, Turn};
use crate::lead::Lead;
use crate::policy::part::PartFile;
use crate::renewal::{self, RenewalError};
use crate::status::board::LineBoard;
use crate::upload::rate::Rate;

/// The hub has to decide first: asked again after this.
const WAIT_FOR_ADMIN: Duration = Duration::from_secs(15);
/// A tunnel that stood so long was one; without a wait another one is dialled.
const STOOD: Duration = Duration::from_secs(5);
/// Where other uplinks probably find a hub first.
const SOON: Duration = Duration::from_secs(1);
/// Where others hold tunnels, but not to every hub.
const SELDOM: Duration = Duration::from_secs(30);

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

/// What the way to a hub is made of.
#[derive(Clone)]
pub struct Uplink {
    /// Whom it is for.
    pub aim: Aim,
    /// Which hubs there are, and who holds tunnels to them.
    pub hubs: Hubs,
    /// Every living session.
    pub host: Host,
    /// What it signs in with.
    pub credentials: Credentials,
    /// How it dials.
    pub dial: DialOptions,
    /// What time it is.
    pub clock: SiteClock,
    /// Disk and backlog.
    pub gauge: Gauge,
    /// Where people read how it goes.
    pub board: LineBoard,
    /// The beginning of a policy that is on its way.
    pub part: PartFile,
    /// Which tunnel carries events.
    pub events: Lead,
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
    Switch(Dialled, Taken),
}

/// Why a dial brought no tunnel that is kept.
#[derive(Debug, thiserror::Error)]
enum NoTunnel {
    #[error(transparent)]
    Dial(#[from] DialError),
    #[error(transparent)]
    NotTaken(#[from] NotTaken),
}

impl Uplink {
    /// Keeps a tunnel for as long as there is such a hub; `Some`: the hub expelled this satellite.
    pub async fn run(self) -> Option<Expelled> {
        let mut pace = Pace::new(Instant::now());
        let mut trials = QuicTrials::default();
        let mut renew_first = None;
        let mut standing = None;
        let mut due = Instant::now();
        loop {
            if standing.is_none() && !self.turn(&mut pace, due).await {
                return None;
            }
            let next = match self.attempt(&mut pace, &mut trials, &mut renew_first, standing.take()).await {
                Ok(next) => next,
                Err(expelled) => return Some(expelled),
            };
            due = match next {
                Next::Now => Instant::now(),
                Next::Switch(dialled, taken) => {
                    standing = Some((dialled, taken));
                    continue;
                }
                Next::Wait => {
                    let now = Instant::now();
                    now + pace.wait(now, self.host.is_empty(), self.hubs.count() > 0, random())
                }
                Next::WaitForAdmin => Instant::now() + WAIT_FOR_ADMIN,
            };
        }
    }

    /// Waits until it is to dial, at `due` at the earliest; `false`: there is no such hub any more.
    async fn turn(&self, pace: &mut Pace, mut due: Instant) -> bool {
        let mut table = self.hubs.watch();
        let (mut before, mut since) = (None, Instant::now());
        loop {
            let turn = table.borrow_and_update().turn(self.aim);
            if before != Some(turn) {
                let now = Instant::now();
                let stood_by = matches!(before, Some(Turn::StandBy | Turn::Seldom)) && now - since >= STOOD;
                if stood_by && matches!(turn, Turn::Now | Turn::Soon) {
                    // Somebody else's tunnel was lost.
                    pace.lost(now);
                    due = now;
                }
                (before, since) = (Some(turn), now);
            }
            let until = match turn {
                Turn::Now => due,
                Turn::Soon => due.max(since + SOON),
                Turn::Seldom => due.max(since + SELDOM),
                Turn::StandBy | Turn::Over => {
                    self.settled(self.board.stand_by(self.aim, self.clock.now_ms()));
                    if turn == Turn::Over {
                        return false;
                    }
                    // The table lives as long as this uplink does.
                    let _ = table.changed().await;
                    continue;
                }
            };
            tokio::select! {
                () = sleep_until(until) => return true,
                _ = table.changed() => {}
            }
        }
    }

    /// Dials, and takes the hub that answers if it is to.
    async fn dial(&self, hint: Hint) -> Result<(Dialled, Taken), NoTunnel> {
        let dialled = match self.dialler().tunnel(&self.credentials.held().identity, hint).await {
            Ok(dialled) => dialled,
            Err(error) => {
                if self.aim == Aim::Any {
                    self.hubs.failed();
                }
                return Err(error.into());
            }
        };
        match self.hubs.take(self.aim, dialled.hub_id) {
            Ok(taken) => Ok((dialled, taken)),
            Err(not_taken) => {
                dialled.tunnel.close(CloseCode::Normal);
                Err(not_taken.into())
            }
        }
    }

    fn dialler(&self) -> Dialler {
        let addresses = match self.aim {
            Aim::Any => self.credentials.held().addresses,
            Aim::Hub(hub_id) => self.hubs.addresses(hub_id),
        };
        Dialler::new(addresses, self.dial.clone(), self.clock.for_tls())
    }

    async fn attempt(
        &self,
        pace: &mut Pace,
        trials: &mut QuicTrials,
        renew_first: &mut Option<u64>,
        standing: Option<(Dialled, Taken)>,
    ) -> Result<Next, Expelled> {
        if let Reading::Jumped { ahead_ms } = self.clock.look() {
            tracing::error!(
                alarm = true,
                ahead_ms,
                "the machine's clock jumped ahead without the hub's word"
            );
        }
        let held = self.credentials.held();
        let expired = renewal::has_expired(&held.identity, self.clock.now_ms()).then_some(held.generation);
        if let Some(before) = renew_first.or(expired) {
            if let Err(error) = self.credentials.renew(&self.dialler(), before).await {
                return self.failed(&error).await;
            }
            *renew_first = None;
        }
        let generation = self.credentials.held().generation;
        let (dialled, taken) = match standing {
            Some(standing) => standing,
            None => match self.dial(pace.hint(Instant::now(), self.host.is_empty(), trials)).await {
                Ok(dialled) => dialled,
                Err(NoTunnel::NotTaken(reason)) => return Ok(self.not_taken(&reason)),
                Err(NoTunnel::Dial(error)) => {
                    if matches!(error, DialError::Closed { code: CloseCode::CertificateExpired }) {
                        *renew_first = Some(generation);
                    }
                    return self.failed(&error.into()).await;
                }
            },
        };
        let (transport, since) = (dialled.tunnel.transport(), Instant::now());
        trials.dialled(transport, since);
        let (served, next) = self.serve(dialled, taken, trials).await;
        if let Some((better, taken)) = next {
            return Ok(Next::Switch(better, taken));
        }
        self.down(served.code(), served.reason.clone());
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
                *renew_first = Some(generation);
                Ok(Next::Wait)
            }
            // Somebody else connected as this satellite: a renewal finds out which of the two is the copy.
            Some(CloseCode::Replaced) => {
                *renew_first = Some(self.credentials.held().generation);
                Ok(Next::Now)
            }
            _ if stood => Ok(Next::Now),
            _ => Ok(Next::Wait),
        }
    }

    /// Serves a tunnel until it is lost, or a better one stands beside it.
    async fn serve(
        &self,
        dialled: Dialled,
        taken: Taken,
        trials: &mut QuicTrials,
    ) -> (Served, Option<(Dialled, Taken)>) {
        let Dialled { tunnel, hub_id, note } = dialled;
        tracing::info!(hub = %hub_id, transport = tunnel.transport().as_str(), note, "tunnel is up");
        let site = serve::Site { uplink: self, note: note.as_deref() };
        let hint = Hint { urgent: true, ..trials.hint() };
        let dialler = self.dialler();
        let better = tokio::select! {
            served = site.serve(&tunnel) => return (served, None),
            better = self.until_quic(&tunnel, hub_id, trials) => (better, None),
            better = self.until_another(&tunnel, hub_id, hint) => better,
            never = self.credentials.keep_renewed(&dialler) => match never {},
        };
        let (better, other) = better;
        (Served::switched(&tunnel), Some((better, other.unwrap_or(taken))))
    }

    /// Returns when QUIC carries a tunnel, while TCP has to. Never where QUIC is not wanted or carries it already.
    async fn until_quic(&self, tunnel: &Tunnel, hub_id: HubId, trials: &mut QuicTrials) -> Dialled {
        let wanted = self.dial.without_quic().is_none();
        if tunnel.transport() != TransportKind::Tcp || !wanted {
            return std::future::pending().await;
        }
        loop {
            sleep(trials.next_trial(random())).await;
            match self.dialler().probe_quic(&self.credentials.held().identity).await {
                Ok(dialled) if dialled.hub_id == hub_id => {
                    tracing::info!("QUIC works again");
                    return dialled;
                }
                Ok(other) => other.tunnel.close(CloseCode::Normal),
                Err(error) => tracing::debug!(code = error.code(), %error, "still no QUIC"),
            }
        }
    }

    /// Returns when this tunnel fell silent with living sessions and its hub, or one that nobody has, answered on another one
    /// first.
    async fn until_another(&self, tunnel: &Tunnel, hub_id: HubId, hint: Hint) -> (Dialled, Option<Taken>) {
        loop {
            tunnel.falls_silent(|| !self.host.is_empty()).await;
            tracing::info!(hub = %hub_id, "the line is silent; the hub is dialled anew beside it");
            tokio::select! {
                another = self.another(hub_id, hint) => {
                    tracing::warn!(code = "link_lost", reason = "silent; another tunnel stands", "tunnel is down");
                    return another;
                }
                () = tunnel.answers() => {}
            }
        }
    }

    async fn another(&self, hub_id: HubId, hint: Hint) -> (Dialled, Option<Taken>) {
        loop {
            match self.dialler().tunnel(&self.credentials.held().identity, hint).await {
                Ok(dialled) if dialled.hub_id == hub_id => return (dialled, None),
                Ok(other) => match self.hubs.take(self.aim, other.hub_id) {
                    Ok(taken) => return (other, Some(taken)),
                    Err(reason) => {
                        other.tunnel.close(CloseCode::Normal);
                        tracing::debug!(%reason, "no tunnel beside the silent one");
                    }
                },
                Err(error) => {
                    tracing::debug!(code = error.code(), %error, "no tunnel beside the silent one");
                }
            }
            sleep(pace::URGENT_WAIT).await;
        }
    }

    /// A tunnel was closed again before anything was said in it.
    fn not_taken(&self, reason: &NotTaken) -> Next {
        match reason {
            NotTaken::Other { .. } => {
                tracing::warn!(code = "other_hub", %reason, "no tunnel");
                self.down("other_hub", reason.to_string());
            }
            NotTaken::Surplus => tracing::debug!(%reason, "a surplus tunnel was closed"),
        }
        Next::Wait
    }

    /// Says that there is no tunnel.
    fn down(&self, code: &str, message: String) {
        let now_ms = self.clock.now_ms();
        // Where others stand, nobody misses one to just any hub.
        let settled = match self.aim == Aim::Any && self.hubs.count() > 0 {
            true => self.board.stand_by(self.aim, now_ms),
            false => self.board.down(self.aim, now_ms, code, message),
        };
        self.settled(settled);
    }

    /// A hub is there for the site again, or another one was all along: from when on none was is a fact to keep.
    fn settled(&self, since_ms: Option<i64>) {
        serve::was_away(&self.host, since_ms, self.clock.now_ms(), self.host.policies().version());
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
        self.down(&code, error.to_string());
        tracing::warn!(code, %error, "no tunnel");
        Ok(next)
    }

    /// With the time unknown, the hub that the pinned root vouches for is asked, whatever its certificate's validity.
    async fn ask_the_time(&self) -> bool {
        if self.clock.look() != Reading::Unknown {
            return false;
        }
        let root = sha256(&self.credentials.held().identity.root);
        match self.dialler().time(root, self.dial.allowed).await {
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
