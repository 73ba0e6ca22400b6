//! Desktops through OpenPAM beside guacd spoken to directly, in the same run and on the same desktops: real ones, of xrdp
//! and of a VNC server.

mod client;
mod desk;
mod far;
mod memory;
mod near;
mod tap;

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use self::desk::Desk;
pub(crate) use self::desk::Kind;
pub(crate) use self::far::{Crossed, Crossing, Far};
pub(crate) use self::memory::PerDesktop;
pub(crate) use self::near::{Measured, Moving, Near, Speaker};
use self::tap::Tap;
use crate::ending::Ending;
use crate::plan::Plan;
use crate::servers::Servers;
use crate::system::desktop::vnc::VncServer;
use crate::system::desktop::xrdp::Xrdp;
use crate::system::folder;
use crate::system::guacd::Guacd;
use crate::wan_line::{ETHERNET_BYTES, Line as WanLine};
use crate::{progress, wan};

/// What must be on the machine.
const NEEDED: [&str; 3] = ["/usr/sbin/guacd", "/usr/sbin/xrdp", "/usr/bin/Xtigervnc"];

/// How much.
#[derive(Clone, Debug)]
pub(crate) struct DesktopAmounts {
    /// First pictures of one round on each.
    pub(crate) visits: usize,
    /// Keys of one round on each.
    pub(crate) keys: usize,
    /// How long a picture moves in one round on each.
    pub(crate) moving: Duration,
    /// That are open when memory is counted.
    pub(crate) desktops: usize,
}

#[derive(Debug)]
pub(crate) struct Desktops {
    pub(crate) near: Near,
    pub(crate) memory: PerDesktop,
    pub(crate) far: Far,
}

/// What stands at a site on loopback; fields fall in this order.
struct Site {
    desks: Vec<Desk>,
    tap: Tap,
    _servers: (Xrdp, VncServer, Guacd),
    _folder: tempfile::TempDir,
}

/// `None`: this machine has no guacd, or nothing that it could show.
pub(crate) async fn run(plan: &Plan, ending: &Ending) -> anyhow::Result<Option<Desktops>> {
    if !NEEDED.iter().all(|program| Path::new(program).exists()) {
        return Ok(None);
    }
    progress("desktop: starts guacd, xrdp, a VNC server, and an installation");
    let site = ending.unless_wanted(Site::start(plan.seed)).await?;
    let settings = [setting(Ipv4Addr::LOCALHOST, site.tap.port)];
    let near = ending
        .on(Servers::alone_with(&settings), async |servers| near::measure(servers, &site, plan).await)
        .await?;
    progress("desktop: memory, on an installation of its own");
    let memory = ending
        .on(Servers::alone_with(&settings), async |servers| memory::measure(servers, &site, plan).await)
        .await?;
    drop(site);
    let far = far(plan, ending).await?;
    Ok(Some(Desktops { near, memory, far }))
}

async fn far(plan: &Plan, ending: &Ending) -> anyhow::Result<Far> {
    progress("desktop: lays a line, and starts everything beyond it");
    let lay = async { Ok(WanLine::lay(ETHERNET_BYTES).await) };
    let mut line = ending.unless_wanted(lay).await?;
    line.set(|manners| (manners.delay, manners.loss) = (wan::ONE_WAY, wan::LOSS));
    let folder = folder();
    let start = async {
        let guacd = Guacd::start_at(folder.path(), line.site_address, line.prefix()).await;
        let xrdp = Xrdp::start_behind(folder.path(), line.prefix()).await;
        Ok((guacd, xrdp))
    };
    let (guacd, xrdp) = ending.unless_wanted(start).await?;
    let settings = [setting(guacd.address, guacd.port)];
    ending
        .on(Servers::far_with(line, &settings), async |servers| {
            far::measure(servers, (&guacd, &xrdp), plan).await
        })
        .await
}

fn setting(address: Ipv4Addr, port: u16) -> (&'static str, String) {
    ("OPENPAM_GUACD", format!("{address}:{port}"))
}

impl Site {
    async fn start(seed: u64) -> anyhow::Result<Self> {
        let folder = folder();
        let guacd = Guacd::start(folder.path()).await;
        let xrdp = Xrdp::start(folder.path()).await;
        let vnc = VncServer::start(folder.path()).await;
        let tap = Tap::before((guacd.address, guacd.port)).await?;
        let desks = vec![Desk::of_xrdp(&xrdp, seed)?, Desk::of_vnc(&vnc, seed)?];
        Ok(Self { desks, tap, _servers: (xrdp, vnc, guacd), _folder: folder })
    }
}
