//! Who uploads what: with several tunnels, only one carries a recording at a time.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use openpam_ids::SessionId;
use tokio::sync::watch;

/// The recordings that are being uploaded, over whichever tunnel. Clones mean the same set.
#[derive(Clone, Debug, Default)]
pub struct Claims(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    taken: Mutex<HashSet<SessionId>>,
    given_back: watch::Sender<u64>,
}

/// The right to upload one recording; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Claim {
    claims: Claims,
    session_id: SessionId,
}

impl Claims {
    /// Takes a recording, if nobody has it.
    pub(super) fn take(&self, session_id: SessionId) -> Option<Claim> {
        self.lock().insert(session_id).then(|| Claim { claims: self.clone(), session_id })
    }

    /// Every recording that somebody has.
    pub(super) fn taken(&self) -> Vec<SessionId> {
        self.lock().iter().copied().collect()
    }

    /// Changes whenever a recording was given back.
    pub(super) fn given_back(&self) -> watch::Receiver<u64> {
        self.0.given_back.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<SessionId>> {
        // Nothing panics while holding it; if something did, the set is still a set.
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.claims.lock().remove(&self.session_id);
        self.claims.0.given_back.send_modify(|count| *count += 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_has_one_carrier_at_a_time() {
        let (claims, id) = (Claims::default(), SessionId::generate());
        let claim = claims.take(id).expect("free");
        assert!(claims.clone().take(id).is_none());
        drop(claim);
        assert!(claims.take(id).is_some());
    }
}
