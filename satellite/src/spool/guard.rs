//! How much may wait for the hub: past that no session opens, and those that run end, so that nothing goes unrecorded.
//!
//! Looks every few seconds; a setting lets running sessions go on, until the disk itself is full.

use std::time::Duration;

use openpam_proto::end::{EndCode, Hop};

use crate::host::Host;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(3);
/// New sessions open again when so much of the limit is free, in percent.
const FREE_AGAIN: u64 = 5;

/// What may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpoolLimits {
    /// Recorded bytes.
    pub bytes: u64,
    /// Whether running sessions end when there are more.
    pub ends_sessions: bool,
}

/// Runs until the program stops.
pub async fn run(host: Host) {
    let limits = host.limits().spool;
    loop {
        match host.store().backlog().await {
            Ok(backlog) => look(&host, limits, backlog.spool_bytes).await,
            Err(error) => tracing::warn!(%error, "how much waits for the hub could not be read"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn look(host: &Host, limits: SpoolLimits, bytes: u64) {
    if bytes < limits.bytes - limits.bytes * FREE_AGAIN / 100 && host.set_spool_full(false) {
        tracing::info!(bytes, "recordings have room again: new sessions open");
    }
    if bytes < limits.bytes {
        return;
    }
    if !host.set_spool_full(true) {
        tracing::error!(
            bytes,
            alarm = true,
            "as many recordings wait for the hub as may: new sessions are refused"
        );
    }
    if limits.ends_sessions && !host.is_empty() {
        let message =
            "the site has no more room for recordings that wait for its hub, and nothing goes on unrecorded";
        host.end_all(EndCode::DiskFull, message, Hop::Site).await;
    }
}
