//! See `openpam_fuzz::guacamole`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| openpam_fuzz::guacamole::feed(data));
