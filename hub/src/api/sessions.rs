//! Sessions: one's own, or everybody's for admins and auditors.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use openpam_ids::{CredentialId, SatelliteId, SessionId, TargetId, UserId, ZoneId};
use openpam_policy::Role;
use openpam_proto::end::EndCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::input::{Id, Params};
use super::page::{List, page};
use super::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::Caller;
use crate::mesh::elsewhere;
use crate::sites::{EndError, SessionActivity};
use crate::store::kinds::{Protocol, SessionStatus, Transport};
use crate::store::sessions;
use crate::time::Time;

/// A session.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    #[schema(value_type = Uuid)]
    id: SessionId,
    #[schema(value_type = Uuid)]
    user_id: UserId,
    /// Their user name.
    user: String,
    #[schema(value_type = Uuid)]
    target_id: TargetId,
    /// The target's name.
    target: String,
    /// How that is opened.
    protocol: Protocol,
    #[schema(value_type = Uuid)]
    zone_id: ZoneId,
    /// The zone's name.
    zone: String,
    #[schema(value_type = Option<Uuid>)]
    credential_id: Option<CredentialId>,
    /// The satellite that runs it, or ran it.
    #[schema(value_type = Option<Uuid>)]
    satellite_id: Option<SatelliteId>,
    /// The account on the target.
    username: Option<String>,
    start_time: Time,
    end_time: Option<Time>,
    session_status: SessionStatus,
    /// Why it ended: a code of the shell's `closed` message.
    end_code: Option<String>,
    /// What was said about the end.
    error_message: Option<String>,
    /// Whether a browser is on it, through the hub that was asked.
    attached: bool,
    client_ip: Option<String>,
    /// Typed to the target, of a running one as its site said seconds ago; `null`: not known while the site is away.
    bytes_sent: Option<i64>,
    /// Printed by the target.
    bytes_received: Option<i64>,
    /// When something was typed last, of a running one.
    last_input_at: Option<Time>,
    /// What carries a running one to its site: `quic` or `tcp`; `null` while the site is away.
    transport: Option<Transport>,
}

/// Which sessions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SessionsQuery {
    /// Only running ones, or only ended ones.
    active: Option<bool>,
    /// How many rows: 1 to 500, 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u16>,
    /// The `next` of the part before.
    #[param(min_length = 1)]
    cursor: Option<String>,
}

/// Sessions, newest first.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "sessions", params(SessionsQuery),
    responses((status = OK, body = List<Session>), (status = UNAUTHORIZED, body = Problem)))]
pub async fn list(
    State(hub): State<AppState>,
    caller: Caller,
    Params(query): Params<SessionsQuery>,
) -> Result<Json<List<Session>>, Problem> {
    let page = page(query.limit, query.cursor.as_deref())?;
    let filter =
        sessions::Filter { user_id: caller.sees_only(), active: query.active, ..sessions::Filter::default() };
    let rows = sessions::list(&hub.pool, filter, page).await?;
    Ok(Json(List::cut(rows, page, |row| row.id.uuid()).map(|row| shown(&hub, row))))
}

/// One session.
#[utoipa::path(get, path = "/api/v1/sessions/{id}", tag = "sessions", params(("id" = Uuid, Path)),
    responses((status = OK, body = Session), (status = NOT_FOUND, body = Problem)))]
pub async fn read(
    State(hub): State<AppState>,
    caller: Caller,
    Id(id): Id<SessionId>,
) -> Result<Json<Session>, Problem> {
    let session = visible(&hub, &caller, id).await?;
    Ok(Json(shown(&hub, session)))
}

/// End a session: one's own, or anybody's for an admin.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "sessions", params(("id" = Uuid, Path)),
    responses((status = NO_CONTENT), (status = FORBIDDEN, body = Problem), (status = NOT_FOUND, body = Problem),
              (status = SERVICE_UNAVAILABLE, body = Problem)))]
pub async fn end(
    State(hub): State<AppState>,
    caller: Caller,
    Id(id): Id<SessionId>,
) -> Result<StatusCode, Problem> {
    let session = visible(&hub, &caller, id).await?;
    let own = session.user_id == caller.user_id;
    if !own && caller.role != Role::Admin {
        return Err(Problem::forbidden("only the session's user or an admin may end it"));
    }
    if session.end_time.is_some() {
        return Ok(StatusCode::NO_CONTENT);
    }
    let mut tx = hub.pool.begin().await?;
    caller.record_of(&hub, &mut tx, id, "session.end_asked", json!({})).await?;
    tx.commit().await?;
    let code = if own { EndCode::ClosedByUser } else { EndCode::TerminatedByAdmin };
    let satellite = session.satellite_id.ok_or(EndError::Offline)?;
    elsewhere::end_session(&hub, satellite, id, code, format!("ended by {}", caller.username)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn visible(hub: &Hub, caller: &Caller, id: SessionId) -> Result<sessions::Session, Problem> {
    let session = sessions::find(&hub.pool, id).await?;
    let visible = session.filter(|session| caller.sees_only().is_none_or(|user| user == session.user_id));
    visible.ok_or_else(|| Problem::not_found("session"))
}

fn shown(hub: &Hub, row: sessions::Session) -> Session {
    let runs = row.end_time.is_none();
    let live = row.satellite_id.filter(|_| runs).and_then(|site| hub.sites.happens(site, row.id));
    let activity = live.and_then(|(_, activity)| activity);
    let count = |ended: i64, live: fn(SessionActivity) -> u64| {
        let live = activity.map(|activity| i64::try_from(live(activity)).unwrap_or(i64::MAX));
        if runs { live } else { Some(ended) }
    };
    Session {
        bytes_sent: count(row.bytes_sent, |activity| activity.input_bytes),
        bytes_received: count(row.bytes_received, |activity| activity.output_bytes),
        last_input_at: activity.map(|activity| activity.last_input_at),
        transport: live.map(|(transport, _)| transport),
        attached: runs && hub.sites.attached(row.id),
        id: row.id,
        user_id: row.user_id,
        user: row.user,
        target_id: row.target_id,
        target: row.target,
        protocol: row.protocol,
        zone_id: row.zone_id,
        zone: row.zone,
        credential_id: row.credential_id,
        satellite_id: row.satellite_id,
        username: row.username,
        start_time: row.start_time,
        end_time: row.end_time,
        session_status: row.status,
        end_code: row.end_code,
        error_message: row.error_message,
        client_ip: row.client_ip,
    }
}
