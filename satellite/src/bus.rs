//! The bus as the second carrier of what this satellite and a hub tell each other: NATS, through `bus` channels of the tunnel.
//!
//! The client connects to a socket of this machine's loopback alone, behind which the tunnel is. A program here that
//! connects there, too, reaches a server that lets in nobody without this satellite's key, which is in memory alone.

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{AuthError, Client, ConnectOptions};
use futures::StreamExt;
use nkeys::KeyPair;
use openpam_link::backoff::Backoff;
use openpam_link::carry::carry;
use openpam_link::lane::Lane;
use openpam_proto::channel::{BusHeader, ChannelHeader};
use openpam_proto::control::{BusPass, ToHub, ToSite};
use openpam_proto::limits::MAX_BUS_CHANNELS;
use openpam_proto::message::Message;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::uplink::random;

/// A server that is gone is noticed after this.
const PING_EVERY: Duration = Duration::from_secs(5);
/// The hub's bus answers this soon.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
/// A message that the connection does not take so soon goes another way.
const SEND_PATIENCE: Duration = Duration::from_millis(200);
/// Messages that wait to be read; past it the newest are lost, and come again by the line.
const MESSAGES_WAITING: usize = 64;
/// How long is waited after the bus could not be had, growing.
const AGAIN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// The bus, as the control channel of one tunnel uses it.
pub struct Bus {
    key: Arc<KeyPair>,
    way: watch::Sender<Option<Way>>,
}

#[derive(Clone, Debug)]
struct Way {
    client: Client,
    up: String,
}

impl Default for Bus {
    fn default() -> Self {
        Self { key: Arc::new(KeyPair::new_user()), way: watch::Sender::default() }
    }
}

impl Bus {
    /// The key that it signs in with, for the hub to make a pass for.
    #[must_use]
    pub fn key(&self) -> String {
        self.key.public_key()
    }

    /// Says something to the hub on the bus, if that is there; whether it was sent. It may get lost.
    pub async fn send(&self, message: &ToHub) -> bool {
        let Some(way) = self.way.borrow().clone() else { return false };
        if way.client.connection_state() != State::Connected {
            return false;
        }
        matches!(
            timeout(SEND_PATIENCE, way.client.publish(way.up, message.to_bytes().into())).await,
            Ok(Ok(()))
        )
    }

    /// Keeps the connection for as long as the tunnel stands; what the hub says goes to `heard`.
    pub async fn run(&self, lane: &Lane, pass: Option<&BusPass>, heard: &mpsc::Sender<ToSite>) -> Infallible {
        let Some(pass) = pass else { return std::future::pending().await };
        let mut backoff = Backoff::new(AGAIN.0, AGAIN.1);
        loop {
            let error = match TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await {
                Ok(door) => {
                    let Err(error) = self.connected(lane, pass, &door, &mut backoff, heard).await;
                    error
                }
                Err(error) => error.into(),
            };
            self.way.send_replace(None);
            tracing::info!(error = format!("{error:#}"), "no bus; the line carries what it would");
            sleep(backoff.wait(random())).await;
        }
    }

    async fn connected(
        &self,
        lane: &Lane,
        pass: &BusPass,
        door: &TcpListener,
        backoff: &mut Backoff,
        heard: &mpsc::Sender<ToSite>,
    ) -> anyhow::Result<Infallible> {
        let address = format!("nats://{}", door.local_addr()?);
        let connect = async {
            let client = self.options(pass).connect(address).await?;
            let mut messages = client.subscribe(pass.down.clone()).await?;
            client.flush().await?;
            tracing::info!("connected to the bus");
            backoff.reset();
            self.way.send_replace(Some(Way { client, up: pass.up.clone() }));
            while let Some(message) = messages.next().await {
                match ToSite::from_bytes(&message.payload) {
                    Ok(message) => heard.send(message).await?,
                    Err(error) => tracing::warn!(%error, "the hub was not understood on the bus"),
                }
            }
            anyhow::bail!("the connection is lost")
        };
        tokio::select! {
            ended = connect => ended,
            ended = open(lane, door) => Ok(ended?),
        }
    }

    fn options(&self, pass: &BusPass) -> ConnectOptions {
        let key = self.key.clone();
        let options = ConnectOptions::with_jwt(pass.token.clone(), move |nonce| {
            let key = key.clone();
            async move { key.sign(&nonce).map_err(AuthError::new) }
        });
        options
            .name("openpam-satellite")
            .ping_interval(PING_EVERY)
            .connection_timeout(CONNECT_PATIENCE)
            .subscription_capacity(MESSAGES_WAITING)
            // Whatever a server says of others: the tunnel is the only way.
            .ignore_discovered_servers()
    }
}

/// Whoever connects to the door is connected to the hub's bus.
async fn open(lane: &Lane, door: &TcpListener) -> io::Result<Infallible> {
    let places = Arc::new(Semaphore::new(MAX_BUS_CHANNELS));
    // They end with the tunnel.
    let mut connections = JoinSet::new();
    loop {
        let (socket, _) = door.accept().await?;
        while connections.try_join_next().is_some() {}
        let Ok(place) = places.clone().try_acquire_owned() else { continue };
        let lane = lane.clone();
        connections.spawn(async move {
            if let Err(error) = through(&lane, socket).await {
                tracing::debug!(error = format!("{error:#}"), "a connection to the bus ended");
            }
            drop(place);
        });
    }
}

async fn through(lane: &Lane, socket: TcpStream) -> anyhow::Result<()> {
    socket.set_nodelay(true)?;
    let channel = lane.open_channel(&ChannelHeader::Bus(BusHeader {})).await?;
    Ok(carry(channel, socket).await?)
}
