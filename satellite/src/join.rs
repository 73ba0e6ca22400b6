//! `openpam-satellite join`: makes the key, proves the token to the pinned hub, keeps the certificate.
//!
//! It can be repeated with the same token until that expires: an answer can get lost, the key stays the same.

use openpam_link::ca::{self, CaError};
use openpam_link::dial::{DialError, DialOptions, Dialler};
use openpam_proto::token::{JoinToken, TokenError};

use crate::clock::SiteClock;
use crate::state::{Membership, StateDir, StateError};

/// Why the join failed. [`JoinError::code`] is stable.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The text is no join token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The state folder has a member already.
    #[error("this state folder already belongs to zone {zone}; use --replace to join again")]
    AlreadyJoined {
        /// Its zone.
        zone: String,
    },
    /// The hub could not be reached, is another one, or refused.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The state folder.
    #[error(transparent)]
    State(#[from] StateError),
    /// No key could be made.
    #[error(transparent)]
    Key(#[from] CaError),
}

impl JoinError {
    /// The stable code for output and tests.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Token(_) => "token_malformed",
            Self::AlreadyJoined { .. } => "already_joined",
            Self::Dial(error) => error.code(),
            Self::State(_) => "state",
            Self::Key(_) => "internal",
        }
    }
}

/// Joins with a token; what the satellite then is.
///
/// # Errors
/// [`JoinError`].
pub async fn join(
    state: &StateDir,
    token: &JoinToken,
    options: DialOptions,
    clock: &SiteClock,
    replace: bool,
) -> Result<Membership, JoinError> {
    if !replace && let Ok((membership, _)) = state.membership() {
        return Err(JoinError::AlreadyJoined { zone: membership.zone });
    }
    let (key, csr) = match state.pending_key()? {
        Some(key) => {
            let csr = ca::request_again(&key)?;
            (key, csr)
        }
        None => {
            let (key, csr) = ca::new_request()?;
            state.keep_pending_key(&key)?;
            (key, csr)
        }
    };
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let dialler = Dialler::new(token.addresses.clone(), options, clock.for_tls());
    let joined = dialler.join(token, csr, version, host_name()).await?;
    let membership = Membership::from_answer(&joined);
    state.keep_membership(&key, &membership)?;
    Ok(membership)
}

fn host_name() -> String {
    std::fs::read_to_string("/etc/hostname").map(|name| name.trim().to_owned()).unwrap_or_default()
}
