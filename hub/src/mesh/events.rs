//! Audit events of a satellite: kept in its chain, then told to the book of sessions, in one transaction.
//!
//! A satellite can only speak of sessions that the hub opened through it. After a restore from a backup this is also how the
//! books learn again what happened between the backup and the loss.

use openpam_ids::SatelliteId;
use openpam_proto::event::{ChainedEvent, Event, SessionEnded};
use serde_json::json;
use sqlx::PgConnection;

use crate::app::Hub;
use crate::changes::Change;
use crate::store::events::{self, Accepted, ChainError, Fact};
use crate::store::sessions::{self, Closing};
use crate::store::{StoreError, outages};
use crate::time::Time;
use crate::witness::LOST_BY_RESTORE;

/// Keeps events; the sequence number up to which everything is durable.
///
/// # Errors
/// [`ChainError`]; then nothing of this batch was kept.
pub async fn accept(hub: &Hub, satellite: SatelliteId, batch: &[ChainedEvent]) -> Result<u64, ChainError> {
    let mut db = hub.pool.begin().await?;
    let Accepted { seq, fresh, lost } = events::accept(&mut db, satellite, batch).await?;
    if let Some((from, until)) = lost {
        let detail = json!({ "satellite": satellite, "from": from, "until": until });
        let kind = LOST_BY_RESTORE;
        let fact = Fact { kind, user_id: None, session_id: None, client_ip: None, detail };
        events::record(&mut db, hub.id, fact).await?;
    }
    for event in &fresh {
        match event {
            Event::SessionOpened(opened) if hub.restored.is_some() => {
                sessions::rebook(&mut db, satellite, opened).await?;
            }
            Event::SessionEnded(ended) => close(&mut db, satellite, ended).await?,
            Event::SiteAway(away) => outages::add(&mut db, satellite, away).await?,
            _ => {}
        }
    }
    db.commit().await?;
    for event in &fresh {
        match event {
            Event::SessionEnded(ended) => {
                hub.sites.session_ended(satellite, ended.about.session_id);
                hub.changes.tell_others(Change::SessionEnded(satellite, ended.about.session_id));
            }
            Event::SiteAway(_) => hub.outages.notify_one(),
            _ => {}
        }
    }
    Ok(seq)
}

async fn close(
    db: &mut PgConnection,
    satellite: SatelliteId,
    ended: &SessionEnded,
) -> Result<(), StoreError> {
    // PostgreSQL's text holds everything but NUL.
    let message = ended.message.replace('\0', "");
    let closing = Closing {
        id: ended.about.session_id,
        satellite_id: Some(satellite),
        end_time: Time::from_ms(ended.about.at_ms),
        was_open: ended.was_open,
        code: ended.code,
        message: &message,
        input_bytes: ended.input_bytes,
        output_bytes: ended.output_bytes,
    };
    sessions::close(db, closing).await?;
    Ok(())
}
