//! The bus: NATS, with an account of its own for the hub and one for each zone.
//!
//! The hub is the operator: it makes and signs what every account and user may (`claims`). The hub's account holds the only
//! streams. A zone's account reaches two subtrees of subjects and nothing else: `zone.<id>.up.>` to the hub,
//! `zone.<id>.down.>` from it. Both are given to that account alone, by a token that the hub's account signs.

pub mod accounts;
pub mod authority;
pub mod claims;
pub mod event;
pub mod keep;
pub mod look;
pub mod pointer;
mod publish;
pub mod schemas;
pub mod server;
