//! See `openpam_fuzz::http`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| openpam_fuzz::http::feed(data));
