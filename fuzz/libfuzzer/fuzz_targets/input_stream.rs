//! See `openpam_fuzz::input_stream`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| openpam_fuzz::input_stream::feed(data));
