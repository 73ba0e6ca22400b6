//! What a site does not take, and that what it holds stays.

use openpam_policy::{
    Books, Key, MAX_SNAPSHOT_BYTES, Policy, Record, Records, Refusal, Signed, Snapshot, Update,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::world::{Hub, books, zone};

/// The records of zone 0 in two worlds.
fn two() -> (Records, Records) {
    let mut runner = TestRunner::deterministic();
    let mut draw = || {
        books().new_tree(&mut runner).expect("books").current().by_zone().remove(&zone(0)).expect("zone 0")
    };
    let one = draw();
    let other = std::iter::repeat_with(draw).find(|other| *other != one).expect("another");
    (one, other)
}

fn follow(hub: &Hub, held: Option<&Snapshot>, update: Update) -> Result<Snapshot, Refusal> {
    Snapshot::follow(held, update, zone(0), &[hub.key()])
}

#[test]
fn another_zone_another_key_and_another_time_are_refused() {
    let (hub, stranger, (old, new)) = (Hub::new(), Hub::new(), two());
    let held = hub.issue(zone(0), (2, 5), &old);
    let offered = |hub: &Hub, of, number| Update::whole(hub.sign(zone(of), number, &new), &new);
    let refused = |update| follow(&hub, Some(&held), update).expect_err("refused");
    assert_eq!(refused(offered(&stranger, 0, (2, 6))), Refusal::UnknownKey);
    assert_eq!(refused(offered(&hub, 1, (2, 6))), Refusal::OtherZone);
    assert!(matches!(refused(offered(&hub, 0, (2, 4))), Refusal::Older { offered: 4, held: 5, .. }));
    assert!(matches!(
        refused(offered(&hub, 0, (1, 9))),
        Refusal::Older { offered_epoch: 1, held_epoch: 2, .. }
    ));
    assert_eq!(refused(offered(&hub, 0, (2, 5))), Refusal::Contradicts);
    let again = Update::whole(held.signed().clone(), &old);
    assert_eq!(follow(&hub, Some(&held), again), Ok(held.clone()), "what is there already is no error");
    let restored =
        follow(&hub, Some(&held), offered(&hub, 0, (3, 1))).expect("a restored hub counts on from before");
    assert_eq!(restored.records(), &new);
}

#[test]
fn a_key_that_is_being_rotated_out_is_still_known() {
    let (former, hub, (old, new)) = (Hub::new(), Hub::new(), two());
    let keys = [hub.key(), former.key()];
    let held = former.issue(zone(0), (1, 1), &old);
    let update = Update::delta(hub.sign(zone(0), (1, 2), &new), &old, &new);
    assert!(Snapshot::follow(Some(&held), update.clone(), zone(0), &keys).is_ok());
    assert_eq!(Snapshot::follow(Some(&held), update, zone(0), &[former.key()]), Err(Refusal::UnknownKey));
}

#[test]
fn a_delta_to_something_else_is_refused() {
    let (hub, (old, new)) = (Hub::new(), two());
    let update = Update::delta(hub.sign(zone(0), (1, 2), &new), &old, &new);
    assert_eq!(follow(&hub, None, update.clone()), Err(Refusal::OtherBase));
    let other = hub.issue(zone(0), (1, 1), &new);
    assert_eq!(follow(&hub, Some(&other), update), Err(Refusal::OtherBase));
}

#[test]
fn other_records_than_were_signed_are_refused() {
    let (hub, (old, new)) = (Hub::new(), two());
    let update = Update::whole(hub.sign(zone(0), (1, 2), &new), &old);
    assert_eq!(follow(&hub, None, update), Err(Refusal::OtherRecords));
}

#[test]
fn what_is_too_large_is_refused() {
    let hub = Hub::new();
    let mut records = Records::default();
    for number in 0..50_u8 {
        records.insert(Key::from_bytes([number; 17]), vec![number; 1024 * 1024].into());
    }
    assert!(records.bytes() > MAX_SNAPSHOT_BYTES);
    let update = Update::whole(hub.sign(zone(0), (1, 1), &records), &records);
    assert_eq!(follow(&hub, None, update), Err(Refusal::TooLarge));
}

#[test]
fn what_a_newer_hub_says_besides_is_kept_and_covered_by_the_hash() {
    let (hub, (mut records, _)) = (Hub::new(), two());
    let unknown = Key::from_bytes([99; 17]);
    records.insert(unknown, b"\xa1\x00\x01".as_slice().into());
    let snapshot =
        follow(&hub, None, Update::whole(hub.sign(zone(0), (1, 1), &records), &records)).expect("taken");
    assert_eq!(snapshot.records(), &records);
    assert_eq!(Record::read(&unknown, b"", zone(0)), Some(Record::Unknown));
    assert!(Policy::read(&records, zone(0)).is_ok());
    let damaged = Key::from_bytes([2; 17]);
    records.insert(damaged, b"\xff".as_slice().into());
    assert!(Policy::read(&records, zone(0)).is_err(), "a person that cannot be read is not passed over");
    assert_eq!(Books::default().by_zone().len(), 0);
}

proptest! {
    #[test]
    fn no_byte_of_it_can_be_changed(place in any::<prop::sample::Index>(), bit in 0..8_u8, cut in any::<bool>()) {
        let (hub, (old, new)) = (Hub::new(), two());
        let held = hub.issue(zone(0), (1, 1), &old);
        let update = Update::delta(hub.sign(zone(0), (1, 2), &new), &old, &new);
        let mut bytes = update.to_bytes();
        if cut {
            bytes.truncate(place.index(bytes.len()));
        } else {
            *place.get_mut(&mut bytes) ^= 1 << bit;
        }
        // A reader skips what it does not know; whatever it takes is what was signed.
        if let Some(Ok(taken)) = Update::from_bytes(&bytes).map(|update| follow(&hub, Some(&held), update)) {
            prop_assert_eq!(taken.records(), &new);
        }
        if let Some(signed) = Signed::from_bytes(&bytes) {
            prop_assert!(signed.statement(&[hub.key()]).is_err());
        }
    }
}
