//! A session: one user on one target, owned here, whoever is attached.
//!
//! `open` makes one, `owner` is its task, `attach` ties a browser's channel to it, `output`, `window` and
//! `screen_keeper` say what a browser gets, `dial` speaks SSH.

pub mod attach;
pub mod dial;
pub mod open;
pub mod output;
pub mod owner;
pub mod screen_keeper;
pub mod window;
