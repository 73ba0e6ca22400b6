//! The tunnel's wire protocol, pure: messages, framing, offsets, the ring, limits, versions.
//!
//! There is no socket, no clock, no task and no randomness here: bytes and times come in as arguments,
//! so that everything can be tested by cutting streams at every byte. It knows no policy, no database and
//! no SSH. `openpam-link` drives it over real transports; hub and satellite speak its messages.
//! The specification beside this crate is `tunnel/PROTOCOL.md`.

#[macro_use]
mod names;

pub mod attach;
pub mod channel;
pub mod chunk;
pub mod close;
mod codec;
pub mod command;
pub mod control;
pub mod desktop;
pub mod end;
pub mod event;
pub mod frame;
pub mod guacamole;
pub mod join;
pub mod lane;
pub mod limits;
pub mod message;
pub mod offset;
pub mod recording;
pub mod renew;
pub mod ring;
pub mod snapshot;
pub mod tcp;
pub mod token;
pub mod version;
pub mod witness;
