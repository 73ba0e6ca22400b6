//! See `openpam_fuzz::token`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| openpam_fuzz::token::feed(data));
