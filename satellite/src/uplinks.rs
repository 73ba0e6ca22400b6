//! The ways to all hubs of the installation: an uplink for each that is told of, and one for whichever answers where joining
//! said. All tunnels serve the same sessions; what one that is lost did for all of them, another one does.

use std::collections::HashMap;

use openpam_ids::HubId;
use tokio::task::{Id, JoinSet};

use crate::hubs::Aim;
use crate::uplink::{Expelled, Uplink};

/// Keeps them until a hub expels this satellite. `first` is the one for any hub; the others are made after it.
pub async fn run(first: Uplink) -> Expelled {
    // They end with this.
    let mut uplinks = JoinSet::new();
    let mut running = HashMap::<Id, Aim>::new();
    let mut table = first.hubs.watch();
    loop {
        table.borrow_and_update();
        let hubs = first.hubs.known();
        for aim in missing(hubs.iter().map(|hub| hub.hub_id), &running) {
            let uplink = Uplink { aim, ..first.clone() };
            running.insert(uplinks.spawn(uplink.run()).id(), aim);
        }
        tokio::select! {
            // The table lives as long as `first` does.
            _ = table.changed() => {}
            Some(ended) = uplinks.join_next_with_id() => match ended {
                Ok((_, Some(expelled))) => return expelled,
                Ok((id, None)) => drop(running.remove(&id)),
                Err(error) => {
                    tracing::error!(%error, "an uplink failed and is begun anew");
                    running.remove(&error.id());
                }
            },
        }
    }
}

/// Whom no uplink is for yet.
fn missing(hubs: impl Iterator<Item = HubId>, running: &HashMap<Id, Aim>) -> Vec<Aim> {
    let wanted = std::iter::once(Aim::Any).chain(hubs.map(Aim::Hub));
    wanted.filter(|aim| running.values().all(|other| other != aim)).collect()
}
