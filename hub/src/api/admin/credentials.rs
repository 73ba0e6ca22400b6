//! Credentials. The secret comes in and never goes out again.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use openpam_ids::{CredentialId, TargetId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tracing::warn;
use utoipa::ToSchema;

use super::Switch;
use crate::api::input::{self, Body, Id, Params};
use crate::api::page::{List, PageQuery};
use crate::api::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::{Admin, Caller};
use crate::changes::Change;
use crate::secrets::Secret;
use crate::store::kinds::CredentialKind;
use crate::store::{credentials, targets};
use crate::time::Time;

/// A credential, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct Credential {
    #[schema(value_type = Uuid)]
    id: CredentialId,
    #[schema(value_type = Uuid)]
    target_id: TargetId,
    /// The target's name.
    target: String,
    /// The account on the target.
    username: String,
    kind: CredentialKind,
    vault_secret_path: String,
    description: Option<String>,
    enabled: bool,
    created_at: Time,
    updated_at: Time,
}

impl From<credentials::Credential> for Credential {
    fn from(row: credentials::Credential) -> Self {
        Self {
            id: row.id,
            target_id: row.target_id,
            target: row.target,
            username: row.username,
            kind: row.kind,
            vault_secret_path: row.vault_secret_path,
            description: row.description,
            enabled: row.enabled,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A credential to make, with exactly one secret.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCredential {
    #[schema(value_type = Uuid)]
    target_id: TargetId,
    username: String,
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<Secret>,
    /// In OpenSSH or PEM form, without a passphrase.
    #[schema(value_type = Option<String>, format = Password)]
    private_key: Option<Secret>,
    description: Option<String>,
}

/// Credentials, newest first.
#[utoipa::path(get, path = "/api/v1/admin/credentials", operation_id = "list_credentials", tag = "credentials", params(PageQuery),
    responses((status = OK, body = List<Credential>), (status = FORBIDDEN, body = Problem)))]
pub async fn list(
    State(hub): State<AppState>,
    _: Admin,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<Credential>>, Problem> {
    let page = query.page()?;
    let rows = credentials::list(&hub.pool, page).await?;
    Ok(Json(List::cut(rows, page, |row| row.id.uuid()).map(Credential::from)))
}

/// Make a credential.
#[utoipa::path(post, path = "/api/v1/admin/credentials", operation_id = "create_credential", tag = "credentials",
    request_body = NewCredential,
    responses((status = CREATED, body = Credential), (status = BAD_REQUEST, body = Problem), (status = CONFLICT, body = Problem),
              (status = UNPROCESSABLE_ENTITY, body = Problem)))]
pub async fn create(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Body(new): Body<NewCredential>,
) -> Result<(StatusCode, Json<Credential>), Problem> {
    let (kind, secret) = secret(new.password, new.private_key)?;
    let id = CredentialId::generate();
    let row = credentials::NewCredential {
        id,
        target_id: new.target_id,
        username: input::name("username", &new.username)?,
        kind,
        vault_secret_path: hub.secrets.credential_path(id),
        description: input::description(new.description.as_deref())?,
    };
    if targets::find(&hub.pool, new.target_id).await?.is_none() {
        return Err(Problem::unknown("unknown_target", "target"));
    }
    // Secret first: a row without its secret would be a broken promise, a secret without a row is only litter.
    hub.secrets.put(&row.vault_secret_path, secret).await?;
    if let Err(problem) = insert(&hub, &admin, &row).await {
        if let Err(error) = hub.secrets.delete(&row.vault_secret_path).await {
            warn!(path = row.vault_secret_path, %error, "a secret without a credential is left behind");
        }
        return Err(problem);
    }
    hub.changes.tell(Change::TargetChanged(new.target_id));
    Ok((StatusCode::CREATED, Json(one(&hub, id).await?)))
}

/// One credential.
#[utoipa::path(get, path = "/api/v1/admin/credentials/{id}", operation_id = "read_credential", tag = "credentials",
    params(("id" = Uuid, Path)), responses((status = OK, body = Credential), (status = NOT_FOUND, body = Problem)))]
pub async fn read(
    State(hub): State<AppState>,
    _: Admin,
    Id(id): Id<CredentialId>,
) -> Result<Json<Credential>, Problem> {
    Ok(Json(one(&hub, id).await?))
}

/// Enable or disable a credential; sessions that use a disabled one end.
#[utoipa::path(patch, path = "/api/v1/admin/credentials/{id}", operation_id = "switch_credential", tag = "credentials",
    params(("id" = Uuid, Path)), request_body = Switch,
    responses((status = OK, body = Credential), (status = NOT_FOUND, body = Problem)))]
pub async fn switch(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<CredentialId>,
    Body(Switch { enabled }): Body<Switch>,
) -> Result<Json<Credential>, Problem> {
    let mut tx = hub.pool.begin().await?;
    let target = credentials::set_enabled(&mut tx, id, enabled).await?;
    let target = target.ok_or_else(|| Problem::not_found("credential"))?;
    admin.record(&hub, &mut tx, "credential.switched", json!({ "id": id, "enabled": enabled })).await?;
    tx.commit().await?;
    hub.changes.tell(Change::TargetChanged(target));
    Ok(Json(one(&hub, id).await?))
}

fn secret(
    password: Option<Secret>,
    private_key: Option<Secret>,
) -> Result<(CredentialKind, Secret), Problem> {
    let (kind, field, secret) = match (password, private_key) {
        (Some(secret), None) => (CredentialKind::Password, "password", secret),
        (None, Some(secret)) => (CredentialKind::PrivateKey, "private_key", secret),
        _ => return Err(Problem::invalid_field("password", "give either a password or a private_key")),
    };
    if secret.expose().is_empty() {
        return Err(Problem::invalid_field(field, format!("{field} is empty")));
    }
    if kind == CredentialKind::PrivateKey && !secret.expose().contains("PRIVATE KEY-----") {
        return Err(Problem::invalid_field(field, "private_key is a key in OpenSSH or PEM form"));
    }
    Ok((kind, secret))
}

async fn insert(hub: &Hub, admin: &Caller, row: &credentials::NewCredential) -> Result<(), Problem> {
    let mut tx = hub.pool.begin().await?;
    credentials::create(&mut tx, row).await?;
    let detail =
        json!({ "id": row.id, "target_id": row.target_id, "username": row.username, "kind": row.kind });
    admin.record(hub, &mut tx, "credential.created", detail).await?;
    Ok(tx.commit().await?)
}

async fn one(hub: &Hub, id: CredentialId) -> Result<Credential, Problem> {
    let row = credentials::find(&hub.pool, id).await?;
    row.map(Into::into).ok_or_else(|| Problem::not_found("credential"))
}
