//! `openpam-satellite`: wiring only.

use std::process::ExitCode;

use clap::Parser;
use openpam_link::program;
use openpam_satellite::cli::{self, Cli};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("OPENPAM_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).init();
    program::prepare();
    match program::runtime() {
        Ok(runtime) => runtime.block_on(cli::main(cli)),
        Err(error) => {
            eprintln!("error: no runtime: {error}");
            ExitCode::FAILURE
        }
    }
}
