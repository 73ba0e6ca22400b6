//! The bus with a real nats-server: what a site's credentials reach, and what they do not.

#![expect(clippy::indexing_slicing, reason = "a wrong index fails the test, as it should")]

mod cluster;
mod events;
#[path = "../harness/mod.rs"]
#[expect(dead_code, reason = "other tests need more of it")]
mod harness;
mod keep;
mod leaf;
mod place;
mod pointer;
mod zones;
