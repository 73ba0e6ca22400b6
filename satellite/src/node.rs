//! `openpam-satellite run`: wires state folder, store, recorder, host and uplink, and stops them in order.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use openpam_link::identity::NodeIdentity;
use openpam_proto::end::{EndCode, Hop, NoticeCode};
use tokio::signal::unix::{SignalKind, signal};

use crate::bus::site::SiteBus;
use crate::clock::{self, Reading, SiteClock};
use crate::commands::work::Worker;
use crate::config::Config;
use crate::credentials::Credentials;
use crate::desktop::drive::Drives;
use crate::desktop::health::Guacd;
use crate::desktop::wire::Wire;
use crate::health::Gauge;
use crate::host::Host;
use crate::hubs::{Aim, Hubs};
use crate::journal::Journal;
use crate::lead::Lead;
use crate::local::{self, Desk, Request};
use crate::policy::Policies;
use crate::policy::part::PartFile;
use crate::reconciler;
use crate::recorder::Recorder;
use crate::renewal;
use crate::session::spill::SpillSpace;
use crate::spool::guard;
use crate::state::{Membership, StateDir};
use crate::status::board::LineBoard;
use crate::status::{PolicyStatus, Status};
use crate::store::{Recovered, Store};
use crate::uplink::{Expelled, Uplink};
use crate::uplinks;
use crate::upload::rate::Rate;

/// Sessions, recordings and events get this long to be finished at a stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Runs until a signal, or until the hub expels this satellite.
///
/// # Errors
/// If the state folder can't be used, or the satellite was expelled ([`Expelled`]).
pub async fn run(state: StateDir, config: Config) -> anyhow::Result<()> {
    let (membership, identity) = state.membership()?;
    let clock = SiteClock::open(state.join("clock"));
    let (store, recovered) = Store::open(&state.join("satellite.db"))?;
    if let Some(Recovered { kept, events, reason }) = recovered {
        let kept = kept.display();
        tracing::error!(%kept, events, reason, alarm = true, "the database was damaged and is kept; another one has begun, with the events that could be read");
    }
    let recorder = Recorder::start(store.clone(), &state.join("spool"))?;
    let orphans = store.close_orphans(clock.now_ms()).await?;
    if orphans > 0 {
        tracing::warn!(orphans, "sessions of an earlier run were ended: satellite_restarted");
    }
    let space = SpillSpace::new(state.join("spool"), store.clone(), config.limits.spill);
    let journal = Journal::start(store.clone());
    let policies = Policies::open(store.clone(), membership.zone_id).await?;
    // What a stopped program did not see counts as time without the hub.
    let heard_ms = store.heard().await?.filter(|heard_ms| *heard_ms < clock.now_ms());
    let board = LineBoard::new(heard_ms.unwrap_or_else(|| clock.now_ms()));
    let site = (clock.clone(), policies, board.clone());
    let drives = config.guacd_drive.map(Drives::new);
    if let Some(drives) = &drives {
        drives.sweep();
        if let Err(error) = drives.check() {
            tracing::error!(%error, "desktops get no drives: look at the setting guacd_drive");
        }
    }
    let guacd = Guacd::new(Wire::new(&config.guacd, clock.for_tls()).context("TLS to guacd")?);
    let reach = (config.reach, guacd.clone(), drives);
    let host = Host::new(store.clone(), journal, recorder, config.limits, reach, space, site);
    let state = Arc::new(state);
    let gauge = Gauge::new(state.path().to_owned(), store, guacd.clone());
    tracing::info!(zone = membership.zone, satellite = %membership.satellite_id, "openpam-satellite runs");
    let bus = SiteBus::new(state.join("nats"), config.nats_server);
    let hubs = Hubs::open(state.clone());
    let joined = (&membership, identity.clone());
    let uplink = Uplink {
        aim: Aim::Any,
        credentials: Credentials::new(state.clone(), (clock.clone(), hubs.clone()), joined),
        hubs,
        host: host.clone(),
        dial: config.dial.clone(),
        clock: clock.clone(),
        gauge: gauge.clone(),
        board: board.clone(),
        part: PartFile::new(state.join("policy.part")),
        events: Lead::default(),
        rate: Rate::new(config.limits.upload_bytes_per_second),
        bus: bus.clone(),
    };
    let worker = Worker { host: host.clone(), state: state.clone(), dial: config.dial };
    let office = Office {
        host: host.clone(),
        state: state.clone(),
        clock: clock.clone(),
        gauge,
        board,
        running_since_ms: clock.now_ms(),
        joined: (membership, identity),
    };
    let mut terminate = signal(SignalKind::terminate()).context("signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals")?;
    let expelled = tokio::select! {
        expelled = uplinks::run(uplink) => Some(expelled),
        () = keep_time(&clock, &host) => None,
        () = reconciler::run(host.clone()) => None,
        () = guard::run(host.clone()) => None,
        () = bus.run() => None,
        () = guacd.run(host.reach().lets_desktops(), clock.clone()) => None,
        () = worker.run() => None,
        () = serve_office(office) => None,
        _ = terminate.recv() => None,
        _ = interrupt.recv() => None,
    };
    keep_heard(&host).await;
    stop(&host, expelled.as_ref()).await;
    clock.keep();
    match expelled {
        Some(expelled) => {
            if expelled.revoked
                && let Err(error) = state.give_up_key()
            {
                tracing::error!(%error, "the key of a revoked satellite could not be removed");
            }
            Err(expelled.into())
        }
        None => Ok(()),
    }
}

/// Writes the highest time seen to the disk every now and then, and that the hub is there; when it is lost at once.
async fn keep_time(clock: &SiteClock, host: &Host) {
    let mut line = host.board().watch();
    loop {
        keep_heard(host).await;
        let lost = async {
            // Whatever it says: the time at which the hub was there last does not depend on how often it is written.
            while line.changed().await.is_ok_and(|()| line.borrow_and_update().is_up()) {}
        };
        let _ = tokio::time::timeout(clock::KEEP_EVERY, lost).await;
        let _ = clock.look();
        clock.keep();
    }
}

/// When a hub was here last, and the site held its policy: now, or when that ended.
async fn keep_heard(host: &Host) {
    let at_ms = host.away_since_ms().unwrap_or_else(|| host.clock().now_ms());
    if let Err(error) = host.store().keep_heard(at_ms).await {
        tracing::warn!(%error, "when the hub was here last could not be kept");
    }
}

async fn serve_office(office: Office) {
    match local::listen(office.state.path()) {
        Ok(listener) => local::serve(listener, office).await,
        Err(error) => {
            tracing::warn!(%error, "status and drain do not work: the socket in the state folder cannot be made");
            std::future::pending().await
        }
    }
}

async fn stop(host: &Host, expelled: Option<&Expelled>) {
    let (code, message, hop) = match expelled {
        Some(_) => (EndCode::TerminatedByAdmin, "the satellite was revoked", Hop::Hub),
        None => (EndCode::SatelliteRestarted, "the satellite was stopped", Hop::Site),
    };
    host.end_all(code, message, hop).await;
    let finished = tokio::time::timeout(STOP_TIMEOUT, host.finish()).await;
    if finished.is_err() {
        tracing::warn!("sessions did not end in time; what was recorded is complete but for the last second");
    }
}

/// Answers people who ask the running program.
#[derive(Clone)]
struct Office {
    host: Host,
    state: Arc<StateDir>,
    clock: SiteClock,
    gauge: Gauge,
    board: LineBoard,
    running_since_ms: i64,
    /// At the start.
    joined: (Membership, NodeIdentity),
}

impl Desk for Office {
    async fn answer(&self, request: Request) -> Status {
        match request {
            Request::Status => {}
            Request::Drain { within_s } => {
                self.host.set_draining(true);
                let minutes = within_s.div_ceil(60);
                let when = if within_s < 60 { format!("{within_s} s") } else { format!("{minutes} min") };
                let message = format!(
                    "this site's satellite is about to be restarted: this session ends in {when} at the latest"
                );
                self.host.notify_all(NoticeCode::EndsSoon, &message);
            }
            Request::Resume => self.host.set_draining(false),
        }
        self.status().await
    }
}

impl Office {
    fn policy(&self) -> Option<PolicyStatus> {
        let held = self.host.policies().held()?;
        let longest_ms = i64::try_from(held.longest_away().as_millis()).unwrap_or(i64::MAX);
        let away_since_ms = self.host.away_since_ms();
        Some(PolicyStatus {
            version: held.version().version,
            epoch: held.version().epoch,
            issued_ms: held.issued_ms(),
            opens_until_ms: away_since_ms.map(|since_ms| since_ms.saturating_add(longest_ms)),
        })
    }

    async fn status(&self) -> Status {
        let now_ms = self.clock.now_ms();
        let reading = match self.clock.look() {
            Reading::Sound => "sound",
            Reading::Unknown => "unknown",
            Reading::Jumped { .. } => "jumped",
        };
        let backlog = self.gauge.backlog().await.unwrap_or_default();
        let disk = self.gauge.disk();
        // As renewals leave it on the disk; a disk that does not answer is no reason to say nothing.
        let (membership, identity) = self.state.membership().unwrap_or_else(|_| self.joined.clone());
        let expires_s = identity.certified().map_or(0, |certified| certified.not_after_s);
        let due_ms = i64::try_from(renewal::due_in(&identity, now_ms).as_millis()).unwrap_or(i64::MAX);
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            satellite_id: membership.satellite_id,
            zone: membership.zone,
            addresses: membership.addresses,
            running_since_ms: self.running_since_ms,
            line: self.board.read(),
            lines: self.board.read_all(),
            certificate_expires_ms: expires_s.saturating_mul(1000),
            certificate_renewal_ms: now_ms.saturating_add(due_ms),
            certificate_generation: membership.generation,
            clock: reading.to_owned(),
            clock_skew_ms: clock::now_ms().saturating_sub(now_ms),
            sessions: self.host.len(),
            max_sessions: self.host.limits().sessions,
            draining: self.host.is_draining(),
            events_waiting: backlog.events,
            spool_bytes: backlog.spool_bytes,
            disk_free_bytes: disk.map(|disk| disk.free_bytes),
            disk_bytes: disk.map(|disk| disk.bytes),
            disk_full: self.host.store().is_tight(),
            spool_full: self.host.is_spool_full(),
            policy: self.policy(),
            guacd: self.host.guacd().status(),
            policy_refused: self
                .host
                .policies()
                .refused()
                .borrow()
                .as_ref()
                .map(|(_, reason)| reason.clone()),
        }
    }
}
