//! The control channel, satellite's side: hello, liveness, the outbox going up, requests coming down.
//!
//! It carries messages and decides nothing: ends go to the host, receipts to the store. Where the bus is there, it carries
//! events and what the hub hears every few seconds; what must arrive comes by both.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use openpam_ids::SessionId;
use openpam_link::channel::{ChannelError, ChannelReader, ChannelWriter};
use openpam_link::lane::Lane;
use openpam_link::loss::Losses;
use openpam_link::tunnel::Tunnel;
use openpam_proto::channel::{ChannelHeader, ControlHeader};
use openpam_proto::control::{
    Activity, Answer, BusPass, EndSession, Events, Hello, Ping, PolicyHeld, Pong, SessionActivity, ToHub,
    ToSite, Welcome,
};
use openpam_proto::end::Hop;
use openpam_proto::limits::{MAX_EVENTS_PER_MESSAGE, MAX_SESSIONS_PER_MESSAGE};
use openpam_proto::version;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout};

use crate::bus::carrier::Bus;
use crate::bus::site::SiteBus;
use crate::clock;
use crate::commands::Commands;
use crate::health::Gauge;
use crate::host::Host;
use crate::hubs::Hubs;
use crate::lead::{Ear, Lead};
use crate::session::activity::Seen;
use crate::store::StoreError;

/// The hub answers a hello this soon.
const WELCOME_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the line is measured.
const PING_EVERY: Duration = Duration::from_secs(5);
/// How often the hub hears how this site is.
const HEALTH_EVERY: Duration = Duration::from_secs(10);
/// How often it hears what happens in sessions.
const ACTIVITY_EVERY: Duration = Duration::from_secs(5);
/// Messages that wait for the line; past it their senders wait.
const SEND_QUEUE: usize = 64;
/// What went up by the bus and has no receipt by then goes up by the line.
const RECEIPT_PATIENCE: Duration = Duration::from_millis(500);
/// A hub that took events and has no receipt by then lets another one try.
const RECEIPT_OVERDUE: Duration = Duration::from_secs(10);
/// Answers that are remembered: a request comes by both ways.
const ANSWERS: usize = 64;

/// Why the control channel ended.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The line, or the hub broke the protocol.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The hub closed it.
    #[error("the hub closed the control channel")]
    Closed,
    /// The hub said nothing.
    #[error("the hub did not answer the hello in time")]
    NoWelcome,
    /// Too far apart.
    #[error(
        "the hub speaks protocol minor version {hub}, this satellite {}; update the older one",
        version::MINOR
    )]
    Version {
        /// The hub's.
        hub: u16,
    },
    /// The local store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// This satellite was revoked.
    #[error("this satellite was revoked by an administrator")]
    Revoked,
}

/// An introduced control channel.
pub struct Control {
    reader: ChannelReader,
    writer: ChannelWriter,
    bus: Bus,
    /// What the hub said.
    pub welcome: Welcome,
    /// Up to which event a hub was known to have them before this one was asked.
    receipted: u64,
}

/// What of the site a control channel speaks for.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// Every living session.
    pub host: &'a Host,
    /// Which hubs there are.
    pub hubs: &'a Hubs,
    /// The site's part of the bus.
    pub bus: &'a SiteBus,
    /// Whether the hub is heard.
    pub ear: &'a Ear,
    /// Which tunnel carries events.
    pub events: &'a Lead,
}

impl Control {
    /// Opens the control channel and introduces this satellite.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn open(lane: &Lane, site: Site<'_>, note: Option<&str>) -> Result<Self, ControlError> {
        let host = site.host;
        let channel = lane.open_channel(&ChannelHeader::Control(ControlHeader {})).await?;
        let (mut reader, mut writer, bus) = (channel.reader, channel.writer, Bus::new(site.bus.clone()));
        let receipted = host.store().receipted().await?;
        let hello = Hello {
            minor: version::MINOR,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            time_ms: clock::now_ms(),
            sessions: host.inventory(),
            transport_note: note.map(str::to_owned),
            reach: host.reach().shown(),
            countersigned: host.store().countersigned().await?,
            policy: host.policies().version(),
            bus_key: Some(bus.key()),
        };
        writer.send(&ToHub::Hello(hello)).await?;
        let answer = tokio::time::timeout(WELCOME_TIMEOUT, reader.next_message()).await;
        match answer.map_err(|_| ControlError::NoWelcome)?? {
            Some(ToSite::Welcome(welcome)) if version::accepts(welcome.minor) => {
                site.ear.heard();
                Ok(Self { reader, writer, bus, welcome, receipted })
            }
            Some(ToSite::Welcome(welcome)) => Err(ControlError::Version { hub: welcome.minor }),
            Some(ToSite::Revoked(_)) => Err(ControlError::Revoked),
            Some(_) => Err(ControlError::NoWelcome),
            None => Err(ControlError::Closed),
        }
    }

    /// Carries messages until the channel is at its end.
    ///
    /// # Errors
    /// Always one: why it ended.
    pub async fn run(
        self,
        site: Site<'_>,
        lane: &Lane,
        tunnel: &Tunnel,
        gauge: &Gauge,
    ) -> Result<(), ControlError> {
        let Self { reader, mut writer, bus, welcome, receipted } = self;
        let host = site.host;
        let (send, mut queue) = mpsc::channel::<ToHub>(SEND_QUEUE);
        let has = welcome.next_event.saturating_sub(1);
        if has == 0 || welcome.last_event.is_some() {
            let last = welcome.last_event.as_deref().copied().unwrap_or_default();
            host.store().tie(has, last).await?;
        }
        // What it lacks and was known to be in the books before it was asked got lost there. What another hub took meanwhile
        // did not.
        host.store().wanted_behind(has, receipted).await?;
        let (receipts, receipt) = watch::channel(has);
        let writing = async {
            while let Some(message) = queue.recv().await {
                writer.send(&message).await?;
            }
            Err(ControlError::Closed)
        };
        let (heard, hear) = mpsc::channel(SEND_QUEUE);
        let (passes, pass) = watch::channel(welcome.bus);
        let up = Up { line: &send, bus: &bus };
        tokio::select! {
            ended = writing => ended,
            ended = read(reader, hear, site, up, receipts, passes) => ended,
            never = bus.run(lane, pass, &heard) => match never {},
            ended = send_events(site, up, receipt) => ended,
            ended = tell_health(host, tunnel, gauge, up) => ended,
            ended = tell_activity(host, up) => ended,
            ended = tell_policy(host, &send) => ended,
            ended = tell_commands(host.commands(), up) => ended,
            ended = ping(&send) => ended,
        }
    }
}

/// The ways up.
#[derive(Clone, Copy)]
struct Up<'a> {
    line: &'a mpsc::Sender<ToHub>,
    bus: &'a Bus,
}

impl Up<'_> {
    /// By the bus if that is there; whether it was.
    async fn either(self, message: ToHub) -> Result<bool, ControlError> {
        if self.bus.send(&message).await {
            return Ok(true);
        }
        answer(self.line, message).await?;
        Ok(false)
    }
}

async fn read(
    mut reader: ChannelReader,
    mut bus: mpsc::Receiver<ToSite>,
    site: Site<'_>,
    up: Up<'_>,
    receipts: watch::Sender<u64>,
    passes: watch::Sender<Option<BusPass>>,
) -> Result<(), ControlError> {
    let host = site.host;
    let mut answered = VecDeque::<Answer>::new();
    loop {
        let (message, by_bus) = tokio::select! {
            message = reader.next_message::<ToSite>() => match message? {
                Some(message) => (message, false),
                None => return Err(ControlError::Closed),
            },
            Some(message) = bus.recv() => (message, true),
        };
        if !by_bus {
            site.ear.heard();
        }
        match message {
            // Only whoever holds the other end of the line says so.
            ToSite::Revoked(_) | ToSite::Ping(_) | ToSite::BusPass(_) if by_bus => {}
            ToSite::BusPass(pass) => drop(passes.send_replace(Some(pass))),
            ToSite::Ping(ping) => answer(up.line, ToHub::Pong(Pong { t: ping.t })).await?,
            ToSite::EventReceipt(receipt) => {
                host.store().receipt(receipt.seq).await?;
                receipts.send_replace(receipt.seq);
            }
            ToSite::EndSession(end) => {
                let known = answered.iter().find(|answer| answer.request == end.request).cloned();
                let said = match known {
                    Some(said) => said,
                    None => {
                        let found = end_session(host, &end).await;
                        let said = Answer { request: end.request, found };
                        answered.truncate(ANSWERS - 1);
                        answered.push_front(said.clone());
                        said
                    }
                };
                if !by_bus || !up.bus.send(&ToHub::Answer(said.clone())).await {
                    answer(up.line, ToHub::Answer(said)).await?;
                }
            }
            ToSite::Revoked(_) => return Err(ControlError::Revoked),
            ToSite::Countersigned(said) => {
                let (hub_id, statement) = (said.hub_id, said.seq);
                match host.store().hold(said).await {
                    Ok(true) => {}
                    Ok(false) => {
                        tracing::error!(%hub_id, statement, "the hub signed more than this before: its books were set back");
                    }
                    // A full disk is no reason to lose the tunnel: the next one comes soon.
                    Err(error) => tracing::warn!(%error, "a countersignature could not be kept"),
                }
            }
            ToSite::NewPolicy(new) => host.policies().told(&new.policy_keys, Some(new.policy)).await,
            ToSite::Instances(now) => site.hubs.told(&now.instances),
            ToSite::Pong(_) | ToSite::Welcome(_) => {}
            ToSite::Order(order) => host.commands().order(order),
            ToSite::Withdraw(withdraw) => host.commands().withdraw(withdraw.command_id),
            ToSite::Unknown(kind) => tracing::debug!(kind, "unknown control message skipped"),
        }
    }
}

async fn end_session(host: &Host, end: &EndSession) -> bool {
    host.end(end.session_id, end.code, end.message.clone(), Hop::Hub).await
}

async fn answer(line: &mpsc::Sender<ToHub>, message: ToHub) -> Result<(), ControlError> {
    line.send(message).await.map_err(|_| ControlError::Closed)
}

/// Sends the outbox, while it is this tunnel that does: until its hub is silent, or keeps no events, and another one is there.
async fn send_events(
    site: Site<'_>,
    up: Up<'_>,
    mut receipt: watch::Receiver<u64>,
) -> Result<(), ControlError> {
    let mut sent = 0;
    loop {
        // A hub that may still have something to keep is not given more soon.
        let kept = timeout(RECEIPT_OVERDUE, receipt.wait_for(|seq| *seq >= sent)).await;
        drop(kept.map(|kept| kept.map(|_| ())));
        site.ear.is_heard().await;
        let _leads = site.events.take().await;
        if site.ear.is_silent() {
            continue;
        }
        tokio::select! {
            given_way = send_batches(site, up, &mut receipt, &mut sent) => given_way?,
            () = site.ear.gives_way() => tracing::info!("the hub is silent: another one gets the events"),
        }
    }
}

/// Sends the outbox in batches, each after the receipt of the one before. Returns when another hub is to have a try.
async fn send_batches(
    site: Site<'_>,
    up: Up<'_>,
    receipt: &mut watch::Receiver<u64>,
    sent: &mut u64,
) -> Result<(), ControlError> {
    let store = site.host.store();
    let mut newest = store.newest_event();
    // The hubs have the same books: what another one took need not be said again.
    let mut done = store.receipted().await?.max(*receipt.borrow_and_update());
    loop {
        let events = store.events_after(done, MAX_EVENTS_PER_MESSAGE).await?;
        let Some(last) = events.last().map(|event| event.seq) else {
            newest.changed().await.map_err(|_| ControlError::Closed)?;
            continue;
        };
        let batch = Events { events };
        *sent = last;
        let by_bus = up.either(ToHub::Events(batch.clone())).await?;
        let received = |seq: &u64| *seq >= last;
        if by_bus && timeout(RECEIPT_PATIENCE, receipt.wait_for(received)).await.is_err() {
            tracing::warn!("events have no receipt on the bus and go up by the line");
            up.bus.doubt();
            answer(up.line, ToHub::Events(batch)).await?;
        }
        done = loop {
            match timeout(RECEIPT_OVERDUE, receipt.wait_for(received)).await {
                Ok(got) => break *got.map_err(|_| ControlError::Closed)?,
                Err(_) if site.ear.has_others() => {
                    tracing::warn!("events have no receipt: another hub gets them");
                    return Ok(());
                }
                Err(_) => {}
            }
        };
    }
}

/// Says how this site is, at once and every now and then.
async fn tell_health(host: &Host, tunnel: &Tunnel, gauge: &Gauge, up: Up<'_>) -> Result<(), ControlError> {
    let mut losses = Losses::default();
    loop {
        let health = gauge.read(tunnel, &mut losses, host.is_draining()).await?;
        up.either(ToHub::Health(health)).await?;
        tokio::time::sleep(HEALTH_EVERY).await;
    }
}

/// Says by which policy the site decides: at once, then whenever that changes or one is refused.
async fn tell_policy(host: &Host, line: &mpsc::Sender<ToHub>) -> Result<(), ControlError> {
    let mut held = host.policies().watch();
    let mut refused = host.policies().refused();
    loop {
        let policy = held.borrow_and_update().as_ref().map(|held| held.version());
        let reason = refused.borrow_and_update().as_ref().map(|(_, reason)| reason.clone());
        answer(line, ToHub::PolicyHeld(PolicyHeld { policy, refused: reason })).await?;
        tokio::select! {
            changed = held.changed() => changed.map_err(|_| ControlError::Closed)?,
            changed = refused.changed() => changed.map_err(|_| ControlError::Closed)?,
        }
    }
}

/// Says how far commands are and what came of them: of all that are known at once, then whenever there is something new.
async fn tell_commands(commands: &Commands, up: Up<'_>) -> Result<(), ControlError> {
    let (mut changed, mut told) = (commands.watch(), 0);
    loop {
        changed.borrow_and_update();
        let (news, seen) = commands.news(told);
        told = seen;
        for message in news {
            match &message {
                // The next one says as much.
                ToHub::Progress(_) => drop(up.either(message).await?),
                _ => {
                    up.bus.send(&message).await;
                    answer(up.line, message).await?;
                }
            }
        }
        changed.changed().await.map_err(|_| ControlError::Closed)?;
    }
}

/// Says what happens in sessions: at once, then every now and then of those in which something does.
async fn tell_activity(host: &Host, up: Up<'_>) -> Result<(), ControlError> {
    let mut told = HashMap::<SessionId, Seen>::new();
    loop {
        let (now, mut news, mut seen) = (Instant::now(), Vec::new(), HashMap::new());
        for (session_id, activity) in host.activities() {
            let current = activity.seen();
            seen.insert(session_id, current);
            if told.get(&session_id) != Some(&current) {
                news.push(SessionActivity {
                    session_id,
                    input_bytes: current.input_bytes,
                    output_bytes: current.output_bytes,
                    idle_s: activity.idle_s(current, now),
                });
            }
        }
        told = seen;
        for sessions in news.chunks(MAX_SESSIONS_PER_MESSAGE) {
            up.either(ToHub::Activity(Activity { sessions: sessions.to_vec() })).await?;
        }
        tokio::time::sleep(ACTIVITY_EVERY).await;
    }
}

/// Exercises the line, so that the hub knows its round trip from both sides.
async fn ping(line: &mpsc::Sender<ToHub>) -> Result<(), ControlError> {
    let begun = Instant::now();
    loop {
        tokio::time::sleep(PING_EVERY).await;
        answer(line, ToHub::Ping(Ping { t: begun.elapsed().as_millis() as u64 })).await?;
    }
}
