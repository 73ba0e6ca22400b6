//! What a real hub with a real site behind it tells programs: the REST API against its own OpenAPI document, and metrics.

#![expect(clippy::indexing_slicing, reason = "a wrong index fails the test, as it should")]

mod fuzzed;
mod metrics;
#[path = "../system/mod.rs"]
mod system;
