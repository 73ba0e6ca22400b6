//! Issues snapshots: at every change in the books that concerns one, whoever made it, and when a week begins.
//!
//! A zone gets a new one only if something that it needs is different, or another key signs. One hub instance does it at a time; the books number
//! them. Driven by PostgreSQL's notifications, and every few seconds without.

use std::collections::BTreeMap;
use std::future::pending;
use std::time::Duration;

use jiff::Timestamp;
use openpam_ids::ZoneId;
use openpam_policy::{Books, MAX_SNAPSHOT_BYTES, Policy, Records, Signed, Statement, Update};
use openpam_proto::snapshot::PolicyVersion;
use sqlx::PgConnection;
use sqlx::postgres::PgListener;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::compress;
use super::windows::Windows;
use crate::app::{AppState, Hub};
use crate::keys::{KeysError, SigningKey};
use crate::store::StoreError;
use crate::store::policy::{self, Head, Issue};
use crate::time::Time;

/// Without a notification it looks this often.
const EVERY: Duration = Duration::from_secs(5);
/// Another instance issues now, or the books did not answer.
const AGAIN: Duration = Duration::from_millis(200);

/// Why nothing was issued.
#[derive(Debug, thiserror::Error)]
enum IssueError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error("a snapshot could not be compressed")]
    Compress(#[from] std::io::Error),
    #[error("the snapshots were not worked out")]
    Work(#[from] tokio::task::JoinError),
}

impl From<sqlx::Error> for IssueError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Issues until the hub stops.
pub async fn run(hub: AppState, stop: CancellationToken) {
    let mut issuer = Issuer::default();
    let mut listener = None;
    loop {
        let mut wait = EVERY;
        match issuer.round(&hub).await {
            Ok(true) => {}
            Ok(false) => wait = AGAIN,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "policies could not be issued; it is tried again"
                );
                wait = AGAIN;
            }
        }
        if listener.is_none() {
            listener = listen(&hub).await;
        }
        let heard = async {
            match &mut listener {
                Some(listener) => PgListener::recv(listener).await.is_ok(),
                None => pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            heard = timeout(wait, heard) => if heard == Ok(false) {
                listener = None;
                sleep(AGAIN).await;
            },
        }
    }
}

async fn listen(hub: &Hub) -> Option<PgListener> {
    let mut listener = PgListener::connect_with(&hub.pool).await.ok()?;
    listener.listen("openpam_policy").await.ok()?;
    Some(listener)
}

#[derive(Default)]
struct Issuer {
    windows: Windows,
    /// What the books said the last time.
    heads: std::collections::HashMap<ZoneId, Head>,
}

impl Issuer {
    /// Issues what is due, and looks what others issued; `false`: another instance is about it.
    async fn round(&mut self, hub: &Hub) -> Result<bool, IssueError> {
        let now = Timestamp::now();
        if hub.keys.policy.reread()? {
            tracing::info!("the key of policies was rotated: every zone's is signed anew");
        }
        let key = hub.keys.policy.present().public();
        let of_before =
            self.heads.values().any(|head| head.policy.epoch != hub.epoch || head.key != Some(key));
        let due = self.windows.is_due(now) || of_before || policy::is_due(&hub.pool).await?;
        let done = !due || self.issue(hub, now).await?;
        let mut db = hub.pool.acquire().await?;
        self.heads = policy::heads(&mut db).await?;
        hub.policies.set(self.heads.clone());
        Ok(done)
    }

    async fn issue(&mut self, hub: &Hub, now: Timestamp) -> Result<bool, IssueError> {
        let Some(mut tx) = policy::begin(&hub.pool).await? else { return Ok(false) };
        self.windows.begin(now);
        let books = policy::books(&mut tx, |schedule| self.windows.when(schedule)).await?;
        self.windows.end();
        let heads = policy::heads(&mut tx).await?;
        let key = hub.keys.policy.present();
        for (zone, (records, sha256)) in work_out(books).await? {
            let head = heads.get(&zone).copied();
            let stands = |head: Head| {
                head.sha256 == sha256 && head.policy.epoch >= hub.epoch && head.key == Some(key.public())
            };
            if !head.is_some_and(stands) {
                issue(hub, &key, &mut tx, (zone, head), &records).await?;
            }
        }
        policy::settle(&mut tx).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn work_out(books: Books) -> Result<BTreeMap<ZoneId, (Records, [u8; 32])>, tokio::task::JoinError> {
    spawn_blocking(move || {
        let zones = books.by_zone().into_iter();
        zones
            .map(|(zone, records)| {
                (zone, {
                    let sha256 = records.sha256();
                    (records, sha256)
                })
            })
            .collect()
    })
    .await
}

async fn issue(
    hub: &Hub,
    key: &SigningKey,
    db: &mut PgConnection,
    (zone, head): (ZoneId, Option<Head>),
    records: &Records,
) -> Result<(), IssueError> {
    if records.bytes() > MAX_SNAPSHOT_BYTES {
        let bytes = records.bytes();
        tracing::error!(%zone, bytes, alarm = true, "a zone's policy is too large to be issued: its site keeps the former one");
        return Ok(());
    }
    if Policy::read(records, zone).is_err() {
        tracing::error!(%zone, alarm = true, "a zone's policy would not be readable: its site keeps the former one");
        return Ok(());
    }
    let version = head.map_or(1, |head| head.policy.version + 1);
    let policy = PolicyVersion { epoch: hub.epoch.max(head.map_or(0, |head| head.policy.epoch)), version };
    let issued_at = Time::now();
    let statement = Statement::new(zone, (policy.epoch, version), issued_at.as_ms(), records);
    let signed = Signed::new(&statement, key.public(), |bytes| key.sign(bytes));
    let body = compress(&Update::whole(signed, records))?;
    tracing::info!(%zone, version, records = records.len(), bytes = body.len(), "policy issued");
    let sha256 = statement.sha256();
    let issue = Issue { zone_id: zone, policy, sha256, key: key.public(), body, issued_at };
    policy::issue(db, &issue).await?;
    Ok(())
}
