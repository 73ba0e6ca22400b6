//! `audit_events` as auditors read them: the chains of all nodes in one list, newest first.

use data_encoding::HEXLOWER;
use openpam_ids::{SessionId, UserId};
use openpam_proto::event::{Basis, Event};
use openpam_proto::message::Message;
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::StoreError;
use crate::time::Time;

/// One event with the names of what it names.
#[derive(Clone, Debug)]
pub struct LoggedEvent {
    /// Its place in the list of all nodes.
    pub id: i64,
    /// The hub instance or satellite that tells it.
    pub node_id: Uuid,
    /// Which satellite, if it is one, and its zone.
    pub satellite: Option<(String, String)>,
    /// Its place in its node's chain.
    pub seq: i64,
    /// Such as `user.created`.
    pub kind: String,
    /// When, by its node's clock.
    pub occurred_at: Time,
    /// When the hub wrote it down.
    pub received_at: Time,
    /// Who did it, or whose session it is about.
    pub user_id: Option<UserId>,
    /// Their user name.
    pub user: Option<String>,
    /// About which session.
    pub session_id: Option<SessionId>,
    /// From where.
    pub client_ip: Option<String>,
    /// What else it tells.
    pub detail: Value,
}

/// Which events to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this person's.
    pub user_id: Option<UserId>,
    /// Only what names this person or thing.
    pub about: Option<Uuid>,
    /// Only about this session.
    pub session_id: Option<SessionId>,
    /// Only of this kind; `user.` means every kind that begins so.
    pub kind: Option<String>,
    /// Occurred at or after.
    pub from: Option<Time>,
    /// Occurred before.
    pub to: Option<Time>,
    /// Only these, by their places in the list.
    pub only: Option<Vec<i64>>,
}

/// At most `limit` events before `before`, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    pool: &PgPool,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<LoggedEvent>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT e.id, e.node_id, s.name AS "satellite?", z.name AS "zone?", e.seq, e.kind,
                  e.occurred_at AS "occurred_at: Time", e.received_at AS "received_at: Time",
                  e.user_id, u.username AS "user?", e.session_id, e.body
             FROM audit_events e
             LEFT JOIN satellites s ON s.id = e.node_id
             LEFT JOIN zones z ON z.id = s.zone_id
             LEFT JOIN users u ON u.id = e.user_id
            WHERE ($1::uuid IS NULL OR e.user_id = $1) AND ($2::uuid IS NULL OR e.session_id = $2)
              AND ($3::text IS NULL OR e.kind = $3 OR ($3 LIKE '%.' AND starts_with(e.kind, $3)))
              AND ($4::timestamptz IS NULL OR e.occurred_at >= $4)
              AND ($5::timestamptz IS NULL OR e.occurred_at < $5)
              AND ($6::bigint IS NULL OR e.id < $6)
              AND ($8::uuid IS NULL OR e.id IN (SELECT s.event_id FROM audit_subjects s WHERE s.subject = $8))
              AND ($9::bigint[] IS NULL OR e.id = ANY($9))
            ORDER BY e.id DESC LIMIT $7"#,
        filter.user_id.map(UserId::uuid),
        filter.session_id.map(SessionId::uuid),
        filter.kind,
        filter.from as Option<Time>,
        filter.to as Option<Time>,
        before,
        limit,
        filter.about,
        filter.only.as_deref(),
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let satellite = row.satellite.zip(row.zone);
            let (client_ip, detail) = match satellite {
                Some(_) => told_by_satellite(&row.body),
                None => told_by_hub(&row.body),
            };
            LoggedEvent {
                id: row.id,
                node_id: row.node_id,
                satellite,
                seq: row.seq,
                kind: row.kind,
                occurred_at: row.occurred_at,
                received_at: row.received_at,
                user_id: row.user_id.map(Into::into),
                user: row.user,
                session_id: row.session_id.map(Into::into),
                client_ip,
                detail,
            }
        })
        .collect())
}

/// What of a hub's event stands in no column.
#[derive(Default, Deserialize)]
struct Told {
    client_ip: Option<String>,
    #[serde(default)]
    detail: Value,
}

fn told_by_hub(body: &[u8]) -> (Option<String>, Value) {
    let told: Told = serde_json::from_slice(body).unwrap_or_default();
    (told.client_ip, told.detail)
}

fn told_by_satellite(body: &[u8]) -> (Option<String>, Value) {
    match Event::from_bytes(body) {
        Ok(Event::SessionOpened(event)) => {
            let detail = json!({
                "target_id": event.about.target_id,
                "credential_id": event.credential_id,
                "decided_by": event.basis.as_ref().map(decided_by),
            });
            (event.client_ip, detail)
        }
        Ok(Event::Attached(event) | Event::Detached(event)) => {
            let detail = json!({ "target_id": event.about.target_id, "attachment_id": event.attachment_id });
            (event.client_ip, detail)
        }
        Ok(Event::Watched(event) | Event::Unwatched(event)) => {
            let detail = json!({ "target_id": event.about.target_id, "watcher_id": event.watcher_id });
            (event.client_ip, detail)
        }
        Ok(Event::SessionEnded(event)) => {
            let detail = json!({
                "target_id": event.about.target_id,
                "code": event.code.as_str(),
                "message": event.message,
                "exit_status": event.exit_status,
                "exit_signal": event.exit_signal,
                "input_bytes": event.input_bytes,
                "output_bytes": event.output_bytes,
                "decided_by": event.basis.as_ref().map(decided_by),
            });
            (None, detail)
        }
        Ok(Event::Uploaded(event) | Event::Downloaded(event)) => {
            let detail = json!({
                "target_id": event.about.target_id,
                "name": event.name,
                "media_type": event.media_type,
                "bytes": event.bytes,
                "sha256": HEXLOWER.encode(&event.sha256),
                "whole": event.whole,
            });
            (None, detail)
        }
        Ok(Event::SiteAway(event)) => {
            let detail = json!({
                "since": Time::from_ms(event.since_ms),
                "until": Time::from_ms(event.at_ms),
                "policy": event.policy.map(|policy| policy.version),
            });
            (None, detail)
        }
        Ok(Event::SiteRecovered(event)) => (None, json!({ "reason": event.reason, "events": event.events })),
        // Of a newer satellite: kept, and not understood here.
        Ok(Event::Unknown(_)) | Err(_) => (None, Value::Null),
    }
}

fn decided_by(basis: &Basis) -> Value {
    json!({
        "policy": basis.policy.version,
        "grant_id": basis.grant_id,
        "hub_away_since": basis.away_since_ms.map(Time::from_ms),
    })
}
