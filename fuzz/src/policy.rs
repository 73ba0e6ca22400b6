//! A site's policy: what a hub sends and what a disk keeps. What is read is written the same, a delta makes the whole, and
//! nothing counts that no hub signed.

use openpam_ids::ZoneId;
use openpam_policy::{Delta, Key, Policy, Record, Records, Signed, Snapshot, Update};

use crate::input::Input;

const ZONE: ZoneId = ZoneId::from_bytes([7; 16]);
/// Nobody has its private half.
const KEY: [u8; 32] = [9; 32];

/// The first byte says what the others are.
pub fn feed(data: &[u8]) {
    let mut input = Input::new(data);
    match input.byte() % 5 {
        0 => update(input.rest()),
        1 => {
            let bytes = input.rest();
            if let Ok(records) = Records::from_bytes(bytes) {
                assert_eq!(records.to_bytes(), bytes);
                assert_eq!(records.bytes(), bytes.len());
                let _ = Policy::read(&records, ZONE);
            }
        }
        2 => {
            let bytes = input.rest();
            if let Ok(delta) = Delta::from_bytes(bytes) {
                assert_eq!(delta.to_bytes(), bytes);
            }
        }
        3 => {
            let half = usize::from(input.short());
            let (old, new) = (input.take(half), input.rest());
            if let (Ok(old), Ok(new)) = (Records::from_bytes(old), Records::from_bytes(new)) {
                let mut made = old.clone();
                made.apply(&old.delta_to(&new)).expect("applies");
                assert_eq!((made.sha256(), made.bytes()), (new.sha256(), new.bytes()));
            }
        }
        _ => record(input.take(Key::BYTES), input.rest()),
    }
}

fn update(bytes: &[u8]) {
    if let Some(update) = Update::from_bytes(bytes) {
        let again = Update::from_bytes(&update.to_bytes()).expect("an update");
        assert_eq!(again, update);
        assert!(Snapshot::follow(None, update, ZONE, &[KEY]).is_err());
    }
    if let Some(signed) = Signed::from_bytes(bytes) {
        assert!(signed.statement(&[KEY]).is_err());
    }
}

fn record(key: &[u8], bytes: &[u8]) {
    let Ok(key) = key.try_into() else { return };
    let key = Key::from_bytes(key);
    let Some(record) = Record::read(&key, bytes, ZONE) else { return };
    if let Some(known) = record.key() {
        assert_eq!(known, key);
        assert_eq!(Record::read(&key, &record.to_bytes(), ZONE), Some(record));
    }
}
