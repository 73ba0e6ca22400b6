//! Sign-in: passwords, throttling, cookies, who is calling, from where.
//!
//! It says who somebody is and what their role lets them do on the API. It never opens a target: that takes an
//! authorization from the policy.

pub mod caller;
pub mod cookie;
pub mod gate;
pub mod origin;
pub mod password;
pub mod sign_in;
pub mod throttle;

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::caller::{Admin, Caller, Reader};
pub use self::origin::{Peer, Seen};

/// One signed-in browser.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SignInId(Uuid);

impl SignInId {
    /// A new id.
    #[must_use]
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }

    /// The UUID itself, for storage.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl From<Uuid> for SignInId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl fmt::Debug for SignInId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignInId({})", self.0)
    }
}
