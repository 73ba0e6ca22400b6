//! A zone with the satellite that serves it, and further targets in a zone.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::api::Api;
use super::{Place, Satellite, id};

pub(crate) struct Zone {
    pub(crate) id: String,
    pub(crate) satellite: Satellite,
}

impl Zone {
    /// Makes the zone, lets its satellite join with the state folder `state`, and starts it.
    pub(crate) async fn start(admin: &Api, name: &str, state: PathBuf, place: &Place) -> Self {
        let zone = admin.create("zones", json!({"name": name, "type": "satellite"})).await;
        let id = id(&zone);
        let token = admin.create("tokens", json!({"zone_id": id})).await;
        let mut satellite = Satellite::new_in(state, place);
        let (joined, output) = satellite.join(token["token"].as_str().expect("a token"), &[]).await;
        assert!(joined, "join: {output}");
        satellite.run();
        Self { id, satellite }
    }
}

/// A target in a zone, open to the admin; `credential` without its target.
pub(crate) async fn add_target(
    admin: &Api,
    zone_id: &str,
    name: &str,
    (hostname, port): (&str, u16),
    credential: Option<Value>,
) -> String {
    let row =
        json!({"zone_id": zone_id, "name": name, "hostname": hostname, "protocol": "ssh", "port": port});
    let target_id = id(&admin.create("targets", row).await);
    if let Some(mut credential) = credential {
        credential["target_id"] = json!(target_id);
        admin.create("credentials", credential).await;
    }
    let me = admin.get("/api/v1/auth/me").await;
    admin.create("grants", json!({"user_id": id(&me), "target_id": target_id})).await;
    target_id
}
