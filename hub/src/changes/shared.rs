//! Changes between the hubs of an installation, over PostgreSQL's notifications.
//!
//! Every hub also says every two seconds that it is there: its own word not coming back tells it that its connection hears
//! nothing, a number that is missing that something was lost. Then it asks the books about everything.

use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::Change;
use super::signed::{Heard, Order, Said};
use crate::app::{AppState, Hub};
use crate::store::{StoreError, instances};
use crate::time::Time;

/// What carries them.
const CHANNEL: &str = "openpam_changes";
/// That a hub came or went.
const HUBS: &str = "openpam_hubs";
/// How often a hub says that it is there.
const SAY_EVERY: Duration = Duration::from_secs(2);
/// A connection on which not even our own word comes back is given up after this.
const SILENCE: Duration = Duration::from_secs(7);
/// What failed is tried again after this.
const AGAIN: Duration = Duration::from_millis(250);

/// Tells and hears until the hub stops.
pub async fn run(hub: AppState, stop: CancellationToken) {
    let Some(outbox) = hub.changes.outbox() else { return };
    tokio::select! {
        () = stop.cancelled() => {}
        () = say(&hub, outbox) => {}
        () = hear(&hub) => {}
    }
}

/// In order, each until the books took it.
async fn say(hub: &Hub, mut outbox: mpsc::Receiver<Change>) {
    let (began_ms, mut number) = (Time::now().as_ms(), 0);
    let mut tick = interval(SAY_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let change = tokio::select! {
            change = outbox.recv() => match change {
                Some(change) => Some(change),
                None => return,
            },
            _ = tick.tick() => None,
        };
        let change = if hub.changes.has_overflowed() { Some(Change::Missed) } else { change };
        loop {
            number += 1;
            let said =
                Said { hub: hub.id, began_ms, number, at_ms: Time::now().as_ms(), change: change.clone() };
            // What does not fit is asked of the books.
            let missed = || hub.keys.shared.sign(&Said { change: Some(Change::Missed), ..said.clone() });
            let Some(text) = hub.keys.shared.sign(&said).or_else(missed) else { break };
            match instances::notify(&hub.pool, CHANNEL, &text).await {
                Ok(()) => break,
                // Nobody waits for a sign of life that is late.
                Err(_) if change.is_none() => break,
                Err(error) => {
                    tracing::debug!(%error, "the other hubs are not told yet");
                    sleep(AGAIN).await;
                }
            }
        }
    }
}

/// Never ends: a connection that is lost is made again.
async fn hear(hub: &Hub) {
    let mut order = Order::default();
    loop {
        if let Err(error) = listen(hub, &mut order).await {
            tracing::debug!(%error, "the other hubs are not heard; it is tried again");
        }
        sleep(AGAIN).await;
    }
}

async fn listen(hub: &Hub, order: &mut Order) -> Result<(), StoreError> {
    let mut listener = PgListener::connect_with(&hub.pool).await?;
    listener.listen_all([CHANNEL, HUBS]).await?;
    // Whatever was said while nobody listened.
    hub.changes.tell_here(Change::Missed);
    hub.instances.nudge();
    while let Ok(heard) = timeout(SILENCE, listener.try_recv()).await {
        let Some(heard) = heard? else { return Ok(()) };
        if heard.channel() == HUBS {
            hub.instances.nudge();
            continue;
        }
        match order.hear(&hub.keys.shared, hub.id, heard.payload(), Time::now()) {
            Heard::Own | Heard::Repeated | Heard::Next(None) => {}
            Heard::Next(Some(change)) => hub.changes.tell_here(change),
            Heard::WithGap(change) => {
                tracing::warn!("something that another hub said was not heard: the books are asked");
                change.into_iter().for_each(|change| hub.changes.tell_here(change));
                hub.changes.tell_here(Change::Missed);
            }
            Heard::Forged => {
                tracing::warn!(
                    "somebody who is no hub of this installation notifies its hubs; it is not heard"
                );
            }
        }
    }
    Ok(())
}
