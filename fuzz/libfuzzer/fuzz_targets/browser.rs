//! See `openpam_fuzz::browser`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| openpam_fuzz::browser::feed(data));
