//! A browser that has never been here opens a shell: what it loads, and how soon the first prompt stands there.
//! `web/e2e/cold.mjs` does it in Chromium.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, ensure};
use serde::Deserialize;

use crate::figures::median;
use crate::progress;
use crate::system::{PASSWORD, World};

/// Medians of all visits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cold {
    /// Of the page that is signed in at, as it comes over the line.
    pub(crate) login_bytes: f64,
    /// Of the shell's page.
    pub(crate) shell_bytes: f64,
    /// From the address to the first prompt, signed in and with nothing in the cache.
    pub(crate) prompt_ms: f64,
}

#[derive(Deserialize)]
struct Visit {
    login_bytes: f64,
    shell_bytes: f64,
    prompt_ms: f64,
}

pub(super) async fn visit(world: &World, visits: usize) -> anyhow::Result<Cold> {
    let mut all = Vec::new();
    for visit in 0..visits {
        progress(&format!("console: browser {} of {visits} that has never been here", visit + 1));
        all.push(once(world).await?);
    }
    let of =
        |which: fn(&Visit) -> f64| median(&all.iter().map(which).collect::<Vec<_>>()).context("no visit");
    Ok(Cold {
        login_bytes: of(|visit| visit.login_bytes)?,
        shell_bytes: of(|visit| visit.shell_bytes)?,
        prompt_ms: of(|visit| visit.prompt_ms)?,
    })
}

async fn once(world: &World) -> anyhow::Result<Visit> {
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/e2e/cold.mjs");
    let mut command = tokio::process::Command::new("node");
    command
        .arg(driver)
        .args([&world.hub.url(), "admin", PASSWORD, &world.target_id])
        .stderr(Stdio::inherit());
    let output = command.output().await.context("node")?;
    ensure!(output.status.success(), "the browser failed");
    Ok(serde_json::from_slice(&output.stdout)?)
}
