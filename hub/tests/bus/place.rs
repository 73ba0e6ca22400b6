//! A managed nats-server in a folder of its own, with the accounts of two zones, and whoever connects to it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_nats::{AuthError, Client, ConnectOptions, Event};
use futures::StreamExt;
use nkeys::KeyPair;
use openpam_hub::bus::accounts::{self, Accounts};
use openpam_hub::bus::authority::Authority;
use openpam_hub::bus::server::{Managed, Settings};
use openpam_ids::{SatelliteId, Uuid, ZoneId};
use tempfile::TempDir;

/// The newest server, and the oldest that the hub takes.
pub(crate) const PROGRAMS: [&str; 2] = ["nats-server", "nats-server-oldest"];

/// `deploy/dev/setup test` puts it there.
pub(crate) fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/bin").join(name)
}

/// Each zone's satellite.
pub(crate) const SITE: SatelliteId = SatelliteId::from_uuid(Uuid::from_u128(0x5a7e));

/// The server, and the hub's connections to it.
pub(crate) struct Place {
    pub(crate) authority: Authority,
    pub(crate) server: Managed,
    pub(crate) accounts: Accounts,
    /// The hub, in its own account.
    pub(crate) hub: Client,
    pub(crate) zones: [ZoneId; 2],
    pub(crate) folder: TempDir,
}

impl Place {
    pub(crate) async fn new() -> Self {
        Self::of(PROGRAMS[0]).await
    }

    pub(crate) async fn of(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let authority = Authority::new(&[7; 32]).expect("keys");
        let settings =
            Settings { data_dir: folder.path().to_path_buf(), program: Some(program(name)), listen: None };
        let server = Managed::start(settings, &authority).await.expect("starts");
        let url = &server.addresses().clients;
        let accounts = Accounts::connect(&authority, url).await.expect("connects");
        let zones = [ZoneId::generate(), ZoneId::generate()];
        for zone in zones {
            accounts.give(&authority, zone).await.expect("an account");
        }
        let credentials = authority.hub_user().expect("signs");
        let hub = accounts::options(&credentials).expect("a key").connect(url).await.expect("connects");
        Self { authority, server, accounts, hub, zones, folder }
    }

    pub(crate) async fn satellite(&self, zone: ZoneId) -> Party {
        let key = KeyPair::new_user();
        let token = self.authority.satellite(zone, SITE, &key.public_key()).expect("signs");
        Party::connect(&self.server.addresses().clients, token, key).await.expect("connects")
    }

    /// The hub, which hears all that comes to its account.
    pub(crate) async fn hub_that_listens(&self) -> Party {
        let credentials = self.authority.hub_user().expect("signs");
        let options = accounts::options(&credentials).expect("a key");
        let hub = Party::with(options, &self.server.addresses().clients).await.expect("connects");
        hub.listen(">").await;
        hub
    }

    pub(crate) async fn stop(self) {
        self.server.stop().await;
    }
}

/// Somebody who is connected, what the server answers and what they hear.
pub(crate) struct Party {
    pub(crate) client: Client,
    answers: Arc<Mutex<Vec<String>>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Party {
    pub(crate) async fn connect(
        url: &str,
        token: String,
        key: KeyPair,
    ) -> Result<Self, async_nats::ConnectError> {
        let key = Arc::new(key);
        let options = ConnectOptions::with_jwt(token, move |nonce| {
            let key = key.clone();
            async move { key.sign(&nonce).map_err(AuthError::new) }
        });
        Self::with(options, url).await
    }

    pub(crate) async fn with(options: ConnectOptions, url: &str) -> Result<Self, async_nats::ConnectError> {
        let answers = Arc::<Mutex<Vec<String>>>::default();
        let told = answers.clone();
        let options = options.event_callback(move |event: Event| {
            let told = told.clone();
            async move { told.lock().expect("lock").push(event.to_string()) }
        });
        Ok(Self { client: options.connect(url).await?, answers, heard: Arc::default() })
    }

    /// What the server said since the last time.
    pub(crate) async fn answer(&self) -> String {
        self.client.flush().await.expect("flushes");
        tokio::time::sleep(Duration::from_millis(50)).await;
        let answers = std::mem::take(&mut *self.answers.lock().expect("lock"));
        answers.into_iter().filter(|answer| answer != "connected").collect::<Vec<_>>().join("; ")
    }

    /// Listens from now on.
    pub(crate) async fn listen(&self, subject: &str) {
        let mut messages = self.client.subscribe(subject.to_owned()).await.expect("subscribes");
        self.client.flush().await.expect("flushes");
        // That says that it was sent, and not that the server has read it.
        tokio::time::sleep(Duration::from_millis(100)).await;
        let heard = self.heard.clone();
        tokio::spawn(async move {
            while let Some(message) = messages.next().await {
                heard.lock().expect("lock").push(message.subject.to_string());
            }
        });
    }

    /// Waits until something came on this subject, and on no other.
    pub(crate) async fn until_heard(&self, subject: &str) {
        let end = Instant::now() + Duration::from_secs(5);
        while !self.heard.lock().expect("lock").iter().any(|heard| heard == subject) && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(self.heard(), [subject]);
    }

    /// On which subjects something came since the last time.
    pub(crate) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.lock().expect("lock"))
    }
}
