//! Users.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use openpam_ids::UserId;
use openpam_policy::Role;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::Switch;
use crate::api::input::{self, Body, Id, Params};
use crate::api::page::{List, PageQuery};
use crate::api::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::{Admin, password};
use crate::changes::Change;
use crate::secrets::Secret;
use crate::store::{sign_ins, users};
use crate::time::Time;

/// The roles, for the OpenAPI document; [`Role`] is the value.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Role)]
pub enum RoleName {
    /// Keeps everything, reads everything.
    Admin,
    /// Reads everything.
    Auditor,
    /// Opens what was granted.
    User,
}

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    #[schema(value_type = Uuid)]
    id: UserId,
    username: String,
    email: Option<String>,
    display_name: Option<String>,
    #[schema(value_type = RoleName)]
    role: Role,
    enabled: bool,
    /// The directory's id; `local:<uuid>` for a local account.
    entra_id: String,
    created_at: Time,
    updated_at: Time,
    last_login_at: Option<Time>,
}

impl From<users::User> for User {
    fn from(row: users::User) -> Self {
        Self {
            id: row.id,
            username: row.username,
            email: row.email,
            display_name: row.display_name,
            role: row.role,
            enabled: row.enabled,
            entra_id: row.entra_id,
            created_at: row.created_at,
            updated_at: row.updated_at,
            last_login_at: row.last_login_at,
        }
    }
}

/// A local account to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    username: String,
    /// At least 12 characters.
    #[schema(value_type = String, format = Password)]
    password: Secret,
    #[schema(value_type = RoleName)]
    role: Role,
    email: Option<String>,
    display_name: Option<String>,
}

/// Users, newest first.
#[utoipa::path(get, path = "/api/v1/admin/users", operation_id = "list_users", tag = "users", params(PageQuery),
    responses((status = OK, body = List<User>), (status = FORBIDDEN, body = Problem)))]
pub async fn list(
    State(hub): State<AppState>,
    _: Admin,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<User>>, Problem> {
    let page = query.page()?;
    let rows = users::list(&hub.pool, page).await?;
    Ok(Json(List::cut(rows, page, |row| row.id.uuid()).map(User::from)))
}

/// Make a local account.
#[utoipa::path(post, path = "/api/v1/admin/users", operation_id = "create_user", tag = "users", request_body = NewUser,
    responses((status = CREATED, body = User), (status = BAD_REQUEST, body = Problem), (status = CONFLICT, body = Problem)))]
pub async fn create(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Body(new): Body<NewUser>,
) -> Result<(StatusCode, Json<User>), Problem> {
    if let Some(objection) = password::objection(&new.password) {
        return Err(Problem::invalid_field("password", objection));
    }
    let username = input::username(&new.username)?;
    let email = input::email(new.email.as_deref())?;
    let display_name =
        new.display_name.as_deref().map(|text| input::name("display_name", text)).transpose()?;
    let password_hash = hub.passwords.hash(new.password).await?;
    let row = users::NewUser { username, email, display_name, role: new.role, password_hash };
    let mut tx = hub.pool.begin().await?;
    let id = users::create(&mut tx, &row).await?;
    let detail = json!({ "id": id, "username": row.username, "role": row.role });
    admin.record(&hub, &mut tx, "user.created", detail).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(one(&hub, id).await?)))
}

/// One user.
#[utoipa::path(get, path = "/api/v1/admin/users/{id}", operation_id = "read_user", tag = "users", params(("id" = Uuid, Path)),
    responses((status = OK, body = User), (status = NOT_FOUND, body = Problem)))]
pub async fn read(State(hub): State<AppState>, _: Admin, Id(id): Id<UserId>) -> Result<Json<User>, Problem> {
    Ok(Json(one(&hub, id).await?))
}

/// Enable or disable a user; a disabled one is signed out everywhere and their sessions end.
#[utoipa::path(patch, path = "/api/v1/admin/users/{id}", operation_id = "switch_user", tag = "users", params(("id" = Uuid, Path)),
    request_body = Switch,
    responses((status = OK, body = User), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
pub async fn switch(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<UserId>,
    Body(Switch { enabled }): Body<Switch>,
) -> Result<Json<User>, Problem> {
    if id == admin.user_id && !enabled {
        return Err(Problem::own_account());
    }
    let mut tx = hub.pool.begin().await?;
    if !users::set_enabled(&mut tx, id, enabled).await? {
        return Err(Problem::not_found("user"));
    }
    if !enabled {
        sign_ins::revoke_all_of(&mut tx, id).await?;
    }
    admin.record(&hub, &mut tx, "user.switched", json!({ "id": id, "enabled": enabled })).await?;
    tx.commit().await?;
    if !enabled {
        hub.changes.tell(Change::UserDisabled(id));
    }
    Ok(Json(one(&hub, id).await?))
}

async fn one(hub: &Hub, id: UserId) -> Result<User, Problem> {
    let row = users::find(&hub.pool, id).await?;
    row.map(Into::into).ok_or_else(|| Problem::not_found("user"))
}
