//! What this satellite signs in with, shared by the tunnels to all hubs: whichever of them renews the certificate, the others
//! dial with the new one, and only one asks at a time.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use openpam_link::dial::Dialler;
use openpam_link::identity::NodeIdentity;
use tokio::sync::{Mutex, watch};
use tokio::time::sleep;

use crate::clock::SiteClock;
use crate::hubs::Hubs;
use crate::renewal::{self, RenewalError};
use crate::state::{Membership, StateDir};

/// A renewal that failed while a tunnel stands is tried again after this.
const AGAIN: Duration = Duration::from_secs(60);

/// Shared credentials. Clones are cheap and mean the same ones.
#[derive(Clone, Debug)]
pub struct Credentials(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Arc<StateDir>,
    clock: SiteClock,
    hubs: Hubs,
    held: watch::Sender<Held>,
    /// Held while a renewal is asked for.
    asking: Mutex<()>,
}

/// The credentials at one time.
#[derive(Clone, Debug)]
pub struct Held {
    /// Key and certificate.
    pub identity: NodeIdentity,
    /// Which renewal the certificate is of.
    pub generation: u64,
    /// Where joining, or the last renewal, said that hubs are.
    pub addresses: Vec<String>,
}

impl Credentials {
    /// As they are in the state folder.
    #[must_use]
    pub fn new(
        state: Arc<StateDir>,
        (clock, hubs): (SiteClock, Hubs),
        (membership, identity): (&Membership, NodeIdentity),
    ) -> Self {
        let (generation, addresses) = (membership.generation, membership.addresses.clone());
        let held = watch::Sender::new(Held { identity, generation, addresses });
        Self(Arc::new(Inner { state, clock, hubs, held, asking: Mutex::default() }))
    }

    /// Those that count now.
    #[must_use]
    pub fn held(&self) -> Held {
        self.0.held.borrow().clone()
    }

    /// Gets others than `before`, unless that was done already.
    ///
    /// # Errors
    /// [`RenewalError`]. It may be repeated at any time, with another hub too.
    pub async fn renew(&self, dialler: &Dialler, before: u64) -> Result<(), RenewalError> {
        let _alone = self.0.asking.lock().await;
        if self.0.held.borrow().generation != before {
            return Ok(());
        }
        let clock = (&self.0.clock, self.0.hubs.count() > 1);
        let renewal::Next { identity, generation, addresses } =
            renewal::renew(&self.0.state, dialler, clock).await?;
        self.0.held.send_replace(Held { identity, generation, addresses });
        Ok(())
    }

    /// Renews the certificate in time, again and again, while a tunnel stands.
    pub async fn keep_renewed(&self, dialler: &Dialler) -> Infallible {
        let mut held = self.0.held.subscribe();
        loop {
            let (due, generation) = {
                let held = held.borrow_and_update();
                (renewal::due_in(&held.identity, self.0.clock.now_ms()), held.generation)
            };
            tokio::select! {
                () = sleep(due) => {}
                Ok(()) = held.changed() => continue,
            }
            if let Err(error) = self.renew(dialler, generation).await {
                tracing::warn!(%error, "the certificate could not be renewed; it is tried again");
                sleep(AGAIN).await;
            }
        }
    }
}
