//! What has just changed and concerns somebody on a session: told by the handlers, heard by the relay within 1 s, at this hub
//! and at the others on the same books (`shared`).
//!
//! A hint, not the truth: who lags behind ([`tokio::sync::broadcast::error::RecvError::Lagged`]), or hears
//! [`Change::Missed`], asks the books.

mod shared;
mod signed;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use openpam_ids::{SatelliteId, SessionId, TargetId, UserId};
use openpam_proto::end::EndCode;
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, mpsc};

use crate::auth::SignInId;

pub use self::shared::run;
pub use self::signed::SharedKey;

/// More than this unheard, and the slowest listeners are told that they missed some.
const CAPACITY: usize = 1024;
/// More than this not told to the other hubs yet, and these are told that they missed some.
const OUTBOX: usize = 1024;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// A satellite was revoked; its tunnels go.
    SatelliteRevoked(SatelliteId),
    /// A satellite was set aside; its tunnels go.
    SatelliteQuarantined(SatelliteId),
    /// Somebody ends this session at a hub that has no tunnel to its site: whoever has one does it.
    EndSession {
        /// Which.
        session_id: SessionId,
        /// Where it lives.
        satellite_id: SatelliteId,
        /// Why.
        #[serde(with = "end_code")]
        code: EndCode,
        /// For people.
        message: String,
    },
    /// A session began at a site, through one hub: the others hold it in their tables, too.
    SessionBegan(SatelliteId, SessionId),
    /// A session is over, as its site told one hub.
    SessionEnded(SatelliteId, SessionId),
    /// Something of the above may not have been heard: everything is to be asked again.
    Missed,
}

/// The place to tell and to hear. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Changes(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    here: broadcast::Sender<Change>,
    elsewhere: mpsc::Sender<Change>,
    /// Until somebody tells the other hubs.
    outbox: Mutex<Option<mpsc::Receiver<Change>>>,
    /// The outbox was full once.
    overflowed: AtomicBool,
}

impl Changes {
    /// Hears everything told from now on, at whichever hub.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.0.here.subscribe()
    }

    /// Tells everybody who listens, at every hub; it is no error if nobody does.
    pub fn tell(&self, change: Change) {
        self.tell_others(change.clone());
        self.tell_here(change);
    }

    /// Tells those who listen at this hub.
    fn tell_here(&self, change: Change) {
        let _ = self.0.here.send(change);
    }

    /// Tells those who listen at other hubs.
    pub fn tell_others(&self, change: Change) {
        if self.0.elsewhere.try_send(change).is_err() {
            self.0.overflowed.store(true, Ordering::Relaxed);
        }
    }

    fn outbox(&self) -> Option<mpsc::Receiver<Change>> {
        self.0.outbox.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn has_overflowed(&self) -> bool {
        self.0.overflowed.swap(false, Ordering::Relaxed)
    }
}

impl Default for Changes {
    fn default() -> Self {
        let (elsewhere, outbox) = mpsc::channel(OUTBOX);
        let inner = Inner {
            here: broadcast::Sender::new(CAPACITY),
            elsewhere,
            outbox: Mutex::new(Some(outbox)),
            overflowed: AtomicBool::new(false),
        };
        Self(Arc::new(inner))
    }
}

/// As its name.
mod end_code {
    use openpam_proto::end::EndCode;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(code: &EndCode, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(code.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<EndCode, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|_| D::Error::custom("no end code"))
    }
}
