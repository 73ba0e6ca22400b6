//! See `openpam_fuzz::config`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| openpam_fuzz::config::feed(data));
