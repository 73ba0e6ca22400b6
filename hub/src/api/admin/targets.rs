//! Targets.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use openpam_ids::{TargetId, ZoneId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::Switch;
use crate::api::input::{self, Body, Id, Params};
use crate::api::page::{List, PageQuery};
use crate::api::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::Admin;
use crate::changes::Change;
use crate::store::kinds::Protocol;
use crate::store::{host_keys, targets};
use crate::time::Time;

/// A target.
#[derive(Debug, Serialize, ToSchema)]
pub struct Target {
    #[schema(value_type = Uuid)]
    id: TargetId,
    #[schema(value_type = Uuid)]
    zone_id: ZoneId,
    /// The zone's name.
    zone: String,
    name: String,
    hostname: String,
    protocol: Protocol,
    port: u16,
    description: Option<String>,
    enabled: bool,
    /// Pinned at the first dial.
    host_keys: Vec<HostKey>,
    created_at: Time,
    updated_at: Time,
}

/// A pinned key.
#[derive(Debug, Serialize, ToSchema)]
pub struct HostKey {
    algorithm: String,
    /// As OpenSSH shows it.
    fingerprint: String,
    pinned_at: Time,
}

/// A target to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTarget {
    #[schema(value_type = Uuid)]
    zone_id: ZoneId,
    name: String,
    /// DNS name or address, as the site knows it.
    hostname: String,
    protocol: Protocol,
    #[schema(minimum = 1)]
    port: u16,
    description: Option<String>,
}

/// Targets, newest first.
#[utoipa::path(get, path = "/api/v1/admin/targets", operation_id = "list_admin_targets", tag = "targets", params(PageQuery),
    responses((status = OK, body = List<Target>), (status = FORBIDDEN, body = Problem)))]
pub async fn list(
    State(hub): State<AppState>,
    _: Admin,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<Target>>, Problem> {
    let page = query.page()?;
    let list = List::cut(targets::list(&hub.pool, page).await?, page, |row| row.id.uuid());
    let next = list.next;
    Ok(Json(List { items: with_keys(&hub, list.items).await?, next }))
}

/// Make a target.
#[utoipa::path(post, path = "/api/v1/admin/targets", operation_id = "create_target", tag = "targets", request_body = NewTarget,
    responses((status = CREATED, body = Target), (status = BAD_REQUEST, body = Problem), (status = CONFLICT, body = Problem),
              (status = UNPROCESSABLE_ENTITY, body = Problem)))]
pub async fn create(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Body(new): Body<NewTarget>,
) -> Result<(StatusCode, Json<Target>), Problem> {
    if new.port == 0 {
        return Err(Problem::invalid_field("port", "port is 1 to 65535"));
    }
    let new = targets::NewTarget {
        zone_id: new.zone_id,
        name: input::name("name", &new.name)?,
        hostname: input::hostname(&new.hostname)?,
        protocol: new.protocol,
        port: new.port,
        description: input::description(new.description.as_deref())?,
    };
    let mut tx = hub.pool.begin().await?;
    let id = targets::create(&mut tx, &new).await?;
    let detail = json!({ "id": id, "zone_id": new.zone_id, "name": new.name, "hostname": new.hostname, "port": new.port });
    admin.record(&hub, &mut tx, "target.created", detail).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(one(&hub, id).await?)))
}

/// One target.
#[utoipa::path(get, path = "/api/v1/admin/targets/{id}", operation_id = "read_admin_target", tag = "targets", params(("id" = Uuid, Path)),
    responses((status = OK, body = Target), (status = NOT_FOUND, body = Problem)))]
pub async fn read(
    State(hub): State<AppState>,
    _: Admin,
    Id(id): Id<TargetId>,
) -> Result<Json<Target>, Problem> {
    Ok(Json(one(&hub, id).await?))
}

/// Enable or disable a target; sessions on a disabled one end.
#[utoipa::path(patch, path = "/api/v1/admin/targets/{id}", operation_id = "switch_target", tag = "targets", params(("id" = Uuid, Path)),
    request_body = Switch, responses((status = OK, body = Target), (status = NOT_FOUND, body = Problem)))]
pub async fn switch(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<TargetId>,
    Body(Switch { enabled }): Body<Switch>,
) -> Result<Json<Target>, Problem> {
    let mut tx = hub.pool.begin().await?;
    if !targets::set_enabled(&mut tx, id, enabled).await? {
        return Err(Problem::not_found("target"));
    }
    admin.record(&hub, &mut tx, "target.switched", json!({ "id": id, "enabled": enabled })).await?;
    tx.commit().await?;
    hub.changes.tell(Change::TargetChanged(id));
    Ok(Json(one(&hub, id).await?))
}

async fn one(hub: &Hub, id: TargetId) -> Result<Target, Problem> {
    let row = targets::find(&hub.pool, id).await?.ok_or_else(|| Problem::not_found("target"))?;
    with_keys(hub, vec![row]).await?.pop().ok_or_else(|| Problem::not_found("target"))
}

async fn with_keys(hub: &Hub, rows: Vec<targets::Target>) -> Result<Vec<Target>, Problem> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let keys = host_keys::of_targets(&hub.pool, &ids).await?;
    let of = |target| {
        keys.iter().filter(move |key| key.target_id == target).map(|key| HostKey {
            algorithm: key.algorithm.clone(),
            fingerprint: key.fingerprint.clone(),
            pinned_at: key.pinned_at,
        })
    };
    Ok(rows
        .into_iter()
        .map(|row| Target {
            host_keys: of(row.id).collect(),
            id: row.id,
            zone_id: row.zone_id,
            zone: row.zone,
            name: row.name,
            hostname: row.hostname,
            protocol: row.protocol,
            port: row.port,
            description: row.description,
            enabled: row.enabled,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
        .collect())
}
