//! One's own account: where one is signed in, and one's password.

use std::time::Instant;

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use openpam_ids::UserId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::input::{Body, Id};
use super::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::{Caller, Seen, SignInId, cookie, password};
use crate::changes::Change;
use crate::secrets::Secret;
use crate::store::{sign_ins, users};
use crate::time::Time;

/// One signed-in browser of the caller's.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignIn {
    id: Uuid,
    /// Whether it is the one that asks.
    current: bool,
    created_at: Time,
    last_used_at: Time,
    /// It is over then at the latest.
    expires_at: Time,
    client_ip: Option<String>,
    /// What the browser said that it is.
    user_agent: Option<String>,
}

/// All of them: there are never many.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignIns {
    items: Vec<SignIn>,
    /// Always `null`: the list is whole.
    next: Option<String>,
}

/// A new password for one's own local account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    #[schema(value_type = String, format = Password)]
    current: Secret,
    /// At least 12 characters.
    #[schema(value_type = String, format = Password)]
    new: Secret,
}

/// Where one is signed in, the newest first.
#[utoipa::path(get, path = "/api/v1/auth/sign-ins", operation_id = "list_sign_ins", tag = "auth",
    responses((status = OK, body = SignIns), (status = UNAUTHORIZED, body = Problem)))]
pub async fn list(State(hub): State<AppState>, caller: Caller) -> Result<Json<SignIns>, Problem> {
    let rows = sign_ins::of(&hub.pool, caller.user_id, hub.config.sign_in_idle).await?;
    let items = rows.into_iter().map(|row| SignIn {
        id: row.id.uuid(),
        current: row.id == caller.sign_in_id,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        expires_at: row.expires_at,
        client_ip: row.client_ip,
        user_agent: row.user_agent,
    });
    Ok(Json(SignIns { items: items.collect(), next: None }))
}

/// Sign one browser out; its shells are detached and wait for their grace time.
#[utoipa::path(delete, path = "/api/v1/auth/sign-ins/{id}", operation_id = "end_sign_in", tag = "auth", params(("id" = Uuid, Path)),
    responses((status = NO_CONTENT), (status = UNAUTHORIZED, body = Problem), (status = NOT_FOUND, body = Problem)))]
pub async fn end(
    State(hub): State<AppState>,
    caller: Caller,
    Id(id): Id<Uuid>,
) -> Result<StatusCode, Problem> {
    let mut tx = hub.pool.begin().await?;
    if !sign_ins::revoke_of(&mut tx, caller.user_id, id.into()).await? {
        return Err(Problem::not_found("sign-in"));
    }
    caller.record(&hub, &mut tx, "sign_in.ended", json!({ "sign_in_id": id })).await?;
    tx.commit().await?;
    hub.changes.tell(Change::SignedOut(id.into()));
    Ok(StatusCode::NO_CONTENT)
}

/// Sign out everywhere, here too; all shells are detached and wait for their grace time.
#[utoipa::path(delete, path = "/api/v1/auth/sign-ins", operation_id = "end_all_sign_ins", tag = "auth",
    responses((status = NO_CONTENT), (status = UNAUTHORIZED, body = Problem)))]
pub async fn end_all(
    State(hub): State<AppState>,
    Extension(seen): Extension<Seen>,
    caller: Caller,
) -> Result<impl IntoResponse, Problem> {
    let mut tx = hub.pool.begin().await?;
    let ended = sign_ins::revoke_all_of(&mut tx, caller.user_id).await?;
    caller.record(&hub, &mut tx, "sign_in.all_ended", json!({ "count": ended.len() })).await?;
    tx.commit().await?;
    tell(&hub, &ended);
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, cookie::clear(seen.https))])))
}

/// Change one's own password; every other browser is signed out.
#[utoipa::path(put, path = "/api/v1/auth/password", operation_id = "change_password", tag = "auth", request_body = NewPassword,
    responses((status = NO_CONTENT), (status = BAD_REQUEST, body = Problem), (status = UNAUTHORIZED, body = Problem),
              (status = CONFLICT, body = Problem), (status = TOO_MANY_REQUESTS, body = Problem)))]
pub async fn change_password(
    State(hub): State<AppState>,
    caller: Caller,
    Body(wanted): Body<NewPassword>,
) -> Result<StatusCode, Problem> {
    if let Some(objection) = password::objection(&wanted.new) {
        return Err(Problem::invalid_field("new", objection));
    }
    let former = check_current(&hub, &caller, wanted.current).await?;
    let hash = hub.passwords.hash(wanted.new).await?;
    let mut tx = hub.pool.begin().await?;
    users::hold(&mut tx, caller.user_id).await?.ok_or_else(Problem::not_signed_in)?;
    if !users::replace_password(&mut tx, caller.user_id, &former, &hash).await? {
        return Err(Problem::changed_meanwhile("password"));
    }
    let ended = sign_ins::revoke_others_of(&mut tx, caller.user_id, caller.sign_in_id).await?;
    caller.record(&hub, &mut tx, "user.password_changed", json!({})).await?;
    tx.commit().await?;
    tell(&hub, &ended);
    Ok(StatusCode::NO_CONTENT)
}

/// Guesses count as failed sign-ins do. Answers the hash of the current password.
async fn check_current(hub: &Hub, caller: &Caller, current: Secret) -> Result<String, Problem> {
    let account = users::account(&hub.pool, &caller.username).await?;
    let own = |id: UserId| id == caller.user_id;
    let hash = account.filter(|account| own(account.id)).and_then(|account| account.password_hash);
    let hash = hash.ok_or_else(Problem::password_elsewhere)?;
    hub.throttle
        .begin(&caller.username, caller.client_ip, Instant::now())
        .map_err(Problem::too_many_attempts)?;
    if !hub.passwords.verify(Some(hash.clone()), current).await? {
        return Err(Problem::invalid_field("current", "this is not your current password"));
    }
    hub.throttle.succeeded(&caller.username, caller.client_ip);
    Ok(hash)
}

fn tell(hub: &Hub, ended: &[SignInId]) {
    ended.iter().for_each(|id| hub.changes.tell(Change::SignedOut(*id)));
}
