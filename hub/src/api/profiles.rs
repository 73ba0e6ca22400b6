//! A person and a target as admins and auditors look at them: what they are, and what may be opened by whom.

use axum::Json;
use axum::extract::State;
use openpam_ids::{TargetId, UserId, ZoneId};
use openpam_policy::{Label, Role};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::input::Id;
use super::problem::Problem;
use crate::app::AppState;
use crate::auth::Reader;
use crate::store::profiles::{self, Right, Sessions};
use crate::time::Time;

/// Further rights are only said to be there.
const MAX_RIGHTS: i64 = 500;

/// A person, also one whose account was deleted.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonProfile {
    #[schema(value_type = Uuid)]
    id: UserId,
    username: String,
    display_name: Option<String>,
    #[schema(value_type = super::admin::users::RoleName)]
    role: Role,
    enabled: bool,
    /// When the account was deleted, if it was.
    retired_at: Option<Time>,
    created_at: Time,
    last_login_at: Option<Time>,
    /// Their groups, by name.
    groups: Vec<String>,
    sessions: SessionCount,
    /// What they may open now: the first 500 by name.
    may_open: Vec<NamedRight>,
    /// Whether there are more.
    more: bool,
}

/// A target, also one that was deleted.
#[derive(Debug, Serialize, ToSchema)]
pub struct TargetProfile {
    #[schema(value_type = Uuid)]
    id: TargetId,
    name: String,
    #[schema(value_type = Uuid)]
    zone_id: ZoneId,
    zone: String,
    hostname: String,
    port: u16,
    description: Option<String>,
    #[schema(value_type = Vec<String>)]
    labels: Vec<Label>,
    /// Whether it may be opened, its zone included.
    enabled: bool,
    /// When it was deleted, if it was.
    retired_at: Option<Time>,
    /// The accounts that can be used there.
    accounts: Vec<String>,
    sessions: SessionCount,
    /// Who may open it now: the first 500 by name.
    opened_by: Vec<NamedRight>,
    /// Whether there are more.
    more: bool,
}

/// How many sessions there were.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionCount {
    /// So far.
    total: i64,
    /// Of these, such as run now.
    active: i64,
    /// When the newest began.
    last: Option<Time>,
}

/// A right to open a target.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedRight {
    /// The target, or the person.
    id: Uuid,
    name: String,
    /// The target's zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    /// Whether a grant or a schedule names the person.
    directly: bool,
    /// Through which groups besides.
    groups: Vec<String>,
    /// Whether all of that holds in windows alone.
    in_windows: bool,
}

impl From<Sessions> for SessionCount {
    fn from(sessions: Sessions) -> Self {
        Self { total: sessions.total, active: sessions.active, last: sessions.last }
    }
}

/// The first rights, and whether there are more.
fn cut(rights: Vec<Right>) -> (Vec<NamedRight>, bool) {
    let most = usize::try_from(MAX_RIGHTS).unwrap_or(usize::MAX);
    let more = rights.len() > most;
    let named = rights.into_iter().take(most).map(|right| NamedRight {
        id: right.id,
        name: right.name,
        zone: right.zone,
        directly: right.directly,
        groups: right.groups,
        in_windows: right.in_windows,
    });
    (named.collect(), more)
}

/// A person and what they may open.
#[utoipa::path(get, path = "/api/v1/audit/users/{id}", operation_id = "read_person_profile", tag = "audit", params(("id" = Uuid, Path)),
    responses((status = OK, body = PersonProfile), (status = FORBIDDEN, body = Problem), (status = NOT_FOUND, body = Problem)))]
pub async fn person(
    State(hub): State<AppState>,
    _: Reader,
    Id(id): Id<UserId>,
) -> Result<Json<PersonProfile>, Problem> {
    let person = profiles::person(&hub.pool, id).await?.ok_or_else(|| Problem::not_found("user"))?;
    let (may_open, more) = cut(profiles::rights_of(&hub.pool, id, MAX_RIGHTS + 1).await?);
    Ok(Json(PersonProfile {
        id,
        username: person.username,
        display_name: person.display_name,
        role: person.role,
        enabled: person.enabled,
        retired_at: person.retired_at,
        created_at: person.created_at,
        last_login_at: person.last_login_at,
        groups: person.groups,
        sessions: person.sessions.into(),
        may_open,
        more,
    }))
}

/// A target and who may open it.
#[utoipa::path(get, path = "/api/v1/audit/targets/{id}", operation_id = "read_target_profile", tag = "audit", params(("id" = Uuid, Path)),
    responses((status = OK, body = TargetProfile), (status = FORBIDDEN, body = Problem), (status = NOT_FOUND, body = Problem)))]
pub async fn target(
    State(hub): State<AppState>,
    _: Reader,
    Id(id): Id<TargetId>,
) -> Result<Json<TargetProfile>, Problem> {
    let target = profiles::machine(&hub.pool, id).await?.ok_or_else(|| Problem::not_found("target"))?;
    let (opened_by, more) = cut(profiles::rights_on(&hub.pool, id, MAX_RIGHTS + 1).await?);
    Ok(Json(TargetProfile {
        id,
        name: target.name,
        zone_id: target.zone_id,
        zone: target.zone,
        hostname: target.hostname,
        port: target.port,
        description: target.description,
        labels: target.labels,
        enabled: target.enabled,
        retired_at: target.retired_at,
        accounts: target.accounts,
        sessions: target.sessions.into(),
        opened_by,
        more,
    }))
}
