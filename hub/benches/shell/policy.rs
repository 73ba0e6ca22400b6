//! What a change of policy costs: until a site decides by it, how long a decision takes there, and a thousand sites that hear
//! of one.

mod changes;
mod decisions;
mod fleet;

use crate::ending::Ending;
use crate::figures::Spread;
use crate::plan::Plan;
use crate::progress;
use crate::servers::Servers;

/// How much of each.
#[derive(Clone, Debug)]
pub(crate) struct PolicyAmounts {
    /// What a zone's policy holds: people, targets, and grants with windows.
    pub(crate) holds: (u32, u32, u32),
    pub(crate) decisions: usize,
    pub(crate) changes: usize,
    /// Sites behind one hub, and changes that concern all of them.
    pub(crate) sites: (usize, usize),
}

#[derive(Debug)]
pub(crate) struct PolicyFigures {
    /// Of one decision at a site, in milliseconds.
    pub(crate) decision: Spread,
    /// The snapshot that it decides by: bytes, and compressed.
    pub(crate) snapshot: (usize, usize),
    /// From the request that changes a grant until its site decides by it.
    pub(crate) change: Spread,
    /// From the request that changes a person until all sites have it, each of them; and the hub's CPU for one change, in ms.
    pub(crate) fleet: (Spread, f64),
}

pub(crate) async fn run(plan: &Plan, ending: &Ending) -> anyhow::Result<PolicyFigures> {
    let amounts = &plan.amounts.policy;
    progress("policy: decides");
    let (decision, snapshot) = decisions::measure(amounts)?;
    progress("policy: changes a grant at an online site");
    let change = ending
        .on(Servers::alone(), async |servers: &mut Servers| changes::measure(servers, amounts).await)
        .await?;
    progress(&format!("policy: {} sites join", amounts.sites.0));
    let fleet = fleet::measure(amounts).await?;
    Ok(PolicyFigures { decision, snapshot, change, fleet })
}
