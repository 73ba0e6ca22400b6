//! See `openpam_fuzz::request`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| openpam_fuzz::request::feed(data));
