//! A picture that moves at a site beyond a line of 40 ms that loses a packet in a hundred each way: through OpenPAM, and
//! from guacd directly over that line.

use std::fmt;

use anyhow::Context;

use super::client::Client;
use super::desk::Desk;
use crate::line::System;
use crate::plan::Plan;
use crate::progress;
use crate::servers::Servers;
use crate::system::desktop::xrdp::Xrdp;
use crate::system::guacd::Guacd;
use crate::wan::{Congestion, set_congestion};

/// How the picture crosses the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crossing {
    Guacd(Congestion),
    OpenPam(System),
}

impl Crossing {
    pub(crate) const ALL: [Self; 4] = [
        Self::Guacd(Congestion::Cubic),
        Self::Guacd(Congestion::Bbr),
        Self::OpenPam(System::OpenPam),
        Self::OpenPam(System::OpenPamTcp),
    ];
}

impl fmt::Display for Crossing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Guacd(Congestion::Cubic) => "guacd, Cubic",
            Self::Guacd(Congestion::Bbr) => "guacd, BBR",
            Self::OpenPam(System::OpenPamTcp) => "OpenPAM over TCP",
            Self::OpenPam(_) => "OpenPAM over QUIC",
        })
    }
}

/// By round.
#[derive(Clone, Debug, Default)]
pub(crate) struct Crossed {
    pub(crate) frames_per_second: Vec<f64>,
    /// In 10^6 bytes.
    pub(crate) mb_per_second: Vec<f64>,
}

#[derive(Debug)]
pub(crate) struct Far(Vec<(Crossing, Crossed)>);

impl Far {
    /// `None`: the kernel lacks that congestion control.
    pub(crate) fn of(&self, crossing: Crossing) -> Option<&Crossed> {
        self.0.iter().find_map(|(of, crossed)| (*of == crossing).then_some(crossed))
    }
}

pub(crate) async fn measure(
    servers: &Servers,
    (guacd, xrdp): (&Guacd, &Xrdp),
    plan: &Plan,
) -> anyhow::Result<Far> {
    let line = servers.line.as_ref().context("servers beyond a line")?;
    let desk = Desk::of_xrdp(xrdp, plan.seed)?;
    let world = &servers.world;
    let over_tcp = servers.over_tcp.as_ref().context("a second zone")?;
    let target_id = desk.target(world, &world.zone_id).await;
    let target_id_over_tcp = desk.target(world, &over_tcp.id).await;
    for id in [&target_id, &target_id_over_tcp] {
        world.until_target_is_reachable(id).await;
    }
    let mut ways: Vec<_> = Crossing::ALL.map(|crossing| (crossing, Crossed::default())).into();
    ways.retain(|(crossing, _)| match crossing {
        Crossing::Guacd(congestion) => congestion.is_available(),
        Crossing::OpenPam(_) => true,
    });
    for round in 0..plan.rounds {
        // Nobody is always the first.
        ways.rotate_left(usize::from(round > 0));
        for (crossing, crossed) in &mut ways {
            progress(&format!("desktop: round {} of {}: far, {crossing}", round + 1, plan.rounds));
            let mut client = match crossing {
                Crossing::Guacd(congestion) => {
                    set_congestion(line, *congestion).await;
                    Client::of_guacd((guacd.address, guacd.port), &desk).await?
                }
                Crossing::OpenPam(System::OpenPamTcp) => {
                    Client::of_hub(&world.admin, desk.protocol(), &target_id_over_tcp).await?
                }
                Crossing::OpenPam(_) => Client::of_hub(&world.admin, desk.protocol(), &target_id).await?,
            };
            desk.until_terminal(&mut client).await?;
            desk.begin_to_move(&mut client).await?;
            let before = client.bytes;
            let time = plan.amounts.desktop.moving;
            let frames = client.frames_for(time).await?;
            crossed.frames_per_second.push(frames as f64 / time.as_secs_f64());
            crossed.mb_per_second.push((client.bytes - before) as f64 / 1e6 / time.as_secs_f64());
            desk.come_to_rest(&mut client).await?;
            client.close().await?;
        }
    }
    Ok(Far(ways))
}
