//! Sessions through the whole system: the real hub and satellite, a real PostgreSQL, a real sshd.
//!
//! Each file tells one story of the wire contract; each test has a world of its own.

#![expect(clippy::indexing_slicing, reason = "a wrong index fails the test, as it should")]

mod attach;
mod endings;
mod flow;
mod found;
mod hostile;
mod in_s3;
mod joins;
mod limits;
mod nginx;
mod own_zone;
mod refusals;
mod resume;
mod secrets;
mod shell;
#[path = "../system/mod.rs"]
mod system;
mod traces;
mod watch;
mod ways_in;
mod web_server;
mod windows;
mod witness;
