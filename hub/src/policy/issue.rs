//! Issues snapshots: at every change in the books that concerns one, whoever made it, and when a week begins.
//!
//! A zone gets a new one only if something that it needs is different, or another key signs. One hub instance does it at a
//! time; the books number them. Driven by PostgreSQL's notifications, and every few seconds without.

use std::collections::HashMap;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use openpam_ids::ZoneId;
use openpam_policy::{Books, MAX_SNAPSHOT_BYTES, Policy, PolicyKey, Records, Signed, Statement, Update};
use openpam_proto::snapshot::PolicyVersion;
use sqlx::postgres::PgListener;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::compress;
use super::windows::Windows;
use crate::app::{AppState, Hub};
use crate::keys::SigningKey;
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
    #[error("a snapshot could not be compressed")]
    Compress(#[from] std::io::Error),
    #[error("the snapshots were not worked out")]
    Work(#[from] tokio::task::JoinError),
}

impl IssueError {
    /// Another instance issued between our first look at the books and our turn.
    fn was_overtaken(&self) -> bool {
        let Self::Store(StoreError::Database(sqlx::Error::Database(error))) = self else { return false };
        error.code().is_some_and(|code| code == "40001")
    }
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
            Err(error) if error.was_overtaken() => wait = AGAIN,
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
    /// Of what was committed last.
    windows: Windows,
    /// What the books said the last time.
    heads: HashMap<ZoneId, Head>,
    /// Everything was held against this epoch and key: a zone that cannot be issued is not tried again by itself.
    held_against: Option<(u64, PolicyKey)>,
}

impl Issuer {
    /// Issues what is due, and looks what others issued; `false`: another instance is about it.
    async fn round(&mut self, hub: &Hub) -> Result<bool, IssueError> {
        let now = Timestamp::now();
        match hub.keys.policy.reread() {
            Ok(true) => tracing::info!("the key of policies was rotated: every zone's is signed anew"),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "the key of policies could not be read again; the former one signs")
            }
        }
        let due = self.windows.is_due(now) || self.has_former(hub) || policy::is_due(&hub.pool).await?;
        let done = !due || self.issue(hub, now).await?;
        let mut db = hub.pool.acquire().await?;
        self.heads = policy::heads(&mut db).await?;
        hub.policies.set(self.heads.clone());
        Ok(done)
    }

    /// Of another epoch, or signed by another key.
    fn has_former(&self, hub: &Hub) -> bool {
        let key = hub.keys.policy.present().public();
        self.held_against != Some((hub.epoch, key))
            && self.heads.values().any(|head| head.policy.epoch < hub.epoch || head.key != Some(key))
    }

    async fn issue(&mut self, hub: &Hub, now: Timestamp) -> Result<bool, IssueError> {
        let Some(mut tx) = policy::begin(&hub.pool).await? else { return Ok(false) };
        let rows = policy::rows(&mut tx, now).await?;
        let heads = policy::heads(&mut tx).await?;
        let (epoch, key) = (hub.epoch, hub.keys.policy.present());
        let signer = Signer { heads, epoch, key };
        let held_against = Some((epoch, signer.key.public()));
        let mut windows = std::mem::take(&mut self.windows);
        let (send, mut receive) = mpsc::channel(1);
        let work = spawn_blocking(move || {
            windows.begin(now);
            let books = rows.read(|schedule| windows.when(schedule));
            windows.end();
            signer.sign_all(&books, &send).map(|()| windows)
        });
        let mut issued = false;
        while let Some(issue) = receive.recv().await {
            policy::issue(&mut tx, &issue).await?;
            issued = true;
        }
        let windows = work.await??;
        policy::settle(&mut tx, issued).await?;
        tx.commit().await?;
        (self.windows, self.held_against) = (windows, held_against);
        Ok(true)
    }
}

/// Works out, signs and packs what zones need, one after the other.
struct Signer {
    heads: HashMap<ZoneId, Head>,
    epoch: u64,
    key: Arc<SigningKey>,
}

impl Signer {
    /// Gives every zone's that is something else than before, or was signed by another key.
    fn sign_all(&self, books: &Books, issues: &mpsc::Sender<Issue>) -> Result<(), IssueError> {
        let mut done = Ok(());
        books.each_zone(|zone, records| {
            if done.is_err() || issues.is_closed() {
                return;
            }
            match self.sign(zone, &records) {
                // Who does not listen any more has failed, and says so.
                Ok(Some(issue)) => drop(issues.blocking_send(issue)),
                Ok(None) => {}
                Err(error) => done = Err(error),
            }
        });
        done
    }

    fn sign(&self, zone: ZoneId, records: &Records) -> Result<Option<Issue>, IssueError> {
        let (head, key) = (self.heads.get(&zone), self.key.public());
        let sha256 = records.sha256();
        let stands =
            |head: &Head| head.sha256 == sha256 && head.policy.epoch >= self.epoch && head.key == Some(key);
        if head.is_some_and(stands) {
            return Ok(None);
        }
        if records.bytes() > MAX_SNAPSHOT_BYTES {
            let bytes = records.bytes();
            tracing::error!(%zone, bytes, alarm = true, "a zone's policy is too large to be issued: its site keeps the former one");
            return Ok(None);
        }
        if Policy::read(records, zone).is_err() {
            tracing::error!(%zone, alarm = true, "a zone's policy would not be readable: its site keeps the former one");
            return Ok(None);
        }
        let version = head.map_or(1, |head| head.policy.version + 1);
        let epoch = self.epoch.max(head.map_or(0, |head| head.policy.epoch));
        let issued_at = Time::now();
        let statement = Statement::new(zone, (epoch, version), issued_at.as_ms(), records);
        let signed = Signed::new(&statement, key, |bytes| self.key.sign(bytes));
        let body = compress(&Update::whole(signed, records))?;
        tracing::info!(%zone, version, records = records.len(), bytes = body.len(), "policy issued");
        Ok(Some(Issue {
            zone_id: zone,
            policy: PolicyVersion { epoch, version },
            sha256,
            key,
            longest_offline_s: statement.longest_offline_s,
            body,
            issued_at,
        }))
    }
}
