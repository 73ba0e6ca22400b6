//! Desktops on loopback: guacd spoken to directly, and through hub and satellite, by turns on the same desktops.

use std::time::{Duration, Instant};

use super::client::{BACKSPACE, Client};
use super::desk::{Desk, Kind};
use super::tap::Tap;
use super::{DesktopAmounts, Site};
use crate::figures::{Spread, ms};
use crate::plan::Plan;
use crate::processes::Processes;
use crate::progress;
use crate::servers::Servers;

/// Between two keys: the picture is at rest again.
const KEY_EVERY: Duration = Duration::from_millis(150);
/// Keys before those that count.
const WARM_UP: usize = 4;
/// What a connection leaves behind at guacd and the desktop is gone after this.
const SETTLE: Duration = Duration::from_millis(700);

/// Who speaks to guacd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaker {
    Direct,
    OpenPam,
}

impl Speaker {
    pub(crate) const ALL: [Self; 2] = [Self::Direct, Self::OpenPam];
}

/// Of one kind of desktop and one speaker.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    /// Milliseconds from connecting to the first picture.
    pub(crate) first: Vec<f64>,
    /// From a key to the changed picture, by round.
    pub(crate) keys: Vec<Spread>,
    /// From a frame of guacd's to its answer, by round.
    pub(crate) answers: Vec<Spread>,
    /// By round.
    pub(crate) moving: Vec<Moving>,
}

/// A picture that moves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moving {
    /// At the client.
    pub(crate) frames_per_second: f64,
    /// At the client, in 10^6 bytes.
    pub(crate) mb_per_second: f64,
    /// What hub and satellite spent on 10^6 bytes, recording and upload with it.
    pub(crate) cpu_per_mb: f64,
}

#[derive(Debug, Default)]
pub(crate) struct Near(Vec<((Kind, Speaker), Measured)>);

impl Near {
    pub(crate) fn of(&self, kind: Kind, speaker: Speaker) -> Option<&Measured> {
        self.0.iter().find_map(|(of, measured)| (*of == (kind, speaker)).then_some(measured))
    }
}

/// How a desktop is opened.
struct Way<'a> {
    servers: &'a Servers,
    tap: &'a Tap,
    desk: &'a Desk,
    target_id: String,
    speaker: Speaker,
}

pub(crate) async fn measure(servers: &Servers, site: &Site, plan: &Plan) -> anyhow::Result<Near> {
    let amounts = &plan.amounts.desktop;
    let mut ways = Vec::new();
    for desk in &site.desks {
        let target_id = desk.target(&servers.world, &servers.world.zone_id).await;
        for speaker in Speaker::ALL {
            let way = Way { servers, tap: &site.tap, desk, target_id: target_id.clone(), speaker };
            ways.push((way, Measured::default()));
        }
    }
    for (way, _) in &ways {
        // Begins what stays: the account's screen, the known certificate.
        let mut client = way.open().await?;
        way.desk.until_terminal(&mut client).await?;
        way.close(client).await?;
    }
    for round in 0..plan.rounds {
        // Nobody is always the first.
        ways.rotate_left(usize::from(round > 0));
        progress(&format!("desktop: round {} of {}: first pictures", round + 1, plan.rounds));
        for _ in 0..amounts.visits {
            for (way, measured) in &mut ways {
                let begun = Instant::now();
                let mut client = way.open().await?;
                measured.first.push(ms(client.soon("a picture").await? - begun));
                way.close(client).await?;
            }
        }
        for (way, measured) in &mut ways {
            let (kind, speaker) = (way.desk.kind, way.speaker);
            progress(&format!("desktop: round {} of {}: {kind:?}, {speaker:?}", round + 1, plan.rounds));
            way.use_it(amounts, measured).await?;
        }
    }
    Ok(Near(ways.into_iter().map(|(way, measured)| ((way.desk.kind, way.speaker), measured)).collect()))
}

impl Way<'_> {
    async fn open(&self) -> anyhow::Result<Client> {
        match self.speaker {
            Speaker::Direct => {
                Client::of_guacd((std::net::Ipv4Addr::LOCALHOST, self.tap.port), self.desk).await
            }
            Speaker::OpenPam => {
                Client::of_hub(&self.servers.world.admin, self.desk.protocol(), &self.target_id).await
            }
        }
    }

    async fn close(&self, client: Client) -> anyhow::Result<()> {
        client.close().await?;
        tokio::time::sleep(SETTLE).await;
        Ok(())
    }

    async fn use_it(&self, amounts: &DesktopAmounts, measured: &mut Measured) -> anyhow::Result<()> {
        let mut client = self.open().await?;
        self.desk.until_terminal(&mut client).await?;
        self.tap.take();
        let keys = type_keys(&mut client, WARM_UP + amounts.keys).await?;
        let heard = self.tap.take();
        let answers = if self.speaker == Speaker::Direct { heard.openers } else { heard.joiners };
        measured.keys.extend(Spread::of(keys.get(WARM_UP..).unwrap_or_default()));
        measured.answers.extend(Spread::of(&answers));
        measured.moving.push(self.moves(&mut client, amounts.moving).await?);
        self.close(client).await
    }

    async fn moves(&self, client: &mut Client, time: Duration) -> anyhow::Result<Moving> {
        let world = &self.servers.world;
        let gateway = Processes::of(&[world.hub.pid(), world.satellite.pid()]);
        self.desk.begin_to_move(client).await?;
        let (cpu, bytes, begun) = (gateway.cpu_seconds(), client.bytes, Instant::now());
        let frames = client.frames_for(time).await? as f64;
        let seconds = begun.elapsed().as_secs_f64();
        let mb = (client.bytes - bytes) as f64 / 1e6;
        let spent = gateway.cpu_seconds() - cpu;
        self.desk.come_to_rest(client).await?;
        Ok(Moving {
            frames_per_second: frames / seconds,
            mb_per_second: mb / seconds,
            cpu_per_mb: spent / mb,
        })
    }
}

/// A letter, and away with it, again and again; milliseconds to each changed picture.
async fn type_keys(client: &mut Client, count: usize) -> anyhow::Result<Vec<f64>> {
    let mut samples = Vec::with_capacity(count);
    for key in [u32::from('x'), BACKSPACE].into_iter().cycle().take(count) {
        client.frames_for(KEY_EVERY).await?;
        let pressed = Instant::now();
        client.press(key).await?;
        samples.push(ms(client.soon("a changed picture").await? - pressed));
    }
    Ok(samples)
}
