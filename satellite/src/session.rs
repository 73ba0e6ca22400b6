//! A session: one user on one target, owned here, whoever is attached.
//!
//! `open` makes one, `owner` is its task, `life` what it has in common with a desktop's, and `command` what it is told, `attach` ties a browser's channel to it, `output`,
//! `window` and `screen_keeper` say what a browser gets, `input` what the target gets, `limits` how long it may last, `activity` what
//! lists show of it,
//! `watchers` who sees it too, `spill` keeps what nobody is there for, `dial` speaks SSH, with the `algorithms`
//! that its target may be spoken to with.

pub mod activity;
pub mod algorithms;
pub mod attach;
pub mod command;
pub mod dial;
pub mod input;
pub mod life;
pub mod limits;
pub mod open;
pub mod output;
pub mod owner;
pub mod screen_keeper;
pub mod spill;
pub mod watchers;
pub mod window;
