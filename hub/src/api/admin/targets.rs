//! Targets.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use openpam_ids::{TargetId, ZoneId};
use openpam_policy::Label;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::change::{self, DELETED};
use super::credentials::forget;
use crate::api::input::{self, Body, Id, Params};
use crate::api::page::{List, PageQuery};
use crate::api::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::Admin;
use crate::changes::Change;
use crate::desktop::DesktopSettings;
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
    /// `key=value`, by key.
    #[schema(value_type = Vec<String>)]
    labels: Vec<Label>,
    /// Whether algorithms that are not safe any more may be used with it: old gear knows no others.
    old_algorithms: bool,
    /// How the desktop is opened; `null`: it is a shell.
    desktop: Option<DesktopSettings>,
    enabled: bool,
    /// Pinned at the first dial.
    host_keys: Vec<HostKey>,
    /// Another one that it showed last: it is refused until an admin accepts it.
    offered_host_key: Option<OfferedKey>,
    created_at: Time,
    updated_at: Time,
    /// How often it was changed, from 1 on: a change names the version that it was made from.
    version: i64,
    /// When it was deleted, if it was: what the books name is kept, disabled and hidden.
    retired_at: Option<Time>,
}

impl Target {
    /// What it is called.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// A pinned key.
#[derive(Debug, Serialize, ToSchema)]
pub struct HostKey {
    algorithm: String,
    /// As OpenSSH shows it.
    fingerprint: String,
    pinned_at: Time,
}

/// A key that the target showed instead of the pinned ones.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferedKey {
    algorithm: String,
    /// As OpenSSH shows it.
    fingerprint: String,
    /// When it was last shown.
    offered_at: Time,
}

/// A target to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTarget {
    #[schema(value_type = Uuid)]
    zone_id: ZoneId,
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// DNS name or address, as the site knows it.
    #[schema(min_length = 1, max_length = 255)]
    hostname: String,
    protocol: Protocol,
    #[schema(minimum = 1, maximum = 65535, minimum = 1)]
    port: u16,
    #[schema(max_length = 2000)]
    description: Option<String>,
    /// `key=value`, at most 32, each key once: grants may name them.
    #[serde(default)]
    labels: Vec<String>,
    /// Allow algorithms that are not safe any more: SHA-1, CBC, 3DES.
    #[serde(default)]
    old_algorithms: bool,
    /// Of `rdp` and `vnc` alone: how the desktop is opened.
    desktop: Option<DesktopSettings>,
}

/// A change of a target: what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "three states: leave, clear, set")]
pub struct TargetChange {
    /// Refused if the target is not at this version any more.
    version: Option<i64>,
    #[schema(min_length = 1, max_length = 255)]
    name: Option<String>,
    #[schema(min_length = 1, max_length = 255)]
    hostname: Option<String>,
    #[schema(minimum = 1, maximum = 65535, minimum = 1)]
    port: Option<u16>,
    #[serde(default, deserialize_with = "input::nullable")]
    #[schema(value_type = Option<String>)]
    description: Option<Option<String>>,
    /// All of them anew: `key=value`, at most 32, each key once.
    labels: Option<Vec<String>>,
    /// Allow algorithms that are not safe any more: SHA-1, CBC, 3DES.
    old_algorithms: Option<bool>,
    /// All of it anew, of `rdp` and `vnc` alone: what it leaves out is as usual.
    desktop: Option<DesktopSettings>,
    enabled: Option<bool>,
}

impl TargetChange {
    fn apply(self, protocol: Protocol, before: &targets::Fields) -> Result<targets::Fields, Problem> {
        let mut after = before.clone();
        if let Some(name) = self.name {
            after.name = input::name("name", &name)?;
        }
        if let Some(hostname) = self.hostname {
            after.hostname = input::hostname(&hostname)?;
        }
        if let Some(port) = self.port {
            after.port = input::port(port)?;
        }
        if let Some(description) = self.description {
            after.description = input::description(description.as_deref())?;
        }
        if let Some(labels) = self.labels {
            after.labels = input::labels(&labels)?;
        }
        if self.desktop.is_some() {
            after.desktop = input::desktop(protocol, self.desktop)?;
        }
        after.old_algorithms = self.old_algorithms.unwrap_or(after.old_algorithms);
        after.enabled = self.enabled.unwrap_or(after.enabled);
        Ok(after)
    }
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
    let new = targets::NewTarget {
        zone_id: new.zone_id,
        name: input::name("name", &new.name)?,
        hostname: input::hostname(&new.hostname)?,
        protocol: new.protocol,
        port: input::port(new.port)?,
        description: input::description(new.description.as_deref())?,
        labels: input::labels(&new.labels)?,
        old_algorithms: new.old_algorithms,
        desktop: input::desktop(new.protocol, new.desktop)?,
    };
    let mut tx = hub.pool.begin().await?;
    let id = targets::create(&mut tx, &new).await?;
    let detail = json!({ "id": id, "zone_id": new.zone_id, "name": new.name, "protocol": new.protocol, "hostname": new.hostname, "port": new.port, "labels": new.labels, "old_algorithms": new.old_algorithms, "desktop": new.desktop });
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

/// Change a target; sessions on a disabled one end. Others go on as they were opened.
#[utoipa::path(patch, path = "/api/v1/admin/targets/{id}", operation_id = "change_target", tag = "targets", params(("id" = Uuid, Path)),
    request_body = TargetChange,
    responses((status = OK, body = Target), (status = BAD_REQUEST, body = Problem), (status = NOT_FOUND, body = Problem),
              (status = CONFLICT, body = Problem)))]
pub async fn change(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<TargetId>,
    Body(wanted): Body<TargetChange>,
) -> Result<Json<Target>, Problem> {
    let mut tx = hub.pool.begin().await?;
    let held = targets::hold(&mut tx, id).await?;
    let (protocol, held) = held.ok_or_else(|| Problem::not_found("target"))?;
    let before = change::as_seen(Some(held), "target", wanted.version)?;
    let after = wanted.apply(protocol, &before)?;
    let changes = change::difference(&before, &after);
    if !changes.is_empty() {
        targets::change(&mut tx, id, &after).await?;
        let detail = json!({ "id": id, "name": before.name, "changes": changes });
        admin.record(&hub, &mut tx, "target.changed", detail).await?;
        tx.commit().await?;
        hub.changes.tell(Change::TargetChanged(id));
    }
    Ok(Json(one(&hub, id).await?))
}

/// Delete a target with its credentials and grants; schedules on it are cancelled, its sessions end. What was done on it
/// stays in the books.
#[utoipa::path(delete, path = "/api/v1/admin/targets/{id}", operation_id = "delete_target", tag = "targets", params(("id" = Uuid, Path)),
    responses((status = NO_CONTENT), (status = NOT_FOUND, body = Problem)))]
pub async fn delete(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<TargetId>,
) -> Result<StatusCode, Problem> {
    let mut tx = hub.pool.begin().await?;
    let held = targets::hold(&mut tx, id).await?;
    let target = change::as_seen(held.map(|(_, held)| held), "target", None)?;
    let (how, secrets) = targets::delete(&mut tx, id).await?;
    admin.record(&hub, &mut tx, "target.deleted", change::deletion(&id, &target.name, how)).await?;
    tx.commit().await?;
    hub.changes.tell(Change::TargetChanged(id));
    for path in secrets {
        forget(&hub, &path).await;
    }
    Ok(DELETED)
}

pub(super) async fn one(hub: &Hub, id: TargetId) -> Result<Target, Problem> {
    let row = targets::find(&hub.pool, id).await?.ok_or_else(|| Problem::not_found("target"))?;
    with_keys(hub, vec![row]).await?.pop().ok_or_else(|| Problem::not_found("target"))
}

async fn with_keys(hub: &Hub, rows: Vec<targets::Target>) -> Result<Vec<Target>, Problem> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let keys = host_keys::of_targets(&hub.pool, &ids).await?;
    let mut offered: HashMap<_, _> =
        host_keys::offered_by(&hub.pool, &ids).await?.into_iter().map(|key| (key.target_id, key)).collect();
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
            offered_host_key: offered.remove(&row.id).map(|key| OfferedKey {
                algorithm: key.algorithm,
                fingerprint: key.fingerprint,
                offered_at: key.offered_at,
            }),
            old_algorithms: row.old_algorithms,
            desktop: row.desktop,
            id: row.id,
            zone_id: row.zone_id,
            zone: row.zone,
            name: row.name,
            hostname: row.hostname,
            protocol: row.protocol,
            port: row.port,
            description: row.description,
            labels: row.labels,
            enabled: row.enabled,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            retired_at: row.retired_at,
        })
        .collect())
}
