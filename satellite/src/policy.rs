//! What this site decides by: its zone's policy, kept in the store, judged wherever it comes from.
//!
//! It opens no session while it has none. Fed by `fetch`, asked by sessions that open and by the reconciler.

pub mod fetch;
pub mod part;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use minicbor::bytes::ByteVec;
use openpam_ids::{TargetId, UserId, ZoneId};
use openpam_policy::{
    Authorization, Denial, Malformed, Moment, Policy, PolicyKey, Records, Refusal, Snapshot, Update,
};
use openpam_proto::control::MAX_POLICY_KEYS;
use openpam_proto::end::EndCode;
use openpam_proto::event::Basis;
use openpam_proto::snapshot::PolicyVersion;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::store::{Store, StoreError};

/// A policy that the hub has just issued is here this soon, or the session does not open.
const PATIENCE: Duration = Duration::from_secs(5);

/// A policy that counts.
#[derive(Debug)]
pub struct Held {
    snapshot: Snapshot,
    policy: Policy,
}

impl Held {
    /// Which.
    #[must_use]
    pub fn version(&self) -> PolicyVersion {
        let statement = self.snapshot.statement();
        PolicyVersion { epoch: statement.epoch, version: statement.version }
    }

    /// When the hub issued it: milliseconds since 1970 UTC.
    #[must_use]
    pub fn issued_ms(&self) -> i64 {
        self.snapshot.statement().issued_ms
    }

    /// No session opens here when the hub was away for longer.
    #[must_use]
    pub fn longest_away(&self) -> Duration {
        Duration::from_secs(self.snapshot.statement().longest_offline_s.into())
    }

    /// Decides, and says by what.
    pub fn decide(
        &self,
        user: UserId,
        target: TargetId,
        moment: Moment,
    ) -> (Result<Authorization, Denial>, Basis) {
        let decided = self.policy.decide(user, target, moment);
        let basis = Basis {
            policy: self.version(),
            grant_id: decided.as_ref().ok().map(Authorization::grant_id),
            away_since_ms: moment.away_since.map(Timestamp::as_millisecond),
        };
        (decided, basis)
    }
}

/// The site's policy. Clones are cheap and mean the same one.
#[derive(Clone, Debug)]
pub struct Policies(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    zone: ZoneId,
    store: Store,
    keys: Mutex<Vec<PolicyKey>>,
    held: watch::Sender<Option<Arc<Held>>>,
    /// Held while one is taken: what is on the disk and what is in memory change together.
    taking: tokio::sync::Mutex<()>,
    /// The newest that a hub spoke of.
    newest: watch::Sender<Option<PolicyVersion>>,
    /// The one that was refused, and why.
    refused: watch::Sender<Option<(PolicyVersion, String)>>,
}

/// Why a policy is not taken.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// It does not count.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Malformed> for TakeError {
    fn from(malformed: Malformed) -> Self {
        Self::Refused(malformed.into())
    }
}

impl Policies {
    /// Reads what is kept. What does not count any more is as good as none; the hub is asked for it again.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    pub async fn open(store: Store, zone: ZoneId) -> Result<Self, StoreError> {
        let keys = store.policy_keys().await?;
        let held = match store.policy().await? {
            None => None,
            Some((signed, records)) => match judge(signed, records, zone, &keys) {
                Ok(held) => Some(Arc::new(held)),
                Err(error) => {
                    tracing::error!(%error, alarm = true, "the policy on the disk does not count: sessions wait for the hub's");
                    None
                }
            },
        };
        Ok(Self(Arc::new(Inner {
            zone,
            store,
            keys: Mutex::new(keys),
            held: watch::Sender::new(held),
            taking: tokio::sync::Mutex::default(),
            newest: watch::Sender::default(),
            refused: watch::Sender::default(),
        })))
    }

    /// The policy that counts now.
    #[must_use]
    pub fn held(&self) -> Option<Arc<Held>> {
        self.0.held.borrow().clone()
    }

    /// Which one that is.
    #[must_use]
    pub fn version(&self) -> Option<PolicyVersion> {
        self.held().map(|held| held.version())
    }

    /// Changes whenever another one counts.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Option<Arc<Held>>> {
        self.0.held.subscribe()
    }

    /// The newest that a hub spoke of.
    #[must_use]
    pub fn newest(&self) -> watch::Receiver<Option<PolicyVersion>> {
        self.0.newest.subscribe()
    }

    /// The one that was refused, and why.
    #[must_use]
    pub fn refused(&self) -> watch::Receiver<Option<(PolicyVersion, String)>> {
        self.0.refused.subscribe()
    }

    /// Whether that one or a newer one was refused, or could not be kept.
    #[must_use]
    pub fn is_refused(&self, wanted: PolicyVersion) -> bool {
        self.0.refused.borrow().as_ref().is_some_and(|(policy, _)| *policy >= wanted)
    }

    /// A hub of this installation said by which keys policies may be signed (none: by those that are known), and which one
    /// is the newest.
    pub async fn told(&self, keys: &[ByteVec], newest: Option<PolicyVersion>) {
        let keys: Vec<PolicyKey> =
            keys.iter().take(MAX_POLICY_KEYS).filter_map(|key| key.as_slice().try_into().ok()).collect();
        if !keys.is_empty() && *self.keys() != keys {
            if let Err(error) = self.0.store.keep_policy_keys(keys.clone()).await {
                tracing::warn!(%error, "the keys of policies could not be kept");
            }
            *self.keys() = keys;
            self.drop_disowned();
        }
        self.there_is(newest);
    }

    /// What is held counts no more if its key does not: whoever stole one may have signed it, of any version.
    fn drop_disowned(&self) {
        let keys = self.keys().clone();
        let disowned = |held: &Arc<Held>| held.snapshot.signed().statement(&keys).is_err();
        if self.held().as_ref().is_some_and(disowned) {
            tracing::error!(
                alarm = true,
                "the hub disowned the key of the policy that is held: sessions wait for another"
            );
            self.0.held.send_replace(None);
        }
    }

    fn there_is(&self, policy: Option<PolicyVersion>) {
        self.0.newest.send_if_modified(|newest| {
            let news = policy > *newest;
            if news {
                *newest = policy;
            }
            news
        });
    }

    /// Takes what came, if it counts: keeps it, then decides by it. Also when nobody waits for that any more: what is decided
    /// by is what is on the disk.
    ///
    /// # Errors
    /// [`TakeError`]; then what is held stays.
    pub async fn take(&self, update: Update) -> Result<(), TakeError> {
        let policies = self.clone();
        let taken = tokio::spawn(async move {
            let _alone = policies.0.taking.lock().await;
            policies.take_alone(update).await
        });
        taken.await.map_err(|_| StoreError::Closed)?
    }

    /// Waits until nothing is being taken.
    async fn settled(&self) {
        drop(self.0.taking.lock().await);
    }

    async fn take_alone(&self, update: Update) -> Result<(), TakeError> {
        let (before, keys, zone) = (self.held(), self.keys().clone(), self.0.zone);
        let worked_out = tokio::task::spawn_blocking(move || {
            let held = before.as_ref().map(|held| &held.snapshot);
            let snapshot = Snapshot::follow(held, update, zone, &keys)?;
            let policy = Policy::read(snapshot.records(), zone)?;
            let nothing = Records::default();
            let delta = held.map_or(&nothing, Snapshot::records).delta_to(snapshot.records());
            Ok::<_, Refusal>((before.is_some(), delta, Held { snapshot, policy }))
        });
        let (had, delta, held) = worked_out.await.map_err(|_| Refusal::Malformed(Malformed))??;
        self.0.store.keep_policy(held.snapshot.signed().to_bytes(), delta, !had).await?;
        let version = held.version();
        tracing::info!(
            version = version.version,
            epoch = version.epoch,
            "this site decides by another policy"
        );
        self.0.held.send_replace(Some(Arc::new(held)));
        self.0.refused.send_replace(None);
        // The keys may have changed while it was worked out.
        self.drop_disowned();
        Ok(())
    }

    fn refuse(&self, policy: PolicyVersion, reason: String) {
        self.0.refused.send_replace(Some((policy, reason)));
    }

    /// The policy that counts, once it is `wanted` or a newer one; `None`: it does not come in time.
    pub async fn at_least(&self, wanted: PolicyVersion) -> Option<Arc<Held>> {
        self.there_is(Some(wanted));
        let mut held = self.watch();
        let new_enough = held.wait_for(|held| held.as_ref().is_some_and(|held| held.version() >= wanted));
        timeout(PATIENCE, new_enough).await.ok()?.ok()?.clone()
    }

    fn keys(&self) -> std::sync::MutexGuard<'_, Vec<PolicyKey>> {
        self.0.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn judge(signed: Vec<u8>, records: Records, zone: ZoneId, keys: &[PolicyKey]) -> Result<Held, Refusal> {
    let signed = openpam_policy::Signed::from_bytes(&signed).ok_or(Malformed)?;
    let snapshot = Snapshot::judge(signed, records, zone, keys)?;
    let policy = Policy::read(snapshot.records(), zone)?;
    Ok(Held { snapshot, policy })
}

/// How a denial keeps a session from opening, and what its user is told.
#[must_use]
pub const fn refuses_by(denial: Denial) -> (EndCode, &'static str) {
    match denial {
        Denial::UserDisabled => (EndCode::UserDisabled, "your account is disabled"),
        Denial::OutsideWindow { .. } => {
            (EndCode::OutsideWindow, "your access to this target is not open now")
        }
        Denial::HubAway => ends_by(denial),
        Denial::NotGranted | Denial::TargetDisabled | Denial::ZoneDisabled => {
            (EndCode::NotGranted, "the site's policy does not let you open this target")
        }
    }
}

/// How a denial ends a session, and what its user is told.
#[must_use]
pub const fn ends_by(denial: Denial) -> (EndCode, &'static str) {
    match denial {
        Denial::UserDisabled => (EndCode::UserDisabled, "your account was disabled by an administrator"),
        Denial::OutsideWindow { .. } => (EndCode::WindowEnded, "your access window is over"),
        Denial::HubAway => {
            (EndCode::PolicyStale, "the site has been without its hub for as long as your grant allows")
        }
        Denial::NotGranted | Denial::TargetDisabled | Denial::ZoneDisabled => {
            (EndCode::NotGranted, "your access to this target was withdrawn")
        }
    }
}
