//! Join tokens. The secret is shown once, in the answer that makes it; afterwards nobody has it.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use openpam_ids::{SatelliteId, TokenId, UserId, ZoneId};
use openpam_proto::token::JoinToken;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::api::input::{Body, Id, Params};
use crate::api::page::{List, PageQuery};
use crate::api::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::Admin;
use crate::instances::all_addresses;
use crate::join_tokens::{self, DEFAULT_LIFETIME, MAX_LIFETIME};
use crate::store::tokens::{self, TokenState};
use crate::time::Time;

/// A join token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct Token {
    #[schema(value_type = Uuid)]
    id: TokenId,
    #[schema(value_type = Uuid)]
    zone_id: ZoneId,
    /// The zone's name.
    zone: String,
    state: TokenState,
    expires_at: Time,
    created_at: Time,
    #[schema(value_type = Option<Uuid>)]
    created_by: Option<UserId>,
    used_at: Option<Time>,
    /// The satellite that joined with it.
    #[schema(value_type = Option<Uuid>)]
    satellite_id: Option<SatelliteId>,
}

impl From<tokens::Token> for Token {
    fn from(row: tokens::Token) -> Self {
        Self {
            id: row.id,
            zone_id: row.zone_id,
            zone: row.zone,
            state: row.state,
            expires_at: row.expires_at,
            created_at: row.created_at,
            created_by: row.created_by,
            used_at: row.used_at,
            satellite_id: row.satellite_id,
        }
    }
}

/// A new token with its secret: shown this once.
#[derive(Serialize, ToSchema)]
pub struct ShownToken {
    #[serde(flatten)]
    about: Token,
    /// What the satellite joins with.
    #[schema(value_type = String)]
    token: Zeroizing<String>,
    /// The line to run at the site.
    #[schema(value_type = String)]
    command: Zeroizing<String>,
}

/// A token to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    #[schema(value_type = Uuid)]
    zone_id: ZoneId,
    /// One hour by default, at most 30 days.
    #[schema(minimum = 1, maximum = 2_592_000, default = 3600)]
    lifetime_seconds: Option<u32>,
}

/// Tokens, newest first.
#[utoipa::path(get, path = "/api/v1/admin/tokens", operation_id = "list_tokens", tag = "tokens", params(PageQuery),
    responses((status = OK, body = List<Token>), (status = FORBIDDEN, body = Problem)))]
pub async fn list(
    State(hub): State<AppState>,
    _: Admin,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<Token>>, Problem> {
    let page = query.page()?;
    let rows = tokens::list(&hub.pool, page).await?;
    Ok(Json(List::cut(rows, page, |row| row.id.uuid()).map(Token::from)))
}

/// Make a token.
#[utoipa::path(post, path = "/api/v1/admin/tokens", operation_id = "create_token", tag = "tokens", request_body = NewToken,
    responses((status = CREATED, body = ShownToken), (status = BAD_REQUEST, body = Problem),
              (status = UNPROCESSABLE_ENTITY, body = Problem)))]
pub async fn create(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Body(new): Body<NewToken>,
) -> Result<(StatusCode, Json<ShownToken>), Problem> {
    let lifetime =
        new.lifetime_seconds.map_or(DEFAULT_LIFETIME, |seconds| Duration::from_secs(seconds.into()));
    if lifetime.is_zero() || lifetime > MAX_LIFETIME {
        let detail = format!("lifetime_seconds is 1 to {}", MAX_LIFETIME.as_secs());
        return Err(Problem::invalid_field("lifetime_seconds", detail));
    }
    let addresses = all_addresses(&hub, hub.config.tunnel_addresses.clone());
    let token = join_tokens::make(&hub.keys, addresses).map_err(|error| Problem::hidden(&error))?;
    let expires_at = Time::now().after(lifetime);
    let hash = JoinToken::secret_hash(token.secret.as_slice());
    let mut tx = hub.pool.begin().await?;
    tokens::create(&mut tx, token.id, new.zone_id, &hash, expires_at, Some(admin.user_id)).await?;
    let detail = json!({ "id": token.id, "zone_id": new.zone_id, "expires_at": expires_at });
    admin.record(&hub, &mut tx, "token.created", detail).await?;
    tx.commit().await?;
    let (text, command) = (token.encode(), join_tokens::command(&token));
    let about = one(&hub, token.id).await?;
    Ok((StatusCode::CREATED, Json(ShownToken { about, token: text, command })))
}

/// One token.
#[utoipa::path(get, path = "/api/v1/admin/tokens/{id}", operation_id = "read_token", tag = "tokens", params(("id" = Uuid, Path)),
    responses((status = OK, body = Token), (status = NOT_FOUND, body = Problem)))]
pub async fn read(
    State(hub): State<AppState>,
    _: Admin,
    Id(id): Id<TokenId>,
) -> Result<Json<Token>, Problem> {
    Ok(Json(one(&hub, id).await?))
}

/// Withdraw a token; a satellite that has joined with it stays.
#[utoipa::path(post, path = "/api/v1/admin/tokens/{id}/revoke", operation_id = "revoke_token", tag = "tokens",
    params(("id" = Uuid, Path)), responses((status = NO_CONTENT), (status = NOT_FOUND, body = Problem)))]
pub async fn revoke(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<TokenId>,
) -> Result<StatusCode, Problem> {
    let mut tx = hub.pool.begin().await?;
    if !tokens::revoke(&mut tx, id).await? {
        return Err(Problem::not_found("token"));
    }
    admin.record(&hub, &mut tx, "token.revoked", json!({ "id": id })).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn one(hub: &Hub, id: TokenId) -> Result<Token, Problem> {
    let row = tokens::find(&hub.pool, id).await?;
    row.map(Into::into).ok_or_else(|| Problem::not_found("token"))
}
