//! Zones.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use openpam_ids::{SatelliteId, ZoneId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::change::{self, DELETED};
use super::satellites::SatelliteState;
use crate::api::input::{self, Body, Id, Params};
use crate::api::page::{List, PageQuery};
use crate::api::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::Admin;
use crate::changes::Change;
use crate::sites::Transport;
use crate::store::kinds::ZoneType;
use crate::store::zones;
use crate::time::Time;

/// A zone.
#[derive(Debug, Serialize, ToSchema)]
pub struct Zone {
    #[schema(value_type = Uuid)]
    id: ZoneId,
    name: String,
    #[serde(rename = "type")]
    zone_type: ZoneType,
    description: Option<String>,
    enabled: bool,
    /// How many days recordings are kept after their sessions' end, then deleted; `null`: for ever.
    retention_days: Option<i32>,
    /// While it stands no recording of the zone is deleted, however old.
    legal_hold: bool,
    /// On whose clocks the site works: a name of the IANA database. Schedules for its targets begin with it.
    timezone: String,
    created_at: Time,
    updated_at: Time,
    /// How often it was changed, from 1 on: a change names the version that it was made from.
    version: i64,
    /// When it was deleted, if it was: what the books name is kept, disabled and hidden.
    retired_at: Option<Time>,
    /// The satellite that has joined; `null` until one has.
    satellite: Option<ZoneSatellite>,
}

/// A zone's satellite in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct ZoneSatellite {
    #[schema(value_type = Uuid)]
    id: SatelliteId,
    state: SatelliteState,
    transport: Option<Transport>,
    last_seen: Option<Time>,
}

/// A zone to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewZone {
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    #[serde(rename = "type", default = "satellite")]
    #[schema(default = "satellite")]
    zone_type: ZoneType,
    #[schema(max_length = 2000)]
    description: Option<String>,
    /// On whose clocks the site works: a name of the IANA database. `UTC` if left out.
    #[schema(max_length = 100, examples("Europe/Berlin"))]
    timezone: Option<String>,
}

/// A change of a zone: what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "three states: leave, clear, set")]
pub struct ZoneChange {
    /// Refused if the zone is not at this version any more.
    version: Option<i64>,
    #[schema(min_length = 1, max_length = 255)]
    name: Option<String>,
    #[serde(default, deserialize_with = "input::nullable")]
    #[schema(value_type = Option<String>)]
    description: Option<Option<String>>,
    enabled: Option<bool>,
    /// Recordings that are older already are deleted for good, within a minute.
    #[serde(default, deserialize_with = "input::nullable")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 36500)]
    retention_days: Option<Option<i32>>,
    legal_hold: Option<bool>,
    #[schema(max_length = 100, examples("Europe/Berlin"))]
    timezone: Option<String>,
}

impl ZoneChange {
    fn apply(self, before: &zones::Fields) -> Result<zones::Fields, Problem> {
        let mut after = before.clone();
        if let Some(name) = self.name {
            after.name = input::name("name", &name)?;
        }
        if let Some(description) = self.description {
            after.description = input::description(description.as_deref())?;
        }
        after.enabled = self.enabled.unwrap_or(after.enabled);
        if let Some(days) = self.retention_days {
            after.retention_days = input::retention(days)?;
        }
        after.legal_hold = self.legal_hold.unwrap_or(after.legal_hold);
        if let Some(timezone) = self.timezone {
            after.timezone = input::timezone("timezone", &timezone)?;
        }
        Ok(after)
    }
}

const fn satellite() -> ZoneType {
    ZoneType::Satellite
}

/// Zones, newest first.
#[utoipa::path(get, path = "/api/v1/admin/zones", operation_id = "list_zones", tag = "zones", params(PageQuery),
    responses((status = OK, body = List<Zone>), (status = FORBIDDEN, body = Problem)))]
pub async fn list(
    State(hub): State<AppState>,
    _: Admin,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<Zone>>, Problem> {
    let page = query.page()?;
    let rows = zones::list(&hub.pool, page).await?;
    Ok(Json(List::cut(rows, page, |row| row.id.uuid()).map(|row| shown(&hub, row))))
}

/// Make a zone.
#[utoipa::path(post, path = "/api/v1/admin/zones", operation_id = "create_zone", tag = "zones", request_body = NewZone,
    responses((status = CREATED, body = Zone), (status = BAD_REQUEST, body = Problem), (status = CONFLICT, body = Problem)))]
pub async fn create(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Body(new): Body<NewZone>,
) -> Result<(StatusCode, Json<Zone>), Problem> {
    let name = input::name("name", &new.name)?;
    let description = input::description(new.description.as_deref())?;
    let timezone = input::timezone("timezone", new.timezone.as_deref().unwrap_or("UTC"))?;
    let mut tx = hub.pool.begin().await?;
    let id = zones::create(&mut tx, &name, new.zone_type, description.as_deref(), &timezone).await?;
    let detail = json!({ "id": id, "name": name, "timezone": timezone });
    admin.record(&hub, &mut tx, "zone.created", detail).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(one(&hub, id).await?)))
}

/// One zone.
#[utoipa::path(get, path = "/api/v1/admin/zones/{id}", operation_id = "read_zone", tag = "zones", params(("id" = Uuid, Path)),
    responses((status = OK, body = Zone), (status = NOT_FOUND, body = Problem)))]
pub async fn read(State(hub): State<AppState>, _: Admin, Id(id): Id<ZoneId>) -> Result<Json<Zone>, Problem> {
    Ok(Json(one(&hub, id).await?))
}

/// Change a zone; sessions in a disabled one end.
#[utoipa::path(patch, path = "/api/v1/admin/zones/{id}", operation_id = "change_zone", tag = "zones", params(("id" = Uuid, Path)),
    request_body = ZoneChange,
    responses((status = OK, body = Zone), (status = BAD_REQUEST, body = Problem), (status = NOT_FOUND, body = Problem),
              (status = CONFLICT, body = Problem)))]
pub async fn change(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<ZoneId>,
    Body(wanted): Body<ZoneChange>,
) -> Result<Json<Zone>, Problem> {
    let mut tx = hub.pool.begin().await?;
    let before = change::as_seen(zones::hold(&mut tx, id).await?, "zone", wanted.version)?;
    let after = wanted.apply(&before)?;
    let changes = change::difference(&before, &after);
    if !changes.is_empty() {
        zones::change(&mut tx, id, &after).await?;
        let detail = json!({ "id": id, "name": before.name, "changes": changes });
        admin.record(&hub, &mut tx, "zone.changed", detail).await?;
        tx.commit().await?;
        // All rights in the zone are to be asked again.
        hub.changes.tell(Change::GrantsChanged);
    }
    Ok(Json(one(&hub, id).await?))
}

/// Delete a zone with its grants and join tokens, once its targets are deleted and its satellite is revoked.
#[utoipa::path(delete, path = "/api/v1/admin/zones/{id}", operation_id = "delete_zone", tag = "zones", params(("id" = Uuid, Path)),
    responses((status = NO_CONTENT), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
pub async fn delete(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<ZoneId>,
) -> Result<StatusCode, Problem> {
    let mut tx = hub.pool.begin().await?;
    let zone = change::as_seen(zones::hold(&mut tx, id).await?, "zone", None)?;
    let used = zones::in_use(&mut tx, id).await?;
    if used.satellite {
        return Err(Problem::wrong_state("a satellite serves this zone: revoke it first"));
    }
    if used.targets > 0 {
        let detail = format!("this zone has {} targets: delete them first", used.targets);
        return Err(Problem::wrong_state(&detail));
    }
    let how = zones::delete(&mut tx, id).await?;
    admin.record(&hub, &mut tx, "zone.deleted", change::deletion(&id, &zone.name, how)).await?;
    tx.commit().await?;
    Ok(DELETED)
}

async fn one(hub: &Hub, id: ZoneId) -> Result<Zone, Problem> {
    let zone = zones::find(&hub.pool, id).await?.ok_or_else(|| Problem::not_found("zone"))?;
    Ok(shown(hub, zone))
}

fn shown(hub: &Hub, row: zones::Zone) -> Zone {
    let satellite = row.satellite_id.map(|id| {
        let live = hub.sites.state(id);
        ZoneSatellite {
            id,
            state: SatelliteState::of(false, row.satellite_quarantined, live.is_some()),
            transport: live.as_ref().map(|live| live.transport),
            last_seen: if live.is_some() { Some(Time::now()) } else { row.satellite_last_seen },
        }
    });
    Zone {
        id: row.id,
        name: row.name,
        zone_type: row.zone_type,
        description: row.description,
        enabled: row.enabled,
        retention_days: row.retention_days,
        legal_hold: row.legal_hold,
        timezone: row.timezone,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
        retired_at: row.retired_at,
        satellite,
    }
}
