//! The targets that were granted to the caller.

use axum::Json;
use axum::extract::State;
use openpam_ids::{CredentialId, TargetId, ZoneId};
use openpam_policy::Standing;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::input::{Id, Params};
use super::page::{List, page};
use super::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::Caller;
use crate::store::kinds::Protocol;
use crate::store::{Page, access, credentials, targets};
use crate::time::Time;

/// A target, as somebody to whom it was granted sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantedTarget {
    #[schema(value_type = Uuid)]
    id: TargetId,
    name: String,
    protocol: Protocol,
    #[schema(value_type = Uuid)]
    zone_id: ZoneId,
    /// The zone's name.
    zone: String,
    description: Option<String>,
    /// The zone has a tunnel to the hub that was asked, and no dial through it in the last minute failed to connect.
    reachable: bool,
    /// The accounts to choose from, the default one first.
    credentials: Vec<CredentialChoice>,
    /// Whether a grant holds now.
    open: bool,
    /// When one holds next; `null` where one does now, or none will.
    opens_at: Option<Time>,
    /// When none does any more; `null` where none does now, or one always will.
    closes_at: Option<Time>,
}

/// An account on a target.
#[derive(Debug, Serialize, ToSchema)]
pub struct CredentialChoice {
    #[schema(value_type = Uuid)]
    id: CredentialId,
    username: String,
}

/// Which targets.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TargetsQuery {
    /// In name, zone or description.
    q: Option<String>,
    /// How many rows: 1 to 500, 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u16>,
    /// The `next` of the part before.
    #[param(min_length = 1)]
    cursor: Option<String>,
}

/// The caller's targets, by name.
#[utoipa::path(get, path = "/api/v1/targets", tag = "targets", params(TargetsQuery),
    responses((status = OK, body = List<GrantedTarget>), (status = UNAUTHORIZED, body = Problem)))]
pub async fn list(
    State(hub): State<AppState>,
    caller: Caller,
    Params(query): Params<TargetsQuery>,
) -> Result<Json<List<GrantedTarget>>, Problem> {
    let page = page(query.limit, query.cursor.as_deref())?;
    let search = query.q.unwrap_or_default();
    let rows = targets::granted(&hub.pool, caller.user_id, None, search.trim(), page).await?;
    let list = List::cut(rows, page, |row| row.id.uuid());
    let next = list.next;
    Ok(Json(List { items: with_details(&hub, &caller, list.items).await?, next }))
}

/// One of the caller's targets.
#[utoipa::path(get, path = "/api/v1/targets/{id}", tag = "targets", params(("id" = Uuid, Path)),
    responses((status = OK, body = GrantedTarget), (status = NOT_FOUND, body = Problem)))]
pub async fn read(
    State(hub): State<AppState>,
    caller: Caller,
    Id(id): Id<TargetId>,
) -> Result<Json<GrantedTarget>, Problem> {
    let rows =
        targets::granted(&hub.pool, caller.user_id, Some(id), "", Page { limit: 1, after: None }).await?;
    let target = with_details(&hub, &caller, rows).await?.pop();
    target.map(Json).ok_or_else(|| Problem::not_found("target"))
}

async fn with_details(
    hub: &Hub,
    caller: &Caller,
    rows: Vec<targets::GrantedTarget>,
) -> Result<Vec<GrantedTarget>, Problem> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let choices = credentials::choices(&hub.pool, &ids).await?;
    let standing = access::standing(&hub.pool, caller.user_id, &ids).await?;
    let of = |target| choices.iter().filter(move |choice| choice.target_id == target);
    Ok(rows
        .into_iter()
        .map(|row| {
            let (open, opens_at, closes_at) = match standing.get(&row.id) {
                Some(Standing::Open { ends }) => (true, None, *ends),
                Some(Standing::Closed { opens }) => (false, *opens, None),
                // Withdrawn just now.
                None => (false, None, None),
            };
            GrantedTarget {
                reachable: hub.sites.target_reachable(row.zone_id, row.id),
                credentials: of(row.id)
                    .map(|choice| CredentialChoice { id: choice.id, username: choice.username.clone() })
                    .collect(),
                id: row.id,
                name: row.name,
                protocol: row.protocol,
                zone_id: row.zone_id,
                zone: row.zone,
                description: row.description,
                open,
                opens_at: opens_at.map(Time::from),
                closes_at: closes_at.map(Time::from),
            }
        })
        .collect())
}
