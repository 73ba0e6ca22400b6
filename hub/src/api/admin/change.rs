//! Changing what stands: only the fields that the request names, only if nobody else changed it meanwhile.

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::api::problem::Problem;
use crate::store::change::{Deleted, Held};

/// What is held, if it is still as the caller saw it. A caller that names no version overwrites.
pub(crate) fn as_seen<T>(held: Option<Held<T>>, what: &str, version: Option<i64>) -> Result<T, Problem> {
    let held = held.ok_or_else(|| Problem::not_found(what))?;
    match version {
        Some(seen) if seen != held.version => Err(Problem::changed_meanwhile(what)),
        _ => Ok(held.fields),
    }
}

/// Each field that differs, with both its values, as the chain of events tells it. Secrets are never among the fields.
pub(crate) fn difference<T: Serialize>(before: &T, after: &T) -> Map<String, Value> {
    let fields = |of: &T| match serde_json::to_value(of) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let before = fields(before);
    let changed = fields(after).into_iter().filter(|(name, to)| before.get(name) != Some(to));
    changed.map(|(name, to)| (name.clone(), json!({ "from": before.get(&name), "to": to }))).collect()
}

/// What the chain of events tells of a deletion.
pub(crate) fn deletion(id: &impl Serialize, name: &str, how: Deleted) -> Value {
    json!({ "id": id, "name": name, "retired": how == Deleted::Retired })
}

/// The answer to a deletion, whichever way it was done.
pub(super) const DELETED: StatusCode = StatusCode::NO_CONTENT;

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Machine {
        name: &'static str,
        port: u16,
        description: Option<&'static str>,
    }

    #[test]
    fn a_change_is_told_with_both_values_and_without_what_stayed() {
        let before = Machine { name: "press", port: 22, description: Some("old") };
        let after = Machine { name: "press", port: 2222, description: None };
        let expected =
            json!({ "port": { "from": 22, "to": 2222 }, "description": { "from": "old", "to": null } });
        assert_eq!(Value::Object(difference(&before, &after)), expected);
        assert!(difference(&before, &before).is_empty());
    }

    #[test]
    fn who_saw_an_older_version_is_told() {
        let held = || Some(Held { version: 3, fields: () });
        assert!(as_seen(held(), "target", Some(3)).is_ok() && as_seen(held(), "target", None).is_ok());
        let refused = as_seen(held(), "target", Some(2)).expect_err("changed");
        assert!(refused.detail().contains("target"), "{refused:?}");
        assert!(as_seen::<()>(None, "target", None).is_err());
    }
}
