//! From an order until it is known to be done: a session that is ended, as an administrator ends it, and a command that stands in
//! the books meanwhile.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use crate::figures::{Spread, ms};
use crate::servers::Servers;
use crate::system::shell::Shell;

/// A command that takes longer is not coming.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sessions that are ended.
pub(super) async fn ends(servers: &mut Servers, count: usize) -> anyhow::Result<Spread> {
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

/// Commands of a kind that takes a site no time: from the order until the books say that it is done, asked again and again.
pub(super) async fn commands(servers: &mut Servers, count: usize) -> anyhow::Result<Spread> {
    let world = &servers.world;
    let shell = Shell::open(&world.admin, &world.target_id).await;
    let session = shell.progress.session_id.clone().context("an id")?;
    let satellites = world.admin.get("/api/v1/admin/satellites").await;
    let satellite = satellites.pointer("/items/0/id").and_then(Value::as_str).context("a satellite")?;
    let mut samples = Vec::new();
    for _ in 0..count {
        let begun = Instant::now();
        let wanted = json!({ "kind": "watch", "session_id": session });
        let command = world.admin.create(&format!("satellites/{satellite}/commands"), wanted).await;
        let path =
            format!("/api/v1/admin/commands/{}", command.get("id").and_then(Value::as_str).context("an id")?);
        loop {
            let now = world.admin.get(&path).await;
            match now.get("state").and_then(Value::as_str) {
                Some("done") => break,
                Some("waiting" | "sent" | "running") => ensure!(begun.elapsed() < PATIENCE, "it is not done"),
                other => bail!("a command is {other:?}"),
            }
        }
        samples.push(ms(begun.elapsed()));
    }
    shell.close().await;
    Spread::of(&samples).context("commands")
}
