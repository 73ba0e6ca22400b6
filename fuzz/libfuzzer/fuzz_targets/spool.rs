//! See `openpam_fuzz::spool`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| openpam_fuzz::spool::feed(data));
