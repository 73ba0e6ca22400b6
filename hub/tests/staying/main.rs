//! Satellites stay with their hub: what happens to certificates, clocks, disks, identities and answers, and who decides.
//!
//! Real programs throughout. Wrong clocks need the package faketime, small disks need root; both say so.

#![expect(clippy::indexing_slicing, reason = "a wrong index fails the test, as it should")]

mod ask;
mod books_away;
mod bus;
mod clocks;
mod commands;
mod copied;
mod cut;
mod disk_full;
mod doctor;
mod expired;
mod last_word;
mod lost_answer;
mod restored;
mod revoked;
mod rotated;
mod small_disk;
#[path = "../system/mod.rs"]
mod system;
mod wrong_clock;
