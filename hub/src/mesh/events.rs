//! Audit events of a satellite: kept in its chain, then told to the book of sessions, in one transaction.
//!
//! A satellite can only speak of sessions that the hub opened through it.

use openpam_ids::SatelliteId;
use openpam_proto::event::{ChainedEvent, Event, SessionEnded};
use sqlx::PgConnection;

use crate::app::Hub;
use crate::store::StoreError;
use crate::store::events::{self, ChainError};
use crate::store::sessions::{self, Closing};
use crate::time::Time;

/// Keeps events; the sequence number up to which everything is durable.
///
/// # Errors
/// [`ChainError`]; then nothing of this batch was kept.
pub async fn accept(hub: &Hub, satellite: SatelliteId, batch: &[ChainedEvent]) -> Result<u64, ChainError> {
    let mut db = hub.pool.begin().await?;
    let (seq, fresh) = events::accept(&mut db, satellite, batch).await?;
    for event in &fresh {
        if let Event::SessionEnded(ended) = event {
            close(&mut db, satellite, ended).await?;
        }
    }
    db.commit().await?;
    for event in &fresh {
        if let Event::SessionEnded(ended) = event {
            hub.sites.session_ended(satellite, ended.about.session_id);
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
