//! Why a person may or may not open a target at a time: by the hub's books, and by the policy that the site holds. Auditors
//! may ask, too. Asking opens nothing: no authorization leaves this file.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use openpam_ids::{GrantId, GroupId, TargetId, UserId, ZoneId};
use openpam_policy::{Authorization, Denial, Explanation, Moment, Stands, Weighed};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::input::Params;
use crate::api::problem::Problem;
use crate::app::AppState;
use crate::auth::Reader;
use crate::policy::held;
use crate::store::access;
use crate::store::explained::{self, GrantNames};
use crate::store::satellites;
use crate::time::Time;

/// Whether a person may open a target at a time, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplainedAccess {
    #[schema(value_type = Uuid)]
    user_id: UserId,
    user: String,
    #[schema(value_type = Uuid)]
    target_id: TargetId,
    target: String,
    #[schema(value_type = Uuid)]
    zone_id: ZoneId,
    /// The zone's name.
    zone: String,
    /// The time that was asked about.
    at: Time,
    /// By the books of the hub.
    hub: HubAccess,
    /// By the policy that the site holds; `null`: it holds none.
    site: Option<SiteAccess>,
}

/// What the hub decides.
#[derive(Debug, Serialize, ToSchema)]
pub struct HubAccess {
    #[serde(flatten)]
    decision: AccessDecision,
    /// The grants and schedules that cover the person and the target.
    grants: Vec<WeighedGrant>,
}

/// What the site decides.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteAccess {
    #[serde(flatten)]
    decision: AccessDecision,
    /// The version of the policy that it holds.
    policy_version: i64,
    /// Since when it is without its hub; `null`: it has it.
    away_since: Option<Time>,
}

/// A decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessDecision {
    allowed: bool,
    /// Why not.
    reason: Option<AccessReason>,
    /// Whose terms count.
    #[schema(value_type = Option<Uuid>)]
    grant_id: Option<GrantId>,
    /// Until when it is allowed without a break; `null`: for ever, or it is not.
    ends_at: Option<Time>,
    /// `outside_window`: when it is allowed next; `null`: never.
    opens_at: Option<Time>,
}

/// Why a person may not open a target.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessReason {
    /// The account is disabled.
    UserDisabled,
    /// No grant covers the person and the target.
    NotGranted,
    /// The target is disabled.
    TargetDisabled,
    /// The target's zone is disabled.
    ZoneDisabled,
    /// Granted, but not at that time.
    OutsideWindow,
    /// Granted, but the site has been without its hub for too long.
    HubAway,
}

/// One of the grants and schedules that a decision is made of.
#[derive(Debug, Serialize, ToSchema)]
pub struct WeighedGrant {
    #[schema(value_type = Uuid)]
    id: GrantId,
    /// Given to the person themselves; otherwise through a group.
    user: Option<String>,
    #[schema(value_type = Option<Uuid>)]
    group_id: Option<GroupId>,
    group: Option<String>,
    /// On the target itself,
    target: Option<String>,
    /// or on every target of the zone,
    zone: Option<String>,
    /// or on every target with this label.
    label: Option<String>,
    /// It is a schedule: a right of the person on the target in its windows alone.
    scheduled: bool,
    /// Whether it holds at that time, were it the only one.
    state: GrantState,
    /// `holds`: until when; `null`: for ever.
    until: Option<Time>,
    /// `closed`: when a window opens; `null`: never.
    opens_at: Option<Time>,
    /// For so many seconds it goes on at a site that has lost its hub.
    offline_seconds: u32,
    /// Text that is copied on a desktop goes into the browser's clipboard.
    clipboard_copy: bool,
    /// Text of the browser's clipboard can be pasted on a desktop.
    clipboard_paste: bool,
    /// Files come from a desktop.
    file_download: bool,
    /// Files go to a desktop.
    file_upload: bool,
    /// Whether its terms are those that count.
    counts: bool,
}

/// How a grant stands at a time.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    /// It holds.
    Holds,
    /// None of its windows is open.
    Closed,
    /// The site has been without its hub for longer than it allows.
    HubAway,
}

/// Whom, what and when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccessQuery {
    /// Who.
    #[param(value_type = Uuid)]
    user_id: UserId,
    /// What.
    #[param(value_type = Uuid)]
    target_id: TargetId,
    /// When; now by default. Grants, groups and what is enabled are as they stand now.
    at: Option<Time>,
}

/// Why this person may, or may not, open this target at this time.
#[utoipa::path(get, path = "/api/v1/admin/access", operation_id = "explain_access", tag = "grants", params(AccessQuery),
    responses((status = OK, body = ExplainedAccess), (status = FORBIDDEN, body = Problem), (status = NOT_FOUND, body = Problem)))]
pub async fn explain(
    State(hub): State<AppState>,
    _: Reader,
    Params(query): Params<AccessQuery>,
) -> Result<Json<ExplainedAccess>, Problem> {
    let AccessQuery { user_id, target_id, at } = query;
    let at = at.unwrap_or_else(Time::now);
    let missing = || Problem::not_found("user or target");
    let about = explained::about(&hub.pool, user_id, target_id).await?.ok_or_else(missing)?;
    let facts = access::facts(&hub.pool, user_id, target_id, at.timestamp()).await?.ok_or_else(missing)?;
    let Explanation { decision, grants } = facts.explain(at.timestamp());
    let ids: Vec<_> = grants.iter().map(|grant| grant.id).collect();
    let mut names = explained::grants(&hub.pool, &ids).await?;
    let grants = grants.into_iter().filter_map(|grant| weighed(grant, &mut names)).collect();
    let site = site(&hub, about.zone_id, user_id, target_id, at).await?;
    Ok(Json(ExplainedAccess {
        user_id,
        user: about.user,
        target_id,
        target: about.target,
        zone_id: about.zone_id,
        zone: about.zone,
        at,
        hub: HubAccess { decision: decision.into(), grants },
        site,
    }))
}

async fn site(
    hub: &AppState,
    zone: ZoneId,
    user: UserId,
    target: TargetId,
    at: Time,
) -> Result<Option<SiteAccess>, Problem> {
    let Some(satellite) = satellites::of_zone(&hub.pool, zone).await? else { return Ok(None) };
    let Some(version) = satellite.policy() else { return Ok(None) };
    let policy = held::read(&hub.pool, zone, version).await;
    let Some(policy) = policy.map_err(|error| Problem::hidden(error.as_ref()))? else { return Ok(None) };
    let away_since = satellite.last_seen.filter(|_| hub.sites.state(satellite.id).is_none());
    let moment = Moment { now: at.timestamp(), away_since: away_since.map(Time::timestamp) };
    Ok(Some(SiteAccess {
        decision: policy.decide(user, target, moment).into(),
        policy_version: i64::try_from(version.version).unwrap_or(i64::MAX),
        away_since,
    }))
}

/// `None`: the grant was withdrawn in between.
fn weighed(grant: Weighed, names: &mut HashMap<GrantId, GrantNames>) -> Option<WeighedGrant> {
    let names = names.remove(&grant.id)?;
    let (state, until, opens_at) = match grant.stands {
        Stands::Holds { until } => (GrantState::Holds, until, None),
        Stands::Closed { opens } => (GrantState::Closed, None, opens),
        Stands::HubAway => (GrantState::HubAway, None, None),
    };
    Some(WeighedGrant {
        id: grant.id,
        user: names.user,
        group_id: names.group_id,
        group: names.group,
        target: names.target,
        zone: names.zone,
        label: names.label,
        scheduled: names.scheduled,
        state,
        until: until.map(Time::from),
        opens_at: opens_at.map(Time::from),
        offline_seconds: grant.offline_seconds,
        clipboard_copy: grant.transfer.copy,
        clipboard_paste: grant.transfer.paste,
        file_download: grant.transfer.download,
        file_upload: grant.transfer.upload,
        counts: grant.counts,
    })
}

impl From<Result<Authorization, Denial>> for AccessDecision {
    fn from(decision: Result<Authorization, Denial>) -> Self {
        let no = |reason, opens: Option<jiff::Timestamp>| Self {
            allowed: false,
            reason: Some(reason),
            grant_id: None,
            ends_at: None,
            opens_at: opens.map(Time::from),
        };
        match decision {
            Ok(yes) => Self {
                allowed: true,
                reason: None,
                grant_id: Some(yes.grant_id()),
                ends_at: yes.away_ends().or(yes.ends()).map(Time::from),
                opens_at: None,
            },
            Err(Denial::UserDisabled) => no(AccessReason::UserDisabled, None),
            Err(Denial::NotGranted) => no(AccessReason::NotGranted, None),
            Err(Denial::TargetDisabled) => no(AccessReason::TargetDisabled, None),
            Err(Denial::ZoneDisabled) => no(AccessReason::ZoneDisabled, None),
            Err(Denial::OutsideWindow { opens }) => no(AccessReason::OutsideWindow, opens),
            Err(Denial::HubAway) => no(AccessReason::HubAway, None),
        }
    }
}
