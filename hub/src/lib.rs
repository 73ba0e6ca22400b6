//! The hub: sign-in, the books, the API, and the parts that relay and enrol.
//!
//! The library is the whole program; `main` only starts it, so that tests start the same.

pub mod api;
pub mod app;
pub mod auth;
pub mod backup;
pub mod books;
pub mod bus;
pub mod changes;
pub mod cli;
pub mod commands;
pub mod config;
pub mod configuration;
pub mod desktop;
mod headers;
pub mod instance;
pub mod instances;
pub mod join_tokens;
pub mod kept;
pub mod keys;
pub mod leader;
pub mod mesh;
pub mod metrics;
pub mod outages;
pub mod own_zones;
pub mod policy;
pub mod postgres;
pub mod recordings;
pub mod relay;
pub mod report;
pub mod request_id;
pub mod schedules;
pub mod secrets;
pub mod serve;
pub mod sites;
pub mod stop;
pub mod store;
pub mod text;
pub mod time;
pub mod user_add;
pub mod verify;
pub mod web_listener;
pub mod web_pages;
pub mod witness;
