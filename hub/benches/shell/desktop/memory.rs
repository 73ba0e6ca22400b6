//! What hub and satellite hold for each desktop that is looked at, beside what guacd does: while its picture moves, and
//! after. An installation of its own, since what was measured before would be in it.

use anyhow::Context;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Site;
use super::client::Client;
use super::desk::Kind;
use crate::footprint::Footprint;
use crate::memory::{Memory, after};
use crate::plan::Plan;
use crate::progress;
use crate::servers::Servers;

/// For each desktop, of the hub and of the satellite.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PerDesktop {
    pub(crate) moving: (Footprint, Footprint),
    pub(crate) still: (Footprint, Footprint),
}

pub(crate) async fn measure(servers: &Servers, site: &Site, plan: &Plan) -> anyhow::Result<PerDesktop> {
    let (desktops, quiet) = (plan.amounts.desktop.desktops, plan.amounts.quiet);
    let desk = site.desks.iter().find(|desk| desk.kind == Kind::Vnc).context("a desktop of VNC")?;
    let world = &servers.world;
    let target_id = desk.target(world, &world.zone_id).await;
    let open = async || Client::of_hub(&world.admin, desk.protocol(), &target_id).await;
    let mut first = open().await?;
    desk.until_terminal(&mut first).await?;
    first.close().await?;
    let idle = after(quiet, servers).await?;
    progress(&format!("desktop: {desktops} of them, moving and then still"));
    let done = CancellationToken::new();
    let mut looking = JoinSet::new();
    for _ in 1..desktops {
        let mut client = open().await?;
        client.soon("a picture").await?;
        looking.spawn(look(client, done.clone()));
    }
    let mut last = open().await?;
    last.soon("a picture").await?;
    desk.begin_to_move(&mut last).await?;
    let moving = tokio::select! {
        failed = last.frames_for(2 * quiet) => { failed?; anyhow::bail!("memory was not read in time") }
        moving = after(quiet, servers) => moving?,
    };
    desk.come_to_rest(&mut last).await?;
    looking.spawn(look(last, done.clone()));
    let still = after(quiet, servers).await?;
    done.cancel();
    while let Some(closed) = looking.join_next().await {
        closed??;
    }
    let each = |then: &Memory<Footprint>| {
        let of = |then: Footprint, before: Footprint| (then - before) / desktops as f64;
        (of(then.hub, idle.hub), of(then.satellite, idle.satellite))
    };
    Ok(PerDesktop { moving: each(&moving), still: each(&still) })
}

/// As an open page does.
async fn look(mut client: Client, done: CancellationToken) -> anyhow::Result<()> {
    loop {
        tokio::select! {
            () = done.cancelled() => return client.close().await,
            frame = client.frame() => { frame?; }
        }
    }
}
