//! Who can get in at a site if its line to the hub dies now: decided by the policy that the site holds. Auditors may ask, too.

use axum::Json;
use axum::extract::State;
use openpam_ids::{GrantId, TargetId, UserId, ZoneId};
use openpam_policy::{Moment, Opening, Policy};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::input::{Id, Params};
use crate::api::page::{PageQuery, limit, no_cursor};
use crate::api::problem::Problem;
use crate::app::AppState;
use crate::auth::Reader;
use crate::policy::held;
use crate::store::{satellites, zones};
use crate::time::Time;

/// Who can get in at a site without its hub, by user name, then by the target's.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessAlone {
    /// Whoever can.
    items: Vec<AloneAccess>,
    /// Where the list goes on; `null`: it does not.
    next: Option<String>,
    /// The version of the policy that this was decided by; `null`: none was issued yet.
    policy_version: Option<i64>,
    /// Whether the site holds that one. Otherwise it is the newest, and what the site would do is not known.
    held: bool,
    /// From when on the site is taken to be without its hub: since when it is, or now.
    away_since: Time,
}

/// One target that one person can open at a site without its hub.
#[derive(Debug, Serialize, ToSchema)]
pub struct AloneAccess {
    #[schema(value_type = Uuid)]
    user_id: UserId,
    user: String,
    #[schema(value_type = Uuid)]
    target_id: TargetId,
    target: String,
    /// Whose terms count.
    #[schema(value_type = Uuid)]
    grant_id: GrantId,
    /// Until when, if the line stays dead.
    until: Option<Time>,
}

/// Who can get in at a zone's targets if its line to the hub dies now, or, while it is dead, who still can. Part by part; a
/// part is 1 to 500 rows.
#[utoipa::path(get, path = "/api/v1/admin/zones/{id}/access-alone", operation_id = "list_access_alone", tag = "zones",
    params(("id" = Uuid, Path), PageQuery),
    responses((status = OK, body = AccessAlone), (status = FORBIDDEN, body = Problem), (status = NOT_FOUND, body = Problem)))]
pub async fn list(
    State(hub): State<AppState>,
    _: Reader,
    Id(zone): Id<ZoneId>,
    Params(query): Params<PageQuery>,
) -> Result<Json<AccessAlone>, Problem> {
    let limit = usize::from(limit(query.limit)?);
    let after =
        query.cursor.as_deref().map(|cursor| read_cursor(cursor).ok_or_else(no_cursor)).transpose()?;
    zones::find(&hub.pool, zone).await?.ok_or_else(|| Problem::not_found("zone"))?;
    let now = Time::now();
    let satellite = satellites::of_zone(&hub.pool, zone).await?;
    let away = satellite.as_ref().filter(|satellite| hub.sites.state(satellite.id).is_none());
    let away_since = away.and_then(|satellite| satellite.last_seen).unwrap_or(now);
    let site = held::of_site(&hub.pool, zone, satellite.and_then(|satellite| satellite.policy())).await;
    let Some(site) = site.map_err(|error| Problem::hidden(error.as_ref()))? else {
        return Ok(Json(AccessAlone {
            items: Vec::new(),
            next: None,
            policy_version: None,
            held: false,
            away_since,
        }));
    };
    let moment = Moment { now: now.timestamp(), away_since: Some(away_since.timestamp()) };
    let policy = site.policy;
    let part = tokio::task::spawn_blocking(move || part(&policy, moment, after, limit));
    let (items, next) = part.await.map_err(|error| Problem::hidden(&error))?.ok_or_else(no_cursor)?;
    let policy_version = Some(i64::try_from(site.version.version).unwrap_or(i64::MAX));
    Ok(Json(AccessAlone { items, next, policy_version, held: site.held, away_since }))
}

type Cursor = (UserId, TargetId);

fn read_cursor(text: &str) -> Option<Cursor> {
    let (user, target) = text.split_once('.')?;
    Some((user.parse().ok()?, target.parse().ok()?))
}

/// `None`: the policy does not know the row that it should go on after.
fn part(
    policy: &Policy,
    moment: Moment,
    after: Option<Cursor>,
    limit: usize,
) -> Option<(Vec<AloneAccess>, Option<String>)> {
    let openings = match after {
        None => policy.openings(moment, None),
        Some(after) => {
            let user = policy.people().find(|person| person.user.id == after.0)?;
            let target = policy.machines().find(|machine| machine.target.id == after.1)?;
            policy.openings(moment, Some((user, target)))
        }
    };
    let mut items: Vec<_> = openings.take(limit + 1).map(row).collect();
    let goes_on = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| goes_on).map(|row| format!("{}.{}", row.user_id, row.target_id));
    Some((items, next))
}

fn row(Opening { person, machine, authorization }: Opening<'_>) -> AloneAccess {
    AloneAccess {
        user_id: person.user.id,
        user: person.name.clone(),
        target_id: machine.target.id,
        target: machine.name.clone(),
        grant_id: authorization.grant_id(),
        until: authorization.away_ends().or(authorization.ends()).map(Time::from),
    }
}
