//! Keeps the bus: the managed server or the one that is configured, the accounts of the zones, the stream of what everybody may
//! hear. Nothing that sessions need waits for it.

use std::collections::HashSet;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::{self, stream};
use async_nats::{Client, ConnectError};
use openpam_ids::ZoneId;
use tokio::sync::broadcast::Receiver;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::accounts::{self, AccountError, Accounts};
use super::authority::NotSigned;
use super::publish;
use super::server::{Managed, ServerError, Settings};
use crate::app::{AppState, Hub};
use crate::changes::Change;
use crate::store::{StoreError, satellites};
use crate::time::Time;

/// What changed in the books without a word is found this soon.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// What failed is tried again after this.
const AGAIN: Duration = Duration::from_secs(1);
/// A program that is missing is looked for again after this.
const LOOK_FOR_PROGRAM: Duration = Duration::from_secs(60);
/// The stream of what everybody may hear.
pub const STREAM: &str = "OPENPAM";
const STREAM_SUBJECTS: &str = "openpam.>";
const STREAM_AGE: Duration = Duration::from_secs(7 * 24 * 3600);
const STREAM_BYTES: i64 = 1024 * 1024 * 1024;
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

/// The bus, as the rest of the hub sees it. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Bus(std::sync::Arc<watch::Sender<Standing>>);

impl Bus {
    /// How it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.0.borrow().clone()
    }

    /// Changes whenever that does.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Standing> {
        self.0.subscribe()
    }

    fn stands(&self, standing: Standing) {
        self.0.send_if_modified(|known| {
            let changed = *known != standing;
            *known = standing;
            changed
        });
    }
}

#[derive(Debug, thiserror::Error)]
pub(super) enum BusError {
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Accounts(#[from] AccountError),
    #[error("no connection to NATS: {0}")]
    Connect(#[from] ConnectError),
    #[error("the stream of events: {0}")]
    Stream(#[from] jetstream::context::CreateStreamError),
    #[error(transparent)]
    NotSigned(#[from] NotSigned),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("an event was not taken: {0}")]
    Publish(#[from] jetstream::context::PublishError),
    #[error("the connection is lost")]
    Lost,
}

/// Keeps it until the hub stops; then a managed server stops, too.
pub async fn run(hub: AppState, stop: CancellationToken) {
    let mut server = None;
    loop {
        let kept = tokio::select! {
            () = stop.cancelled() => break,
            kept = keep(&hub, &mut server) => kept,
        };
        let Err(error) = kept;
        let rest = match &error {
            BusError::Server(ServerError::NoProgram | ServerError::TooOld(_)) => LOOK_FOR_PROGRAM,
            _ => AGAIN,
        };
        if hub.bus.standing() != Standing::Away(error.to_string()) {
            tracing::warn!(%error, "the bus is not there; it is tried again");
        }
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

async fn keep(hub: &Hub, server: &mut Option<Managed>) -> Result<std::convert::Infallible, BusError> {
    let authority = &hub.keys.bus;
    let url = match (&hub.config.nats_url, server.as_mut()) {
        (Some(url), _) => url.clone(),
        (None, Some(server)) => {
            server.keep_running().await?;
            server.addresses().clients.clone()
        }
        (None, None) => {
            let settings = Settings {
                data_dir: hub.config.data_dir.clone(),
                program: hub.config.nats_server.clone(),
                listen: hub.config.nats_listen,
            };
            server.insert(Managed::start(settings, authority).await?).addresses().clients.clone()
        }
    };
    let mut changes = hub.changes.listen();
    let accounts = Accounts::connect(authority, &url).await?;
    let client = accounts::options(&authority.hub_user()?)?.connect(&url).await?;
    ensure_stream(&client).await?;
    let (since, mut given) = (Time::now(), HashSet::new());
    let follow = async {
        loop {
            follow(hub, &accounts, &mut given).await?;
            let (managed, accounts) = (server.is_some(), given.len());
            hub.bus.stands(Standing::There { url: url.clone(), managed, since, accounts });
            until_changed(&mut changes).await;
            if let Some(server) = &mut *server {
                server.keep_running().await?;
            }
            if client.connection_state() != State::Connected {
                return Err(BusError::Lost);
            }
        }
    };
    tokio::select! {
        followed = follow => followed,
        told = publish::run(hub, &client) => told,
    }
}

async fn until_changed(changes: &mut Receiver<Change>) {
    let revoked = async {
        // One that was missed is found by looking.
        while !matches!(changes.recv().await, Ok(Change::SatelliteRevoked(_)) | Err(_)) {}
    };
    tokio::select! {
        () = revoked => {}
        () = sleep(LOOK_EVERY) => {}
    }
}

/// Zones whose satellite may be there have an account, no others.
async fn follow(hub: &Hub, accounts: &Accounts, given: &mut HashSet<ZoneId>) -> Result<(), BusError> {
    let authority = &hub.keys.bus;
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

async fn ensure_stream(client: &Client) -> Result<(), BusError> {
    let wanted = stream::Config {
        name: STREAM.to_owned(),
        subjects: vec![STREAM_SUBJECTS.to_owned()],
        max_age: STREAM_AGE,
        max_bytes: STREAM_BYTES,
        duplicate_window: STREAM_DUPLICATES,
        ..stream::Config::default()
    };
    jetstream::new(client.clone()).get_or_create_stream(wanted).await?;
    Ok(())
}
