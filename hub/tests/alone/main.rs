//! Sites whose hub is away: they decide by the policy that they hold, for as long as that says, and account for it later.

#![expect(clippy::indexing_slicing, reason = "a wrong index fails the test, as it should")]

mod budget;
mod catching_up;
#[path = "../staying/clocks.rs"]
mod clocks;
mod clocks_change;
mod disk;
mod keys;
mod killed;
#[path = "../lines/line/mod.rs"]
#[expect(dead_code, reason = "lines have more manners than are needed here")]
mod line;
mod outage;
mod person;
#[path = "../lines/site.rs"]
#[expect(dead_code, reason = "as their lines")]
mod site;
#[path = "../staying/small_disk.rs"]
mod small_disk;
mod spool;
#[path = "../system/mod.rs"]
mod system;
mod thin_line;
mod told;
mod windows;
