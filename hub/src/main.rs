//! The hub's program. Everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    openpam_hub::cli::run()
}
