//! Whom and what an event is about, read from its body: the list is filtered by it, and `audit verify` reads it again.

use std::collections::BTreeSet;

use openpam_proto::event::Event;
use serde_json::Value;
use uuid::Uuid;

/// Of a hub's event: who did it, and every id that stands by itself in its detail or in an object there. Lower case with
/// hyphens, as we write them.
#[must_use]
pub fn of_hub(user: Option<Uuid>, detail: &Value) -> Vec<Uuid> {
    let values = |value: &Value| value.as_object().map(|object| object.values().cloned().collect::<Vec<_>>());
    let outer = values(detail).unwrap_or_default();
    let inner: Vec<Value> = outer.iter().filter_map(values).flatten().collect();
    let named = outer.iter().chain(&inner);
    let named = named.filter_map(|value| value.as_str()).filter_map(|text| {
        let id: Uuid = text.parse().ok()?;
        (id.to_string() == text).then_some(id)
    });
    // Sorted, each once.
    named.chain(user).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Of a satellite's event: whose session it is about, and its target.
#[must_use]
pub fn of_satellite(event: Option<&Event>) -> Vec<Uuid> {
    let about = event.and_then(Event::about);
    let named = about.into_iter().flat_map(|about| [about.user_id.uuid(), about.target_id.uuid()]);
    named.collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_hubs_event_is_about_who_did_it_and_each_id_that_it_names() {
        let id = |n: u128| Uuid::from_u128(n);
        let detail = json!({
            "id": id(3), "user_id": id(1), "name": "zone", "found": [id(9)], "changes": { "x": { "to": id(8) } }, "grant": { "target_id": id(2) },
            "odd": id(7).simple().to_string(), "nothing": null,
        });
        assert_eq!(of_hub(Some(id(1)), &detail), [id(1), id(2), id(3)]);
        assert!(of_hub(None, &json!("text")).is_empty());
    }
}
