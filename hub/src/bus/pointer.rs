//! Which policy of each zone is the newest, in NATS's key-value store: a pointer, by the zone's id. The policy itself comes over
//! the tunnel, signed.
//!
//! The server says each pointer again on a subject of the zone's own, so that its satellite hears of it whichever hub wrote it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::kv::{self, Operation, Store, UpdateErrorKind};
use async_nats::jetstream::stream::Republish;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use openpam_ids::ZoneId;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::keep::{REPLICAS, streams};
use crate::app::Hub;
use crate::store::policy::Head;

/// The bucket of the pointers.
pub const BUCKET: &str = "OPENPAM_POLICY";
/// A pointer is said again here; the key is the zone.
const SAID_AGAIN: &str = "zone.{{wildcard(1)}}.down.policy";
/// Longest pointer.
const MAX_BYTES: i32 = 1024;
/// Pointers that are written at the same time.
const AT_ONCE: usize = 16;
/// What failed is tried again after this: a cluster may look for a leader.
const AGAIN: Duration = Duration::from_secs(2);

type Heads = Arc<HashMap<ZoneId, Head>>;

/// Why a pointer was not written.
#[derive(Debug, thiserror::Error)]
enum PointerError {
    #[error(transparent)]
    Bucket(#[from] async_nats::jetstream::context::CreateKeyValueError),
    #[error(transparent)]
    Read(#[from] kv::EntryError),
    #[error(transparent)]
    Keys(#[from] kv::HistoryError),
    #[error(transparent)]
    Key(#[from] kv::WatcherError),
    #[error(transparent)]
    Write(#[from] kv::UpdateError),
}

/// Keeps the pointers for as long as the bus is there. Sites hear of new policies without them, too.
pub(super) async fn run(hub: &Hub, client: &Client) -> Infallible {
    let mut heads = hub.policies.watch();
    let mut written = Heads::default();
    loop {
        let newest = heads.borrow_and_update().clone();
        // A hub that has just begun has not read them yet.
        if newest.is_empty() && written.is_empty() {
            if heads.changed().await.is_err() {
                return std::future::pending().await;
            }
            continue;
        }
        match write(client, &written, &newest).await {
            Ok(()) => written = newest,
            Err(error) => {
                tracing::warn!(%error, "the pointers to policies are not written; it is tried again");
                // Whatever was written is looked at again.
                written = Heads::default();
                sleep(AGAIN).await;
                continue;
            }
        }
        if heads.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

/// Writes those that are others than `written` has; without any, all that are others than the bucket has.
async fn write(client: &Client, written: &Heads, newest: &Heads) -> Result<(), PointerError> {
    let bucket = bucket(client).await?;
    let new: Vec<_> = newest.iter().filter(|(zone, head)| written.get(zone) != Some(head)).collect();
    let writes = new.into_iter().map(|(zone, head)| point(bucket.clone(), *zone, *head));
    let writes: Vec<_> = writes.map(FutureExt::boxed).collect();
    stream::iter(writes).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    let gone: Vec<String> = if written.is_empty() {
        let keys: Vec<String> = bucket.keys().await?.try_collect().await?;
        let stands = |key: &String| key.parse().is_ok_and(|zone| newest.contains_key(&zone));
        keys.into_iter().filter(|key| !stands(key)).collect()
    } else {
        written.keys().filter(|zone| !newest.contains_key(zone)).map(ToString::to_string).collect()
    };
    for key in gone {
        bucket.purge(key).await?;
    }
    Ok(())
}

async fn bucket(client: &Client) -> Result<Store, PointerError> {
    let num_replicas = if client.server_info().cluster.is_some() { REPLICAS } else { 1 };
    let wanted = kv::Config {
        bucket: BUCKET.to_owned(),
        description: "The newest policy of each zone".to_owned(),
        max_value_size: MAX_BYTES,
        history: 1,
        num_replicas,
        republish: Some(Republish {
            source: format!("$KV.{BUCKET}.*"),
            destination: SAID_AGAIN.to_owned(),
            headers_only: false,
        }),
        ..kv::Config::default()
    };
    Ok(streams(client).create_or_update_key_value(wanted).await?)
}

/// Writes one pointer, unless a newer one is there: another hub may write, too.
async fn point(bucket: Store, zone: ZoneId, head: Head) -> Result<(), PointerError> {
    let key = zone.to_string();
    let pointer = pointer(zone, head);
    loop {
        let there = bucket.entry(key.clone()).await?;
        let known = there.as_ref().filter(|entry| entry.operation == Operation::Put);
        let known = known.and_then(|entry| serde_json::from_slice::<Value>(&entry.value).ok());
        if known.is_some_and(|known| known == pointer || order(&known) > order(&pointer)) {
            return Ok(());
        }
        let revision = there.map_or(0, |entry| entry.revision);
        match bucket.update(&key, pointer.to_string().into(), revision).await {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == UpdateErrorKind::WrongLastRevision => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn pointer(zone: ZoneId, head: Head) -> Value {
    json!({
        "zone_id": zone,
        "epoch": head.policy.epoch,
        "version": head.policy.version,
        "bytes": head.bytes,
        "sha256": data_encoding::HEXLOWER.encode(&head.sha256),
        "issued_at": head.issued_at,
    })
}

/// A later epoch is newer whatever the version.
fn order(pointer: &Value) -> (Option<u64>, Option<u64>) {
    let number = |name: &str| pointer.get(name).and_then(Value::as_u64);
    (number("epoch"), number("version"))
}
