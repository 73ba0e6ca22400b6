//! Signing in and out, and who one is.

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use openpam_ids::UserId;
use openpam_policy::Role;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::input::Body;
use super::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::sign_in::sign_in;
use crate::auth::{Caller, Seen, cookie};
use crate::changes::Change;
use crate::secrets::Secret;
use crate::store::{sign_ins, users};
use crate::time::Time;

/// A local account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    username: String,
    #[schema(value_type = String, format = Password)]
    password: Secret,
}

/// Who one is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    #[schema(value_type = Uuid)]
    id: UserId,
    username: String,
    email: Option<String>,
    display_name: Option<String>,
    #[schema(value_type = super::admin::users::RoleName)]
    role: Role,
    last_login_at: Option<Time>,
    /// Whether the hub keeps the account's password, and one can change it here.
    has_password: bool,
    /// Whether the hub tells a collector of traces: a page then tells it how long a shell took to open.
    traces: bool,
}

impl Me {
    fn new(user: users::User, hub: &Hub) -> Self {
        Self {
            id: user.id,
            username: user.username,
            email: user.email,
            display_name: user.display_name,
            role: user.role,
            last_login_at: user.last_login_at,
            has_password: user.entra_id.starts_with("local:"),
            traces: hub.page_traces.is_some(),
        }
    }
}

/// Sign in; sets the session cookie.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "auth", request_body = Login,
    responses((status = OK, body = Me), (status = UNAUTHORIZED, body = Problem), (status = TOO_MANY_REQUESTS, body = Problem)))]
pub async fn login(
    State(hub): State<AppState>,
    Extension(seen): Extension<Seen>,
    headers: HeaderMap,
    Body(login): Body<Login>,
) -> Result<impl IntoResponse, Problem> {
    let (user_id, token) = sign_in(&hub, &login.username, login.password, seen, user_agent(&headers)).await?;
    let user = users::find(&hub.pool, user_id).await?.ok_or_else(Problem::not_signed_in)?;
    Ok((AppendHeaders([(header::SET_COOKIE, token.set_cookie(seen.https))]), Json(Me::new(user, &hub))))
}

fn user_agent(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok())
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/auth/me", tag = "auth",
    responses((status = OK, body = Me), (status = UNAUTHORIZED, body = Problem)))]
pub async fn me(State(hub): State<AppState>, caller: Caller) -> Result<Json<Me>, Problem> {
    let user = users::find(&hub.pool, caller.user_id).await?.ok_or_else(Problem::not_signed_in)?;
    Ok(Json(Me::new(user, &hub)))
}

/// Sign out; shells of this browser are detached and wait for their grace time.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "auth",
    responses((status = NO_CONTENT), (status = UNAUTHORIZED, body = Problem)))]
pub async fn logout(
    State(hub): State<AppState>,
    Extension(seen): Extension<Seen>,
    caller: Caller,
) -> Result<impl IntoResponse, Problem> {
    let mut tx = hub.pool.begin().await?;
    sign_ins::revoke(&mut tx, caller.sign_in_id).await?;
    caller.record(&hub, &mut tx, "sign_in.ended", json!({})).await?;
    tx.commit().await?;
    hub.changes.tell(Change::SignedOut(caller.sign_in_id));
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, cookie::clear(seen.https))])))
}
