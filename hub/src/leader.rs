//! Who leads among the hubs of an installation: it does what needs doing once. PostgreSQL decides, by a lock that the leader's
//! own connection holds; when that ends, however the leader died, another one leads within seconds.
//!
//! A leader that was cut off believes in itself for a moment longer, so what it does must bear being done twice at once:
//!
//! | what | how it is done by one |
//! | --- | --- |
//! | reports on outages (`outages.rs`) | the leader; of two reports the first one stays |
//! | deleting recordings (`recordings/retention.rs`) | the leader; the rows are locked |
//! | making recordings findable (`recordings/index.rs`) | the leader; the first one's words stay |
//! | where schedules stand (`schedules.rs`) | the leader; it writes what follows from the clock |
//! | joining a satellite for a zone of the hub's own network (`own_zones.rs`) | the leader; that satellite then lives beside it |
//! | issuing policies (`policy/issue.rs`) | whoever holds the lock of that one transaction; the others read what was issued |
//! | telling the bus what waits in the books (`bus/publish.rs`) | whoever holds the lock of that transaction; what is told twice has the same id, and the stream passes it over |
//! | bringing the schema up to date | whoever holds the lock of migrations |
//! | writing keys and sealed secrets | whoever has the turn (`secrets/turn.rs`) |
//! | accounts of zones and pointers to policies on the bus (`bus/keep.rs`, `bus/pointer.rs`), commands to sites (`commands.rs`), old sign-ins, ending sessions whose right is gone | each; the same twice is the same |
//! | countersigning (`witness.rs`), keeping the satellites that it started | each its own |

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::app::{AppState, Hub};
use crate::store::StoreError;
use crate::store::leases::Lead;

/// How often the leader looks whether it still leads, and the others whether somebody has to.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A database that does not answer for so long has forgotten us, or will soon.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether this instance leads. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Leader(watch::Sender<bool>);

impl Leader {
    /// Whether it does now.
    #[must_use]
    pub fn leads(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it does. Cancel-safe.
    pub async fn until_leading(&self) {
        // The sender is here, so it never ends.
        let _ = self.0.subscribe().wait_for(|leads| *leads).await;
    }

    fn set(&self, leads: bool) {
        let changed = self.0.send_if_modified(|known| std::mem::replace(known, leads) != leads);
        if changed && leads {
            tracing::info!("this hub leads: it does what is done once in an installation");
        } else if changed {
            tracing::info!("this hub does not lead any more");
        }
    }
}

/// Leads whenever nobody else does, until the hub stops.
pub async fn run(hub: AppState, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = lead(&hub, &stop).await {
            tracing::warn!(%error, "whether this hub leads is not known");
        }
        hub.leader.set(false);
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(LOOK_EVERY) => {}
        }
    }
}

async fn lead(hub: &Hub, stop: &CancellationToken) -> Result<(), StoreError> {
    let options = hub.pool.connect_options();
    let connected = timeout(PATIENCE, Lead::connect(&options)).await;
    let mut lead = connected.map_err(|_| StoreError::Unavailable(sqlx::Error::PoolTimedOut))??;
    loop {
        let held = timeout(PATIENCE, lead.hold()).await;
        hub.leader.set(held.map_err(|_| StoreError::Unavailable(sqlx::Error::PoolTimedOut))??);
        tokio::select! {
            () = stop.cancelled() => {
                hub.leader.set(false);
                lead.release().await;
                return Ok(());
            }
            () = sleep(LOOK_EVERY) => {}
        }
    }
}
