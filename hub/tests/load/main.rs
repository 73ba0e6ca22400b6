//! Many at once: shells through one satellite, satellites at one hub. The large numbers are `make soak`.

#![expect(clippy::indexing_slicing, reason = "a wrong index fails the test, as it should")]

mod fleet;
#[expect(dead_code, reason = "the bench uses more of it")]
mod light;
mod shells;
#[path = "../system/mod.rs"]
mod system;
