//! From nothing to the first prompt: for `ssh` from the start of the program, for OpenPAM from the connect of the
//! WebSocket by somebody who is signed in. All sign in at the target with the same key.

use std::process::Stdio;
use std::time::Instant;

use tokio::process::Command;

use crate::figures::{median, ms};
use crate::line::Line;
use crate::plan::Plan;
use crate::report::Report;
use crate::stand::Stand;

pub(crate) async fn measure(stand: &Stand<'_>, plan: &Plan, report: &mut Report) -> anyhow::Result<()> {
    for _ in 0..plan.amounts.prompts {
        for &system in &plan.systems {
            let begun = Instant::now();
            let line = Line::open(stand, system).await?;
            report.system(system).prompt.push(ms(begun.elapsed()));
            line.close().await?;
        }
    }
    Ok(())
}

/// How long `ssh` takes to start and do nothing, in milliseconds.
pub(crate) async fn program_start(plan: &Plan) -> anyhow::Result<Option<f64>> {
    let mut samples = Vec::new();
    for _ in 0..plan.amounts.prompts {
        let begun = Instant::now();
        Command::new("ssh").arg("-V").stdin(Stdio::null()).stderr(Stdio::null()).status().await?;
        samples.push(ms(begun.elapsed()));
    }
    Ok(median(&samples))
}
