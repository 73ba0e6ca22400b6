//! Ends running sessions whose right is gone: a reconciler, nudged by changes and run from time to time.
//!
//! Idempotent and without input: it asks the books which sessions run and the policy whether they may. Attached
//! and detached sessions alike; a site that is away is asked again when it is back.

use std::time::Duration;

use futures::future::try_join_all;
use openpam_policy::Denial;
use openpam_proto::end::EndCode;
use tokio::sync::broadcast::error::RecvError;

use crate::app::{AppState, Hub};
use crate::changes::Change;
use crate::store::access::{self, AccessError};
use crate::store::sessions::{self, Filter, Session};
use crate::store::{Page, StoreError};

/// How often it runs without a nudge: catches sites that were away when a right was withdrawn.
const PERIOD: Duration = Duration::from_secs(15);
/// Sessions read, and checked, at the same time.
const PAGE: u16 = 500;

/// Runs until the hub stops.
pub async fn run(hub: AppState) {
    let mut heard = hub.changes.listen();
    loop {
        tokio::select! {
            change = heard.recv() => match change {
                Ok(Change::UserDisabled(_) | Change::GrantsChanged | Change::TargetChanged(_) | Change::Missed)
                | Err(RecvError::Lagged(_)) => {}
                Ok(_) => continue,
                Err(RecvError::Closed) => return,
            },
            () = tokio::time::sleep(PERIOD) => {}
        }
        if let Err(error) = reconcile(&hub).await {
            tracing::error!(%error, "running sessions could not be checked against the grants");
        }
    }
}

async fn reconcile(hub: &Hub) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let filter = Filter { active: Some(true), ..Filter::default() };
        let rows = sessions::list(&hub.pool, filter, Page { limit: PAGE, after }).await?;
        // Side by side: a site that does not answer holds up nobody else's end.
        try_join_all(rows.iter().map(|row| check(hub, row))).await?;
        if rows.len() <= PAGE.into() {
            return Ok(());
        }
        after = rows.last().map(|row| row.id.uuid());
    }
}

async fn check(hub: &Hub, session: &Session) -> Result<(), StoreError> {
    let (code, message) = match access::authorize(&hub.pool, session.user_id, session.target_id).await {
        Ok(_) if session.credential_enabled != Some(false) => return Ok(()),
        Ok(_) => (EndCode::NotGranted, "the account of this session was taken away"),
        Err(AccessError::Store(error)) => return Err(error),
        Err(AccessError::Denied(Denial::UserDisabled)) => {
            (EndCode::UserDisabled, "your account was disabled by an administrator")
        }
        Err(AccessError::Denied(Denial::OutsideWindow { .. })) => {
            (EndCode::WindowEnded, "your access window is over")
        }
        Err(AccessError::Denied(_)) => (EndCode::NotGranted, "your access to this target was withdrawn"),
    };
    let Some(satellite) = session.satellite_id else { return Ok(()) };
    let ended = hub.sites.end_session(satellite, session.id, code, message.to_owned()).await;
    tracing::info!(session = %session.id, code = code.as_str(), ?ended, "a session's right is gone");
    Ok(())
}
