//! What has just changed and concerns somebody on a session: told by the handlers, heard by the relay within 1 s.
//!
//! A hint, not the truth: who lags behind ([`tokio::sync::broadcast::error::RecvError::Lagged`]) asks the books.

use openpam_ids::{SatelliteId, SessionId, TargetId, UserId};
use tokio::sync::broadcast;

use crate::auth::SignInId;

/// More than this unheard, and the slowest listeners are told that they missed some.
const CAPACITY: usize = 1024;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A browser signed out; its sessions stay for their grace time.
    SignedOut(SignInId),
    /// A user was disabled; their sessions end.
    UserDisabled(UserId),
    /// A user may not watch others' sessions any more.
    WatchingEnded(UserId),
    /// A grant was withdrawn or a membership ended: every running session's right is to be asked again.
    GrantsChanged,
    /// A target, its zone or one of its credentials was disabled: rights on it are to be asked again.
    TargetChanged(TargetId),
    /// A satellite was revoked; its tunnel goes.
    SatelliteRevoked(SatelliteId),
    /// Somebody ends this session.
    EndSession {
        /// Which.
        session_id: SessionId,
        /// The user name of who did it.
        by: String,
    },
}

/// The place to tell and to hear. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Changes(broadcast::Sender<Change>);

impl Changes {
    /// Hears everything told from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.0.subscribe()
    }

    /// Tells everybody who listens; it is no error if nobody does.
    pub fn tell(&self, change: Change) {
        let _ = self.0.send(change);
    }
}

impl Default for Changes {
    fn default() -> Self {
        Self(broadcast::Sender::new(CAPACITY))
    }
}
