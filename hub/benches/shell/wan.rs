//! A line of 40 ms round trip that loses a packet in a hundred each way: keys beside a flood and bulk output through
//! OpenPAM over QUIC and over TCP, beside `ssh -J` with the host's TCP on Cubic and on BBR. Hub and client stand
//! before the line; satellites, the sshd for `ssh -J` and the target beyond it.

mod bulk;
mod keys;
mod link;
mod routes;

use std::fmt;
use std::time::Duration;

use anyhow::Context;

pub(crate) use self::link::Link;
pub(crate) use self::routes::{Congestion, set as set_congestion};
use crate::ending::Ending;
use crate::figures::Spread;
use crate::line::System;
use crate::plan::{Plan, WanAmounts};
use crate::report::Recordings;
use crate::servers::Servers;
use crate::stand::Stand;
use crate::wan_line::{ETHERNET_BYTES, Line as WanLine};
use crate::{progress, text};

pub(crate) const ONE_WAY: Duration = Duration::from_millis(20);
/// Each way.
pub(crate) const LOSS: f64 = 0.01;

/// The floods print this file again and again: it does not compress, so that recordings are as large as may be.
const NOISE_BYTES: usize = 5_000_000;
/// For recordings to be at the hub before anything else is measured.
const PATIENCE: Duration = Duration::from_secs(20);

/// How the target is reached across the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Jump(Congestion),
    Quic,
    Tcp,
}

impl Way {
    pub(crate) const ALL: [Self; 4] =
        [Self::Jump(Congestion::Cubic), Self::Jump(Congestion::Bbr), Self::Quic, Self::Tcp];

    const fn system(self) -> System {
        match self {
            Self::Jump(_) => System::Jump,
            Self::Quic => System::OpenPam,
            Self::Tcp => System::OpenPamTcp,
        }
    }

    /// What the machine's TCP uses across the line; OpenPAM chooses for itself.
    const fn congestion(self) -> Option<Congestion> {
        match self {
            Self::Jump(congestion) => Some(congestion),
            Self::Quic | Self::Tcp => None,
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jump(Congestion::Cubic) => "ssh -J, Cubic",
            Self::Jump(Congestion::Bbr) => "ssh -J, BBR",
            Self::Quic => "OpenPAM over QUIC",
            Self::Tcp => "OpenPAM over TCP",
        })
    }
}

/// Of one way, round by round.
#[derive(Clone, Debug, Default)]
pub(crate) struct Crossed {
    pub(crate) keys: Vec<Spread>,
    /// Of the flood beside the keys, in 10^6 bytes.
    pub(crate) flood_mb_per_second: Vec<f64>,
    /// In 10^6 bytes.
    pub(crate) bulk_mb_per_second: Vec<f64>,
}

#[derive(Debug)]
pub(crate) struct Wan {
    pub(crate) link: Link,
    /// Nothing in it where the kernel lacks a congestion control.
    pub(crate) ways: Vec<(Way, Crossed)>,
    pub(crate) recordings: Recordings,
}

impl Wan {
    pub(crate) fn of(&self, way: Way) -> Option<&Crossed> {
        self.ways.iter().find_map(|(of, crossed)| (*of == way).then_some(crossed))
    }
}

pub(crate) async fn run(plan: &Plan, ending: &Ending) -> anyhow::Result<Wan> {
    let amounts = &plan.amounts.wan;
    progress("wan: lays a line and measures it bare");
    let (line, link) = ending.unless_wanted(lay(amounts)).await?;
    progress("wan: starts everything, the site beyond the line");
    let measure = async |servers: &mut Servers| measure(servers, plan, link).await;
    ending.on(Servers::far(line), measure).await
}

async fn lay(amounts: &WanAmounts) -> anyhow::Result<(WanLine, Link)> {
    let mut line = WanLine::lay(ETHERNET_BYTES).await;
    let ceiling = link::plain_tcp(&line, amounts.plain_tcp / 5).await?;
    line.set(|manners| (manners.delay, manners.loss) = (ONE_WAY, LOSS));
    let link = Link::measure(&line, amounts, ceiling).await?;
    Ok((line, link))
}

async fn measure(servers: &Servers, plan: &Plan, link: Link) -> anyhow::Result<Wan> {
    let amounts = &plan.amounts.wan;
    let line = servers.line.as_ref().context("servers beyond a line")?;
    let stand = &Stand::prepare(servers, plan.seed, amounts.bulk.0).await?;
    std::fs::write(servers.world.target.home().join("noise"), text::noise_lines(plan.seed, NOISE_BYTES))?;
    servers.check_transports().await?;
    let mut ways: Vec<_> = Way::ALL.map(|way| (way, Crossed::default())).into();
    ways.retain(|(way, _)| way.congestion().is_none_or(Congestion::is_available));
    for round in 0..plan.rounds {
        // Nobody is always the first.
        ways.rotate_left(usize::from(round > 0));
        for (way, crossed) in &mut ways {
            progress(&format!("wan: round {} of {}: {way}", round + 1, plan.rounds));
            if let Some(congestion) = way.congestion() {
                routes::set(line, congestion).await;
            }
            keys::measure(stand, amounts, *way, crossed).await?;
            stand.recordings(PATIENCE).await;
            bulk::measure(stand, amounts, *way, crossed).await?;
            stand.recordings(PATIENCE).await;
        }
    }
    servers.check_transports().await?;
    Ok(Wan { link, ways, recordings: stand.recordings(PATIENCE).await })
}
