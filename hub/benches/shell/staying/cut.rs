//! A line of 40 ms goes dead both ways, telling neither end, and comes back: how soon the shell's bytes flow again.

use std::time::{Duration, Instant};

use anyhow::Context;

use crate::ending::Ending;
use crate::figures::ms;
use crate::line::{Line, System};
use crate::plan::Plan;
use crate::progress;
use crate::servers::Servers;
use crate::stand::Stand;
use crate::wan_line::{ETHERNET_BYTES, Line as WanLine};

pub(crate) const ROUND_TRIP: Duration = Duration::from_millis(40);
/// So often the shell prints something.
const PRINTS: &str = "while :; do printf x; sleep 0.02; done\n";
/// Bytes flow for this long before each cut.
const BEFORE: Duration = Duration::from_secs(2);

const TRIES: usize = 5;

/// One length of cut over one transport.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    pub(crate) lasted: Duration,
    pub(crate) over_tcp: bool,
    /// From the line's return to the first byte, in milliseconds.
    pub(crate) until_bytes: Vec<f64>,
}

pub(crate) async fn run(plan: &Plan, ending: &Ending) -> anyhow::Result<Vec<Cut>> {
    progress("staying: lays a line and starts everything, the site beyond it");
    let mut line = ending.unless_wanted(async { Ok(WanLine::lay(ETHERNET_BYTES).await) }).await?;
    line.set(|manners| manners.delay = ROUND_TRIP / 2);
    ending.on(Servers::far(line), async |servers: &mut Servers| measure(servers, plan).await).await
}

async fn measure(servers: &mut Servers, plan: &Plan) -> anyhow::Result<Vec<Cut>> {
    let mut line = servers.line.take().context("servers beyond a line")?;
    let measured = measure_on(servers, &mut line, plan).await;
    servers.line = Some(line);
    measured
}

async fn measure_on(servers: &Servers, line: &mut WanLine, plan: &Plan) -> anyhow::Result<Vec<Cut>> {
    let stand = &Stand::prepare(servers, plan.seed, 1000).await?;
    servers.check_transports().await?;
    let mut cuts = Vec::new();
    for lasted in plan.amounts.staying.cuts {
        for system in [System::OpenPam, System::OpenPamTcp] {
            let over_tcp = system == System::OpenPamTcp;
            let mut cut = Cut { lasted, over_tcp, until_bytes: Vec::new() };
            for time in 0..plan.amounts.staying.times {
                progress(&format!(
                    "staying: cut for {lasted:?}, {} of {}",
                    time + 1,
                    plan.amounts.staying.times
                ));
                cut.until_bytes.push(once(stand, line, system, lasted).await?);
            }
            cuts.push(cut);
        }
    }
    Ok(cuts)
}

async fn once(
    stand: &Stand<'_>,
    line: &mut WanLine,
    system: System,
    lasted: Duration,
) -> anyhow::Result<f64> {
    let mut shell = open(stand, system).await?;
    shell.send(PRINTS.as_bytes()).await?;
    receive_for(&mut shell, BEFORE).await?;
    line.set(|manners| manners.down = true);
    receive_for(&mut shell, lasted).await?;
    line.set(|manners| manners.down = false);
    let lifted = Instant::now();
    shell.receive().await?;
    let until_bytes = ms(lifted.elapsed());
    shell.close().await?;
    Ok(until_bytes)
}

/// The cut before may have taken this one's tunnel too, and nobody may have noticed yet.
async fn open(stand: &Stand<'_>, system: System) -> anyhow::Result<Line> {
    for _ in 1..TRIES {
        stand.until_reachable(system).await?;
        if let Ok(line) = Line::open(stand, system).await {
            return Ok(line);
        }
    }
    stand.until_reachable(system).await?;
    Line::open(stand, system).await
}

async fn receive_for(shell: &mut Line, time: Duration) -> anyhow::Result<()> {
    let receive = async {
        loop {
            shell.receive().await?;
        }
    };
    tokio::time::timeout(time, receive).await.unwrap_or(Ok(()))
}
