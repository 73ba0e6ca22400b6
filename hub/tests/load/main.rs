//! Many at once: shells through one satellite, satellites at one hub. The large numbers are `make soak`.

#![expect(clippy::indexing_slicing, reason = "a wrong index fails the test, as it should")]

mod fleet;
mod shells;
#[path = "../system/mod.rs"]
mod system;
