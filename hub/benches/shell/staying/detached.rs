//! Many shells with 64 KiB of history each, and nobody attached to any: what hub and satellite hold for each.

use anyhow::Context;

use crate::ending::Ending;
use crate::footprint::Footprint;
use crate::line::{Line, System};
use crate::plan::Plan;
use crate::processes::Processes;
use crate::progress;
use crate::servers::Servers;
use crate::stand::Stand;

/// What each of them printed.
const HISTORY_BYTES: usize = 64 * 1024;
/// Opened so many, it says how far it is.
const TOLD: usize = 250;

/// For each shell, in bytes.
#[derive(Debug)]
pub(crate) struct Detached {
    pub(crate) satellite: f64,
    pub(crate) hub: f64,
}

pub(crate) async fn run(plan: &Plan, ending: &Ending) -> anyhow::Result<Detached> {
    let count = plan.amounts.staying.detached;
    progress(&format!("staying: starts a hub and a satellite for {count} shells"));
    let settings = [("OPENPAM_MAX_SESSIONS", count.to_string())];
    ending
        .on(Servers::alone_with(&settings), async |servers: &mut Servers| measure(servers, plan).await)
        .await
}

async fn measure(servers: &Servers, plan: &Plan) -> anyhow::Result<Detached> {
    let count = plan.amounts.staying.detached;
    let stand = Stand::prepare(servers, plan.seed, HISTORY_BYTES).await?;
    tokio::time::sleep(plan.amounts.quiet).await;
    let before = held(servers)?;
    for number in 1..=count {
        let mut line = Line::open(&stand, System::OpenPam).await?;
        line.send(stand.bulk_command.as_bytes()).await?;
        line.until_prompt().await?;
        let mut browser = line.into_browser().context("a shell through OpenPAM")?;
        browser.acknowledge().await?;
        browser.leave().await?;
        if number % TOLD == 0 {
            progress(&format!("staying: {number} shells are there, and nobody is attached"));
        }
    }
    tokio::time::sleep(plan.amounts.quiet).await;
    let after = held(servers)?;
    let each = |after: Footprint, before| (after - before).proportional / count as f64;
    Ok(Detached { satellite: each(after.0, before.0), hub: each(after.1, before.1) })
}

fn held(servers: &Servers) -> anyhow::Result<(Footprint, Footprint)> {
    let world = &servers.world;
    let of = |pid| Footprint::of(&Processes::of(&[pid]));
    Ok((of(world.satellite.pid())?, of(world.hub.pid())?))
}
