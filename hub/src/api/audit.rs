//! The book of sessions, for admins and auditors.

use axum::Json;
use axum::extract::State;
use openpam_ids::{CredentialId, SessionId, TargetId, UserId, ZoneId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::input::Params;
use super::page::{List, page};
use super::problem::Problem;
use crate::app::AppState;
use crate::auth::Reader;
use crate::store::audit;
use crate::store::kinds::SessionStatus;
use crate::time::Time;

/// A row of the book.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditLog {
    #[schema(value_type = Uuid)]
    id: SessionId,
    /// The same as `id`.
    #[schema(value_type = Uuid)]
    session_id: SessionId,
    #[schema(value_type = Uuid)]
    user_id: UserId,
    /// Their user name.
    user: String,
    #[schema(value_type = Uuid)]
    target_id: TargetId,
    /// The target's name.
    target: String,
    #[schema(value_type = Uuid)]
    zone_id: ZoneId,
    /// The zone's name.
    zone: String,
    #[schema(value_type = Option<Uuid>)]
    credential_id: Option<CredentialId>,
    start_time: Time,
    end_time: Option<Time>,
    /// Bytes typed.
    bytes_sent: i64,
    /// Bytes printed.
    bytes_received: i64,
    session_status: SessionStatus,
    /// Why it ended: a code of the shell's `closed` message.
    end_code: Option<String>,
    client_ip: Option<String>,
    error_message: Option<String>,
    recording_path: Option<String>,
    created_at: Time,
}

impl From<audit::AuditLog> for AuditLog {
    fn from(row: audit::AuditLog) -> Self {
        Self {
            id: row.id,
            session_id: row.id,
            user_id: row.user_id,
            user: row.user,
            target_id: row.target_id,
            target: row.target,
            zone_id: row.zone_id,
            zone: row.zone,
            credential_id: row.credential_id,
            start_time: row.start_time,
            end_time: row.end_time,
            bytes_sent: row.bytes_sent,
            bytes_received: row.bytes_received,
            session_status: row.session_status,
            end_code: row.end_code,
            client_ip: row.client_ip,
            error_message: row.error_message,
            recording_path: row.recording_path,
            created_at: row.created_at,
        }
    }
}

/// Which rows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Only this user's.
    #[param(value_type = Option<Uuid>)]
    user_id: Option<UserId>,
    /// Only on this target.
    #[param(value_type = Option<Uuid>)]
    target_id: Option<TargetId>,
    /// Only in this zone.
    #[param(value_type = Option<Uuid>)]
    zone_id: Option<ZoneId>,
    /// Only in this state.
    status: Option<SessionStatus>,
    /// Started at or after.
    from: Option<Time>,
    /// Started before.
    to: Option<Time>,
    /// How many rows: 1 to 500, 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u16>,
    /// The `next` of the part before.
    #[param(min_length = 1)]
    cursor: Option<String>,
}

/// Sessions as the books have them, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(AuditQuery),
    responses((status = OK, body = List<AuditLog>), (status = FORBIDDEN, body = Problem)))]
pub async fn list(
    State(hub): State<AppState>,
    _: Reader,
    Params(query): Params<AuditQuery>,
) -> Result<Json<List<AuditLog>>, Problem> {
    let page = page(query.limit, query.cursor.as_deref())?;
    let filter = audit::Filter {
        user_id: query.user_id,
        target_id: query.target_id,
        zone_id: query.zone_id,
        status: query.status,
        from: query.from,
        to: query.to,
    };
    let rows = audit::list(&hub.pool, filter, page).await?;
    Ok(Json(List::cut(rows, page, |row| row.id.uuid()).map(AuditLog::from)))
}
