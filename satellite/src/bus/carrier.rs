//! The bus as the control channel of one tunnel uses it: a client, the two subjects of this site and that hub, and whether
//! they answer each other.
//!
//! A program of this machine that connects where the client does reaches a server that lets in nobody without this satellite's
//! key or password, which are in memory or in its own files alone.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::bail;
use async_nats::connection::State;
use async_nats::{AuthError, Client, ConnectOptions};
use futures::StreamExt;
use openpam_link::backoff::Backoff;
use openpam_link::lane::Lane;
use openpam_proto::channel::BusHeader;
use openpam_proto::control::{BusPass, NewPolicy, Ping, ToHub, ToSite};
use openpam_proto::message::Message;
use openpam_proto::snapshot::PolicyVersion;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, interval, sleep, timeout};

use super::door;
use super::leaf::{LeafNode, USER};
use super::site::SiteBus;
use crate::uplink::random;

/// A server that is gone is noticed after this.
const PING_EVERY: Duration = Duration::from_secs(5);
/// The hub is asked whether it hears this site.
const ASK_EVERY: Duration = Duration::from_secs(4);
/// A hub that has said nothing for so long does not hear it.
const HEARD_LATELY: Duration = Duration::from_secs(10);
/// The hub's bus answers this soon.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
/// A message that the connection does not take so soon goes another way.
const SEND_PATIENCE: Duration = Duration::from_millis(200);
/// Messages that wait to be read; past it the newest are lost, and come again by the line.
const MESSAGES_WAITING: usize = 64;
/// How long is waited after the bus could not be had, growing.
const AGAIN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// The bus between this site and one hub.
pub struct Bus {
    site: SiteBus,
    state: Mutex<Connection>,
}

#[derive(Default)]
struct Connection {
    way: Option<Way>,
    /// When the hub was heard last.
    heard: Option<Instant>,
}

#[derive(Clone)]
struct Way {
    client: Client,
    up: String,
}

impl Bus {
    /// Not connected yet.
    #[must_use]
    pub fn new(site: SiteBus) -> Self {
        Self { site, state: Mutex::default() }
    }

    /// The key that it signs in with, for the hub to make a pass for.
    #[must_use]
    pub fn key(&self) -> String {
        self.site.public_key()
    }

    /// Says something to the hub on the bus, if the hub was heard there lately; whether it was sent. It may get lost.
    pub async fn send(&self, message: &ToHub) -> bool {
        let lately = self.with(|state| state.heard.is_some_and(|heard| heard.elapsed() < HEARD_LATELY));
        lately && self.publish(message).await
    }

    /// Something got lost: nothing is said on the bus until the hub is heard there again.
    pub fn doubt(&self) {
        self.with(|state| state.heard = None);
    }

    /// Keeps the connection for as long as the tunnel stands; what the hub says goes to `heard`.
    pub async fn run(
        &self,
        lane: &Lane,
        mut passes: watch::Receiver<Option<BusPass>>,
        heard: &mpsc::Sender<ToSite>,
    ) -> Infallible {
        let (mut leaf, mut passed) = (self.site.watch_leaf(), None);
        let mut backoff = Backoff::new(AGAIN.0, AGAIN.1);
        loop {
            let through = leaf.borrow_and_update().clone();
            let pass = passes.borrow_and_update().clone();
            if let Some(pass) = pass.as_ref().filter(|_| pass != passed) {
                self.site.let_in(lane, pass);
            }
            passed.clone_from(&pass);
            let ended = tokio::select! {
                Err(error) = async {
                    match &pass {
                        Some(pass) => self.connected(lane, pass, through, heard, &mut backoff).await,
                        None => std::future::pending().await,
                    }
                } => Some(error),
                Ok(()) = leaf.changed() => None,
                Ok(()) = passes.changed() => None,
            };
            self.with(|state| *state = Connection::default());
            if let Some(error) = ended {
                tracing::info!(error = format!("{error:#}"), "no bus; the line carries what it would");
                tokio::select! {
                    () = sleep(backoff.wait(random())) => {}
                    Ok(()) = passes.changed() => passes.mark_changed(),
                }
            }
        }
    }

    async fn connected(
        &self,
        lane: &Lane,
        pass: &BusPass,
        leaf: Option<LeafNode>,
        heard: &mpsc::Sender<ToSite>,
        backoff: &mut Backoff,
    ) -> anyhow::Result<Infallible> {
        if let Some(LeafNode { url, password }) = leaf {
            let options = ConnectOptions::with_user_and_password(USER.to_owned(), password.to_string());
            return self.converse(options, &url, pass, heard, backoff).await;
        }
        let door = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (url, key) = (format!("nats://{}", door.local_addr()?), self.site.key());
        let options = ConnectOptions::with_jwt(pass.token.clone(), move |nonce| {
            let key = key.clone();
            async move { key.sign(&nonce).map_err(AuthError::new) }
        });
        let header = BusHeader { leaf: false };
        tokio::select! {
            ended = self.converse(options, &url, pass, heard, backoff) => ended,
            ended = door::open(&door, &header, || Some(lane.clone())) => Ok(ended?),
        }
    }

    async fn converse(
        &self,
        options: ConnectOptions,
        url: &str,
        pass: &BusPass,
        heard: &mpsc::Sender<ToSite>,
        backoff: &mut Backoff,
    ) -> anyhow::Result<Infallible> {
        let options = options
            .name("openpam-satellite")
            .ping_interval(PING_EVERY)
            .connection_timeout(CONNECT_PATIENCE)
            .subscription_capacity(MESSAGES_WAITING)
            .event_callback(async |event| tracing::debug!(%event, "NATS"))
            // Whatever a server says of others: the tunnel is the only way.
            .ignore_discovered_servers();
        let client = options.connect(url).await?;
        let mut messages = client.subscribe(pass.down.clone()).await?;
        let mut pointers = match &pass.policy {
            Some(subject) => Some(client.subscribe(subject.clone()).await?),
            None => None,
        };
        self.with(|state| state.way = Some(Way { client, up: pass.up.clone() }));
        let begun = Instant::now();
        let mut ask = interval(ASK_EVERY);
        loop {
            let message = tokio::select! {
                message = messages.next() => message,
                pointer = async {
                    match &mut pointers {
                        Some(pointers) => pointers.next().await,
                        None => std::future::pending().await,
                    }
                } => {
                    // Which hub wrote it is not known: that this one hears the site does not follow.
                    match pointer.map(|pointer| pointed_to(&pointer.payload)) {
                        Some(Some(new)) => heard.send(ToSite::NewPolicy(new)).await?,
                        Some(None) => tracing::warn!("a pointer to a policy was not understood"),
                        None => bail!("the connection is lost"),
                    }
                    continue;
                }
                _ = ask.tick() => {
                    self.publish(&ToHub::Ping(Ping { t: begun.elapsed().as_millis() as u64 })).await;
                    continue;
                }
            };
            let Some(message) = message else { bail!("the connection is lost") };
            let fresh = self.with(|state| state.heard.replace(Instant::now()).is_none());
            if fresh {
                tracing::info!("the hub is heard on the bus");
                backoff.reset();
            }
            match ToSite::from_bytes(&message.payload) {
                Ok(ToSite::Pong(_)) => {}
                Ok(message) => heard.send(message).await?,
                Err(error) => tracing::warn!(%error, "the hub was not understood on the bus"),
            }
        }
    }

    async fn publish(&self, message: &ToHub) -> bool {
        let Some(way) = self.with(|state| state.way.clone()) else { return false };
        if way.client.connection_state() != State::Connected {
            return false;
        }
        matches!(
            timeout(SEND_PATIENCE, way.client.publish(way.up, message.to_bytes().into())).await,
            Ok(Ok(()))
        )
    }

    fn with<T>(&self, act: impl FnOnce(&mut Connection) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Which policy is the newest, as it stands in the hub's key-value store.
fn pointed_to(pointer: &[u8]) -> Option<NewPolicy> {
    #[derive(Deserialize)]
    struct Pointer {
        epoch: u64,
        version: u64,
    }
    let Pointer { epoch, version } = serde_json::from_slice(pointer).ok()?;
    Some(NewPolicy { policy: PolicyVersion { epoch, version }, policy_keys: Vec::new() })
}
