//! Who does what one tunnel does for all: the first one that wants to, until its hub is not heard any more.
//!
//! A tunnel that falls silent gives way long before its transport gives it up, but only where another one stands.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard, watch};
use tokio::time::{Instant, sleep, sleep_until};

use crate::hubs::Hubs;

/// A hub pings every 2 s: one that said nothing for so long is not heard.
const SILENCE: Duration = Duration::from_secs(5);

/// The right to do something that one tunnel does at a time, in the order in which they ask. Clones mean the same one.
#[derive(Clone, Debug, Default)]
pub struct Lead(Arc<Mutex<()>>);

impl Lead {
    /// Waits until it is the caller's; dropping what is returned hands it over.
    pub async fn take(&self) -> OwnedMutexGuard<()> {
        self.0.clone().lock_owned().await
    }
}

/// Whether the hub at the other end of one tunnel is heard. Clones mean the same tunnel.
#[derive(Clone, Debug)]
pub struct Ear {
    heard: Arc<watch::Sender<Instant>>,
    hubs: Hubs,
}

impl Ear {
    /// Of a tunnel that stands from now on.
    #[must_use]
    pub fn new(hubs: Hubs) -> Self {
        Self { heard: Arc::new(watch::Sender::new(Instant::now())), hubs }
    }

    /// The hub said something.
    pub fn heard(&self) {
        self.heard.send_replace(Instant::now());
    }

    /// Whether another tunnel could do what this one does.
    #[must_use]
    pub fn has_others(&self) -> bool {
        self.hubs.count() > 1
    }

    /// Whether this tunnel should let another one do it.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.has_others() && self.heard.borrow().elapsed() >= SILENCE
    }

    /// Returns when this tunnel should let another one do it.
    pub async fn gives_way(&self) {
        while !self.is_silent() {
            let until = *self.heard.borrow() + SILENCE;
            if until > Instant::now() {
                sleep_until(until).await;
            } else {
                // Silent, but alone.
                sleep(SILENCE).await;
            }
        }
    }

    /// Returns when it need not.
    pub async fn is_heard(&self) {
        let mut heard = self.heard.subscribe();
        while self.is_silent() {
            tokio::select! {
                _ = heard.changed() => {}
                () = sleep(SILENCE) => {}
            }
        }
    }

    /// Does the work, and does it anew whenever the hub is heard again after it had to give way.
    pub async fn while_heard<T, F: Future<Output = T>>(&self, work: impl Fn() -> F) -> T {
        loop {
            self.is_heard().await;
            tokio::select! {
                done = work() => return done,
                () = self.gives_way() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use openpam_ids::HubId;
    use tokio::time::timeout;

    use super::*;
    use crate::hubs::Aim;

    const SOON: Duration = Duration::from_millis(1);

    #[tokio::test(start_paused = true)]
    async fn a_silent_tunnel_gives_way_where_there_is_another_and_goes_on_when_it_is_heard() {
        let hubs = Hubs::fleeting();
        let ear = Ear::new(hubs.clone());
        let _this = hubs.take(Aim::Any, HubId::generate()).expect("free");
        assert!(timeout(10 * SILENCE, ear.gives_way()).await.is_err(), "it is alone");
        let other = hubs.take(Aim::Any, HubId::generate()).expect("free");
        timeout(2 * SILENCE, ear.gives_way()).await.expect("it gives way");
        assert!(timeout(SOON, ear.is_heard()).await.is_err());
        ear.heard();
        timeout(SOON, ear.is_heard()).await.expect("it is heard");
        assert!(timeout(SILENCE - SOON, ear.gives_way()).await.is_err());
        timeout(2 * SOON, ear.gives_way()).await.expect("it gives way");
        drop(other);
        timeout(2 * SILENCE, ear.is_heard()).await.expect("nobody else is there");
    }

    #[tokio::test(start_paused = true)]
    async fn the_lead_is_handed_over_at_once_in_the_order_of_asking() {
        let lead = Lead::default();
        let first = lead.take().await;
        let (mut second, mut third) = (Box::pin(lead.take()), Box::pin(lead.take()));
        assert!(timeout(SOON, &mut second).await.is_err());
        assert!(timeout(SOON, &mut third).await.is_err());
        drop(first);
        let second = timeout(SOON, second).await.expect("its turn");
        assert!(timeout(SOON, &mut third).await.is_err());
        drop(second);
        timeout(SOON, third).await.expect("its turn");
    }
}
