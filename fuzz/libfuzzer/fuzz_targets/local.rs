//! See `openpam_fuzz::local`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| openpam_fuzz::local::feed(data));
