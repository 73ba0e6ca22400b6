//! Fuzz targets: one function per family of decoders that faces a peer, a disk or a file, before and after authentication.
//!
//! A target takes any bytes and panics where a promise is broken: a decoder that panics or hangs, a message that does not
//! survive decoding and encoding, a model that differs, a bound that is passed. It opens no socket and no file.
//! `tests/replay.rs` feeds the committed corpus and mutations of it in the ordinary test run; `make fuzz` searches for
//! more with libFuzzer (`libfuzzer/`, a project of its own that only calls this library).

pub mod browser;
pub mod cast;
pub mod certificate;
pub mod config;
pub mod frame;
pub mod guacamole;
pub mod http;
pub mod input;
pub mod input_stream;
pub mod key;
pub mod lane;
pub mod local;
pub mod message;
pub mod policy;
pub mod recording;
pub mod request;
pub mod ring;
pub mod screen;
pub mod seal;
pub mod spool;
pub mod token;

/// What a target is called (in `corpus/` and for `make fuzz`), and what it does with bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("browser", browser::feed),
    ("cast", cast::feed),
    ("certificate", certificate::feed),
    ("config", config::feed),
    ("frame", frame::feed),
    ("guacamole", guacamole::feed),
    ("http", http::feed),
    ("input_stream", input_stream::feed),
    ("lane", lane::feed),
    ("local", local::feed),
    ("message", message::feed),
    ("policy", policy::feed),
    ("recording", recording::feed),
    ("request", request::feed),
    ("ring", ring::feed),
    ("screen", screen::feed),
    ("seal", seal::feed),
    ("spool", spool::feed),
    ("token", token::feed),
];
