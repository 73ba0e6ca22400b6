//! Outages: when sites were without their hub, and what they decided meanwhile that would be decided differently now.

use axum::Json;
use axum::extract::State;
use openpam_ids::{SatelliteId, Uuid, ZoneId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::input::{Id, Params};
use crate::api::page::{List, page};
use crate::api::problem::Problem;
use crate::app::AppState;
use crate::auth::Reader;
use crate::store::outages;
use crate::time::Time;

/// A time in which a site was without its hub.
#[derive(Debug, Serialize, ToSchema)]
pub struct Outage {
    id: Uuid,
    #[schema(value_type = Uuid)]
    satellite_id: SatelliteId,
    #[schema(value_type = Uuid)]
    zone_id: ZoneId,
    /// The zone's name.
    zone: String,
    since: Time,
    until: Time,
    /// By which policy the site decided meanwhile; `null`: it had none.
    policy_version: Option<i64>,
    /// The newest policy of its zone when it was back.
    newest_version: Option<i64>,
    /// How many sessions ran there meanwhile; `null`: the report is being made.
    sessions: Option<i32>,
    /// How many decisions the policy of the moment of its return would have made differently.
    difference_count: i32,
}

/// An outage with its report.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutageReport {
    #[serde(flatten)]
    outage: Outage,
    /// The decisions that would have been others, at most a thousand.
    differences: Vec<Difference>,
}

/// What became of a session there that would not have by the policy of the moment of the site's return.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct Difference {
    session_id: Uuid,
    user_id: Uuid,
    user: String,
    target_id: Uuid,
    target: String,
    kind: DifferenceKind,
    /// `went_on`: when that policy would have ended it. `ended`: when the site did.
    at: Time,
    /// `went_on`: until when.
    until: Option<Time>,
    /// `went_on`: how that policy would have ended it. `ended`: how the site did. A code of an end.
    code: String,
}

/// Which way a decision differs.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// It went on at the site, and would have ended.
    WentOn,
    /// The site ended it, and it would have gone on.
    Ended,
}

impl From<outages::Outage> for Outage {
    fn from(row: outages::Outage) -> Self {
        Self {
            id: row.id,
            satellite_id: row.satellite_id,
            zone_id: row.zone_id,
            zone: row.zone,
            since: row.since,
            until: row.until,
            policy_version: row.policy_version,
            newest_version: row.newest_version,
            sessions: row.sessions,
            difference_count: row.difference_count,
        }
    }
}

/// Which outages.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OutageQuery {
    /// Only those of this zone.
    #[param(value_type = Option<Uuid>)]
    zone_id: Option<ZoneId>,
    /// How many rows: 1 to 500, 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u16>,
    /// The `next` of the part before.
    #[param(min_length = 1)]
    cursor: Option<String>,
}

/// Outages of sites, newest first: ten seconds and more without the hub, as the sites said when they were back.
#[utoipa::path(get, path = "/api/v1/outages", operation_id = "list_outages", tag = "audit", params(OutageQuery),
    responses((status = OK, body = List<Outage>), (status = FORBIDDEN, body = Problem)))]
pub async fn list(
    State(hub): State<AppState>,
    _: Reader,
    Params(query): Params<OutageQuery>,
) -> Result<Json<List<Outage>>, Problem> {
    let page = page(query.limit, query.cursor.as_deref())?;
    let rows = outages::list(&hub.pool, query.zone_id, page).await?;
    Ok(Json(List::cut(rows, page, |row| row.id).map(Outage::from)))
}

/// One outage, and what the site decided meanwhile that would have been decided differently at its return.
#[utoipa::path(get, path = "/api/v1/outages/{id}", operation_id = "read_outage", tag = "audit", params(("id" = Uuid, Path)),
    responses((status = OK, body = OutageReport), (status = NOT_FOUND, body = Problem)))]
pub async fn read(
    State(hub): State<AppState>,
    _: Reader,
    Id(id): Id<Uuid>,
) -> Result<Json<OutageReport>, Problem> {
    let row = outages::find(&hub.pool, id).await?.ok_or_else(|| Problem::not_found("outage"))?;
    let differences = serde_json::from_value(row.differences.clone()).unwrap_or_default();
    Ok(Json(OutageReport { outage: row.into(), differences }))
}
