//! Tells the program when it was built: no machine that runs it is older. SOURCE_DATE_EPOCH makes builds repeatable.

use std::time::{SystemTime, UNIX_EPOCH};

fn main() {
    println!("cargo:rerun-if-env-changed=SOURCE_DATE_EPOCH");
    println!("cargo:rerun-if-changed=Cargo.toml");
    let given = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse::<u64>().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    println!("cargo:rustc-env=OPENPAM_BUILT_MS={}", given.unwrap_or_else(now) * 1000);
}
