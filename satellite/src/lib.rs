//! The session host of a site: it opens SSH connections to the site's targets, and desktops through guacd, records them,
//! keeps them alive without browser or hub, and books what happened on its own disk.
//!
//! It dials out and listens nowhere but, for its own client of the bus, on loopback. It knows neither PostgreSQL nor browsers: a hub relays to it.

pub mod bus;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
pub mod control;
pub mod credentials;
pub mod desktop;
pub mod health;
pub mod host;
pub mod hubs;
pub mod join;
pub mod journal;
pub mod lead;
pub mod local;
pub mod node;
pub mod policy;
pub mod preflight;
pub mod reach;
pub mod reconciler;
pub mod recorder;
pub mod renewal;
pub mod report;
pub mod screen;
pub mod session;
pub mod spool;
pub mod state;
pub mod status;
pub mod store;
pub mod uplink;
pub mod uplinks;
pub mod upload;
