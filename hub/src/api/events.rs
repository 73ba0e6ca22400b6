//! What happened: the events of hub and satellites, for admins and auditors.

use axum::Json;
use axum::extract::State;
use openpam_ids::{SessionId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::input::Params;
use super::page::{self, List};
use super::problem::Problem;
use crate::app::AppState;
use crate::auth::Reader;
use crate::store::event_log::{self, LoggedEvent};
use crate::time::Time;

/// One event of the append-only chains.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEvent {
    /// Its place in the list of all nodes.
    id: i64,
    /// The hub instance or satellite that tells it.
    node_id: Uuid,
    /// That satellite's name; `null`: the hub itself.
    satellite: Option<String>,
    /// That satellite's zone.
    zone: Option<String>,
    /// Its place in its node's chain, which has no hole.
    seq: i64,
    /// Such as `user.created`.
    kind: String,
    /// When, by its node's clock.
    occurred_at: Time,
    /// When the hub wrote it down: later, where the site was away.
    received_at: Time,
    /// Who did it, or whose session it is about; `null`: nobody signed in.
    #[schema(value_type = Option<Uuid>)]
    user_id: Option<UserId>,
    /// Their user name.
    user: Option<String>,
    #[schema(value_type = Option<Uuid>)]
    session_id: Option<SessionId>,
    client_ip: Option<String>,
    /// What else it tells, by its kind; `null`: told by a newer satellite than this hub knows. Never a secret.
    #[schema(value_type = Option<Object>)]
    detail: Value,
}

impl From<LoggedEvent> for AuditEvent {
    fn from(row: LoggedEvent) -> Self {
        let (satellite, zone) = row.satellite.unzip();
        Self {
            id: row.id,
            node_id: row.node_id,
            satellite,
            zone,
            seq: row.seq,
            kind: row.kind,
            occurred_at: row.occurred_at,
            received_at: row.received_at,
            user_id: row.user_id,
            user: row.user,
            session_id: row.session_id,
            client_ip: row.client_ip,
            detail: row.detail,
        }
    }
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventQuery {
    /// Only what this user did, or what is about their sessions.
    #[param(value_type = Option<Uuid>)]
    user_id: Option<UserId>,
    /// Only what names this user, group, target, zone, credential, grant, satellite or join token, by id: done by them or to them.
    about: Option<Uuid>,
    /// Only about this session.
    #[param(value_type = Option<Uuid>)]
    session_id: Option<SessionId>,
    /// Only of this kind: `user.created`; with a dot at the end every kind that begins so: `user.`.
    kind: Option<String>,
    /// Occurred at or after.
    from: Option<Time>,
    /// Occurred before.
    to: Option<Time>,
    /// How many rows: 1 to 500, 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u16>,
    /// The `next` of the part before.
    #[param(min_length = 1)]
    cursor: Option<String>,
}

/// What happened, newest first.
#[utoipa::path(get, path = "/api/v1/audit/events", operation_id = "list_events", tag = "audit", params(EventQuery),
    responses((status = OK, body = List<AuditEvent>), (status = BAD_REQUEST, body = Problem), (status = FORBIDDEN, body = Problem)))]
pub async fn list(
    State(hub): State<AppState>,
    _: Reader,
    Params(query): Params<EventQuery>,
) -> Result<Json<List<AuditEvent>>, Problem> {
    let limit = page::limit(query.limit)?;
    let before = query.cursor.as_deref().map(str::parse).transpose();
    let before = before.map_err(|_| page::no_cursor())?;
    let filter = event_log::Filter {
        user_id: query.user_id,
        about: query.about,
        session_id: query.session_id,
        kind: query.kind,
        from: query.from,
        to: query.to,
        only: None,
    };
    let mut rows = event_log::list(&hub.pool, &filter, before, i64::from(limit) + 1).await?;
    let goes_on = rows.len() > usize::from(limit);
    rows.truncate(usize::from(limit));
    let next = rows.last().filter(|_| goes_on).map(|row| row.id.to_string());
    Ok(Json(List { items: rows.into_iter().map(AuditEvent::from).collect(), next }))
}
