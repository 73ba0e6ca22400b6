//! From the wish to end a session until its site has said that it did: through the API, as an administrator ends it.

use std::time::Instant;

use anyhow::{Context, ensure};

use crate::figures::{Spread, ms};
use crate::servers::Servers;
use crate::system::shell::Shell;

pub(super) async fn measure(servers: &mut Servers, count: usize) -> anyhow::Result<Spread> {
    let world = &servers.world;
    let mut samples = Vec::new();
    for _ in 0..count {
        let shell = Shell::open(&world.admin, &world.target_id).await;
        let id = shell.progress.session_id.clone().context("an id")?;
        let begun = Instant::now();
        let ended = world.admin.request("DELETE", &format!("/api/v1/sessions/{id}"), None).await;
        samples.push(ms(begun.elapsed()));
        ensure!(ended.status().is_success(), "the session could not be ended");
    }
    Spread::of(&samples).context("orders")
}
