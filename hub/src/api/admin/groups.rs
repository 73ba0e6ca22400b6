//! Groups and their members.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use openpam_ids::{GroupId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::change::{self, DELETED};
use crate::api::input::{self, Body, Id, Ids, Params};
use crate::api::page::{List, PageQuery};
use crate::api::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::Admin;
use crate::changes::Change;
use crate::store::change::Deleted;
use crate::store::groups;
use crate::time::Time;

/// A group.
#[derive(Debug, Serialize, ToSchema)]
pub struct Group {
    #[schema(value_type = Uuid)]
    id: GroupId,
    name: String,
    description: Option<String>,
    /// Their ids.
    #[schema(value_type = Vec<Uuid>)]
    members: Vec<UserId>,
    created_at: Time,
    /// Members come and go without that.
    updated_at: Time,
    /// How often it was changed, from 1 on: a change names the version that it was made from.
    version: i64,
}

impl From<groups::Group> for Group {
    fn from(row: groups::Group) -> Self {
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            members: row.members,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

/// A group to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    #[schema(max_length = 2000)]
    description: Option<String>,
}

/// A change of a group: what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "three states: leave, clear, set")]
pub struct GroupChange {
    /// Refused if the group is not at this version any more.
    version: Option<i64>,
    #[schema(min_length = 1, max_length = 255)]
    name: Option<String>,
    #[serde(default, deserialize_with = "input::nullable")]
    #[schema(value_type = Option<String>)]
    description: Option<Option<String>>,
}

impl GroupChange {
    fn apply(self, before: &groups::Fields) -> Result<groups::Fields, Problem> {
        let mut after = before.clone();
        if let Some(name) = self.name {
            after.name = input::name("name", &name)?;
        }
        if let Some(description) = self.description {
            after.description = input::description(description.as_deref())?;
        }
        Ok(after)
    }
}

/// Groups, newest first.
#[utoipa::path(get, path = "/api/v1/admin/groups", operation_id = "list_groups", tag = "groups", params(PageQuery),
    responses((status = OK, body = List<Group>), (status = FORBIDDEN, body = Problem)))]
pub async fn list(
    State(hub): State<AppState>,
    _: Admin,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<Group>>, Problem> {
    let page = query.page()?;
    let rows = groups::list(&hub.pool, page).await?;
    Ok(Json(List::cut(rows, page, |row| row.id.uuid()).map(Group::from)))
}

/// Make a group.
#[utoipa::path(post, path = "/api/v1/admin/groups", operation_id = "create_group", tag = "groups", request_body = NewGroup,
    responses((status = CREATED, body = Group), (status = BAD_REQUEST, body = Problem), (status = CONFLICT, body = Problem)))]
pub async fn create(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Body(new): Body<NewGroup>,
) -> Result<(StatusCode, Json<Group>), Problem> {
    let name = input::name("name", &new.name)?;
    let description = input::description(new.description.as_deref())?;
    let mut tx = hub.pool.begin().await?;
    let id = groups::create(&mut tx, &name, description.as_deref()).await?;
    admin.record(&hub, &mut tx, "group.created", json!({ "id": id, "name": name })).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(one(&hub, id).await?)))
}

/// One group.
#[utoipa::path(get, path = "/api/v1/admin/groups/{id}", operation_id = "read_group", tag = "groups", params(("id" = Uuid, Path)),
    responses((status = OK, body = Group), (status = NOT_FOUND, body = Problem)))]
pub async fn read(
    State(hub): State<AppState>,
    _: Admin,
    Id(id): Id<GroupId>,
) -> Result<Json<Group>, Problem> {
    Ok(Json(one(&hub, id).await?))
}

/// Change a group.
#[utoipa::path(patch, path = "/api/v1/admin/groups/{id}", operation_id = "change_group", tag = "groups", params(("id" = Uuid, Path)),
    request_body = GroupChange,
    responses((status = OK, body = Group), (status = BAD_REQUEST, body = Problem), (status = NOT_FOUND, body = Problem),
              (status = CONFLICT, body = Problem)))]
pub async fn change(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<GroupId>,
    Body(wanted): Body<GroupChange>,
) -> Result<Json<Group>, Problem> {
    let mut tx = hub.pool.begin().await?;
    let before = change::as_seen(groups::hold(&mut tx, id).await?, "group", wanted.version)?;
    let after = wanted.apply(&before)?;
    let changes = change::difference(&before, &after);
    if !changes.is_empty() {
        groups::change(&mut tx, id, &after).await?;
        let detail = json!({ "id": id, "name": before.name, "changes": changes });
        admin.record(&hub, &mut tx, "group.changed", detail).await?;
        tx.commit().await?;
    }
    Ok(Json(one(&hub, id).await?))
}

/// Delete a group with its grants; sessions that stood on these alone end.
#[utoipa::path(delete, path = "/api/v1/admin/groups/{id}", operation_id = "delete_group", tag = "groups", params(("id" = Uuid, Path)),
    responses((status = NO_CONTENT), (status = NOT_FOUND, body = Problem)))]
pub async fn delete(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<GroupId>,
) -> Result<StatusCode, Problem> {
    let mut tx = hub.pool.begin().await?;
    let group = change::as_seen(groups::hold(&mut tx, id).await?, "group", None)?;
    groups::delete(&mut tx, id).await?;
    admin
        .record(&hub, &mut tx, "group.deleted", change::deletion(&id, &group.name, Deleted::Removed))
        .await?;
    tx.commit().await?;
    hub.changes.tell(Change::GrantsChanged);
    Ok(DELETED)
}

/// Put a user into a group.
#[utoipa::path(put, path = "/api/v1/admin/groups/{id}/members/{user_id}", operation_id = "add_group_member", tag = "groups",
    params(("id" = Uuid, Path), ("user_id" = Uuid, Path)),
    responses((status = NO_CONTENT), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
pub async fn add_member(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Ids(group, user): Ids<GroupId, UserId>,
) -> Result<StatusCode, Problem> {
    let mut tx = hub.pool.begin().await?;
    groups::add_member(&mut tx, group, user).await?;
    admin.record(&hub, &mut tx, "group.member_added", json!({ "id": group, "user_id": user })).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a user out of a group.
#[utoipa::path(delete, path = "/api/v1/admin/groups/{id}/members/{user_id}", operation_id = "remove_group_member", tag = "groups",
    params(("id" = Uuid, Path), ("user_id" = Uuid, Path)),
    responses((status = NO_CONTENT), (status = NOT_FOUND, body = Problem)))]
pub async fn remove_member(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Ids(group, user): Ids<GroupId, UserId>,
) -> Result<StatusCode, Problem> {
    let mut tx = hub.pool.begin().await?;
    if !groups::remove_member(&mut tx, group, user).await? {
        return Err(Problem::not_found("member"));
    }
    admin.record(&hub, &mut tx, "group.member_removed", json!({ "id": group, "user_id": user })).await?;
    tx.commit().await?;
    hub.changes.tell(Change::GrantsChanged);
    Ok(StatusCode::NO_CONTENT)
}

async fn one(hub: &Hub, id: GroupId) -> Result<Group, Problem> {
    let row = groups::find(&hub.pool, id).await?;
    row.map(Into::into).ok_or_else(|| Problem::not_found("group"))
}
