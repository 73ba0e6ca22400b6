//! See `openpam_fuzz::message`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| openpam_fuzz::message::feed(data));
