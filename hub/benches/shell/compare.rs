//! The ways to the target beside each other on loopback: every figure of every system, round robin.

use std::time::Duration;

use crate::ending::Ending;
use crate::line::System;
use crate::plan::{Measure, Plan};
use crate::report::Report;
use crate::servers::Servers;
use crate::stand::Stand;
use crate::{bulk, interrupt, keystroke, progress, prompt};

/// For the last recording to be at the hub.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) async fn run(plan: &Plan, ending: &Ending) -> anyhow::Result<Report> {
    progress("starts hub, satellites, PostgreSQL and two sshd");
    let over_tcp = plan.systems.contains(&System::OpenPamTcp);
    ending.on(Servers::near(over_tcp), async |servers| measure(servers, plan).await).await
}

async fn measure(servers: &Servers, plan: &Plan) -> anyhow::Result<Report> {
    let stand = &Stand::prepare(servers, plan.seed, plan.amounts.bulk_bytes).await?;
    servers.check_transports().await?;
    let mut report = Report::default();
    for round in 0..plan.rounds {
        for &measure in &plan.measures {
            progress(&format!("round {} of {}: {measure}", round + 1, plan.rounds));
            if measure == Measure::Prompt {
                prompt::measure(stand, plan, &mut report).await?;
                continue;
            }
            for system in plan.order(round) {
                match measure {
                    Measure::Keys20 | Measure::Keys200 => {
                        keystroke::measure(stand, plan, measure, system, &mut report).await?;
                    }
                    Measure::Bulk => bulk::measure(stand, system, &mut report).await?,
                    Measure::Interrupt => interrupt::measure(stand, plan, system, &mut report).await?,
                    Measure::Prompt => {}
                }
            }
        }
    }
    report.program_start = prompt::program_start(plan).await?;
    report.recordings = stand.recordings(PATIENCE).await;
    servers.check_transports().await?;
    Ok(report)
}
