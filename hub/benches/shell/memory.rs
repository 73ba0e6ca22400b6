//! Memory of hub and satellite: fresh and idle, and for each shell that has printed 1 MB and was detached and attached
//! again. An installation of its own, since what was measured before would be in it.

use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::ending::Ending;
use crate::footprint::Footprint;
use crate::line::{Line, System};
use crate::plan::Plan;
use crate::processes::Processes;
use crate::progress;
use crate::servers::Servers;
use crate::stand::Stand;
use crate::system::{POSTGRES, server_pid};
use crate::websocket::Browser;

/// What each shell prints.
const PRINTED_BYTES: usize = 1_000_000;

/// Of one program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) idle: Footprint,
    pub(crate) per_shell: Footprint,
}

/// Of the programs of an installation.
#[derive(Debug)]
pub(crate) struct Memory<T = Held> {
    pub(crate) satellite: T,
    pub(crate) hub: T,
    /// All its processes.
    pub(crate) postgres: T,
}

pub(crate) async fn run(plan: &Plan, ending: &Ending) -> anyhow::Result<Memory> {
    progress("memory: starts a hub and a satellite of its own");
    ending.on(Servers::alone(), async |servers| measure(servers, plan).await).await
}

async fn measure(servers: &Servers, plan: &Plan) -> anyhow::Result<Memory> {
    let (shells, quiet) = (plan.amounts.shells, plan.amounts.quiet);
    let stand = Stand::prepare(servers, plan.seed, PRINTED_BYTES).await?;
    progress(&format!("memory: {} s of quiet", quiet.as_secs()));
    let idle = after(quiet, servers).await?;
    progress(&format!("memory: {shells} shells, each attached twice, and as much quiet"));
    let done = CancellationToken::new();
    let mut open = JoinSet::new();
    for _ in 0..shells {
        open.spawn(keep(open_and_attach_again(&stand).await?, done.clone()));
    }
    let busy = after(quiet, servers).await?;
    done.cancel();
    while let Some(closed) = open.join_next().await {
        closed??;
    }
    let held = |of: fn(&Memory<Footprint>) -> Footprint| {
        let (idle, busy) = (of(&idle), of(&busy));
        Held { idle, per_shell: (busy - idle) / shells as f64 }
    };
    Ok(Memory {
        satellite: held(|all| all.satellite),
        hub: held(|all| all.hub),
        postgres: held(|all| all.postgres),
    })
}

async fn open_and_attach_again(stand: &Stand<'_>) -> anyhow::Result<Browser> {
    let mut line = Line::open(stand, System::OpenPam).await?;
    line.send(stand.bulk_command.as_bytes()).await?;
    line.until_prompt().await?;
    let mut browser = line.into_browser().context("a shell through OpenPAM")?;
    stand.attach_again(&mut browser).await?;
    Ok(browser)
}

/// Stays attached, as an open page does, and then ends the session.
async fn keep(mut browser: Browser, done: CancellationToken) -> anyhow::Result<()> {
    loop {
        tokio::select! {
            () = done.cancelled() => return browser.close().await,
            received = browser.receive() => { received?.context("a shell has ended")?; }
        }
    }
}

/// What each program holds once nothing was done to it for so long.
pub(crate) async fn after(quiet: Duration, servers: &Servers) -> anyhow::Result<Memory<Footprint>> {
    tokio::time::sleep(quiet).await;
    let world = &servers.world;
    let postgres = server_pid(&world.hub.data(), POSTGRES)
        .and_then(|pid| u32::try_from(pid.as_raw_nonzero().get()).ok());
    Ok(Memory {
        satellite: Footprint::of(&Processes::of(&[world.satellite.pid()]))?,
        hub: Footprint::of(&Processes::of(&[world.hub.pid()]))?,
        postgres: Footprint::of(&Processes::tree(postgres.context("PostgreSQL runs")?))?,
    })
}
