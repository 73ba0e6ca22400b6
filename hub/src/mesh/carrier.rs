//! The bus as the second carrier of what a satellite and this hub tell each other, beside its control channel.
//!
//! What the satellite says comes in by either; the subject, which its account alone reaches, says whose it is. Whether the
//! bus is there at all changes under way.

use std::time::Duration;

use async_nats::{Client, Subscriber};
use futures::StreamExt;
use openpam_ids::{SatelliteId, ZoneId};
use openpam_proto::control::{ToHub, ToSite};
use openpam_proto::message::{Malformed, Message};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::app::Hub;
use crate::bus::authority::between;
use crate::bus::keep::Standing;
use crate::sites::HEARD_LATELY;
use crate::time::Time;

/// A message that the connection does not take so soon goes another way.
const SEND_PATIENCE: Duration = Duration::from_millis(200);

/// The bus between this hub and one satellite.
pub struct BusCarrier<'a> {
    hub: &'a Hub,
    satellite: SatelliteId,
    /// Absent: the satellite does without.
    subjects: Option<(String, String)>,
    standing: watch::Receiver<Standing>,
    way: Option<(Client, Subscriber)>,
    /// Since when the connection stands that this goes by.
    since: Option<Time>,
    heard: Option<Instant>,
}

impl<'a> BusCarrier<'a> {
    /// For a satellite that signs in to the bus, or not.
    #[must_use]
    pub fn new(hub: &'a Hub, (satellite, zone): (SatelliteId, ZoneId), signs_in: bool) -> Self {
        let mut standing = hub.bus.watch();
        standing.mark_changed();
        let subjects = signs_in.then(|| between(zone, satellite, hub.id));
        Self { hub, satellite, subjects, standing, way: None, since: None, heard: None }
    }

    /// What the satellite says next on the bus. Cancel-safe.
    ///
    /// # Errors
    /// [`Malformed`]: nobody else reaches that subject, so it is the satellite that broke the protocol.
    pub async fn next(&mut self) -> Result<ToHub, Malformed> {
        let Some((up, _)) = &self.subjects else { return std::future::pending().await };
        loop {
            let message = tokio::select! {
                changed = self.standing.changed() => {
                    if changed.is_err() {
                        return std::future::pending().await;
                    }
                    let since = match &*self.standing.borrow_and_update() {
                        Standing::There { since, .. } => Some(*since),
                        Standing::Away(_) => None,
                    };
                    // What waits in a subscription is not given up because zones come and go.
                    if self.way.is_some() && since == self.since {
                        continue;
                    }
                    self.since = since;
                    let Some(connected) = self.hub.bus.clients() else {
                        self.way = None;
                        continue;
                    };
                    match connected.hub.subscribe(up.clone()).await {
                        Ok(subscriber) => self.way = Some((connected.hub, subscriber)),
                        Err(error) => {
                            tracing::warn!(satellite = %self.satellite, %error, "a site is not heard on the bus");
                            self.way = None;
                        }
                    }
                    continue;
                }
                message = async {
                    match &mut self.way {
                        Some((_, subscriber)) => subscriber.next().await,
                        None => std::future::pending().await,
                    }
                } => message,
            };
            let Some(message) = message else {
                self.way = None;
                continue;
            };
            self.heard = Some(Instant::now());
            self.hub.sites.heard_on_bus(self.satellite);
            return ToHub::from_bytes(&message.payload);
        }
    }

    /// Says something to the satellite on the bus, if it was heard there lately; whether it was sent. It may get lost.
    pub async fn send(&self, message: &ToSite) -> bool {
        let lately = self.heard.is_some_and(|heard| heard.elapsed() < HEARD_LATELY);
        let (Some((client, _)), Some((_, down)), true) = (&self.way, &self.subjects, lately) else {
            return false;
        };
        let sent = timeout(SEND_PATIENCE, client.publish(down.clone(), message.to_bytes().into())).await;
        matches!(sent, Ok(Ok(())))
    }
}
