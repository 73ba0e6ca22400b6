//! Deletes recordings that their zones kept long enough, each with an event that says what there was.
//!
//! What is deleted can be read no more at once. Its chunks stay in the store for another day, so that a backup that is being
//! taken finds what its snapshot names.

use std::time::Duration;

use data_encoding::HEXLOWER;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::RecordingError;
use super::said::why;
use crate::app::{AppState, Hub};
use crate::store::events::{self, Fact};
use crate::store::{StoreError, retention};
use crate::time::Time;

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Recordings in one transaction.
const PART: i64 = 50;
/// Chunks stay so long after their recording was deleted: no backup takes longer.
pub const EMPTY_AFTER: Duration = Duration::from_secs(24 * 3600);
/// The kind of the event that tells of it.
pub const DELETED: &str = "recording.deleted";

/// Runs until the hub stops.
pub async fn run(hub: AppState, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = hub.leader.until_leading() => {}
        }
        if let Err(error) = pass(&hub, Time::now()).await {
            tracing::warn!(error = why(&error), "recordings cannot be deleted now");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Deletes everything that is kept no longer as of `now`, and says how many recordings that were.
///
/// # Errors
/// [`RecordingError`]; what was done until then is done.
pub async fn pass(hub: &Hub, now: Time) -> Result<u64, RecordingError> {
    let mut deleted = 0;
    loop {
        let part = delete_part(hub, now).await?;
        if part == 0 {
            break;
        }
        deleted += part;
    }
    if deleted > 0 {
        tracing::info!(deleted, "recordings that their zones keep no longer");
    }
    while empty_part(hub, now.before(EMPTY_AFTER)).await? {}
    Ok(deleted)
}

/// Whether there may be more to empty. One that cannot be emptied keeps none of the others from it, and is tried again later.
async fn empty_part(hub: &Hub, deleted_before: Time) -> Result<bool, StoreError> {
    let part = retention::to_empty(&hub.pool, deleted_before, PART).await?;
    let mut emptied = 0;
    for (session, folder) in &part {
        match hub.recordings.empty(folder).await {
            Ok(()) => {
                retention::emptied(&hub.pool, *session).await?;
                emptied += 1;
            }
            Err(error) => {
                tracing::warn!(%session, %error, "chunks of a deleted recording cannot be deleted now")
            }
        }
    }
    Ok(emptied > 0)
}

async fn delete_part(hub: &Hub, now: Time) -> Result<u64, StoreError> {
    let mut tx = hub.pool.begin().await?;
    let expired = retention::delete_expired(&mut tx, now, PART).await?;
    for recording in &expired {
        let detail = json!({
            "zone": recording.zone, "retention_days": recording.retention_days, "ended_at": recording.end_time,
            "chunks": recording.chunks, "size_bytes": recording.size_bytes,
            "head_hash": HEXLOWER.encode(&recording.head_hash),
        });
        let session_id = Some(recording.session_id);
        let fact = Fact { kind: DELETED, user_id: None, session_id, client_ip: None, detail };
        events::record(&mut tx, hub.id, fact).await?;
    }
    tx.commit().await?;
    Ok(expired.len() as u64)
}
