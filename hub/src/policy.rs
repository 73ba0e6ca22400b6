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
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::{Instant, timeout};

use crate::store::StoreError;
use crate::store::policy::{self, Head};

/// A change is in a snapshot this soon, or whoever waits goes on without.
const PATIENCE: Duration = Duration::from_secs(3);
const ASK_AGAIN: Duration = Duration::from_millis(100);
/// What an update has beside its records: statement, signature, lengths.
const UPDATE_HEAD_BYTES: usize = 1024;

/// The newest snapshot of each zone. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Policies(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    heads: watch::Sender<Arc<HashMap<ZoneId, Head>>>,
    /// Whoever waits for a change to be issued looks again.
    settled: Notify,
}

impl Policies {
    /// The newest of a zone, as far as this instance has heard.
    #[must_use]
    pub fn head(&self, zone: ZoneId) -> Option<Head> {
        self.0.heads.borrow().get(&zone).copied()
    }

    /// Changes whenever one is issued.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Arc<HashMap<ZoneId, Head>>> {
        self.0.heads.subscribe()
    }

    fn set(&self, heads: HashMap<ZoneId, Head>) {
        self.0.heads.send_if_modified(|known| {
            let changed = **known != heads;
            if changed {
                *known = Arc::new(heads);
            }
            changed
        });
        self.0.settled.notify_waiters();
    }
}

/// The newest snapshot of a zone that has everything committed so far; `None` if none is issued in time.
///
/// # Errors
/// [`StoreError`].
pub async fn settled(
    pool: &PgPool,
    policies: &Policies,
    zone: ZoneId,
) -> Result<Option<PolicyVersion>, StoreError> {
    let deadline = Instant::now() + PATIENCE;
    let mut settled = policy::settled(pool, zone, None).await?;
    // Later changes are not waited for: there may always be some.
    let change = if settled.is_none() { policy::newest_change(pool).await? } else { None };
    while settled.is_none() && Instant::now() < deadline {
        let issued = policies.0.settled.notified();
        settled = policy::settled(pool, zone, change.or(Some(0))).await?;
        if settled.is_none() {
            drop(timeout(ASK_AGAIN, issued).await);
        }
    }
    Ok(settled)
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
