//! The REST API of a real hub, with a real site behind it, against its own OpenAPI document.

#![expect(clippy::indexing_slicing, reason = "a wrong index fails the test, as it should")]

mod fuzzed;
#[path = "../system/mod.rs"]
mod system;
