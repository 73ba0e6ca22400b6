//! Schedules: admins make, change and cancel them; admins and auditors read all, everybody reads their own.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use openpam_ids::{ScheduleId, TargetId, UserId};
use openpam_scheduling::{self as scheduling, Filter, Row, Status};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use utoipa::IntoParams;

use super::rows::ScheduledAccess;
use super::wanted::{NewScheduledAccess, ScheduledAccessChange};
use crate::api::admin::change::{self, as_seen};
use crate::api::input::{Body, Id, Params};
use crate::api::page::{List, PageQuery, page};
use crate::api::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::{Admin, Caller};
use crate::changes::Change;
use crate::store::Page;
use crate::store::change::{Held, Named, must_stand};

const CANCELLED: &str = "this schedule was cancelled; make another one";

/// Which schedules.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SchedulesQuery {
    /// Of this user.
    #[param(value_type = Option<Uuid>)]
    user_id: Option<UserId>,
    /// On this target.
    #[param(value_type = Option<Uuid>)]
    target_id: Option<TargetId>,
    /// That stand so.
    #[param(inline)]
    status: Option<Status>,
    /// How many rows: 1 to 500, 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u16>,
    /// The `next` of the part before.
    #[param(min_length = 1)]
    cursor: Option<String>,
}

/// Schedules, newest first: one's own, or everybody's for admins and auditors.
#[utoipa::path(get, path = "/api/v1/schedules", operation_id = "list_schedules", tag = "schedules", params(SchedulesQuery),
    responses((status = OK, body = List<ScheduledAccess>)))]
pub async fn list(
    State(hub): State<AppState>,
    caller: Caller,
    Params(query): Params<SchedulesQuery>,
) -> Result<Json<List<ScheduledAccess>>, Problem> {
    let page = page(query.limit, query.cursor.as_deref())?;
    let filter = Filter {
        user_id: query.user_id,
        target_id: query.target_id,
        status: query.status,
        ..Filter::default()
    };
    listed(&hub, &caller, filter, page).await.map(Json)
}

/// Schedules with a window that is open now, newest first.
#[utoipa::path(get, path = "/api/v1/schedules/active", operation_id = "list_active_schedules", tag = "schedules", params(PageQuery),
    responses((status = OK, body = List<ScheduledAccess>)))]
pub async fn active(
    State(hub): State<AppState>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<ScheduledAccess>>, Problem> {
    let filter = Filter { status: Some(Status::Active), ..Filter::default() };
    listed(&hub, &caller, filter, query.page()?).await.map(Json)
}

async fn listed(
    hub: &Hub,
    caller: &Caller,
    filter: Filter,
    page: Page,
) -> Result<List<ScheduledAccess>, Problem> {
    let now = Timestamp::now();
    let user_id = match (caller.sees_only(), filter.user_id) {
        (Some(own), Some(other)) if own != other => return Ok(List { items: Vec::new(), next: None }),
        (own, asked) => own.or(asked),
    };
    let filter = Filter { user_id, after: page.after.map(Into::into), ..filter };
    if filter.status.is_some() {
        // The column is asked, so it has to be true.
        scheduling::settle(&hub.pool, now).await?;
    }
    let rows = scheduling::list(&hub.pool, filter, i64::from(page.limit) + 1).await?;
    let list = List::cut(rows, page, |row| row.id.uuid());
    // Rules are followed from their beginnings.
    let shown = spawn_blocking(move || list.map(|row| ScheduledAccess::of(row, now)));
    shown.await.map_err(|_| Problem::internal())
}

/// Make a schedule: one user may open one target, in its windows alone.
#[utoipa::path(post, path = "/api/v1/schedules", operation_id = "create_schedule", tag = "schedules", request_body = NewScheduledAccess,
    responses((status = CREATED, body = ScheduledAccess), (status = BAD_REQUEST, body = Problem), (status = FORBIDDEN, body = Problem),
              (status = UNPROCESSABLE_ENTITY, body = Problem)))]
pub async fn create(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Body(new): Body<NewScheduledAccess>,
) -> Result<(StatusCode, Json<ScheduledAccess>), Problem> {
    let now = Timestamp::now();
    let (user, target) = (new.user_id, new.target_id);
    let fields = new.fields(now)?;
    let mut tx = hub.pool.begin().await?;
    must_stand(&mut tx, Named::User(user)).await?;
    must_stand(&mut tx, Named::Target(target)).await?;
    let id = scheduling::create(&mut tx, user, target, &fields, admin.user_id, now).await?;
    let row = scheduling::find(&mut *tx, id, None).await?.ok_or_else(Problem::internal)?;
    let mut detail = about(&row);
    if let Value::Object(detail) = &mut detail {
        detail.insert("schedule".to_owned(), json!(row.fields));
    }
    admin.record(&hub, &mut tx, "schedule.created", detail).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(ScheduledAccess::of(row, now))))
}

/// One schedule.
#[utoipa::path(get, path = "/api/v1/schedules/{id}", operation_id = "read_schedule", tag = "schedules", params(("id" = Uuid, Path)),
    responses((status = OK, body = ScheduledAccess), (status = NOT_FOUND, body = Problem)))]
pub async fn read(
    State(hub): State<AppState>,
    caller: Caller,
    Id(id): Id<ScheduleId>,
) -> Result<Json<ScheduledAccess>, Problem> {
    let row = scheduling::find(&hub.pool, id, caller.sees_only()).await?;
    let row = row.ok_or_else(|| Problem::not_found("schedule"))?;
    Ok(Json(ScheduledAccess::of(row, Timestamp::now())))
}

/// Change a schedule; sessions that stood on what it gave no longer end.
#[utoipa::path(patch, path = "/api/v1/schedules/{id}", operation_id = "change_schedule", tag = "schedules", params(("id" = Uuid, Path)),
    request_body = ScheduledAccessChange,
    responses((status = OK, body = ScheduledAccess), (status = BAD_REQUEST, body = Problem), (status = NOT_FOUND, body = Problem),
              (status = CONFLICT, body = Problem)))]
pub async fn change(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<ScheduleId>,
    Body(wanted): Body<ScheduledAccessChange>,
) -> Result<Json<ScheduledAccess>, Problem> {
    let now = Timestamp::now();
    let mut tx = hub.pool.begin().await?;
    let held = scheduling::hold(&mut tx, id).await?;
    let cancelled = held.as_ref().is_some_and(|held| held.cancelled);
    let held = held.map(|held| Held { version: held.version, fields: held.fields });
    let before = as_seen(held, "schedule", wanted.version)?;
    if cancelled {
        return Err(Problem::wrong_state(CANCELLED));
    }
    let after = wanted.apply(&before, now)?;
    let changes = change::difference(&before, &after);
    if !changes.is_empty() {
        scheduling::change(&mut tx, id, &after, now).await?;
    }
    let row = scheduling::find(&mut *tx, id, None).await?.ok_or_else(|| Problem::not_found("schedule"))?;
    if !changes.is_empty() {
        let mut detail = about(&row);
        if let Value::Object(detail) = &mut detail {
            detail.insert("changes".to_owned(), changes.into());
        }
        admin.record(&hub, &mut tx, "schedule.changed", detail).await?;
        tx.commit().await?;
        hub.changes.tell(Change::GrantsChanged);
    }
    Ok(Json(ScheduledAccess::of(row, now)))
}

/// Cancel a schedule: it is kept, and opens nothing any more; sessions that stood on it alone end.
#[utoipa::path(delete, path = "/api/v1/schedules/{id}", operation_id = "cancel_schedule", tag = "schedules", params(("id" = Uuid, Path)),
    responses((status = NO_CONTENT), (status = FORBIDDEN, body = Problem), (status = NOT_FOUND, body = Problem)))]
pub async fn cancel(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<ScheduleId>,
) -> Result<StatusCode, Problem> {
    let row = scheduling::find(&hub.pool, id, None).await?.ok_or_else(|| Problem::not_found("schedule"))?;
    let mut tx = hub.pool.begin().await?;
    // Once is enough: whoever asks again is told that it is so.
    if scheduling::cancel(&mut tx, id).await? {
        admin.record(&hub, &mut tx, "schedule.cancelled", about(&row)).await?;
        tx.commit().await?;
        hub.changes.tell(Change::GrantsChanged);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// What every event of a schedule tells.
fn about(row: &Row) -> Value {
    json!({ "id": row.id, "user_id": row.user_id, "user": row.user, "target_id": row.target_id, "target": row.target })
}
