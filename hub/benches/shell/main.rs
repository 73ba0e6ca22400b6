//! `make bench`: what a shell through OpenPAM costs, beside `ssh` and `ssh -J` to the same sshd in the same run.
//!
//! The real programs in an installation of their own, recording on. One table on standard output, progress on
//! standard error. It judges the figures against the goals and changes nothing on the machine that stays.

mod bulk;
mod cpu;
mod figures;
mod interrupt;
mod keystroke;
mod line;
mod machine;
mod plan;
mod prompt;
mod report;
mod ssh;
mod stand;
#[path = "../../tests/system/mod.rs"]
mod system;
mod table;
mod text;
mod websocket;

use std::io::Write;
use std::panic::AssertUnwindSafe;

use clap::Parser;
use futures::FutureExt;

use crate::line::{Line, System};
use crate::plan::{Measure, Plan};
use crate::report::Report;
use crate::stand::{Servers, Stand};

/// Measures keystrokes, bulk output, the first prompt and Ctrl-C: ssh, ssh -J, and the whole path of OpenPAM.
#[derive(Parser)]
#[command(name = "shell")]
struct Arguments {
    /// A smoke run of about 20 seconds: few samples, figures without weight.
    #[arg(long)]
    quick: bool,
    /// How often each figure is measured on each system, round robin.
    #[arg(long)]
    rounds: Option<usize>,
    /// Only these, separated by commas.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Measure>,
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
    let mut plan = Plan::new(arguments.quick);
    plan.rounds = arguments.rounds.unwrap_or(plan.rounds).max(1);
    if !arguments.only.is_empty() {
        plan.measures = arguments.only;
    }
    let machine = machine::Machine::look().await;
    progress("starts hub, satellite, PostgreSQL and two sshd");
    let servers = Servers::start().await;
    // Whatever happens, what was started is ended in order.
    let outcome = tokio::select! {
        outcome = AssertUnwindSafe(measure(&servers, &plan, arguments.seed)).catch_unwind() => Some(outcome),
        _ = tokio::signal::ctrl_c() => None,
    };
    servers.stop().await;
    match outcome {
        Some(Ok(report)) => {
            let text = table::render(&report?, &machine, &plan, arguments.seed);
            std::io::stdout().write_all(text.as_bytes())?;
            Ok(())
        }
        Some(Err(panic)) => std::panic::resume_unwind(panic),
        None => anyhow::bail!("interrupted"),
    }
}

async fn measure(servers: &Servers, plan: &Plan, seed: u64) -> anyhow::Result<Report> {
    let stand = &Stand::prepare(servers, seed, plan.bulk_bytes).await?;
    let mut report = Report::default();
    for round in 0..plan.rounds {
        for &measure in &plan.measures {
            progress(&format!("round {} of {}: {measure}", round + 1, plan.rounds));
            // Nobody is always the first.
            let order =
                (0..System::ALL.len()).filter_map(|at| System::ALL.get((at + round) % System::ALL.len()));
            match measure {
                Measure::Prompt => prompt::measure(stand, plan, &mut report).await?,
                Measure::Keys20 | Measure::Keys200 => {
                    for &system in order {
                        keystroke::measure(stand, plan, measure, system, &mut report).await?;
                    }
                }
                Measure::Bulk => {
                    for &system in order {
                        bulk::measure(stand, system, &mut report).await?;
                    }
                }
                Measure::Interrupt => {
                    for &system in order {
                        interrupt::measure(stand, plan, system, &mut report).await?;
                    }
                }
            }
        }
    }
    report.program_start = prompt::program_start(plan).await?;
    report.recordings = stand.recordings().await;
    Ok(report)
}

fn progress(what: &str) {
    // A closed standard error is no reason to stop.
    let _ = writeln!(std::io::stderr(), "bench: {what}");
}

/// Opens a shell on the target and waits for its prompt.
async fn open(stand: &Stand<'_>, system: System) -> anyhow::Result<Line> {
    let mut line = Line::start(stand, system).await?;
    line.until_prompt().await?;
    Ok(line)
}
