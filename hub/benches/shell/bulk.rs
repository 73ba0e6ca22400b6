//! A large file printed on an ordinary terminal: bytes per second at the client, and what the processes between
//! client and target spent, until they are quiet again.

use std::time::Instant;

use anyhow::ensure;

use crate::line::{Line, System};
use crate::report::{Bulk, Report};
use crate::stand::Stand;

pub(crate) async fn measure(stand: &Stand<'_>, system: System, report: &mut Report) -> anyhow::Result<()> {
    let mut line = Line::open(stand, system).await?;
    let bulk = print(stand, &mut line, system).await?;
    line.close().await?;
    report.system(system).bulk.push(bulk);
    Ok(())
}

/// Once, in a shell that stands.
pub(crate) async fn print(stand: &Stand<'_>, line: &mut Line, system: System) -> anyhow::Result<Bulk> {
    let gateway = stand.gateway(system);
    gateway.quiet().await;
    let before = gateway.cpu_seconds();
    let begun = Instant::now();
    line.send(stand.bulk_command.as_bytes()).await?;
    let bytes = line.until_prompt().await?;
    let seconds = begun.elapsed().as_secs_f64();
    ensure!(bytes >= stand.bulk_printed, "{bytes} of {} bytes came", stand.bulk_printed);
    // Sealing and uploading the recording goes on for a moment, and counts.
    gateway.quiet().await;
    let spent = gateway.cpu_seconds() - before;
    let bytes = bytes as f64;
    Ok(Bulk { mb_per_second: bytes / 1e6 / seconds, cpu_per_100_mb: spent / (bytes / 1e8) })
}
