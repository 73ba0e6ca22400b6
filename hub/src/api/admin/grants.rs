//! Grants.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use openpam_ids::{GrantId, GroupId, TargetId, UserId, ZoneId};
use openpam_policy::{Label, Object, Said, Subject, Terms};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::change;
use crate::api::input::{self, Body, Id, Params};
use crate::api::page::{List, PageQuery};
use crate::api::problem::Problem;
use crate::api::schedules::Schedule;
use crate::api::terms;
use crate::app::{AppState, Hub};
use crate::auth::Admin;
use crate::changes::Change;
use crate::store::grants::{self, Fields};
use crate::time::Time;

/// A grant: a user or a group, on a target, a zone or every target with a label.
#[derive(Debug, Serialize, ToSchema)]
pub struct Grant {
    #[schema(value_type = Uuid)]
    id: GrantId,
    #[schema(value_type = Option<Uuid>)]
    user_id: Option<UserId>,
    user: Option<String>,
    #[schema(value_type = Option<Uuid>)]
    group_id: Option<GroupId>,
    group: Option<String>,
    #[schema(value_type = Option<Uuid>)]
    target_id: Option<TargetId>,
    target: Option<String>,
    #[schema(value_type = Option<Uuid>)]
    zone_id: Option<ZoneId>,
    zone: Option<String>,
    /// `key=value`: every target that has it, in every zone.
    #[schema(value_type = Option<String>)]
    label: Option<Label>,
    /// A session lasts at most so many seconds.
    max_session_seconds: Option<u32>,
    /// It ends when nothing was typed for so many seconds.
    idle_seconds: Option<u32>,
    /// What its user must agree to before it opens.
    consent: Option<String>,
    /// For so many seconds it goes on at a site that has lost its hub; 0: not at all.
    offline_seconds: u32,
    /// Text that is copied on a desktop goes into the browser's clipboard.
    clipboard_copy: bool,
    /// Text of the browser's clipboard can be pasted on a desktop.
    clipboard_paste: bool,
    /// Files come from a desktop.
    file_download: bool,
    /// Files go to a desktop.
    file_upload: bool,
    /// It holds only then; `null`: always.
    schedule: Option<Schedule>,
    created_at: Time,
    #[schema(value_type = Option<Uuid>)]
    created_by: Option<UserId>,
    updated_at: Time,
    /// How often it was changed, from 1 on: a change names the version that it was made from.
    version: i64,
}

impl From<grants::Grant> for Grant {
    fn from(row: grants::Grant) -> Self {
        Self {
            id: row.id,
            user_id: row.user_id,
            user: row.user,
            group_id: row.group_id,
            group: row.group,
            target_id: row.target_id,
            target: row.target,
            zone_id: row.zone_id,
            zone: row.zone,
            label: row.label,
            max_session_seconds: row.fields.terms.max_session_seconds,
            idle_seconds: row.fields.terms.idle_seconds,
            consent: row.fields.terms.consent,
            offline_seconds: row.fields.terms.offline_seconds,
            clipboard_copy: row.fields.terms.transfer.copy,
            clipboard_paste: row.fields.terms.transfer.paste,
            file_download: row.fields.terms.transfer.download,
            file_upload: row.fields.terms.transfer.upload,
            schedule: row.fields.schedule.map(Schedule::from),
            created_at: row.created_at,
            created_by: row.created_by,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

/// A grant to give: exactly one of user and group, exactly one of target, zone and label.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGrant {
    #[schema(value_type = Option<Uuid>)]
    user_id: Option<UserId>,
    #[schema(value_type = Option<Uuid>)]
    group_id: Option<GroupId>,
    #[schema(value_type = Option<Uuid>)]
    target_id: Option<TargetId>,
    #[schema(value_type = Option<Uuid>)]
    zone_id: Option<ZoneId>,
    /// `key=value`.
    label: Option<String>,
    /// A session lasts at most so many seconds: a minute to 31 days.
    #[schema(minimum = 60, maximum = 2_678_400)]
    max_session_seconds: Option<u32>,
    /// It ends when nothing was typed for so many seconds: a minute to 31 days.
    #[schema(minimum = 60, maximum = 2_678_400)]
    idle_seconds: Option<u32>,
    /// What its user must agree to before it opens.
    #[schema(max_length = 4000)]
    consent: Option<String>,
    /// For so many seconds it goes on at a site that has lost its hub: 0 (not at all) to 28 days; absent: a day.
    #[schema(minimum = 0, maximum = 2_419_200)]
    offline_seconds: Option<u32>,
    /// Text that is copied on a desktop goes into the browser's clipboard; absent: yes.
    clipboard_copy: Option<bool>,
    /// Text of the browser's clipboard can be pasted on a desktop; absent: yes.
    clipboard_paste: Option<bool>,
    /// Files come from a desktop; absent: no.
    file_download: Option<bool>,
    /// Files go to a desktop; absent: no.
    file_upload: Option<bool>,
    /// It holds only then.
    schedule: Option<Schedule>,
}

impl NewGrant {
    fn parts(&self) -> Result<(Subject, Object), Problem> {
        let subject = match (self.user_id, self.group_id) {
            (Some(user), None) => Subject::User(user),
            (None, Some(group)) => Subject::Group(group),
            _ => return Err(Problem::invalid_field("user_id", "give either user_id or group_id")),
        };
        let object = match (self.target_id, self.zone_id, &self.label) {
            (Some(target), None, None) => Object::Target(target),
            (None, Some(zone), None) => Object::Zone(zone),
            (None, None, Some(label)) => Object::Label(input::label("label", label)?),
            _ => return Err(Problem::invalid_field("target_id", "give one of target_id, zone_id and label")),
        };
        Ok((subject, object))
    }

    fn fields(&self) -> Result<Fields, Problem> {
        let wanted = terms::Wanted {
            longest: Some(self.max_session_seconds),
            idle: Some(self.idle_seconds),
            consent: Some(self.consent.clone()),
            offline: self.offline_seconds,
            transfer: terms::WantedTransfer {
                copy: self.clipboard_copy,
                paste: self.clipboard_paste,
                download: self.file_download,
                upload: self.file_upload,
            },
        };
        Ok(Fields { terms: wanted.put_into(Terms::default())?, schedule: schedule(self.schedule.clone())? })
    }
}

fn schedule(wanted: Option<Schedule>) -> Result<Option<Said>, Problem> {
    wanted.map(|schedule| schedule.checked("schedule.")).transpose()
}

/// A change of a grant: what is left out stays. Sessions that run keep the limits that they began with, and end when no grant
/// holds any more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "three states: leave, clear, set")]
pub struct GrantChange {
    /// Refused if the grant is not at this version any more.
    version: Option<i64>,
    #[serde(default, deserialize_with = "input::nullable")]
    #[schema(value_type = Option<u32>, minimum = 60, maximum = 2_678_400)]
    max_session_seconds: Option<Option<u32>>,
    #[serde(default, deserialize_with = "input::nullable")]
    #[schema(value_type = Option<u32>, minimum = 60, maximum = 2_678_400)]
    idle_seconds: Option<Option<u32>>,
    #[serde(default, deserialize_with = "input::nullable")]
    #[schema(value_type = Option<String>, max_length = 4000)]
    consent: Option<Option<String>>,
    #[schema(minimum = 0, maximum = 2_419_200)]
    offline_seconds: Option<u32>,
    clipboard_copy: Option<bool>,
    clipboard_paste: Option<bool>,
    file_download: Option<bool>,
    file_upload: Option<bool>,
    #[serde(default, deserialize_with = "input::nullable")]
    #[schema(value_type = Option<Schedule>)]
    schedule: Option<Option<Schedule>>,
}

impl GrantChange {
    fn apply(self, before: &Fields) -> Result<Fields, Problem> {
        let wanted = terms::Wanted {
            longest: self.max_session_seconds,
            idle: self.idle_seconds,
            consent: self.consent,
            offline: self.offline_seconds,
            transfer: terms::WantedTransfer {
                copy: self.clipboard_copy,
                paste: self.clipboard_paste,
                download: self.file_download,
                upload: self.file_upload,
            },
        };
        let terms = wanted.put_into(before.terms.clone())?;
        let schedule = self.schedule.map_or_else(|| Ok(before.schedule.clone()), schedule)?;
        Ok(Fields { terms, schedule })
    }
}

/// Grants, newest first.
#[utoipa::path(get, path = "/api/v1/admin/grants", operation_id = "list_grants", tag = "grants", params(PageQuery),
    responses((status = OK, body = List<Grant>), (status = FORBIDDEN, body = Problem)))]
pub async fn list(
    State(hub): State<AppState>,
    _: Admin,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<Grant>>, Problem> {
    let page = query.page()?;
    let rows = grants::list(&hub.pool, page).await?;
    Ok(Json(List::cut(rows, page, |row| row.id.uuid()).map(Grant::from)))
}

/// Give a grant.
#[utoipa::path(post, path = "/api/v1/admin/grants", operation_id = "create_grant", tag = "grants", request_body = NewGrant,
    responses((status = CREATED, body = Grant), (status = BAD_REQUEST, body = Problem), (status = CONFLICT, body = Problem),
              (status = UNPROCESSABLE_ENTITY, body = Problem)))]
pub async fn create(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Body(new): Body<NewGrant>,
) -> Result<(StatusCode, Json<Grant>), Problem> {
    let (subject, object) = new.parts()?;
    let fields = new.fields()?;
    let mut tx = hub.pool.begin().await?;
    let id = grants::create(&mut tx, subject, &object, &fields, Some(admin.user_id)).await?;
    admin.record(&hub, &mut tx, "grant.created", json!({ "id": id, "grant": new })).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(one(&hub, id).await?)))
}

/// One grant.
#[utoipa::path(get, path = "/api/v1/admin/grants/{id}", operation_id = "read_grant", tag = "grants", params(("id" = Uuid, Path)),
    responses((status = OK, body = Grant), (status = NOT_FOUND, body = Problem)))]
pub async fn read(
    State(hub): State<AppState>,
    _: Admin,
    Id(id): Id<GrantId>,
) -> Result<Json<Grant>, Problem> {
    Ok(Json(one(&hub, id).await?))
}

/// Change how a grant may be used.
#[utoipa::path(patch, path = "/api/v1/admin/grants/{id}", operation_id = "change_grant", tag = "grants", params(("id" = Uuid, Path)),
    request_body = GrantChange,
    responses((status = OK, body = Grant), (status = BAD_REQUEST, body = Problem), (status = NOT_FOUND, body = Problem),
              (status = CONFLICT, body = Problem)))]
pub async fn change(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<GrantId>,
    Body(wanted): Body<GrantChange>,
) -> Result<Json<Grant>, Problem> {
    let mut tx = hub.pool.begin().await?;
    let before = change::as_seen(grants::hold(&mut tx, id).await?, "grant", wanted.version)?;
    let after = wanted.apply(&before)?;
    let changes = change::difference(&before, &after);
    if !changes.is_empty() {
        grants::change(&mut tx, id, &after).await?;
        admin.record(&hub, &mut tx, "grant.changed", json!({ "id": id, "changes": changes })).await?;
        tx.commit().await?;
        hub.changes.tell(Change::GrantsChanged);
    }
    Ok(Json(one(&hub, id).await?))
}

/// Withdraw a grant; sessions that stood on it alone end.
#[utoipa::path(delete, path = "/api/v1/admin/grants/{id}", operation_id = "delete_grant", tag = "grants", params(("id" = Uuid, Path)),
    responses((status = NO_CONTENT), (status = NOT_FOUND, body = Problem)))]
pub async fn delete(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<GrantId>,
) -> Result<StatusCode, Problem> {
    let gone = one(&hub, id).await?;
    let mut tx = hub.pool.begin().await?;
    if !grants::delete(&mut tx, id).await? {
        return Err(Problem::not_found("grant"));
    }
    admin.record(&hub, &mut tx, "grant.deleted", json!({ "grant": gone })).await?;
    tx.commit().await?;
    hub.changes.tell(Change::GrantsChanged);
    Ok(StatusCode::NO_CONTENT)
}

async fn one(hub: &Hub, id: GrantId) -> Result<Grant, Problem> {
    let row = grants::find(&hub.pool, id).await?;
    row.map(Into::into).ok_or_else(|| Problem::not_found("grant"))
}
