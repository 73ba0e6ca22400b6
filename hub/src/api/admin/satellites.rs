//! Satellites: they make themselves known by joining; an admin sees and revokes them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use openpam_ids::{SatelliteId, ZoneId};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::api::input::{Id, Params};
use crate::api::page::{List, PageQuery};
use crate::api::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::Admin;
use crate::changes::Change;
use crate::sites::Transport;
use crate::store::satellites;
use crate::time::Time;

/// Where a satellite stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SatelliteState {
    /// Its tunnel stands.
    Online,
    /// It has no tunnel to this hub.
    Offline,
    /// Revoked for good.
    Revoked,
    /// Set aside because its identity was used twice.
    Quarantined,
}

impl SatelliteState {
    pub(super) const fn of(revoked: bool, quarantined: bool, online: bool) -> Self {
        match (revoked, quarantined, online) {
            (true, _, _) => Self::Revoked,
            (_, true, _) => Self::Quarantined,
            (_, _, true) => Self::Online,
            _ => Self::Offline,
        }
    }
}

/// A satellite.
#[derive(Debug, Serialize, ToSchema)]
pub struct Satellite {
    #[schema(value_type = Uuid)]
    id: SatelliteId,
    #[schema(value_type = Uuid)]
    zone_id: ZoneId,
    /// The zone's name.
    zone: String,
    /// The machine's name.
    name: String,
    state: SatelliteState,
    /// What carries its tunnel; `null` while offline.
    transport: Option<Transport>,
    last_seen: Option<Time>,
    version: Option<String>,
    /// Round trip, once measured.
    rtt_ms: Option<f64>,
    joined_at: Time,
    certificate_expires_at: Option<Time>,
    /// Living sessions there.
    sessions: usize,
}

/// Satellites, newest first.
#[utoipa::path(get, path = "/api/v1/admin/satellites", operation_id = "list_satellites", tag = "satellites", params(PageQuery),
    responses((status = OK, body = List<Satellite>), (status = FORBIDDEN, body = Problem)))]
pub async fn list(
    State(hub): State<AppState>,
    _: Admin,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<Satellite>>, Problem> {
    let page = query.page()?;
    let rows = satellites::list(&hub.pool, page).await?;
    Ok(Json(List::cut(rows, page, |row| row.id.uuid()).map(|row| shown(&hub, row))))
}

/// One satellite.
#[utoipa::path(get, path = "/api/v1/admin/satellites/{id}", operation_id = "read_satellite", tag = "satellites",
    params(("id" = Uuid, Path)), responses((status = OK, body = Satellite), (status = NOT_FOUND, body = Problem)))]
pub async fn read(
    State(hub): State<AppState>,
    _: Admin,
    Id(id): Id<SatelliteId>,
) -> Result<Json<Satellite>, Problem> {
    let row = satellites::find(&hub.pool, id).await?.ok_or_else(|| Problem::not_found("satellite"))?;
    Ok(Json(shown(&hub, row)))
}

/// Revoke a satellite for good: its tunnel drops at once, its zone can be joined by another.
#[utoipa::path(post, path = "/api/v1/admin/satellites/{id}/revoke", operation_id = "revoke_satellite", tag = "satellites",
    params(("id" = Uuid, Path)), responses((status = NO_CONTENT), (status = NOT_FOUND, body = Problem)))]
pub async fn revoke(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<SatelliteId>,
) -> Result<StatusCode, Problem> {
    let mut tx = hub.pool.begin().await?;
    if !satellites::revoke(&mut tx, id).await? {
        return Err(Problem::not_found("satellite"));
    }
    admin.record(&hub, &mut tx, "satellite.revoked", json!({ "id": id })).await?;
    tx.commit().await?;
    hub.sites.drop_satellite(id);
    hub.changes.tell(Change::SatelliteRevoked(id));
    Ok(StatusCode::NO_CONTENT)
}

fn shown(hub: &Hub, row: satellites::Satellite) -> Satellite {
    let live = hub.sites.state(row.id).filter(|_| !row.revoked);
    Satellite {
        id: row.id,
        zone_id: row.zone_id,
        zone: row.zone,
        name: row.name,
        state: SatelliteState::of(row.revoked, row.quarantined, live.is_some()),
        transport: live.as_ref().map(|live| live.transport),
        last_seen: if live.is_some() { Some(Time::now()) } else { row.last_seen },
        version: live.as_ref().map(|live| live.version.clone()).or(row.version),
        rtt_ms: live.as_ref().and_then(|live| live.rtt_ms),
        joined_at: row.joined_at,
        certificate_expires_at: row.certificate_expires_at,
        sessions: live.map_or(0, |live| live.sessions),
    }
}
