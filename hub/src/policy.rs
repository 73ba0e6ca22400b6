//! What each zone decides by when its hub is away: made of the books at every change, numbered, signed, and fetched by its site.
//!
//! The books say what the newest one is; this instance's table of them is a view that follows.

pub mod held;
pub mod issue;
pub mod offer;
mod windows;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use openpam_ids::ZoneId;
use openpam_policy::{MAX_SNAPSHOT_BYTES, Update};
use openpam_proto::snapshot::PolicyVersion;
use sqlx::PgPool;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep};

use crate::store::StoreError;
use crate::store::policy::{self, Head};

/// A change is in a snapshot this soon, or whoever waits goes on without.
const PATIENCE: Duration = Duration::from_secs(3);
const ASK_AGAIN: Duration = Duration::from_millis(10);
/// What an update has beside its records: statement, signature, lengths.
const UPDATE_HEAD_BYTES: usize = 1024;

/// The newest snapshot of each zone. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Policies(Arc<watch::Sender<Arc<HashMap<ZoneId, Head>>>>);

impl Policies {
    /// The newest of a zone, as far as this instance has heard.
    #[must_use]
    pub fn head(&self, zone: ZoneId) -> Option<Head> {
        self.0.borrow().get(&zone).copied()
    }

    /// Changes whenever one is issued.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Arc<HashMap<ZoneId, Head>>> {
        self.0.subscribe()
    }

    fn set(&self, heads: HashMap<ZoneId, Head>) {
        self.0.send_if_modified(|known| {
            let changed = **known != heads;
            if changed {
                *known = Arc::new(heads);
            }
            changed
        });
    }
}

/// The newest snapshot of a zone that has everything committed so far; `None` if none is issued in time.
///
/// # Errors
/// [`StoreError`].
pub async fn settled(pool: &PgPool, zone: ZoneId) -> Result<Option<PolicyVersion>, StoreError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(policy) = policy::settled(pool, zone).await? {
            return Ok(Some(policy));
        }
        if Instant::now() > deadline {
            return Ok(None);
        }
        sleep(ASK_AGAIN).await;
    }
}

/// Large ones are unpacked one after the other.
static UNPACKING: Semaphore = Semaphore::const_new(2);

/// As it travels and is kept.
fn compress(update: &Update) -> std::io::Result<Vec<u8>> {
    zstd::bulk::compress(&update.to_bytes(), zstd::DEFAULT_COMPRESSION_LEVEL)
}

fn decompress(body: &[u8]) -> anyhow::Result<Update> {
    let bytes = zstd::bulk::decompress(body, MAX_SNAPSHOT_BYTES + UPDATE_HEAD_BYTES)?;
    Update::from_bytes(&bytes).ok_or_else(|| anyhow::anyhow!("a kept snapshot is malformed"))
}
