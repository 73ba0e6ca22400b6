//! Two hubs on one PostgreSQL, one NATS and one folder of secrets: what happens at one holds at the other, and either may die.
//!
//! Real programs throughout; see `world` for what they share.

#![expect(clippy::indexing_slicing, reason = "a wrong index fails the test, as it should")]

mod decisions;
mod killed;
mod sharing;
#[path = "../system/mod.rs"]
mod system;
#[expect(dead_code, reason = "the tests of one hub use more of it")]
#[path = "../sessions/web_server.rs"]
mod web_server;
mod world;
