//! `make bench`: what a shell through OpenPAM costs, beside `ssh` and `ssh -J` to the same sshd in the same run, on
//! loopback and across a long line that loses packets; what hub and satellite hold in memory and on disk; what it
//! costs that sessions stay; what administrators and auditors wait for; what a change of policy costs; what the bus
//! carries; and what a desktop costs beside guacd itself.
//!
//! The real programs in installations of their own, recording on. Tables on standard output, progress on standard
//! error. It judges the figures against the goals and changes nothing on the machine that stays.

mod bulk;
mod bus;
mod compare;
mod console;
mod desktop;
mod ending;
mod figures;
mod footprint;
mod interrupt;
mod keystroke;
#[path = "../../tests/load/light.rs"]
#[expect(clippy::indexing_slicing, reason = "made for tests")]
mod light;
mod line;
mod machine;
mod memory;
mod plan;
mod policy;
mod print;
mod processes;
mod prompt;
mod report;
mod run;
mod servers;
mod size;
mod ssh;
mod stand;
mod staying;
#[path = "../../tests/system/mod.rs"]
mod system;
mod table;
mod text;
mod wan;
#[expect(dead_code, clippy::indexing_slicing, reason = "made for tests, which use more of it")]
#[path = "../../tests/lines/line/mod.rs"]
mod wan_line;
mod websocket;

use std::io::Write;

use anyhow::ensure;
use clap::Parser;

use crate::ending::Ending;
use crate::machine::Machine;
use crate::plan::{Part, Plan};
use crate::run::Run;

/// Measures shells through OpenPAM, ssh and ssh -J: keystrokes, bulk output, the first prompt and Ctrl-C, memory, size,
/// a long line that loses packets, what it costs that sessions stay, lists over large books, and desktops.
#[derive(Parser)]
#[command(name = "shell")]
struct Arguments {
    /// A smoke run of less than a minute: few samples, figures without weight.
    #[arg(long)]
    quick: bool,
    /// How often each figure is measured on each system, round robin.
    #[arg(long)]
    rounds: Option<usize>,
    /// Only these, separated by commas.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// From which the text and the keys are made.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

/// One thread: a wake-up across cores would be measured with every key.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let plan = Plan::new(arguments.quick, arguments.rounds, &arguments.only, arguments.seed);
    let ending = Ending::listen()?;
    let machine = Machine::look().await;
    let run = Run::measure(&plan, &ending).await?;
    std::io::stdout().write_all(print::render(&run, &machine, &plan).as_bytes())?;
    ensure!(run.failed() == 0, "{} parts could not be measured", run.failed());
    Ok(())
}

fn progress(what: &str) {
    // A closed standard error is no reason to stop.
    let _ = writeln!(std::io::stderr(), "bench: {what}");
}
