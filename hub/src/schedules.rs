//! Keeps in the books where schedules stand: every few seconds, those alone whose status is due to change.
//!
//! For whoever reads the books; the hub itself works it out whenever it is asked, and sites end windows by themselves.

use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::app::AppState;

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Runs until the hub stops.
pub async fn run(hub: AppState, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = hub.leader.until_leading() => {}
        }
        if let Err(error) = openpam_scheduling::settle(&hub.pool, Timestamp::now()).await {
            tracing::warn!(%error, "where schedules stand cannot be written now");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}
