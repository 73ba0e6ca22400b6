//! Staying joined: the certificate is renewed at two thirds of its life, when it ran out, and when another machine seems
//! to use the same identity.
//!
//! Generation and nonce are on the disk before they are sent, so that a lost answer is asked for again and a copied
//! disk is found out: also by another hub, which has the same books. Driven by `credentials`, one at a time.

use std::time::Duration;

use openpam_link::ca::{self, CaError};
use openpam_link::dial::{DialError, Dialler};
use openpam_link::identity::NodeIdentity;
use openpam_proto::renew::{NONCE_BYTES, RenewRequest};

use crate::clock::SiteClock;
use crate::state::{StateDir, StateError};

/// Why there is no new certificate.
#[derive(Debug, thiserror::Error)]
pub enum RenewalError {
    /// The hub could not be reached, or refused.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The state folder.
    #[error(transparent)]
    State(#[from] StateError),
    /// The own key.
    #[error(transparent)]
    Key(#[from] CaError),
    /// No randomness.
    #[error("no randomness")]
    Random,
    /// The certificate that came is not for this satellite's key.
    #[error("the hub's answer holds another node's certificate")]
    NotOurs,
}

/// What a renewal brought.
#[derive(Debug)]
pub struct Next {
    /// The identity from now on.
    pub identity: NodeIdentity,
    /// Which renewal its certificate is of.
    pub generation: u64,
    /// Where the hub is from now on.
    pub addresses: Vec<String>,
}

/// Asks for the next certificate and keeps it. `others`: whether there are tunnels to several hubs.
///
/// # Errors
/// [`RenewalError`]. It may be repeated at any time.
pub async fn renew(
    state: &StateDir,
    dialler: &Dialler,
    (clock, others): (&SiteClock, bool),
) -> Result<Next, RenewalError> {
    let (mut membership, identity) = state.membership()?;
    let mut fresh = [0; NONCE_BYTES];
    aws_lc_rs::rand::fill(&mut fresh).map_err(|_| RenewalError::Random)?;
    let nonce = membership.nonce(&fresh);
    state.keep(&membership)?;
    let request = RenewRequest {
        csr: ca::request_of(&identity)?.into(),
        generation: membership.generation + 1,
        nonce: nonce.into(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let renewed = dialler.renew(&identity, request).await?;
    clock.hear(renewed.time_ms, others);
    membership.renew(&renewed);
    // Judged before the old certificate is given up.
    let chain = renewed.chain.iter().map(|cert| cert.to_vec().into()).collect();
    let next = identity.with_chain(chain);
    let (before, after) = (identity.certified(), next.certified());
    match (before, after) {
        (Ok(before), Ok(after)) if before.name == after.name && before.key_sha256 == after.key_sha256 => {}
        _ => return Err(RenewalError::NotOurs),
    }
    state.keep(&membership)?;
    tracing::info!(generation = membership.generation, "the certificate was renewed");
    Ok(Next { identity: next, generation: membership.generation, addresses: membership.addresses })
}

/// How long until the certificate is to be renewed; zero when that is now.
#[must_use]
pub fn due_in(identity: &NodeIdentity, now_ms: i64) -> Duration {
    let Ok(certified) = identity.certified() else { return Duration::ZERO };
    let life_s = certified.not_after_s.saturating_sub(certified.not_before_s);
    let due_ms = certified.not_before_s.saturating_add(life_s / 3 * 2).saturating_mul(1000);
    Duration::from_millis(u64::try_from(due_ms.saturating_sub(now_ms)).unwrap_or_default())
}

/// Whether the certificate is not valid any more.
#[must_use]
pub fn has_expired(identity: &NodeIdentity, now_ms: i64) -> bool {
    identity.certified().is_ok_and(|certified| certified.not_after_s.saturating_mul(1000) <= now_ms)
}
