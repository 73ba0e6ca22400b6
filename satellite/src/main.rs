//! `openpam-satellite`: wiring only.

use std::process::ExitCode;

use clap::Parser;
use openpam_link::program;
use openpam_satellite::cli::{self, Cli};

fn main() -> ExitCode {
    let cli = Cli::parse();
    program::start_log("openpam-satellite", "info,async_nats=warn", true);
    program::prepare();
    let code = match program::runtime() {
        Ok(runtime) => runtime.block_on(cli::main(cli)),
        Err(error) => {
            eprintln!("error: no runtime: {error}");
            ExitCode::FAILURE
        }
    };
    program::end_log();
    code
}
