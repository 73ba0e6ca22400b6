//! The tunnel over real transports: node identity and enrolment, lanes and channels, liveness, reconnecting.
//!
//! It knows no policy, no database and no SSH; what travels in a channel is its callers' business. Which
//! transport carries a tunnel is visible in [`tunnel::Tunnel::transport`] and nowhere else above this crate.

pub mod backoff;
pub mod ca;
pub mod channel;
pub mod dial;
pub mod identity;
pub mod lane;
pub mod listener;
pub mod memory;
pub mod quic;
pub mod seal;
pub mod tls;
pub mod tunnel;
