//! What hubs tell each other through the database, signed: whoever else may notify there can tell them nothing, and nothing
//! twice.
//!
//! A message is `<HMAC-SHA256, base64>.<JSON>`. Its key comes of the secret that all hubs of an installation share.

use std::collections::HashMap;

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use data_encoding::BASE64;
use openpam_ids::HubId;
use serde::{Deserialize, Serialize};

use super::Change;
use crate::time::Time;

/// PostgreSQL takes less than 8000 bytes.
const MAX_BYTES: usize = 7_900;
/// Clocks of hubs, and the way, may take so long; what is older is not believed.
const MAX_AGE_MS: i64 = 60_000;
/// More hubs are not kept apart.
const MAX_HUBS: usize = 256;

/// Signs what hubs tell each other.
pub struct SharedKey(hmac::Key);

impl std::fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedKey(…)")
    }
}

/// Who says it, when, as the how manieth since it began; `change` is absent where it only says that it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Said {
    pub(super) hub: HubId,
    /// When that process began: its numbers begin anew.
    pub(super) began_ms: i64,
    pub(super) number: u64,
    pub(super) at_ms: i64,
    pub(super) change: Option<Change>,
}

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Of this hub itself.
    Own,
    /// Next in order.
    Next(Option<Change>),
    /// There were others before it that were not heard, or it is too old to be believed.
    WithGap(Option<Change>),
    /// Said before.
    Repeated,
    /// Nobody of this installation says it.
    Forged,
}

impl SharedKey {
    /// With these bytes.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(HMAC_SHA256, bytes))
    }

    /// As it travels; `None`: it is too long.
    pub(super) fn sign(&self, said: &Said) -> Option<String> {
        let json = serde_json::to_string(said).ok()?;
        let text = format!("{}.{json}", BASE64.encode(hmac::sign(&self.0, json.as_bytes()).as_ref()));
        (text.len() <= MAX_BYTES).then_some(text)
    }

    fn open(&self, text: &str) -> Option<Said> {
        let (tag, json) = text.split_once('.')?;
        let tag = BASE64.decode(tag.as_bytes()).ok()?;
        hmac::verify(&self.0, json.as_bytes(), &tag).ok()?;
        serde_json::from_str(json).ok()
    }
}

/// What was heard of each hub last.
#[derive(Debug, Default)]
pub(super) struct Order(HashMap<HubId, (i64, u64)>);

impl Order {
    pub(super) fn hear(&mut self, key: &SharedKey, this: HubId, text: &str, now: Time) -> Heard {
        let Some(said) = key.open(text) else { return Heard::Forged };
        let place = (said.began_ms, said.number);
        let before = self.0.get(&said.hub).copied();
        if before.is_some_and(|before| place <= before) {
            return Heard::Repeated;
        }
        if self.0.len() >= MAX_HUBS {
            self.0.clear();
        }
        self.0.insert(said.hub, place);
        if said.hub == this {
            return Heard::Own;
        }
        let age_ms = now.as_ms().saturating_sub(said.at_ms).saturating_abs();
        // The first of a hub that was not heard before: what it said until then is in the books that are read from now on.
        let follows = before.is_none_or(|(began_ms, number)| {
            (began_ms == said.began_ms && number + 1 == said.number)
                || (began_ms < said.began_ms && said.number == 1)
        });
        if age_ms > MAX_AGE_MS {
            return Heard::WithGap(None);
        }
        if follows { Heard::Next(said.change) } else { Heard::WithGap(said.change) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(number: u64) -> Said {
        let hub = HubId::from_bytes([1; 16]);
        Said { hub, began_ms: 5, number, at_ms: Time::now().as_ms(), change: Some(Change::GrantsChanged) }
    }

    #[test]
    fn another_hub_is_heard_once_in_order_and_a_gap_is_noticed() {
        let (key, mut order, this) = (SharedKey::new(&[7; 32]), Order::default(), HubId::generate());
        let mut hear = |said: &Said| order.hear(&key, this, &key.sign(said).expect("fits"), Time::now());
        let change = Some(Change::GrantsChanged);
        assert_eq!(hear(&said(3)), Heard::Next(change.clone()));
        assert_eq!(hear(&said(4)), Heard::Next(change.clone()));
        assert_eq!(hear(&said(4)), Heard::Repeated);
        assert_eq!(hear(&said(6)), Heard::WithGap(change.clone()));
        assert_eq!(hear(&said(5)), Heard::Repeated);
        assert_eq!(hear(&Said { began_ms: 6, ..said(1) }), Heard::Next(change));
        assert_eq!(hear(&said(7)), Heard::Repeated, "of the process before");
        let old = Said { began_ms: 6, at_ms: Time::now().as_ms() - 120_000, ..said(2) };
        assert_eq!(hear(&old), Heard::WithGap(None), "its word is not taken, the books are asked");
        assert_eq!(hear(&Said { hub: this, ..said(1) }), Heard::Own);
    }

    #[test]
    fn what_another_key_signed_and_what_was_changed_on_the_way_is_not_heard() {
        let (key, other, mut order) = (SharedKey::new(&[7; 32]), SharedKey::new(&[8; 32]), Order::default());
        let this = HubId::generate();
        let good = key.sign(&said(1)).expect("fits");
        for text in [
            other.sign(&said(1)).expect("fits"),
            good.replace("\"number\":1", "\"number\":2"),
            good.split_once('.').expect("two parts").1.to_owned(),
            String::new(),
            "issued".to_owned(),
        ] {
            assert_eq!(order.hear(&key, this, &text, Time::now()), Heard::Forged, "{text}");
        }
    }

    #[test]
    fn the_longest_message_fits_and_a_longer_one_is_not_sent() {
        let key = SharedKey::new(&[7; 32]);
        let end = |message: String| Change::EndSession {
            session_id: openpam_ids::SessionId::generate(),
            satellite_id: openpam_ids::SatelliteId::generate(),
            code: openpam_proto::end::EndCode::TerminatedByAdmin,
            message,
        };
        assert!(key.sign(&Said { change: Some(end("x".repeat(5000))), ..said(1) }).is_some());
        assert!(key.sign(&Said { change: Some(end("x".repeat(9000))), ..said(1) }).is_none());
    }
}
