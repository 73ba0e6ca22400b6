//! What everybody hears of an event: a CloudEvent 1.0 (structured, JSON) on a subject of the specification.

use serde_json::{Value, json};

use crate::store::event_log::LoggedEvent;

/// A message for everybody.
#[derive(Clone, Debug, PartialEq)]
pub struct Public {
    /// `openpam.` and two words.
    pub subject: String,
    /// The same whenever the same event is told again: `<node>/<place in its chain>`.
    pub id: String,
    /// The envelope and what is in it.
    pub body: Value,
}

/// The type of an event of that kind in the books, which is also its subject.
#[must_use]
pub fn public_type(kind: &str) -> String {
    match kind {
        // The specification's word for it.
        "session.opened" => "openpam.session.started".to_owned(),
        kind => format!("openpam.{kind}"),
    }
}

/// What is told of an event.
#[must_use]
pub fn public(event: &LoggedEvent) -> Public {
    let subject = public_type(&event.kind);
    let id = format!("{}/{}", event.node_id, event.seq);
    let (satellite, zone) = event.satellite.clone().unzip();
    let about = event.session_id.map(|id| id.to_string());
    let body = json!({
        "specversion": "1.0",
        "id": id,
        "source": format!("/openpam/nodes/{}", event.node_id),
        "type": subject,
        "subject": about.or_else(|| event.user_id.map(|id| id.to_string())),
        "time": event.occurred_at,
        "datacontenttype": "application/json",
        "data": {
            "user_id": event.user_id, "user": event.user, "session_id": event.session_id,
            "zone": zone, "satellite": satellite, "client_ip": event.client_ip, "detail": event.detail,
        },
    });
    Public { subject, id, body }
}
