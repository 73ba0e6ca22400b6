//! What the bus carries: events of many sites into the books, by the bus and by the line; an order to a site and its answer;
//! and what the accounts of many zones cost its server.

mod accounts;
mod events;
mod orders;

use crate::ending::Ending;
use crate::figures::Spread;
use crate::plan::Plan;
use crate::progress;
use crate::servers::Servers;

/// How much of each.
#[derive(Clone, Debug)]
pub(crate) struct BusAmounts {
    /// Sites that send events at the same time, and how many each.
    pub(crate) events: (usize, usize),
    /// Sessions that are ended, and commands.
    pub(crate) orders: usize,
    pub(crate) accounts: usize,
}

#[derive(Debug)]
pub(crate) struct BusFigures {
    /// Events a second into the books, by the bus and by the line.
    pub(crate) events: (f64, f64),
    /// From the wish to end a session until its site has said that it did.
    pub(crate) order: Spread,
    /// From the order of a command until the books say that it is done.
    pub(crate) command: Spread,
    /// What the server holds with no account and with all, in bytes, and the seconds that giving them took.
    pub(crate) accounts: (f64, f64, f64),
}

pub(crate) async fn run(plan: &Plan, ending: &Ending) -> anyhow::Result<BusFigures> {
    let amounts = &plan.amounts.bus;
    progress(&format!("bus: {} sites join and send events", amounts.events.0));
    let events = events::measure(amounts.events).await?;
    progress("bus: ends sessions, and orders commands");
    let (order, command) = ending
        .on(Servers::alone(), async |servers: &mut Servers| {
            let ends = orders::ends(servers, amounts.orders).await?;
            Ok((ends, orders::commands(servers, amounts.orders).await?))
        })
        .await?;
    progress(&format!("bus: {} zones have accounts", amounts.accounts));
    let accounts = accounts::measure(amounts.accounts).await?;
    Ok(BusFigures { events, order, command, accounts })
}
