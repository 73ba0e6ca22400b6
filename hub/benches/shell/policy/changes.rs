//! From the request that changes a grant until its site decides by that.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::json;
use tokio::time::sleep;

use super::PolicyAmounts;
use crate::figures::{Spread, ms};
use crate::servers::Servers;
use crate::system::id;

/// What the satellite's log says of it.
const TAKEN: &str = "this site decides by another policy";
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn measure(servers: &mut Servers, amounts: &PolicyAmounts) -> anyhow::Result<Spread> {
    let world = &servers.world;
    let user = json!({"username": "changed", "password": crate::system::PASSWORD, "role": "user"});
    let user = id(&world.admin.create("users", user).await);
    let grant = json!({"user_id": user, "target_id": world.target_id});
    let grant = id(&world.admin.create("grants", grant).await);
    sleep(Duration::from_secs(1)).await;
    let log = world.satellite.log();
    let taken = || Ok::<_, std::io::Error>(std::fs::read_to_string(&log)?.matches(TAKEN).count());
    let mut samples = Vec::new();
    for number in 0..amounts.changes {
        let before = taken()?;
        let change = json!({"idle_seconds": 600 + number});
        let begun = Instant::now();
        let changed =
            world.admin.request("PATCH", &format!("/api/v1/admin/grants/{grant}"), Some(&change)).await;
        ensure!(changed.status().is_success(), "the grant could not be changed");
        while taken()? == before {
            ensure!(begun.elapsed() < PATIENCE, "a change did not reach the site");
            sleep(Duration::from_millis(1)).await;
        }
        samples.push(ms(begun.elapsed()));
    }
    Spread::of(&samples).context("changes")
}
