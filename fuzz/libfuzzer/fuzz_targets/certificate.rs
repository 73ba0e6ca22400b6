//! See `openpam_fuzz::certificate`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| openpam_fuzz::certificate::feed(data));
