//! Somebody watches: what that takes from the owner's bulk output, and what it costs hub and satellite.

use anyhow::Context;
use serde_json::json;
use tokio::task::JoinSet;

use crate::ending::Ending;
use crate::figures::median;
use crate::footprint::Footprint;
use crate::line::{Line, System};
use crate::plan::Plan;
use crate::report::Bulk;
use crate::servers::Servers;
use crate::stand::Stand;
use crate::system::PASSWORD;
use crate::system::api::Api;
use crate::websocket::Browser;
use crate::{bulk, progress};

/// Alone, and with one who watches.
#[derive(Debug)]
pub(crate) struct Watcher {
    /// In 10^6 bytes.
    pub(crate) mb_per_second: (f64, f64),
    /// Of hub and satellite.
    pub(crate) cpu_per_100_mb: (f64, f64),
    /// What one more watcher makes hub and satellite hold, in bytes.
    pub(crate) memory: f64,
}

pub(crate) async fn run(plan: &Plan, ending: &Ending) -> anyhow::Result<Watcher> {
    progress("staying: starts a hub and a satellite, to be watched");
    ending.on(Servers::alone(), async |servers: &mut Servers| measure(servers, plan).await).await
}

async fn measure(servers: &Servers, plan: &Plan) -> anyhow::Result<Watcher> {
    let stand = &Stand::prepare(servers, plan.seed, plan.amounts.bulk_bytes / 2).await?;
    let world = &servers.world;
    world.admin.create("users", json!({"username": "audra", "password": PASSWORD, "role": "auditor"})).await;
    let auditor = Api::sign_in(&world.hub.url(), "audra", PASSWORD).await;
    let (mut alone, mut watched) = (Vec::new(), Vec::new());
    for round in 0..plan.rounds {
        progress(&format!("staying: round {} of {}: bulk output, alone and watched", round + 1, plan.rounds));
        alone.push(once(stand, None).await?);
        watched.push(once(stand, Some(&auditor)).await?);
    }
    let of = |rounds: &[Bulk], which: fn(&Bulk) -> f64| {
        median(&rounds.iter().map(which).collect::<Vec<_>>()).context("no round")
    };
    Ok(Watcher {
        mb_per_second: (of(&alone, |one| one.mb_per_second)?, of(&watched, |one| one.mb_per_second)?),
        cpu_per_100_mb: (of(&alone, |one| one.cpu_per_100_mb)?, of(&watched, |one| one.cpu_per_100_mb)?),
        memory: memory(stand, &auditor, plan).await?,
    })
}

/// The owner's bulk output, watched by an auditor or not.
async fn once(stand: &Stand<'_>, auditor: Option<&Api>) -> anyhow::Result<Bulk> {
    let mut line = Line::open(stand, System::OpenPam).await?;
    let mut watching = JoinSet::new();
    if let Some(auditor) = auditor {
        let session = line.session().context("a session")?;
        let mut watcher = stand.watch(auditor, session).await?;
        watching.spawn(async move { while let Ok(Some(_)) = watcher.receive().await {} });
    }
    let bulk = bulk::print(stand, &mut line, System::OpenPam).await?;
    line.close().await?;
    Ok(bulk)
}

/// One watcher on each of many shells; the difference for each.
async fn memory(stand: &Stand<'_>, auditor: &Api, plan: &Plan) -> anyhow::Result<f64> {
    let count = plan.amounts.shells;
    progress(&format!("staying: {count} shells, then somebody who watches each"));
    let mut lines = Vec::new();
    for _ in 0..count {
        lines.push(Line::open(stand, System::OpenPam).await?);
    }
    tokio::time::sleep(plan.amounts.quiet).await;
    let before = Footprint::of(&stand.gateway(System::OpenPam))?;
    let mut watching = Vec::<Browser>::new();
    for line in &lines {
        watching.push(stand.watch(auditor, line.session().context("a session")?).await?);
    }
    tokio::time::sleep(plan.amounts.quiet).await;
    let after = Footprint::of(&stand.gateway(System::OpenPam))?;
    drop(watching);
    for line in lines {
        line.close().await?;
    }
    Ok((after - before).proportional / count as f64)
}
