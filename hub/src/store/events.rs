//! `audit_events`: the append-only chains, one per node. The hub writes its own here and keeps its satellites'.

use openpam_ids::{HubId, SatelliteId, SessionId, UserId};
use openpam_proto::event::{ChainedEvent, Event};
use openpam_proto::message::Message;
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{StoreError, subjects};
use crate::time::Time;

/// One fact of the hub itself.
#[derive(Clone, Debug)]
pub struct Fact<'a> {
    /// Such as `user.created`.
    pub kind: &'a str,
    /// Who did it; absent: nobody signed in, or the command line.
    pub user_id: Option<UserId>,
    /// About which session.
    pub session_id: Option<SessionId>,
    /// From where.
    pub client_ip: Option<String>,
    /// What else is to be known. Never a secret.
    pub detail: Value,
}

/// Why a satellite's events were not taken.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// They do not continue the chain we have.
    #[error("event {seq} does not continue the chain, which ends at {head}")]
    Broken {
        /// The first that does not fit.
        seq: u64,
        /// The last event we have.
        head: u64,
    },
    /// The books failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for ChainError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

struct Head {
    seq: u64,
    hash: [u8; 32],
}

/// Appends a fact to this hub's own chain, in the transaction of what it tells.
///
/// # Errors
/// [`StoreError`].
pub async fn record(db: &mut PgConnection, hub: HubId, fact: Fact<'_>) -> Result<(), StoreError> {
    let head = lock_head(&mut *db, hub.uuid()).await?;
    let now = Time::now();
    // serde_json keeps object keys sorted: the same fact has the same bytes.
    let body = json!({
        "at": now, "kind": fact.kind, "user_id": fact.user_id, "session_id": fact.session_id,
        "client_ip": fact.client_ip, "detail": fact.detail,
    });
    let event = ChainedEvent::link(head.seq + 1, head.hash, body.to_string().into_bytes());
    let about = About {
        kind: fact.kind,
        at: now,
        user_id: fact.user_id,
        session_id: fact.session_id,
        subjects: subjects::of_hub(fact.user_id.map(UserId::uuid), &fact.detail),
    };
    insert(db, hub.uuid(), &event, about).await
}

/// What came of a batch.
#[derive(Debug)]
pub struct Accepted {
    /// The last event we now have.
    pub seq: u64,
    /// The new events, in order.
    pub fresh: Vec<Event>,
    /// The first and the last event that were lost by a restore, right before the new ones.
    pub lost: Option<(u64, u64)>,
}

/// Appends a satellite's events, which must continue its chain; those we have already are skipped, and the newest of them must be the same.
/// The first events after a restore may begin behind a hole: the satellite does not keep for ever what the hub had.
///
/// # Errors
/// [`ChainError::Broken`] if one does not continue the chain; the caller rolls back.
pub async fn accept(
    db: &mut PgConnection,
    satellite: SatelliteId,
    events: &[ChainedEvent],
) -> Result<Accepted, ChainError> {
    let mut head = lock_head(&mut *db, satellite.uuid()).await?;
    let (mut fresh, mut lost) = (Vec::new(), None);
    if let Some(first) = events.first()
        && first.seq > head.seq + 1
        && first.is_sound()
        && none_since_restore(&mut *db, satellite).await?
    {
        lost = Some((head.seq + 1, first.seq - 1));
        head = Head { seq: first.seq - 1, hash: first.previous };
    }
    for event in events {
        if event.seq < head.seq || (event.seq == head.seq && event.hash == head.hash) {
            continue;
        }
        let follows = event.seq == head.seq + 1 && event.previous == head.hash && event.is_sound();
        if !follows {
            return Err(ChainError::Broken { seq: event.seq, head: head.seq });
        }
        let said = Event::from_bytes(&event.body);
        let about = about(said.as_ref().ok());
        insert(&mut *db, satellite.uuid(), event, about).await?;
        head = Head { seq: event.seq, hash: event.hash };
        fresh.extend(said.ok());
    }
    Ok(Accepted { seq: head.seq, fresh, lost })
}

/// Whether the books were restored and have got nothing of this satellite since.
async fn none_since_restore(db: &mut PgConnection, satellite: SatelliteId) -> Result<bool, StoreError> {
    let none = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM installation i WHERE i.restored_at IS NOT NULL AND NOT EXISTS
               (SELECT FROM audit_events e WHERE e.node_id = $1 AND e.received_at >= i.restored_at)) AS "none!""#,
        satellite.uuid(),
    );
    Ok(none.fetch_one(db).await?)
}

/// The sequence number and the hash of the last event we have of a satellite; 0 and zeros for none.
///
/// # Errors
/// [`StoreError`].
pub async fn last(db: &mut PgConnection, satellite: SatelliteId) -> Result<(u64, [u8; 32]), StoreError> {
    let head = head(db, satellite.uuid()).await?;
    Ok((head.seq, head.hash))
}

/// Whether this hub has told such a fact of that hash (`detail.hash`).
///
/// # Errors
/// [`StoreError`].
pub async fn has_told(pool: &PgPool, hub: HubId, kind: &str, hash: &str) -> Result<bool, StoreError> {
    let told = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM audit_events WHERE node_id = $1 AND kind = $2
              AND convert_from(body, 'UTF8')::jsonb #>> '{detail,hash}' = $3) AS "told!""#,
        hub.uuid(),
        kind,
        hash,
    );
    Ok(told.fetch_one(pool).await?)
}

struct About<'a> {
    kind: &'a str,
    at: Time,
    user_id: Option<UserId>,
    session_id: Option<SessionId>,
    subjects: Vec<Uuid>,
}

fn about(event: Option<&Event>) -> About<'static> {
    let told = event.and_then(Event::about);
    About {
        kind: event.map_or("unknown", Event::name),
        at: event.and_then(Event::at_ms).map_or_else(Time::now, Time::from_ms),
        user_id: told.map(|about| about.user_id),
        session_id: told.map(|about| about.session_id),
        subjects: subjects::of_satellite(event),
    }
}

/// One writer per chain at a time, until the transaction ends.
async fn lock_head(db: &mut PgConnection, node: Uuid) -> Result<Head, StoreError> {
    sqlx::query!(
        "SELECT pg_advisory_xact_lock(hashtextextended('audit_events:' || $1::text, 0))",
        node.to_string()
    )
    .execute(&mut *db)
    .await?;
    head(db, node).await
}

async fn head(db: &mut PgConnection, node: Uuid) -> Result<Head, StoreError> {
    let row =
        sqlx::query!("SELECT seq, hash FROM audit_events WHERE node_id = $1 ORDER BY seq DESC LIMIT 1", node)
            .fetch_optional(db)
            .await?;
    Ok(row.map_or(Head { seq: 0, hash: [0; 32] }, |row| Head {
        seq: row.seq.unsigned_abs(),
        // The column's CHECK constraint keeps the length.
        hash: row.hash.try_into().unwrap_or_default(),
    }))
}

async fn insert(
    db: &mut PgConnection,
    node: Uuid,
    event: &ChainedEvent,
    about: About<'_>,
) -> Result<(), StoreError> {
    let body: &[u8] = &event.body;
    sqlx::query!(
        "WITH event AS (
             INSERT INTO audit_events (node_id, seq, prev_hash, hash, kind, occurred_at, user_id, session_id, body)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id)
         INSERT INTO audit_subjects (subject, event_id)
         SELECT named.subject, event.id FROM unnest($10::uuid[]) AS named(subject), event",
        node,
        i64::try_from(event.seq).unwrap_or(i64::MAX),
        event.previous.as_slice(),
        event.hash.as_slice(),
        about.kind,
        about.at as Time,
        about.user_id.map(UserId::uuid),
        about.session_id.map(SessionId::uuid),
        body,
        &about.subjects,
    )
    .execute(db)
    .await?;
    Ok(())
}
