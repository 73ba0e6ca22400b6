//! The hubs of this installation that are there: each says so in the books every two seconds, and reads who else does.
//!
//! That one came or went is told at once, by PostgreSQL and on NATS; both say no more than to look. The list is what
//! satellites are told.

use std::sync::Arc;
use std::time::Duration;

use async_nats::Subscriber;
use futures::StreamExt;
use openpam_ids::HubId;
use tokio::sync::{Notify, watch};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::app::{AppState, Hub};
use crate::bus::keep::Standing;
use crate::recordings::mark;
use crate::store::StoreError;
use crate::store::instances::{self, Beat, Instance};

/// How often.
const BEAT_EVERY: Duration = Duration::from_secs(2);
/// The mark of the place of recordings is asked for again after this.
const MARK_AGAIN: Duration = Duration::from_secs(60);
/// Nobody waits longer for the last word of a hub that goes.
const LAST_WORD: Duration = Duration::from_secs(1);
/// On the bus: a hub came or went. Only hubs reach it.
const SUBJECT: &str = "hub.instances";

/// Who is there. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Instances(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    present: watch::Sender<Arc<[Instance]>>,
    look: Notify,
}

impl Instances {
    /// Those that are there, this one among them once it has begun.
    #[must_use]
    pub fn present(&self) -> Arc<[Instance]> {
        self.0.present.borrow().clone()
    }

    /// Changes whenever one comes, goes, or is reached elsewhere.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Arc<[Instance]>> {
        self.0.present.subscribe()
    }

    /// Whether there are others.
    #[must_use]
    pub fn has_others(&self, this: HubId) -> bool {
        self.0.present.borrow().iter().any(|instance| instance.id != this)
    }

    /// Reads the list now.
    pub fn nudge(&self) {
        self.0.look.notify_one();
    }

    /// Whether the list is another one than before.
    fn set(&self, present: Vec<Instance>) -> bool {
        self.0.present.send_if_modified(|known| {
            let changed = **known != *present;
            if changed {
                *known = present.into();
            }
            changed
        })
    }
}

/// Where satellites find a hub: these addresses first, then the other instances'.
#[must_use]
pub fn all_addresses(hub: &Hub, own: Vec<String>) -> Vec<String> {
    let mut all = own;
    for instance in hub.instances.present().iter().filter(|instance| instance.id != hub.id) {
        for address in &instance.addresses {
            if all.len() < MAX_ADDRESSES && !all.contains(address) {
                all.push(address.clone());
            }
        }
    }
    all
}

/// Addresses in a token or an answer; more help nobody.
const MAX_ADDRESSES: usize = 16;

/// Says that this hub is there until it stops, then that it goes.
pub async fn run(hub: AppState, stop: CancellationToken) {
    let mut tick = interval(BEAT_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut begins = true;
    let (mark, marked) = watch::channel(None);
    let beats = async {
        loop {
            let recordings = *marked.borrow();
            match beat(&hub, begins, recordings).await {
                Ok(()) => begins = false,
                // Who is there stays as it was: whoever has no books opens nothing new anyway.
                Err(error) => tracing::debug!(%error, "the books do not know that this hub is here"),
            }
            tokio::select! {
                _ = tick.tick() => {}
                () = hub.instances.0.look.notified() => {}
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = beats => {}
        () = hear(&hub) => {}
        () = look_for_mark(&hub, &mark) => {}
    }
    let goes = async {
        if let Err(error) = instances::remove(&hub.pool, hub.id).await {
            tracing::debug!(%error, "the other hubs find out by themselves that this one goes");
        }
        tell(&hub).await;
    };
    if timeout(LAST_WORD, goes).await.is_err() {
        tracing::debug!("the other hubs find out by themselves that this one goes");
    }
}

async fn beat(hub: &Hub, begins: bool, recordings: Option<Uuid>) -> Result<(), StoreError> {
    let addresses = &hub.config.tunnel_addresses;
    instances::beat(&hub.pool, Beat { id: hub.id, addresses, recordings, begins }).await?;
    look(hub).await?;
    if begins {
        tell(hub).await;
    }
    Ok(())
}

/// Reads who is there. Before satellites are let in, so that none is told that this hub is alone.
///
/// # Errors
/// [`StoreError`].
pub async fn look(hub: &Hub) -> Result<(), StoreError> {
    let present = instances::present(&hub.pool).await?;
    let before = hub.instances.present();
    if hub.instances.set(present.clone()) {
        for instance in present.iter().filter(|one| !before.iter().any(|known| known.id == one.id)) {
            tracing::info!(hub = %instance.id, addresses = ?instance.addresses, "a hub is there");
        }
        for instance in before.iter().filter(|one| !present.iter().any(|known| known.id == one.id)) {
            tracing::warn!(hub = %instance.id, "a hub is gone");
        }
    }
    Ok(())
}

/// The mark of the place of recordings, as long as that answers. Never ends.
async fn look_for_mark(hub: &Hub, found: &watch::Sender<Option<Uuid>>) {
    loop {
        match mark::read_or_make(hub.recordings.objects()).await {
            Ok(mark) => drop(found.send_replace(Some(mark))),
            Err(error) => tracing::debug!(%error, "the place of recordings has no mark now"),
        }
        sleep(MARK_AGAIN).await;
    }
}

/// On the bus, if it is there: the others look at once.
async fn tell(hub: &Hub) {
    if let Some(clients) = hub.bus.clients()
        && clients.hub.publish(SUBJECT, hub.id.to_string().into()).await.is_ok()
    {
        let _ = clients.hub.flush().await;
    }
}

/// Hears on the bus that one came or went, whenever the bus is there. Never ends.
async fn hear(hub: &Hub) {
    let mut standing = hub.bus.watch();
    standing.mark_changed();
    let mut heard: Option<Subscriber> = None;
    loop {
        let next = async {
            match &mut heard {
                Some(heard) => heard.next().await.is_some(),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Ok(()) = standing.changed() => {
                let there = matches!(&*standing.borrow_and_update(), Standing::There { .. });
                let clients = hub.bus.clients().filter(|_| there);
                heard = match clients {
                    Some(clients) => clients.hub.subscribe(SUBJECT).await.ok(),
                    None => None,
                };
                if heard.is_some() {
                    tell(hub).await;
                    hub.instances.nudge();
                }
            }
            goes_on = next => {
                hub.instances.nudge();
                if !goes_on {
                    heard = None;
                }
            }
        }
    }
}
