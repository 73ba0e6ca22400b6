//! See `openpam_fuzz::lane`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| openpam_fuzz::lane::feed(data));
