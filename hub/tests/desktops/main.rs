//! Desktops through guacd: what stands behind a satellite there, each part a real one.

#![expect(clippy::indexing_slicing, reason = "a wrong index fails the test, as it should")]

mod browser;
mod files;
mod health;
mod many;
mod parts;
mod played;
mod raw;
mod recorded;
mod sessions;
#[path = "../system/mod.rs"]
mod system;
