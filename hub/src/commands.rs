//! Commands to sites: kept in the books until they are over, so that one to a site that is away waits there, visibly, and
//! expires. Whichever hub has the site's tunnel sends it (`mesh/commands`).

pub mod output;

use std::future::pending;
use std::time::Duration;

use openpam_ids::{CommandId, SatelliteId};
use serde_json::json;
use sqlx::postgres::PgListener;
use tokio::time::{Instant, interval, interval_at};
use tokio_util::sync::CancellationToken;

use crate::app::{AppState, Hub};
use crate::store::events::{self, Fact};
use crate::store::{StoreError, commands};

/// Unfinished commands of one satellite; it remembers as many.
pub const MAX_UNFINISHED: i64 = 64;
/// How long one has, unless something else is asked for.
pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(3600);
/// At most so long.
pub const MAX_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);
/// Those that are over are kept for so many days. What was ordered stands in the chain of events for ever.
const KEPT_DAYS: i32 = 30;

/// How often those whose time is over are looked for.
const EXPIRE_EVERY: Duration = Duration::from_secs(1);
/// Without a word of the books, sites with unfinished commands are looked after this often.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How often old ones are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(3600);

/// Runs until the hub stops.
pub async fn run(hub: AppState, stop: CancellationToken) {
    let mut listener = None;
    let mut expire = interval(EXPIRE_EVERY);
    let mut look = interval_at(Instant::now() + LOOK_EVERY, LOOK_EVERY);
    let mut forget = interval(FORGET_EVERY);
    loop {
        let heard = async {
            match &mut listener {
                Some(listener) => PgListener::recv(listener).await,
                None => pending().await,
            }
        };
        let done = tokio::select! {
            () = stop.cancelled() => return,
            heard = heard => {
                match heard.map(|heard| heard.payload().parse::<SatelliteId>()) {
                    Ok(Ok(satellite)) => hub.sites.nudge(satellite),
                    Ok(Err(_)) => {}
                    Err(_) => listener = None,
                }
                Ok(())
            }
            _ = expire.tick() => expire_due(&hub).await,
            _ = look.tick() => {
                if listener.is_none() {
                    listener = listen(&hub).await;
                }
                look_after(&hub).await
            }
            _ = forget.tick() => commands::forget_old(&hub.pool, KEPT_DAYS).await,
        };
        if let Err(error) = done {
            tracing::debug!(%error, "commands to sites wait for the books");
        }
        if listener.is_none() {
            listener = listen(&hub).await;
        }
    }
}

async fn listen(hub: &Hub) -> Option<PgListener> {
    let mut listener = PgListener::connect_with(&hub.pool).await.ok()?;
    listener.listen("openpam_commands").await.ok()?;
    Some(listener)
}

async fn look_after(hub: &Hub) -> Result<(), StoreError> {
    for satellite in commands::satellites(&hub.pool).await? {
        hub.sites.nudge(satellite);
    }
    Ok(())
}

async fn expire_due(hub: &Hub) -> Result<(), StoreError> {
    let mut tx = hub.pool.begin().await?;
    for id in commands::expire(&mut tx).await? {
        over(hub, &mut tx, id, json!({ "id": id, "state": "expired" })).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The chain of events learns that a command is over without anybody's doing.
pub(crate) async fn over(
    hub: &Hub,
    db: &mut sqlx::PgConnection,
    id: CommandId,
    detail: serde_json::Value,
) -> Result<(), StoreError> {
    tracing::info!(command = %id, "a command to a site is over");
    let fact = Fact { kind: "command.over", user_id: None, session_id: None, client_ip: None, detail };
    events::record(db, hub.id, fact).await
}
