//! Users.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use openpam_ids::UserId;
use openpam_policy::Role;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::change::{self, DELETED};
use crate::api::input::{self, Body, Id, Params};
use crate::api::page::{List, PageQuery};
use crate::api::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::{Admin, Caller, password};
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
    /// How often the account was changed, from 1 on: a change names the version that it was made from.
    version: i64,
    /// When the account was deleted, if it was: whoever the books name is kept, disabled and hidden.
    retired_at: Option<Time>,
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
            version: row.version,
            retired_at: row.retired_at,
        }
    }
}

/// A local account to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    #[schema(min_length = 1, max_length = 64)]
    username: String,
    /// At least 12 characters.
    #[schema(min_length = 12, value_type = String, format = Password)]
    password: Secret,
    #[schema(value_type = RoleName)]
    role: Role,
    email: Option<String>,
    display_name: Option<String>,
}

/// A change of an account: what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "three states: leave, clear, set")]
pub struct UserChange {
    /// Refused if the account is not at this version any more.
    version: Option<i64>,
    #[serde(default, deserialize_with = "input::nullable")]
    #[schema(value_type = Option<String>)]
    email: Option<Option<String>>,
    #[serde(default, deserialize_with = "input::nullable")]
    #[schema(value_type = Option<String>)]
    display_name: Option<Option<String>>,
    #[schema(value_type = Option<RoleName>)]
    role: Option<Role>,
    enabled: Option<bool>,
    /// Of a local account, at least 12 characters. It signs the user out everywhere.
    #[schema(min_length = 12, value_type = Option<String>, format = Password)]
    password: Option<Secret>,
}

impl UserChange {
    fn apply(self, before: &users::Fields) -> Result<users::Fields, Problem> {
        let mut after = before.clone();
        if let Some(email) = self.email {
            after.email = input::email(email.as_deref())?;
        }
        if let Some(name) = self.display_name {
            after.display_name = input::display_name(name.as_deref())?;
        }
        after.role = self.role.unwrap_or(after.role);
        after.enabled = self.enabled.unwrap_or(after.enabled);
        Ok(after)
    }
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
    acceptable(&new.password)?;
    let username = input::username(&new.username)?;
    let email = input::email(new.email.as_deref())?;
    let display_name = input::display_name(new.display_name.as_deref())?;
    let password_hash = hub.passwords.hash(new.password).await?;
    let row =
        users::NewUser { username, email, display_name, role: new.role, password_hash: Some(password_hash) };
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

/// Change an account. Disabling it, or another password, signs its user out everywhere; disabling it ends their sessions too.
#[utoipa::path(patch, path = "/api/v1/admin/users/{id}", operation_id = "change_user", tag = "users", params(("id" = Uuid, Path)),
    request_body = UserChange,
    responses((status = OK, body = User), (status = BAD_REQUEST, body = Problem), (status = NOT_FOUND, body = Problem),
              (status = CONFLICT, body = Problem)))]
pub async fn change(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<UserId>,
    Body(mut wanted): Body<UserChange>,
) -> Result<Json<User>, Problem> {
    let version = wanted.version;
    let hash = match wanted.password.take() {
        Some(password) => {
            acceptable(&password)?;
            Some(hub.passwords.hash(password).await?)
        }
        None => None,
    };
    let mut tx = hub.pool.begin().await?;
    let admins = users::hold_admins(&mut tx).await?;
    let before = change::as_seen(users::hold(&mut tx, id).await?, "user", version)?;
    let after = wanted.apply(&before)?;
    if !(after.enabled && after.role == Role::Admin) {
        keeps_an_admin(&admins, id, &admin)?;
    }
    let changes = change::difference(&before, &after);
    if let Some(hash) = &hash {
        if !users::set_password(&mut tx, id, hash).await? {
            return Err(Problem::password_elsewhere());
        }
        let detail = json!({ "id": id, "name": before.username });
        admin.record(&hub, &mut tx, "user.password_reset", detail).await?;
    }
    if !changes.is_empty() {
        users::change(&mut tx, id, &after).await?;
        let detail = json!({ "id": id, "name": before.username, "changes": changes });
        admin.record(&hub, &mut tx, "user.changed", detail).await?;
    }
    let signed_out = match hash.is_some() || !after.enabled {
        true => sign_ins::revoke_all_of(&mut tx, id).await?,
        false => Vec::new(),
    };
    tx.commit().await?;
    if after.enabled {
        signed_out.into_iter().for_each(|sign_in| hub.changes.tell(Change::SignedOut(sign_in)));
    } else {
        // Their sessions end; were they detached first, they would end with another code.
        hub.changes.tell(Change::UserDisabled(id));
    }
    if before.role.reads_all() && !after.role.reads_all() {
        hub.changes.tell(Change::WatchingEnded(id));
    }
    Ok(Json(one(&hub, id).await?))
}

/// Delete an account with its grants and memberships; its schedules are cancelled, its user is signed out everywhere and
/// their sessions end. What they did stays in the books.
#[utoipa::path(delete, path = "/api/v1/admin/users/{id}", operation_id = "delete_user", tag = "users", params(("id" = Uuid, Path)),
    responses((status = NO_CONTENT), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
pub async fn delete(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<UserId>,
) -> Result<StatusCode, Problem> {
    let mut tx = hub.pool.begin().await?;
    let admins = users::hold_admins(&mut tx).await?;
    let user = change::as_seen(users::hold(&mut tx, id).await?, "user", None)?;
    keeps_an_admin(&admins, id, &admin)?;
    sign_ins::revoke_all_of(&mut tx, id).await?;
    let how = users::delete(&mut tx, id).await?;
    admin.record(&hub, &mut tx, "user.deleted", change::deletion(&id, &user.username, how)).await?;
    tx.commit().await?;
    hub.changes.tell(Change::UserDisabled(id));
    Ok(DELETED)
}

/// Whether this account may stop being an admin's.
fn keeps_an_admin(admins: &[UserId], id: UserId, caller: &Caller) -> Result<(), Problem> {
    if id == caller.user_id {
        return Err(Problem::own_account());
    }
    if admins == [id] {
        return Err(Problem::last_admin());
    }
    Ok(())
}

fn acceptable(password: &Secret) -> Result<(), Problem> {
    password::objection(password)
        .map_or(Ok(()), |objection| Err(Problem::invalid_field("password", objection)))
}

async fn one(hub: &Hub, id: UserId) -> Result<User, Problem> {
    let row = users::find(&hub.pool, id).await?;
    row.map(Into::into).ok_or_else(|| Problem::not_found("user"))
}
