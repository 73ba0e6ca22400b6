//! What one hub wants of a site whose tunnel another one holds: ending a session there, dropping a satellite.
//!
//! It is told as a change; whoever has the tunnel does it. How a session ended is read in the books. Which sessions a site holds
//! every hub with a tunnel to it knows; on which of them a browser is, the one that carries it.

use std::time::Duration;

use openpam_ids::{SatelliteId, SessionId};
use openpam_proto::close::CloseCode;
use openpam_proto::end::EndCode;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep};

use crate::app::{AppState, Hub};
use crate::changes::Change;
use crate::sites::EndError;
use crate::store::{StoreError, satellites, sessions};

/// Another hub and the site have so long to end a session.
const END_PATIENCE: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Without a word the connected satellites are looked up this often.
const LOOK_UP_EVERY: Duration = Duration::from_secs(15);
/// What a satellite is told is at most so long.
const MAX_MESSAGE_CHARS: usize = 500;

/// Ends a session, through whichever hub has its site's tunnel, and waits until it has.
///
/// # Errors
/// [`EndError`].
pub async fn end_session(
    hub: &Hub,
    satellite_id: SatelliteId,
    session_id: SessionId,
    code: EndCode,
    message: String,
) -> Result<(), EndError> {
    match hub.sites.end_session(satellite_id, session_id, code, message.clone()).await {
        // The tunnel of another hub may move where this one does not.
        Err(EndError::Offline | EndError::NoAnswer) if hub.instances.has_others(hub.id) => {}
        ended => return ended,
    }
    let message = message.chars().take(MAX_MESSAGE_CHARS).collect();
    hub.changes.tell_others(Change::EndSession { session_id, satellite_id, code, message });
    let deadline = Instant::now() + END_PATIENCE;
    while Instant::now() < deadline {
        sleep(LOOK_EVERY).await;
        match sessions::find(&hub.pool, session_id).await {
            Ok(Some(row)) if row.end_time.is_some() => return Ok(()),
            Ok(Some(_)) => {}
            Ok(None) => return Err(EndError::Unknown),
            Err(error) => tracing::debug!(%error, "whether a session is over is not known yet"),
        }
    }
    Err(EndError::Offline)
}

/// Does for the others what they cannot, and drops whoever may not be here any more, until the hub stops.
pub async fn run(hub: AppState) {
    let mut heard = hub.changes.listen();
    loop {
        tokio::select! {
            change = heard.recv() => match change {
                Ok(Change::EndSession { session_id, satellite_id, code, message }) => {
                    if hub.sites.state(satellite_id).is_some() {
                        tokio::spawn(end_here(hub.clone(), satellite_id, session_id, code, message));
                    }
                    continue;
                }
                Ok(Change::SessionBegan(satellite, session)) => {
                    hub.sites.began(satellite, session);
                    continue;
                }
                Ok(Change::SessionEnded(satellite, session)) => {
                    hub.sites.session_ended(satellite, session);
                    continue;
                }
                Ok(Change::SatelliteRevoked(_) | Change::SatelliteQuarantined(_) | Change::Missed)
                | Err(RecvError::Lagged(_)) => {}
                Ok(_) => continue,
                Err(RecvError::Closed) => return,
            },
            () = sleep(LOOK_UP_EVERY) => {}
        }
        if let Err(error) = drop_expelled(&hub).await {
            tracing::warn!(%error, "whether all satellites may stay is not known");
        }
    }
}

async fn end_here(hub: AppState, satellite: SatelliteId, session: SessionId, code: EndCode, message: String) {
    let ended = hub.sites.end_session(satellite, session, code, message).await;
    tracing::info!(%session, code = code.as_str(), ?ended, "another hub ends a session through this one");
}

/// The books say who may be here, whichever hub that was decided at.
async fn drop_expelled(hub: &Hub) -> Result<(), StoreError> {
    let connected = hub.sites.connected();
    if connected.is_empty() {
        return Ok(());
    }
    for (satellite, revoked) in satellites::expelled(&hub.pool, &connected).await? {
        let code = if revoked { CloseCode::Revoked } else { CloseCode::Quarantined };
        tracing::info!(%satellite, code = code.as_str(), "a satellite may not stay");
        hub.sites.drop_satellite(satellite, code);
    }
    Ok(())
}
