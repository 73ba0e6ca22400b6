//! See `openpam_fuzz::screen`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| openpam_fuzz::screen::feed(data));
