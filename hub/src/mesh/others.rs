//! Which hubs a satellite is told of: all that are there, so that it holds a tunnel to each.

use std::sync::Arc;

use openpam_ids::ZoneId;
use openpam_proto::control::{HubInstance, Instances, MAX_ADDRESSES, MAX_INSTANCES};
use openpam_proto::version::MINOR_OF_COMMANDS;
use tokio::sync::watch;

use crate::app::Hub;
use crate::own_zones;
use crate::store::instances::Instance;
use crate::store::kinds::ZoneType;
use crate::store::{StoreError, zones};

/// What one satellite knows.
pub struct Others {
    /// As it was told last; none: it is too old to be told.
    pub known: Vec<HubInstance>,
    /// Where it reaches this hub.
    own: Vec<String>,
    present: watch::Receiver<Arc<[Instance]>>,
}

impl Others {
    /// What a satellite of that zone, and of that minor version, is to know.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of(hub: &Hub, zone: ZoneId, minor: u16) -> Result<Self, StoreError> {
        let mut present = hub.instances.watch();
        if minor < MINOR_OF_COMMANDS {
            return Ok(Self { known: Vec::new(), own: Vec::new(), present });
        }
        let zone_type =
            zones::find(&hub.pool, zone).await?.map_or(ZoneType::Satellite, |zone| zone.zone_type);
        let own = own_zones::addresses_for(&hub.config, zone_type);
        let known = told(&present.borrow_and_update(), hub, &own);
        Ok(Self { known, own, present })
    }

    /// Waits until it is to be told anew. Cancel-safe.
    pub async fn changed(&mut self, hub: &Hub) -> Instances {
        loop {
            if self.known.is_empty() || self.present.changed().await.is_err() {
                return std::future::pending().await;
            }
            let now = told(&self.present.borrow_and_update(), hub, &self.own);
            if now != self.known {
                self.known.clone_from(&now);
                return Instances { instances: now };
            }
        }
    }
}

/// This hub by the addresses where that satellite reaches it, then the others.
fn told(present: &[Instance], hub: &Hub, own: &[String]) -> Vec<HubInstance> {
    let cut = |addresses: &[String]| addresses.iter().take(MAX_ADDRESSES).cloned().collect();
    let others = present.iter().filter(|instance| instance.id != hub.id);
    let others =
        others.map(|instance| HubInstance { hub_id: instance.id, addresses: cut(&instance.addresses) });
    let this = HubInstance { hub_id: hub.id, addresses: cut(own) };
    std::iter::once(this).chain(others).take(MAX_INSTANCES).collect()
}
