//! The policy that a site holds, and the keys that it takes one of.

use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use openpam_ids::ZoneId;
use openpam_policy::{Books, PolicyKey, Records, Refusal, Signed, Statement, Update};
use openpam_proto::snapshot::PolicyVersion;
use openpam_satellite::policy::{Policies, TakeError};
use openpam_satellite::store::Store;

struct Key(Ed25519KeyPair);

impl Key {
    fn new() -> Self {
        Self(Ed25519KeyPair::generate().expect("generates"))
    }

    fn public(&self) -> PolicyKey {
        self.0.public_key().as_ref().try_into().expect("32 bytes")
    }

    /// A policy of that version, which gives nobody anything.
    fn issue(&self, zone: ZoneId, version: u64) -> Update {
        let books = Books { zones: [(zone, true)].into(), ..Books::default() };
        let records: Records = books.by_zone().remove(&zone).expect("the zone");
        let statement = Statement::new(zone, (1, version), 1_800_000_000_000, &records);
        let signed = Signed::new(&statement, self.public(), |bytes| self.0.sign(bytes).as_ref().to_vec());
        Update::whole(signed, &records)
    }
}

async fn told(policies: &Policies, keys: &[&Key]) {
    let keys: Vec<_> = keys.iter().map(|key| key.public().to_vec().into()).collect();
    policies.told(&keys, None).await;
}

fn version(policies: &Policies) -> Option<u64> {
    policies.version().map(|PolicyVersion { version, .. }| version)
}

#[tokio::test]
async fn what_a_stolen_key_signed_is_dropped_whatever_its_version() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || Store::open(&folder.path().join("satellite.db")).expect("opens").0;
    let (zone, stolen, next) = (ZoneId::generate(), Key::new(), Key::new());
    let policies = Policies::open(open(), zone).await.expect("opens");
    told(&policies, &[&stolen]).await;
    policies.take(stolen.issue(zone, u64::MAX)).await.expect("its key is known");

    told(&policies, &[]).await;
    told(&policies, &[&next, &stolen]).await;
    assert_eq!(version(&policies), Some(u64::MAX), "its key is being rotated out");
    let refused = policies.take(next.issue(zone, 7)).await;
    assert!(matches!(refused, Err(TakeError::Refused(Refusal::Older { .. }))), "{refused:?}");

    told(&policies, &[&next]).await;
    assert_eq!(version(&policies), None);
    let refused = policies.take(stolen.issue(zone, u64::MAX)).await;
    assert!(matches!(refused, Err(TakeError::Refused(Refusal::UnknownKey))), "{refused:?}");
    policies.take(next.issue(zone, 7)).await.expect("is taken");
    assert_eq!(version(&policies), Some(7));
    drop(policies);
    let again = Policies::open(open(), zone).await.expect("opens");
    assert_eq!(version(&again), Some(7), "it is on the disk, and so is its key");
}

#[tokio::test]
async fn what_is_being_taken_when_the_tunnel_ends_counts_on_the_disk_and_in_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || Store::open(&folder.path().join("satellite.db")).expect("opens").0;
    let (zone, key) = (ZoneId::generate(), Key::new());
    let policies = Policies::open(open(), zone).await.expect("opens");
    told(&policies, &[&key]).await;
    let mut held = policies.watch();
    for next in 1..=20 {
        // Given up at another moment each time.
        let patience = Duration::from_micros(next * 150);
        let _ = tokio::time::timeout(patience, policies.take(key.issue(zone, next))).await;
        let taken = held.wait_for(|held| held.as_ref().is_some_and(|held| held.version().version == next));
        tokio::time::timeout(Duration::from_secs(10), taken).await.expect("in time").expect("lives");
        let again = Policies::open(open(), zone).await.expect("opens");
        assert_eq!(version(&again), Some(next));
    }
}
