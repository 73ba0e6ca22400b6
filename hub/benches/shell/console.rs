//! What administrators and auditors wait for: lists over books of a million rows, a user with thousands of grants, how many
//! requests a second, and a browser that has never been here.

mod asking;
mod books;
mod cold;

use std::time::Duration;

pub(crate) use self::asking::Asked;
pub(crate) use self::cold::Cold;
use crate::ending::Ending;
use crate::plan::Plan;
use crate::progress;
use crate::servers::Servers;
use crate::system::PASSWORD;
use crate::system::api::Api;

/// How much of each.
#[derive(Clone, Debug)]
pub(crate) struct ConsoleAmounts {
    /// Sessions in the book, and as many events.
    pub(crate) rows: u32,
    pub(crate) recordings: u32,
    /// Of one user, each for a target of its own.
    pub(crate) grants: u32,
    /// How often each list is asked for.
    pub(crate) times: usize,
    /// How long requests are sent as fast as they are answered.
    pub(crate) load: Duration,
    /// Browsers that have never been here.
    pub(crate) visits: usize,
}

#[derive(Debug)]
pub(crate) struct Console {
    /// Over the large books.
    pub(crate) lists: Vec<Asked>,
    /// Of the user with many grants.
    pub(crate) targets: Asked,
    /// Requests a second.
    pub(crate) requests: f64,
    pub(crate) cold: Cold,
}

pub(crate) async fn run(plan: &Plan, ending: &Ending) -> anyhow::Result<Console> {
    progress("console: starts a hub and a satellite");
    ending.on(Servers::alone(), async |servers: &mut Servers| measure(servers, plan).await).await
}

async fn measure(servers: &mut Servers, plan: &Plan) -> anyhow::Result<Console> {
    let amounts = &plan.amounts.console;
    // What fills them is in no chain.
    servers.world.is_verified = false;
    let world = &servers.world;
    let cold = cold::visit(world, amounts.visits).await?;
    progress(&format!("console: fills the books: {} sessions and events", amounts.rows));
    let some = books::fill(world, amounts).await?;
    progress("console: asks for the lists");
    let lists = asking::lists(&world.admin, &some, amounts.times).await?;
    let granted = Api::sign_in(&world.hub.url(), books::GRANTED, PASSWORD).await;
    let targets =
        asking::times(&granted, "targets of a user with many grants", "/api/v1/targets", amounts.times)
            .await?;
    let requests = asking::requests(&granted, amounts.load).await?;
    Ok(Console { lists, targets, requests, cold })
}
