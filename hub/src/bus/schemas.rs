//! The JSON Schema (2020-12) of each event that everybody may hear. What all have in common, the CloudEvents envelope, is one
//! schema, `schemas/event.json`; the others refer to it as `#/$defs/event`.

use serde_json::{Value, json};

const EVENT: &str = include_str!("schemas/event.json");

macro_rules! of {
    ($name:literal) => {
        ($name, include_str!(concat!("schemas/", $name, ".json")))
    };
}

/// By type.
const SCHEMAS: &[(&str, &str)] = &[
    of!("openpam.schedule.cancelled"),
    of!("openpam.schedule.changed"),
    of!("openpam.schedule.created"),
    of!("openpam.session.all_end_asked"),
    of!("openpam.session.attached"),
    of!("openpam.session.consented"),
    of!("openpam.session.detached"),
    of!("openpam.session.downloaded"),
    of!("openpam.session.end_asked"),
    of!("openpam.session.ended"),
    of!("openpam.session.started"),
    of!("openpam.session.unwatched"),
    of!("openpam.session.uploaded"),
    of!("openpam.session.watched"),
    of!("openpam.user.changed"),
    of!("openpam.user.created"),
    of!("openpam.user.deleted"),
    of!("openpam.user.password_changed"),
    of!("openpam.user.password_reset"),
];

/// The types of events, in order.
pub fn types() -> impl Iterator<Item = &'static str> {
    SCHEMAS.iter().map(|(name, _)| *name)
}

/// The schema of a type, whole; `None`: there is no such event.
#[must_use]
pub fn schema(of: &str) -> Option<Value> {
    let (name, text) = SCHEMAS.iter().find(|(name, _)| *name == of)?;
    let mut schema: Value = serde_json::from_str(text).ok()?;
    let event: Value = serde_json::from_str(EVENT).ok()?;
    let whole = schema.as_object_mut()?;
    whole.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    whole.insert("$id".to_owned(), format!("urn:openpam:event:{name}").into());
    whole.insert("$defs".to_owned(), json!({ "event": event }));
    Some(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_reads_and_is_of_its_type() {
        for name in types() {
            let schema = schema(name).expect("a schema");
            assert_eq!(schema.pointer("/properties/type/const"), Some(&name.into()));
            assert!(schema.pointer("/examples/0").is_some(), "{name} has an example");
        }
        assert_eq!(schema("openpam.user.flown"), None);
    }
}
