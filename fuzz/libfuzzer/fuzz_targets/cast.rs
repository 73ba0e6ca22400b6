//! See `openpam_fuzz::cast`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| openpam_fuzz::cast::feed(data));
