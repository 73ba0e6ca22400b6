//! Keeps the bus: the managed server or the one that is configured, the accounts of the zones, the stream of what everybody may
//! hear. Nothing that sessions need waits for it.

use std::collections::{BTreeSet, HashSet};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_nats::connection::State;
use async_nats::jetstream::{self, stream};
use async_nats::{Client, ConnectError};
use openpam_ids::ZoneId;
use tokio::sync::broadcast::Receiver;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::accounts::{self, AccountError, Accounts, addresses};
use super::authority::{Authority, NotSigned};
use super::pointer;
use super::publish;
use super::server::{Managed, ServerError, Settings};
use crate::app::{AppState, Hub};
use crate::changes::Change;
use crate::store::{StoreError, satellites};
use crate::time::Time;

/// What changed in the books without a word is found this soon.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Servers are asked which accounts they have when others are there than before, and this often.
const ASK_EVERY: Duration = Duration::from_secs(60);
/// What failed is tried again after this.
const AGAIN: Duration = Duration::from_secs(1);
/// A program that is missing is looked for again after this.
const LOOK_FOR_PROGRAM: Duration = Duration::from_secs(60);
/// Streams answer within this, or are asked again.
const ANSWER: Duration = Duration::from_secs(2);
/// The stream of what everybody may hear.
pub const STREAM: &str = "OPENPAM";
const STREAM_SUBJECTS: &str = "openpam.>";
const STREAM_AGE: Duration = Duration::from_secs(7 * 24 * 3600);
const STREAM_BYTES: i64 = 1024 * 1024 * 1024;
pub(super) const REPLICAS: usize = 3;
/// Who says something again within this time is not heard twice.
const STREAM_DUPLICATES: Duration = Duration::from_secs(10 * 60);

/// How the bus stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is not there, because of that.
    Away(String),
    /// It is.
    There {
        /// Where clients connect.
        url: String,
        /// Where leaf nodes do, if they may.
        leaf_nodes: Option<String>,
        /// Whether it is the hub's own child.
        managed: bool,
        /// Since when.
        since: Time,
        /// How many zones have an account.
        accounts: usize,
    },
}

impl Default for Standing {
    fn default() -> Self {
        Self::Away("the hub has only begun".to_owned())
    }
}

/// The bus, as the rest of the hub sees it.
#[derive(Debug, Default)]
pub struct Bus {
    standing: watch::Sender<Standing>,
    clients: Mutex<Option<Clients>>,
}

/// The hub's connections to the bus.
#[derive(Clone, Debug)]
pub struct Clients {
    /// As the system account.
    pub system: Client,
    /// As the hub's.
    pub hub: Client,
}

impl Bus {
    /// How it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing.borrow().clone()
    }

    /// Changes whenever that does.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// The connections, while it is there.
    #[must_use]
    pub fn clients(&self) -> Option<Clients> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn connected(&self, clients: Option<Clients>) {
        *self.clients.lock().unwrap_or_else(PoisonError::into_inner) = clients;
    }

    fn stands(&self, standing: Standing) {
        self.standing.send_if_modified(|known| {
            let changed = *known != standing;
            *known = standing;
            changed
        });
    }
}

/// Why the bus is not there.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The managed server does not run.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The zones' accounts are not known there.
    #[error(transparent)]
    Accounts(#[from] AccountError),
    /// `nats_url` is none.
    #[error("nats_url: {0}")]
    Address(#[from] std::io::Error),
    /// No connection.
    #[error("no connection to NATS: {0}")]
    Connect(#[from] ConnectError),
    /// No stream.
    #[error("the stream of events: {0}")]
    Stream(#[from] jetstream::context::CreateStreamError),
    /// It cannot be looked at.
    #[error("the stream of events: {0}")]
    Look(#[from] jetstream::context::GetStreamError),
    /// Not signed.
    #[error(transparent)]
    NotSigned(#[from] NotSigned),
    /// The books.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stream did not take an event.
    #[error("an event was not taken: {0}")]
    Publish(#[from] jetstream::context::PublishError),
    /// Not sent.
    #[error("not sent: {0}")]
    Send(#[from] async_nats::PublishError),
    /// Not heard.
    #[error("not heard: {0}")]
    Subscribe(#[from] async_nats::SubscribeError),
    /// Its key is another one.
    #[error("the key of the bus was rotated: every account is another one")]
    Rotated,
    /// Nothing is connected.
    #[error("there is no connection to NATS")]
    Lost,
}

/// Keeps it until the hub stops; then a managed server stops, too.
pub async fn run(hub: AppState, stop: CancellationToken) {
    let mut server = None;
    while !stop.is_cancelled() {
        // Not cut off: a server that has just been started is to be stopped, too.
        let error = match reach(&hub, &mut server).await {
            Err(error) => error.into(),
            Ok(url) => tokio::select! {
                () = stop.cancelled() => break,
                kept = keep(&hub, &url, &mut server) => {
                    let Err(error) = kept;
                    error
                }
            },
        };
        if matches!(error, BusError::Rotated)
            && let Some(server) = server.take()
        {
            // It knows the former accounts alone.
            Managed::stop(server).await;
        }
        let rest = match &error {
            BusError::Rotated => Duration::ZERO,
            BusError::Server(ServerError::Program(_)) => LOOK_FOR_PROGRAM,
            _ => AGAIN,
        };
        if hub.bus.standing() != Standing::Away(error.to_string()) {
            tracing::warn!(%error, "the bus is not there; it is tried again");
        }
        hub.bus.connected(None);
        hub.bus.stands(Standing::Away(error.to_string()));
        tokio::select! {
            () = stop.cancelled() => break,
            () = sleep(rest) => {}
        }
    }
    if let Some(server) = server
        && Managed::stop(server).await
    {
        tracing::warn!("nats-server had to be stopped by force");
    }
}

/// Where it is; a managed one runs then.
async fn reach(hub: &Hub, server: &mut Option<Managed>) -> Result<String, ServerError> {
    present(hub);
    let managed = match (&hub.config.nats_url, server.as_mut()) {
        (Some(url), _) => return Ok(url.clone()),
        (None, Some(server)) => {
            server.keep_running().await?;
            server
        }
        (None, None) => {
            let settings = Settings {
                data_dir: hub.config.data_dir.clone(),
                program: hub.config.nats_server.clone(),
                listen: hub.config.nats_listen,
            };
            server.insert(Managed::start(settings, &hub.keys.bus.present()).await?)
        }
    };
    Ok(managed.addresses().clients.clone())
}

/// What signs on the bus now, read again if that was rotated.
fn present(hub: &Hub) -> Arc<Authority> {
    if let Err(error) = hub.keys.bus.reread() {
        tracing::warn!(%error, "the key of the bus could not be read again; the former one signs");
    }
    hub.keys.bus.present()
}

async fn keep(hub: &Hub, url: &str, server: &mut Option<Managed>) -> Result<Infallible, BusError> {
    let signs = hub.keys.bus.present();
    let authority = &*signs;
    let mut changes = hub.changes.listen();
    let accounts = Accounts::connect(authority, url).await?;
    let client = accounts::options(&authority.hub_user()?)?.connect(addresses(url)?).await?;
    let made = ensure_stream(&client).await;
    if let Err(error) = &made {
        tracing::warn!(%error, "there is no stream of events yet; it is tried again");
    }
    let (since, mut given) = (Time::now(), HashSet::new());
    let follow = async {
        let (mut servers, mut asked) = (BTreeSet::new(), Instant::now());
        loop {
            follow(hub, authority, &accounts, &mut given).await?;
            let (system, own) = (accounts.client().clone(), client.clone());
            hub.bus.connected(Some(Clients { system, hub: own }));
            let leaf_nodes = match &*server {
                Some(server) => Some(server.addresses().leaf_nodes.clone()),
                None => hub.config.nats_leaf_url.clone(),
            };
            hub.bus.stands(Standing::There {
                leaf_nodes,
                url: url.to_owned(),
                managed: server.is_some(),
                since,
                accounts: given.len(),
            });
            let there = accounts.servers().await?;
            if there != servers || asked.elapsed() > ASK_EVERY {
                agree(hub, authority, &accounts).await?;
                (servers, asked) = (there, Instant::now());
            }
            until_changed(&mut changes).await;
            if !Arc::ptr_eq(&signs, &present(hub)) {
                return Err(BusError::Rotated);
            }
            let died = server.as_mut().is_some_and(|server| !server.is_alive());
            if died || client.connection_state() != State::Connected {
                return Err(BusError::Lost);
            }
        }
    };
    tokio::select! {
        followed = follow => followed,
        told = publish::run(hub, &client, made.is_ok()) => told,
        never = pointer::run(hub, &client) => match never {},
    }
}

async fn until_changed(changes: &mut Receiver<Change>) {
    let revoked = async {
        // One that was missed is found by looking.
        while !matches!(
            changes.recv().await,
            Ok(Change::SatelliteRevoked(_) | Change::SatelliteQuarantined(_)) | Err(_)
        ) {}
    };
    tokio::select! {
        () = revoked => {}
        () = sleep(LOOK_EVERY) => {}
    }
}

/// Zones whose satellite may be there have an account, no others.
async fn follow(
    hub: &Hub,
    authority: &Authority,
    accounts: &Accounts,
    given: &mut HashSet<ZoneId>,
) -> Result<(), BusError> {
    let wanted: HashSet<ZoneId> = satellites::zones(&hub.pool).await?.into_iter().collect();
    let gone: Vec<ZoneId> = given.difference(&wanted).copied().collect();
    if !gone.is_empty() {
        accounts.take(authority, &gone).await?;
        given.retain(|zone| wanted.contains(zone));
    }
    for zone in wanted {
        if !given.contains(&zone) {
            accounts.give(authority, zone).await?;
            given.insert(zone);
        }
    }
    Ok(())
}

/// A server that was away while accounts came and went, or that lost its disk, has others than the books.
async fn agree(hub: &Hub, authority: &Authority, accounts: &Accounts) -> Result<(), BusError> {
    // Asked before the books are: whose account was given meanwhile is in them.
    let known = accounts.known().await?;
    let mut strays: HashSet<String> = known.iter().flatten().cloned().collect();
    for own in authority.own_keys() {
        strays.remove(&own);
    }
    for zone in satellites::zones(&hub.pool).await? {
        let key = authority.zone_key(zone)?;
        if known.iter().any(|known| !known.contains(&key)) {
            accounts.give(authority, zone).await?;
        }
        strays.remove(&key);
    }
    if !strays.is_empty() {
        tracing::info!(accounts = strays.len(), "accounts that nobody has any more are taken back");
        accounts.take_keys(authority, &strays.into_iter().collect::<Vec<_>>()).await?;
    }
    Ok(())
}

/// A cluster whose leader has fallen does not answer: one that is asked again soon goes on soon.
pub(super) fn streams(client: &Client) -> jetstream::Context {
    let mut streams = jetstream::new(client.clone());
    streams.set_timeout(ANSWER);
    streams
}

/// A cluster keeps it three times, so that it may lose a server.
pub(super) async fn ensure_stream(client: &Client) -> Result<(), BusError> {
    let num_replicas = if client.server_info().cluster.is_some() { REPLICAS } else { 1 };
    let wanted = stream::Config {
        name: STREAM.to_owned(),
        subjects: vec![STREAM_SUBJECTS.to_owned()],
        max_age: STREAM_AGE,
        max_bytes: STREAM_BYTES,
        duplicate_window: STREAM_DUPLICATES,
        num_replicas,
        ..stream::Config::default()
    };
    streams(client).get_or_create_stream(wanted).await?;
    Ok(())
}
