//! A desktop: one user on one RDP or VNC target, owned here, drawn by guacd.
//!
//! `dial` makes one: it reaches the target, which it may `wake`, looks at its `certificate`, and has guacd connect (`guacd`, with the
//! `arguments` that it asks for). `owner` is its task. Each browser is a `view` of it: a `member` joined to guacd's
//! connection, whose instructions wait in its `feed`. One member is the session's own: it keeps the desktop while nobody
//! is there, is what is recorded, and `files` go by it, through the session's `drive`. `input` is what browsers say, `filter`
//! what may pass, `failure` why it ended. `wire` is the way to guacd, `health` how that is.

pub mod arguments;
pub mod certificate;
pub mod dial;
pub mod drive;
pub mod failure;
pub mod feed;
pub mod files;
pub mod filter;
pub mod guacd;
pub mod health;
pub mod input;
pub mod member;
pub mod owner;
pub mod picture;
pub mod view;
pub mod wake;
pub mod wire;
