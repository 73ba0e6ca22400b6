//! The sites as they are connected to this hub now: a table that the mesh fills and the API reads.
//!
//! Nothing in it is kept: it is rebuilt from what satellites say when they connect. The lock is held for single
//! look-ups, never across an await.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use openpam_ids::{SatelliteId, SessionId, TargetId, TunnelId, ZoneId};
use openpam_proto::close::CloseCode;
use openpam_proto::control::{Activity, Health, SiteReach};
use openpam_proto::end::EndCode;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

pub use crate::store::kinds::Transport;
use crate::time::Time;

/// Commands that wait for a tunnel's owner; more, and the sender is told that the site does not answer.
const COMMANDS: usize = 64;
/// How long a site may take to end a session.
const END_PATIENCE: Duration = Duration::from_secs(5);
/// A failed dial counts against a target for so long.
const DIAL_MEMORY: Duration = Duration::from_secs(60);
/// A satellite says something on the bus every ten seconds: one that has not for so long is not there.
pub const HEARD_LATELY: Duration = Duration::from_secs(25);
/// Dials remembered at once; when full, old ones are forgotten.
const MAX_DIALS: usize = 10_000;

/// A connected satellite, as the API shows it.
#[derive(Clone, Debug)]
pub struct LiveTunnel {
    /// Which transport carries it.
    pub transport: Transport,
    /// Since when.
    pub since: Time,
    /// Round trip in milliseconds, once measured.
    pub rtt_ms: Option<f64>,
    /// The satellite's version.
    pub version: String,
    /// How many sessions it holds.
    pub sessions: usize,
    /// Why it does not use QUIC, in its own words.
    pub transport_note: Option<String>,
    /// What its own configuration lets sessions reach.
    pub reach: Option<SiteReach>,
    /// What it said last about itself.
    pub health: Option<Health>,
    /// How far its clock is ahead of the hub's, in milliseconds.
    pub clock_skew_ms: Option<i64>,
    /// Packets of a thousand that got lost on the way to it in the last minute.
    pub loss_permille: Option<u32>,
    /// Whether it was heard on the bus lately.
    pub on_bus: bool,
}

/// What happens in a running session, as its site said last.
#[derive(Clone, Copy, Debug)]
pub struct SessionActivity {
    /// Bytes that were typed to the target.
    pub input_bytes: u64,
    /// Bytes that the target printed.
    pub output_bytes: u64,
    /// When something was typed last; without any, when it began.
    pub last_input_at: Time,
}

/// What a tunnel's owner is asked to do.
#[derive(Debug)]
pub enum Command {
    /// End a session at the site.
    EndSession {
        /// Which.
        session_id: SessionId,
        /// Why.
        code: EndCode,
        /// For people.
        message: String,
        /// Whether the site knew it.
        done: oneshot::Sender<bool>,
    },
    /// There is something new among its commands.
    Orders,
    /// The satellite may not stay: tell it why and close.
    Close(CloseCode),
}

/// A tunnel, as the mesh registers it.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Whose.
    pub satellite_id: SatelliteId,
    /// Its zone.
    pub zone_id: ZoneId,
    /// This tunnel.
    pub tunnel_id: TunnelId,
    /// What carries it.
    pub transport: Transport,
    /// The satellite's version.
    pub version: String,
    /// Its living sessions, and how many browsers are on each.
    pub sessions: HashMap<SessionId, usize>,
    /// Why it does not use QUIC, in its own words.
    pub transport_note: Option<String>,
    /// What its own configuration lets sessions reach.
    pub reach: Option<SiteReach>,
}

/// Why a session could not be ended at its site.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EndError {
    /// The zone has no tunnel to this hub.
    #[error("the site is offline")]
    Offline,
    /// The site does not have it.
    #[error("the site does not have that session")]
    Unknown,
    /// The site did not answer in time.
    #[error("the site does not answer")]
    NoAnswer,
}

/// The table. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Sites(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    tunnels: HashMap<SatelliteId, Entry>,
    failed_dials: HashMap<TargetId, Instant>,
}

#[derive(Debug)]
struct Entry {
    about: Registration,
    since: Time,
    rtt_ms: Option<f64>,
    loss_permille: Option<u32>,
    health: Option<Health>,
    clock_skew_ms: Option<i64>,
    activity: HashMap<SessionId, SessionActivity>,
    heard_on_bus: Option<Instant>,
    commands: mpsc::Sender<Command>,
}

impl Sites {
    // What the mesh says.

    /// A tunnel stands. A former one of the same satellite is replaced, its commands end. Commands come on the receiver.
    pub fn register(&self, about: Registration) -> mpsc::Receiver<Command> {
        let (commands, receiver) = mpsc::channel(COMMANDS);
        let entry = Entry {
            since: Time::now(),
            rtt_ms: None,
            loss_permille: None,
            health: None,
            clock_skew_ms: None,
            activity: HashMap::new(),
            heard_on_bus: None,
            commands,
            about,
        };
        let mut table = self.table();
        table.tunnels.insert(entry.about.satellite_id, entry);
        receiver
    }

    /// A tunnel is gone. If a newer one of the same satellite stands, nothing changes.
    pub fn unregister(&self, satellite: SatelliteId, tunnel: TunnelId) {
        let mut table = self.table();
        if table.tunnels.get(&satellite).is_some_and(|entry| entry.about.tunnel_id == tunnel) {
            table.tunnels.remove(&satellite);
        }
    }

    /// A round trip was measured.
    pub fn measured(&self, satellite: SatelliteId, rtt_ms: f64) {
        if let Some(entry) = self.table().tunnels.get_mut(&satellite) {
            entry.rtt_ms = Some(rtt_ms);
        }
    }

    /// Lost packets were counted.
    pub fn counted(&self, satellite: SatelliteId, loss_permille: Option<u32>) {
        if let Some(entry) = self.table().tunnels.get_mut(&satellite) {
            entry.loss_permille = loss_permille;
        }
    }

    /// The satellite said something on the bus.
    pub fn heard_on_bus(&self, satellite: SatelliteId) {
        if let Some(entry) = self.table().tunnels.get_mut(&satellite) {
            entry.heard_on_bus = Some(Instant::now());
        }
    }

    /// The satellite said how it is.
    pub fn told(&self, satellite: SatelliteId, health: Health) {
        let now_ms = Time::now().as_ms();
        if let Some(entry) = self.table().tunnels.get_mut(&satellite) {
            let under_way_ms = entry.rtt_ms.map_or(0, |rtt| (rtt / 2.0) as i64);
            entry.clock_skew_ms = Some(health.time_ms.saturating_add(under_way_ms).saturating_sub(now_ms));
            entry.health = Some(health);
        }
    }

    /// The satellite said what happens in its sessions. Of sessions that it does not hold nothing is kept.
    pub fn happened(&self, satellite: SatelliteId, activity: Activity) {
        let now = Time::now();
        let mut table = self.table();
        let Some(entry) = table.tunnels.get_mut(&satellite) else { return };
        for session in activity.sessions {
            if entry.about.sessions.contains_key(&session.session_id) {
                let happened = SessionActivity {
                    input_bytes: session.input_bytes,
                    output_bytes: session.output_bytes,
                    last_input_at: now.before(Duration::from_secs(session.idle_s.into())),
                };
                entry.activity.insert(session.session_id, happened);
            }
        }
    }

    /// A session began, through another hub.
    pub fn began(&self, satellite: SatelliteId, session: SessionId) {
        if let Some(entry) = self.table().tunnels.get_mut(&satellite) {
            entry.about.sessions.entry(session).or_default();
        }
    }

    /// A browser is on a session. One that takes over comes before the other has gone.
    pub fn attached_to(&self, satellite: SatelliteId, session: SessionId) {
        if let Some(entry) = self.table().tunnels.get_mut(&satellite) {
            *entry.about.sessions.entry(session).or_default() += 1;
        }
    }

    /// A browser has gone; the session may live on.
    pub fn detached_from(&self, satellite: SatelliteId, session: SessionId) {
        if let Some(entry) = self.table().tunnels.get_mut(&satellite)
            && let Some(browsers) = entry.about.sessions.get_mut(&session)
        {
            *browsers = browsers.saturating_sub(1);
        }
    }

    /// A session is over.
    pub fn session_ended(&self, satellite: SatelliteId, session: SessionId) {
        if let Some(entry) = self.table().tunnels.get_mut(&satellite) {
            entry.about.sessions.remove(&session);
            entry.activity.remove(&session);
        }
    }

    /// A target was dialled, and did or did not connect.
    pub fn dialled(&self, target: TargetId, connected: bool) {
        let mut table = self.table();
        if connected {
            table.failed_dials.remove(&target);
            return;
        }
        if table.failed_dials.len() >= MAX_DIALS {
            table.failed_dials.retain(|_, at| at.elapsed() < DIAL_MEMORY);
        }
        if table.failed_dials.len() < MAX_DIALS {
            table.failed_dials.insert(target, Instant::now());
        }
    }

    // What the API asks.

    /// The satellite's tunnel, if it is connected.
    #[must_use]
    pub fn state(&self, satellite: SatelliteId) -> Option<LiveTunnel> {
        self.table().tunnels.get(&satellite).map(|entry| LiveTunnel {
            transport: entry.about.transport,
            since: entry.since,
            rtt_ms: entry.rtt_ms,
            version: entry.about.version.clone(),
            sessions: entry.about.sessions.len(),
            transport_note: entry.about.transport_note.clone(),
            reach: entry.about.reach.clone(),
            health: entry.health.clone(),
            clock_skew_ms: entry.clock_skew_ms,
            loss_permille: entry.loss_permille,
            on_bus: entry.heard_on_bus.is_some_and(|heard| heard.elapsed() < HEARD_LATELY),
        })
    }

    /// Whether the zone has a tunnel.
    #[must_use]
    pub fn zone_online(&self, zone: ZoneId) -> bool {
        self.table().tunnels.values().any(|entry| entry.about.zone_id == zone)
    }

    /// Whether the zone has a tunnel, and no dial of the target failed to connect in the last minute.
    #[must_use]
    pub fn target_reachable(&self, zone: ZoneId, target: TargetId) -> bool {
        let failed = self.table().failed_dials.get(&target).is_some_and(|at| at.elapsed() < DIAL_MEMORY);
        !failed && self.zone_online(zone)
    }

    /// Whether a browser is on the session.
    #[must_use]
    pub fn attached(&self, session: SessionId) -> bool {
        self.table()
            .tunnels
            .values()
            .any(|entry| entry.about.sessions.get(&session).is_some_and(|browsers| *browsers > 0))
    }

    /// What happens in a session at this satellite, and over which transport; `None` while that is not connected.
    #[must_use]
    pub fn happens(
        &self,
        satellite: SatelliteId,
        session: SessionId,
    ) -> Option<(Transport, Option<SessionActivity>)> {
        let table = self.table();
        let entry = table.tunnels.get(&satellite)?;
        Some((entry.about.transport, entry.activity.get(&session).copied()))
    }

    /// How many of these sessions are at sites that are connected.
    #[must_use]
    pub fn held(&self, sessions: &HashSet<SessionId>) -> usize {
        let table = self.table();
        let held = table.tunnels.values().flat_map(|entry| entry.about.sessions.keys());
        held.filter(|session| sessions.contains(session)).count()
    }

    /// The connected satellites.
    #[must_use]
    pub fn connected(&self) -> Vec<SatelliteId> {
        self.table().tunnels.keys().copied().collect()
    }

    /// How many tunnels, and how many sessions behind them.
    #[must_use]
    pub fn count(&self) -> (u64, u64) {
        let table = self.table();
        let sessions: usize = table.tunnels.values().map(|entry| entry.about.sessions.len()).sum();
        (table.tunnels.len() as u64, sessions as u64)
    }

    /// Ends a session at the site that holds it and waits for its answer.
    ///
    /// # Errors
    /// [`EndError`].
    pub async fn end_session(
        &self,
        satellite: SatelliteId,
        session: SessionId,
        code: EndCode,
        message: String,
    ) -> Result<(), EndError> {
        let (done, answer) = oneshot::channel();
        let command = Command::EndSession { session_id: session, code, message, done };
        self.commands(satellite)
            .ok_or(EndError::Offline)?
            .try_send(command)
            .map_err(|_| EndError::NoAnswer)?;
        match timeout(END_PATIENCE, answer).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(EndError::Unknown),
            Ok(Err(_)) => Err(EndError::Offline),
            Err(_) => Err(EndError::NoAnswer),
        }
    }

    /// There is something new among the satellite's commands. Without a tunnel it is for whoever has one.
    pub fn nudge(&self, satellite: SatelliteId) {
        // Those that wait are looked at together, so one that finds no room is not needed.
        let _ = self.commands(satellite).map(|commands| commands.try_send(Command::Orders));
    }

    /// Drops a satellite's tunnel at once.
    pub fn drop_satellite(&self, satellite: SatelliteId, code: CloseCode) {
        // The owner sees the command, or, if its queue is full, the end of the queue.
        let mut table = self.table();
        if let Some(entry) = table.tunnels.remove(&satellite) {
            let _ = entry.commands.try_send(Command::Close(code));
        }
    }

    fn commands(&self, satellite: SatelliteId) -> Option<mpsc::Sender<Command>> {
        self.table().tunnels.get(&satellite).map(|entry| entry.commands.clone())
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration() -> Registration {
        Registration {
            satellite_id: SatelliteId::generate(),
            zone_id: ZoneId::generate(),
            tunnel_id: TunnelId::generate(),
            transport: Transport::Quic,
            version: "1".to_owned(),
            sessions: HashMap::new(),
            transport_note: None,
            reach: None,
        }
    }

    #[test]
    fn the_end_of_an_old_tunnel_does_not_take_the_new_one_away() {
        let (sites, old) = (Sites::default(), registration());
        let new = Registration { tunnel_id: TunnelId::generate(), ..old.clone() };
        let _first = sites.register(old.clone());
        let _second = sites.register(new.clone());
        sites.unregister(old.satellite_id, old.tunnel_id);
        assert!(sites.zone_online(old.zone_id));
        sites.unregister(new.satellite_id, new.tunnel_id);
        assert!(!sites.zone_online(old.zone_id));
    }

    #[tokio::test]
    async fn a_session_is_ended_through_the_tunnels_owner() {
        let (sites, about, session) = (Sites::default(), registration(), SessionId::generate());
        let end = |sites: Sites| async move {
            sites.end_session(about.satellite_id, session, EndCode::TerminatedByAdmin, String::new()).await
        };
        assert_eq!(end(sites.clone()).await, Err(EndError::Offline));
        let mut commands = sites.register(registration_of(&sites, about.satellite_id));
        let owner = tokio::spawn(async move {
            let Some(Command::EndSession { done, .. }) = commands.recv().await else { panic!("a command") };
            done.send(true).expect("somebody waits");
        });
        assert_eq!(end(sites).await, Ok(()));
        owner.await.expect("ran");
    }

    fn registration_of(_: &Sites, satellite_id: SatelliteId) -> Registration {
        Registration { satellite_id, ..registration() }
    }

    #[test]
    fn a_target_whose_dial_failed_is_not_reachable_until_one_succeeds() {
        let (sites, about, target) = (Sites::default(), registration(), TargetId::generate());
        let zone = about.zone_id;
        let _commands = sites.register(about);
        assert!(sites.target_reachable(zone, target));
        sites.dialled(target, false);
        assert!(!sites.target_reachable(zone, target));
        sites.dialled(target, true);
        assert!(sites.target_reachable(zone, target));
    }
}
