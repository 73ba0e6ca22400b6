//! The tunnel over real transports: node identity and enrolment, lanes and channels, liveness, reconnecting.
//!
//! It knows no policy, no database and no SSH; what travels in a channel is its callers' business. Which
//! transport carries a tunnel is visible in [`tunnel::Tunnel::transport`] and nowhere else above this crate.

pub mod backoff;
pub mod ca;
pub mod carry;
pub mod channel;
pub mod check;
pub mod dial;
pub mod exchange;
mod handshakes;
pub mod identity;
pub mod kept_log;
pub mod lane;
pub mod listener;
pub mod loss;
pub mod memory;
mod mux;
pub mod nats_server;
pub mod program;
pub mod proxy;
pub mod quic;
mod race;
pub mod seal;
pub mod server_process;
pub mod tcp;
pub mod tls;
pub mod traces;
pub mod tunnel;
