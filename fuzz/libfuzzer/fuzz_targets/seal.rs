//! See `openpam_fuzz::seal`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| openpam_fuzz::seal::feed(data));
