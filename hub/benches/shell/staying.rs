//! What it costs that sessions stay: how soon bytes flow again after a cut line, somebody who watches beside the owner,
//! and the memory of many shells that nobody is attached to.

mod cut;
mod detached;
mod watcher;

use std::time::Duration;

pub(crate) use self::cut::{Cut, ROUND_TRIP};
use self::detached::Detached;
use self::watcher::Watcher;
use crate::ending::Ending;
use crate::plan::Plan;

/// How much of each.
#[derive(Clone, Debug)]
pub(crate) struct StayingAmounts {
    /// How long the line is cut.
    pub(crate) cuts: [Duration; 2],
    /// How often each.
    pub(crate) times: usize,
    /// Shells that are detached when memory is counted.
    pub(crate) detached: usize,
}

#[derive(Debug)]
pub(crate) struct Staying {
    pub(crate) cuts: Vec<Cut>,
    pub(crate) watcher: Watcher,
    pub(crate) detached: Detached,
}

pub(crate) async fn run(plan: &Plan, ending: &Ending) -> anyhow::Result<Staying> {
    Ok(Staying {
        cuts: cut::run(plan, ending).await?,
        watcher: watcher::run(plan, ending).await?,
        detached: detached::run(plan, ending).await?,
    })
}
