//! See `openpam_fuzz::policy`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| openpam_fuzz::policy::feed(data));
