//! Ending many sessions at once: all of a user's, or all in a zone.

use axum::Json;
use axum::extract::State;
use futures::{StreamExt, stream};
use openpam_ids::{UserId, ZoneId};
use openpam_proto::end::EndCode;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::api::input::Id;
use crate::api::problem::Problem;
use crate::app::AppState;
use crate::auth::{Admin, Caller};
use crate::mesh::elsewhere;
use crate::sites::EndError;
use crate::store::sessions::{self, Filter, Session};
use crate::store::{Page, users, zones};

/// Sessions read at once.
const PART: u16 = 500;
/// Sites' answers waited for at the same time.
const AT_ONCE: usize = 16;

/// What became of them.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct EndedSessions {
    /// Over.
    ended: u32,
    /// At sites that are offline or do not answer: these go on there.
    unreachable: u32,
}

/// End all sessions of a user. They may open new ones: to prevent that, disable the account.
#[utoipa::path(post, path = "/api/v1/admin/users/{id}/end-sessions", operation_id = "end_sessions_of_user", tag = "users", params(("id" = Uuid, Path)),
    responses((status = OK, body = EndedSessions), (status = NOT_FOUND, body = Problem)))]
pub async fn of_user(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<UserId>,
) -> Result<Json<EndedSessions>, Problem> {
    let user = users::find(&hub.pool, id).await?.ok_or_else(|| Problem::not_found("user"))?;
    let filter = Filter { user_id: Some(id), ..Filter::default() };
    end(&hub, &admin, filter, json!({ "user_id": id, "name": user.username })).await
}

/// End all sessions in a zone. New ones may be opened: to prevent that, disable the zone.
#[utoipa::path(post, path = "/api/v1/admin/zones/{id}/end-sessions", operation_id = "end_sessions_in_zone", tag = "zones", params(("id" = Uuid, Path)),
    responses((status = OK, body = EndedSessions), (status = NOT_FOUND, body = Problem)))]
pub async fn in_zone(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<ZoneId>,
) -> Result<Json<EndedSessions>, Problem> {
    let zone = zones::find(&hub.pool, id).await?.ok_or_else(|| Problem::not_found("zone"))?;
    let filter = Filter { zone_id: Some(id), ..Filter::default() };
    end(&hub, &admin, filter, json!({ "zone_id": id, "name": zone.name })).await
}

async fn end(
    hub: &AppState,
    admin: &Caller,
    filter: Filter,
    whose: Value,
) -> Result<Json<EndedSessions>, Problem> {
    let mut tx = hub.pool.begin().await?;
    admin.record(hub, &mut tx, "session.all_end_asked", whose).await?;
    tx.commit().await?;
    let filter = Filter { active: Some(true), ..filter };
    let (mut became, mut after) = (EndedSessions::default(), None);
    loop {
        let mut rows = sessions::list(&hub.pool, filter, Page { limit: PART, after }).await?;
        let goes_on = rows.len() > usize::from(PART);
        rows.truncate(usize::from(PART));
        after = rows.last().map(|row| row.id.uuid());
        let asked = rows.into_iter().map(|row| end_one(hub.clone(), admin.username.clone(), row));
        let mut answers = stream::iter(asked).buffer_unordered(AT_ONCE);
        while let Some(ended) = answers.next().await {
            if ended {
                became.ended += 1;
            } else {
                became.unreachable += 1;
            }
        }
        if !goes_on {
            return Ok(Json(became));
        }
    }
}

/// Whether it is over.
async fn end_one(hub: AppState, by: String, session: Session) -> bool {
    let Some(satellite) = session.satellite_id else { return false };
    let message = format!("ended by {by}");
    let code = EndCode::TerminatedByAdmin;
    let ended = elsewhere::end_session(&hub, satellite, session.id, code, message).await;
    matches!(ended, Ok(()) | Err(EndError::Unknown))
}
