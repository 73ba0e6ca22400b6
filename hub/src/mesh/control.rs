//! The control channel, hub's side: welcome, liveness and round trip, events coming up, commands going down.
//!
//! What may travel on the bus as well comes in by either. What must arrive goes down both ways, and the satellite does it once.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use nkeys::{KeyPair, KeyPairType};
use openpam_ids::{SatelliteId, SessionId, TunnelId, ZoneId};
use openpam_link::channel::{Channel, ChannelError};
use openpam_proto::close::CloseCode;
use openpam_proto::control::{
    BusPass, EndSession, EventReceipt, Events, Hello, LiveSession, NewPolicy, Ping, PolicyHeld, Pong,
    Revoked, ToHub, ToSite, Welcome,
};
use openpam_proto::end::EndCode;
use openpam_proto::witness::MAX_HELD;
use openpam_proto::{limits, version};
use tokio::sync::{mpsc, oneshot};

use super::carrier::BusCarrier;
use super::commands::Orders;
use super::events;
use super::others::Others;
use crate::app::Hub;
use crate::bus::authority::{Authority, between, policy_subject};
use crate::metrics::Counter;
use crate::sites::{Command, Transport};
use crate::store::events::ChainError;
use crate::store::satellites::Waiting;
use crate::store::{StoreError, installation, satellites, sessions};
use crate::time::Time;
use crate::witness;

/// A satellite introduces itself this soon.
const HELLO_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the round trip is measured.
const PING_EVERY: Duration = Duration::from_secs(2);
/// How often the books learn that the satellite is still here.
const SEEN_EVERY: Duration = Duration::from_secs(30);
/// Events that the books did not take are offered again after this.
const KEEP_AGAIN: Duration = Duration::from_secs(1);
/// Requests that wait for their answer; past it the oldest is given up.
const MAX_REQUESTS: usize = 256;
/// Sessions that the books call active but the satellite does not have are closed this long after its hello:
/// by then its outbox has said how they ended.
const RECONCILE_AFTER: Duration = Duration::from_secs(10);

/// Why the control channel ended.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The line, or the satellite broke the protocol.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The satellite closed it.
    #[error("the satellite closed the control channel")]
    Closed,
    /// The satellite did not introduce itself.
    #[error("no hello in time")]
    NoHello,
    /// Too far apart.
    #[error("the satellite speaks protocol minor version {0}")]
    Version(u16),
    /// The satellite's events do not continue its chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The books.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// More than a message may hold.
    #[error("too many events in one message")]
    TooManyEvents,
    /// The hub will not have it any more.
    #[error("{}", .0.as_str())]
    Close(CloseCode),
}

/// An introduced control channel.
pub struct Control {
    channel: Channel,
    satellite: SatelliteId,
    zone: ZoneId,
    transport: Transport,
    hello: Hello,
    /// Sessions that the books called active when it came.
    before: Vec<SessionId>,
    /// By whom its way in to the bus is signed.
    passed_by: Arc<Authority>,
    /// The hubs that it knows of.
    others: Others,
}

impl Control {
    /// Takes the hello, answers the welcome.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn welcome(
        hub: &Hub,
        (satellite, zone): (SatelliteId, ZoneId),
        transport: Transport,
        tunnel_id: TunnelId,
        mut channel: Channel,
    ) -> Result<Self, ControlError> {
        let hello = tokio::time::timeout(HELLO_TIMEOUT, channel.reader.next_message()).await;
        let Ok(Some(ToHub::Hello(mut hello))) = hello.map_err(|_| ControlError::NoHello)? else {
            return Err(ControlError::NoHello);
        };
        hello.countersigned.truncate(MAX_HELD);
        if !version::accepts(hello.minor) {
            return Err(ControlError::Version(hello.minor));
        }
        let mut db = hub.pool.acquire().await.map_err(StoreError::from)?;
        let (last, last_hash) = crate::store::events::last(&mut db, satellite).await?;
        drop(db);
        let note = hello.transport_note.as_deref();
        satellites::seen(&hub.pool, satellite, &hello.version, transport, note, None).await?;
        // Read before anybody can open a session through this tunnel.
        let before = sessions::active_at(&hub.pool, satellite).await?;
        let installation = installation::read(&hub.pool).await?;
        let passed_by = hub.keys.bus.present();
        let others = Others::of(hub, zone, hello.minor).await?;
        let welcome = Welcome {
            minor: version::MINOR,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            hub_id: hub.id,
            tunnel_id,
            time_ms: Time::now().as_ms(),
            recording_key: hub.keys.recording.public().to_vec().into(),
            epoch: installation.epoch,
            next_event: last + 1,
            policy_keys: policy_keys(hub),
            policy: hub.policies.head(zone).map(|head| head.policy),
            last_event: (last > 0).then(|| last_hash.into()),
            instances: others.known.clone(),
            bus: hello.bus_key.as_deref().and_then(|key| bus_pass(hub, &passed_by, (zone, satellite), key)),
        };
        channel.writer.send(&ToSite::Welcome(welcome)).await?;
        Ok(Self { channel, satellite, zone, transport, hello, before, passed_by, others })
    }

    /// How it introduced itself.
    #[must_use]
    pub const fn hello(&self) -> &Hello {
        &self.hello
    }

    /// The program's version, as it introduced itself.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.hello.version
    }

    /// Sessions it holds, as it introduced itself.
    #[must_use]
    pub fn sessions(&self) -> &[LiveSession] {
        &self.hello.sessions
    }

    /// Carries messages until the channel is at its end. `round_trip` is told each measured one.
    ///
    /// # Errors
    /// Always one: why it ended.
    pub async fn run(
        self,
        hub: &Hub,
        commands: &mut mpsc::Receiver<Command>,
        round_trip: impl Fn(Duration),
    ) -> Result<(), ControlError> {
        let Self { channel, satellite, zone, transport, hello, before, mut passed_by, mut others } = self;
        let mut bus_stands = hub.bus.watch();
        bus_stands.mark_changed();
        let (mut reader, mut writer) = (channel.reader, channel.writer);
        let begun = Instant::now();
        let mut ping = tokio::time::interval(PING_EVERY);
        let mut seen = tokio::time::interval_at((begun + SEEN_EVERY).into(), SEEN_EVERY);
        let reconcile = tokio::time::sleep(RECONCILE_AFTER);
        tokio::pin!(reconcile);
        let mut reconciled = false;
        let mut waiting = None;
        let keeps_policy = hello.minor >= version::MINOR_OF_POLICY;
        let mut policies = hub.policies.watch();
        policies.mark_changed();
        let mut told = hello.policy;
        // The next batch comes after the receipt of the one before; one that was long in coming is said again, by the other
        // carrier, and so may the next be while that is looked at.
        let mut behind: Option<(Carrier, Events)> = None;
        let mut keeping: Option<(Carrier, BoxFuture<'_, Result<u64, ChainError>>)> = None;
        if let Err(error) = witness::compare(hub, satellite, &hello.countersigned).await {
            tracing::warn!(%satellite, %error, "what the satellite holds could not be compared with the books");
        }
        let mut countersigned = hub.countersigned.subscribe();
        // The newest one at once, also if it was made before.
        countersigned.mark_changed();
        let mut bus = BusCarrier::new(hub, (satellite, zone), hello.bus_key.is_some());
        let mut orders = Orders::new(hub, satellite, hello.minor >= version::MINOR_OF_COMMANDS);
        hub.sites.nudge(satellite);
        let mut request = 0;
        let mut asked = BTreeMap::<u64, oneshot::Sender<bool>>::new();
        loop {
            let (carrier, message) = tokio::select! {
                message = reader.next_message::<ToHub>() => (Carrier::Lane, message?.ok_or(ControlError::Closed)?),
                message = bus.next() => (Carrier::Bus, message.map_err(ChannelError::from)?),
                (carrier, seq) = async {
                    match &mut keeping {
                        Some((carrier, keeping)) => (*carrier, keeping.await),
                        None => pending().await,
                    }
                } => {
                    let next = behind.take();
                    keeping = next.map(|(carrier, batch)| (carrier, keep(hub, satellite, batch).boxed()));
                    let receipt = ToSite::EventReceipt(EventReceipt { seq: seq? });
                    if carrier == Carrier::Lane || !bus.send(&receipt).await {
                        writer.send(&receipt).await?;
                    }
                    continue;
                }
                command = commands.recv() => match command.ok_or(ControlError::Closed)? {
                    Command::EndSession { session_id, code, message, done } => {
                        request += 1;
                        if asked.len() >= MAX_REQUESTS {
                            asked.pop_first();
                        }
                        asked.insert(request, done);
                        let end = ToSite::EndSession(EndSession { request, session_id, code, message });
                        bus.send(&end).await;
                        writer.send(&end).await?;
                        continue;
                    }
                    Command::Orders => {
                        for message in orders.due().await {
                            bus.send(&message).await;
                            writer.send(&message).await?;
                        }
                        continue;
                    }
                    Command::Close(code) => {
                        if code == CloseCode::Revoked {
                            writer.send(&ToSite::Revoked(Revoked {})).await?;
                        }
                        return Err(ControlError::Close(code));
                    }
                },
                Ok(()) = policies.changed(), if keeps_policy => {
                    policies.borrow_and_update();
                    let newest = hub.policies.head(zone).map(|head| head.policy);
                    if let Some(policy) = newest.filter(|_| newest > told) {
                        told = newest;
                        let new = ToSite::NewPolicy(NewPolicy { policy, policy_keys: policy_keys(hub) });
                        bus.send(&new).await;
                        writer.send(&new).await?;
                    }
                    continue;
                }
                instances = others.changed(hub) => {
                    writer.send(&ToSite::Instances(instances)).await?;
                    continue;
                }
                Ok(()) = bus_stands.changed() => {
                    bus_stands.borrow_and_update();
                    let signs = hub.keys.bus.present();
                    if !Arc::ptr_eq(&signs, &passed_by)
                        && let Some(key) = &hello.bus_key
                        && let Some(pass) = bus_pass(hub, &signs, (zone, satellite), key)
                    {
                        writer.send(&ToSite::BusPass(pass)).await?;
                    }
                    passed_by = signs;
                    continue;
                }
                Ok(()) = countersigned.changed() => {
                    let newest = countersigned.borrow_and_update().clone();
                    if let Some(newest) = newest {
                        writer.send(&ToSite::Countersigned(newest)).await?;
                    }
                    continue;
                }
                _ = seen.tick() => {
                    let note = hello.transport_note.as_deref();
                    let seen = satellites::seen(&hub.pool, satellite, &hello.version, transport, note, waiting);
                    if let Err(error) = seen.await {
                        tracing::warn!(%satellite, %error, "the books do not know that a satellite is here");
                    }
                    continue;
                }
                _ = ping.tick() => {
                    writer.send(&ToSite::Ping(Ping { t: begun.elapsed().as_micros() as u64 })).await?;
                    continue;
                }
                () = &mut reconcile, if !reconciled => {
                    match close_lost(hub, satellite, &hello, &before).await {
                        Ok(()) => reconciled = true,
                        Err(error) => {
                            tracing::warn!(%satellite, %error, "lost sessions could not be closed; it is tried again");
                            reconcile.as_mut().reset(tokio::time::Instant::now() + RECONCILE_AFTER);
                        }
                    }
                    continue;
                }
            };
            match message {
                ToHub::Events(batch) if batch.events.len() > limits::MAX_EVENTS_PER_MESSAGE => {
                    return Err(ControlError::TooManyEvents);
                }
                ToHub::Events(batch) => {
                    carrier.counter(hub).add();
                    if keeping.is_none() {
                        keeping = Some((carrier, keep(hub, satellite, batch).boxed()));
                    } else if behind.replace((carrier, batch)).is_some() {
                        return Err(ControlError::TooManyEvents);
                    }
                }
                ToHub::Ping(ping) => {
                    let pong = ToSite::Pong(Pong { t: ping.t });
                    match carrier {
                        Carrier::Lane => writer.send(&pong).await?,
                        // Whether the site is heard there, nothing of the line.
                        Carrier::Bus => drop(bus.send(&pong).await),
                    }
                }
                ToHub::Pong(_) if carrier == Carrier::Bus => {}
                ToHub::Pong(pong) => {
                    let now = begun.elapsed().as_micros() as u64;
                    round_trip(Duration::from_micros(now.saturating_sub(pong.t)));
                }
                ToHub::Answer(answer) => {
                    if let Some(done) = asked.remove(&answer.request) {
                        let _ = done.send(answer.found);
                    }
                }
                ToHub::Health(health) => {
                    let (spool_bytes, events) = (health.spool_bytes, health.events_waiting);
                    waiting = Some(Waiting { spool_bytes, events });
                    hub.sites.told(satellite, health);
                }
                ToHub::Activity(activity) => hub.sites.happened(satellite, activity),
                ToHub::Hello(_) => {}
                ToHub::PolicyHeld(held) => policy_held(hub, satellite, held).await,
                ToHub::Progress(progress) => orders.progress(progress).await,
                ToHub::Outcome(outcome) => orders.outcome(outcome).await,
                ToHub::Unknown(kind) => tracing::debug!(kind, "unknown control message skipped"),
            }
        }
    }
}

/// By which way a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carrier {
    /// The control channel.
    Lane,
    /// NATS.
    Bus,
}

impl Carrier {
    const fn counter(self, hub: &Hub) -> &Counter {
        match self {
            Self::Lane => &hub.metrics.batches_by_line,
            Self::Bus => &hub.metrics.batches_by_bus,
        }
    }
}

/// The books and people are to know by what a site decides.
async fn policy_held(hub: &Hub, satellite: SatelliteId, held: PolicyHeld) {
    if let Some(reason) = &held.refused {
        tracing::error!(%satellite, reason, alarm = true, "a site refused its policy");
    }
    let noted = satellites::holds_policy(&hub.pool, satellite, held.policy, held.refused.as_deref());
    if let Err(error) = noted.await {
        tracing::warn!(%satellite, %error, "the books do not know by which policy a site decides");
    }
}

/// Keeps a batch of events. While the books do not answer it waits: the tunnel and its sessions go on.
async fn keep(hub: &Hub, satellite: SatelliteId, batch: Events) -> Result<u64, ChainError> {
    let mut told = false;
    loop {
        match events::accept(hub, satellite, &batch.events).await {
            Err(ChainError::Store(error @ StoreError::Unavailable(_))) => {
                if !told {
                    tracing::error!(%satellite, %error, "events wait for the books");
                    told = true;
                }
                tokio::time::sleep(KEEP_AGAIN).await;
            }
            result => return result,
        }
    }
}

/// A key that is none gets no pass: its satellite does without the bus.
fn bus_pass(
    hub: &Hub,
    signs: &Authority,
    (zone, satellite): (ZoneId, SatelliteId),
    key: &str,
) -> Option<BusPass> {
    let is_user = KeyPair::from_public_key(key).is_ok_and(|key| key.key_pair_type() == KeyPairType::User);
    if !is_user {
        tracing::warn!(%satellite, "a site would sign in to the bus with a key that is none");
        return None;
    }
    let token = signs.satellite(zone, satellite, key).ok()?;
    let (up, down) = between(zone, satellite, hub.id);
    let leaf = hub.config.nats_url.is_none() || hub.config.nats_leaf_url.is_some();
    Some(BusPass { token, up, down, leaf, policy: Some(policy_subject(zone)) })
}

/// What policies are signed by, as a satellite is told.
fn policy_keys<Key: From<Vec<u8>>>(hub: &Hub) -> Vec<Key> {
    hub.keys.policy.accepted().into_iter().map(|key| key.to_vec().into()).collect()
}

/// Closes what the books call active and the satellite does not have.
async fn close_lost(
    hub: &Hub,
    satellite: SatelliteId,
    hello: &Hello,
    before: &[SessionId],
) -> Result<(), ControlError> {
    let living = |id: &SessionId| hello.sessions.iter().any(|session| session.session_id == *id);
    for id in before.iter().filter(|id| !living(id)) {
        let mut db = hub.pool.acquire().await.map_err(StoreError::from)?;
        let closing = sessions::Closing {
            id: *id,
            satellite_id: Some(satellite),
            end_time: Time::now(),
            was_open: false,
            code: EndCode::SatelliteRestarted,
            message: "the site does not have this session any more",
            input_bytes: 0,
            output_bytes: 0,
        };
        sessions::close(&mut db, closing).await?;
    }
    Ok(())
}
