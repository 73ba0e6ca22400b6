//! What of the bus is the whole site's: its key, the lanes of its tunnels, and the leaf node, if there is one.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data_encoding::BASE64URL_NOPAD;
use nkeys::KeyPair;
use openpam_link::lane::{Lane, WeakLane};
use openpam_proto::control::BusPass;
use serde::Deserialize;
use tokio::sync::watch;

use super::leaf::{self, LeafNode};

/// The site's part of the bus. Cheap to clone.
#[derive(Clone)]
pub struct SiteBus(Arc<Inner>);

struct Inner {
    key: Arc<KeyPair>,
    /// Where a leaf node would live, and its program.
    folder: PathBuf,
    program: Option<PathBuf>,
    lanes: Mutex<Vec<WeakLane>>,
    /// What a hub that takes leaf nodes let the key in by: the first one, until the account is another one.
    token: watch::Sender<Option<String>>,
    /// Where the leaf node lets in this program.
    leaf: watch::Sender<Option<LeafNode>>,
}

impl SiteBus {
    /// With a new key. `program` is nats-server's; absent: what the PATH has.
    #[must_use]
    pub fn new(folder: PathBuf, program: Option<PathBuf>) -> Self {
        let (token, leaf) = (watch::Sender::default(), watch::Sender::default());
        let key = Arc::new(KeyPair::new_user());
        Self(Arc::new(Inner { key, folder, program, lanes: Mutex::default(), token, leaf }))
    }

    /// Keeps a leaf node, where there may be one.
    pub async fn run(&self) {
        leaf::keep(self, &self.0.folder, self.0.program.as_deref()).await;
        std::future::pending().await
    }

    /// The public half of its key, for a hub to make a pass for.
    #[must_use]
    pub fn public_key(&self) -> String {
        self.0.key.public_key()
    }

    pub(super) fn key(&self) -> Arc<KeyPair> {
        self.0.key.clone()
    }

    /// A hub let the key in, through that control lane.
    pub(super) fn let_in(&self, lane: &Lane, pass: &BusPass) {
        let mut lanes = self.lanes();
        lanes.retain(|lane| lane.upgrade().is_some());
        lanes.push(lane.downgrade());
        drop(lanes);
        if pass.leaf {
            self.0.token.send_if_modified(|known| {
                let other = known.as_deref().is_none_or(|known| account(known) != account(&pass.token));
                if other {
                    *known = Some(pass.token.clone());
                }
                other
            });
        }
    }

    /// The lane of the newest tunnel that stands.
    pub(super) fn lane(&self) -> Option<Lane> {
        self.lanes().iter().rev().find_map(WeakLane::upgrade)
    }

    /// What lets a leaf node in; changes whenever the account does.
    pub(super) fn watch_token(&self) -> watch::Receiver<Option<String>> {
        self.0.token.subscribe()
    }

    pub(super) fn leaf(&self, node: Option<LeafNode>) {
        self.0.leaf.send_replace(node);
    }

    /// Where the leaf node lets in this program, whenever that changes.
    pub(super) fn watch_leaf(&self) -> watch::Receiver<Option<LeafNode>> {
        self.0.leaf.subscribe()
    }

    fn lanes(&self) -> MutexGuard<'_, Vec<WeakLane>> {
        self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whose user a token is of: the account that signed it. Nothing is trusted for it.
fn account(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claims {
        iss: String,
    }
    let claims = token.split('.').nth(1)?;
    let claims = BASE64URL_NOPAD.decode(claims.as_bytes()).ok()?;
    serde_json::from_slice(&claims).map(|claims: Claims| claims.iss).ok()
}
