//! Credentials. The secret comes in and never goes out again.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use openpam_ids::{CredentialId, TargetId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tracing::warn;
use utoipa::ToSchema;

use super::change::{self, DELETED};
use crate::api::input::{self, Body, Id, Params};
use crate::api::page::{List, PageQuery};
use crate::api::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::{Admin, Caller};
use crate::changes::Change;
use crate::secrets::Secret;
use crate::secrets::private_key::{self, KeyError};
use crate::store::kinds::{CredentialKind, Protocol};
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
    /// How often it was changed, from 1 on: a change names the version that it was made from.
    version: i64,
    /// When it was deleted, if it was: what the books name is kept, disabled and hidden.
    retired_at: Option<Time>,
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
            version: row.version,
            retired_at: row.retired_at,
        }
    }
}

/// A credential to make, with exactly one secret: a desktop's is a password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCredential {
    #[schema(value_type = Uuid)]
    target_id: TargetId,
    #[schema(min_length = 1, max_length = 255)]
    username: String,
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<Secret>,
    /// Ed25519, ECDSA or RSA, in OpenSSH, PEM or PuTTY form.
    #[schema(value_type = Option<String>, format = Password)]
    private_key: Option<Secret>,
    /// Opens the private key, if it is encrypted; not kept.
    #[schema(value_type = Option<String>, format = Password)]
    passphrase: Option<Secret>,
    description: Option<String>,
}

/// A change of a credential: what is left out stays. A new secret, of either kind, replaces the old one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "three states: leave, clear, set")]
pub struct CredentialChange {
    /// Refused if the credential is not at this version any more.
    version: Option<i64>,
    #[schema(min_length = 1, max_length = 255)]
    username: Option<String>,
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<Secret>,
    /// Ed25519, ECDSA or RSA, in OpenSSH, PEM or PuTTY form.
    #[schema(value_type = Option<String>, format = Password)]
    private_key: Option<Secret>,
    /// Opens the private key, if it is encrypted; not kept.
    #[schema(value_type = Option<String>, format = Password)]
    passphrase: Option<Secret>,
    #[serde(default, deserialize_with = "input::nullable")]
    #[schema(value_type = Option<String>)]
    description: Option<Option<String>>,
    enabled: Option<bool>,
}

impl CredentialChange {
    async fn secret(&mut self) -> Result<Option<(CredentialKind, Secret)>, Problem> {
        match (self.password.take(), self.private_key.take()) {
            (None, None) => Ok(None),
            (password, private_key) => secret(password, private_key, self.passphrase.take()).await.map(Some),
        }
    }

    fn apply(self, before: &credentials::Fields) -> Result<credentials::Fields, Problem> {
        let mut after = before.clone();
        if let Some(username) = self.username {
            after.username = input::name("username", &username)?;
        }
        if let Some(description) = self.description {
            after.description = input::description(description.as_deref())?;
        }
        after.enabled = self.enabled.unwrap_or(after.enabled);
        Ok(after)
    }
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
    let (kind, secret) = secret(new.password, new.private_key, new.passphrase).await?;
    let id = CredentialId::generate();
    let row = credentials::NewCredential {
        id,
        target_id: new.target_id,
        username: input::name("username", &new.username)?,
        kind,
        vault_secret_path: hub.secrets.new_credential_path(id),
        description: input::description(new.description.as_deref())?,
    };
    let target = targets::find(&hub.pool, new.target_id).await?;
    let target = target.ok_or_else(|| Problem::unknown("unknown_target", "target"))?;
    must_fit(target.protocol, kind)?;
    // Secret first: a row without its secret would be a broken promise, a secret without a row is only litter.
    hub.secrets.put(&row.vault_secret_path, secret).await?;
    if let Err(problem) = insert(&hub, &admin, &row).await {
        forget(&hub, &row.vault_secret_path).await;
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

/// Change a credential; sessions that use a disabled one end. A new secret is used from the next session on.
#[utoipa::path(patch, path = "/api/v1/admin/credentials/{id}", operation_id = "change_credential", tag = "credentials",
    params(("id" = Uuid, Path)), request_body = CredentialChange,
    responses((status = OK, body = Credential), (status = BAD_REQUEST, body = Problem), (status = NOT_FOUND, body = Problem),
              (status = CONFLICT, body = Problem)))]
pub async fn change(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<CredentialId>,
    Body(mut wanted): Body<CredentialChange>,
) -> Result<Json<Credential>, Problem> {
    let version = wanted.version;
    let secret = wanted.secret().await?;
    let mut tx = hub.pool.begin().await?;
    let held = credentials::hold(&mut tx, id).await?;
    let (target, held) = held.ok_or_else(|| Problem::not_found("credential"))?;
    let before = change::as_seen(Some(held), "credential", version)?;
    let mut after = wanted.apply(&before)?;
    // Under a path of its own: until the change is written the old secret is the one that counts.
    let stored = match secret {
        Some((kind, secret)) => {
            let on =
                targets::find(&mut *tx, target).await?.ok_or_else(|| Problem::not_found("credential"))?;
            must_fit(on.protocol, kind)?;
            (after.kind, after.vault_secret_path) = (kind, hub.secrets.new_credential_path(id));
            hub.secrets.put(&after.vault_secret_path, secret).await?;
            true
        }
        None => false,
    };
    let changes = change::difference(&before, &after);
    if changes.is_empty() {
        return Ok(Json(one(&hub, id).await?));
    }
    let detail = json!({ "id": id, "name": before.username, "target_id": target, "changes": changes });
    let written = async {
        credentials::change(&mut tx, id, &after).await?;
        admin.record(&hub, &mut tx, "credential.changed", detail).await?;
        tx.commit().await?;
        Ok::<_, Problem>(())
    };
    if let Err(problem) = written.await {
        if stored {
            forget(&hub, &after.vault_secret_path).await;
        }
        return Err(problem);
    }
    if stored {
        forget(&hub, &before.vault_secret_path).await;
    }
    hub.changes.tell(Change::TargetChanged(target));
    Ok(Json(one(&hub, id).await?))
}

/// Delete a credential and its secret; sessions that use it end.
#[utoipa::path(delete, path = "/api/v1/admin/credentials/{id}", operation_id = "delete_credential", tag = "credentials",
    params(("id" = Uuid, Path)), responses((status = NO_CONTENT), (status = NOT_FOUND, body = Problem)))]
pub async fn delete(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<CredentialId>,
) -> Result<StatusCode, Problem> {
    let mut tx = hub.pool.begin().await?;
    let held = credentials::hold(&mut tx, id).await?;
    let (target, held) = held.ok_or_else(|| Problem::not_found("credential"))?;
    let credential = held.fields;
    let how = credentials::delete(&mut tx, id).await?;
    admin
        .record(&hub, &mut tx, "credential.deleted", change::deletion(&id, &credential.username, how))
        .await?;
    tx.commit().await?;
    forget(&hub, &credential.vault_secret_path).await;
    hub.changes.tell(Change::TargetChanged(target));
    Ok(DELETED)
}

async fn secret(
    password: Option<Secret>,
    private_key: Option<Secret>,
    passphrase: Option<Secret>,
) -> Result<(CredentialKind, Secret), Problem> {
    match (password, private_key) {
        (Some(password), None) if password.expose().is_empty() => {
            Err(Problem::invalid_field("password", "password is empty"))
        }
        (Some(password), None) => Ok((CredentialKind::Password, password)),
        (None, Some(key)) => {
            let opened =
                tokio::task::spawn_blocking(move || private_key::open(&key, passphrase.as_ref())).await;
            let opened = opened.map_err(|_| Problem::internal())?;
            opened.map(|key| (CredentialKind::PrivateKey, key)).map_err(refusal)
        }
        _ => Err(Problem::invalid_field("password", "give either a password or a private_key")),
    }
}

/// Desktops know passwords alone.
fn must_fit(protocol: Protocol, kind: CredentialKind) -> Result<(), Problem> {
    match kind {
        CredentialKind::PrivateKey if protocol.is_desktop() => {
            let detail = "a desktop is opened with a password: private keys are for targets of SSH";
            Err(Problem::invalid_field("private_key", detail))
        }
        _ => Ok(()),
    }
}

fn refusal(error: KeyError) -> Problem {
    let field = match error {
        KeyError::NeedsPassphrase | KeyError::WrongPassphrase => "passphrase",
        _ => "private_key",
    };
    Problem::invalid_field(field, error.to_string())
}

async fn insert(hub: &Hub, admin: &Caller, row: &credentials::NewCredential) -> Result<(), Problem> {
    let mut tx = hub.pool.begin().await?;
    credentials::create(&mut tx, row).await?;
    let detail =
        json!({ "id": row.id, "target_id": row.target_id, "username": row.username, "kind": row.kind });
    admin.record(hub, &mut tx, "credential.created", detail).await?;
    Ok(tx.commit().await?)
}

/// Forgets a secret that no credential has any more.
pub(super) async fn forget(hub: &Hub, path: &str) {
    if let Err(error) = hub.secrets.delete(path).await {
        warn!(path, %error, "a secret without a credential is left behind");
    }
}

async fn one(hub: &Hub, id: CredentialId) -> Result<Credential, Problem> {
    let row = credentials::find(&hub.pool, id).await?;
    row.map(Into::into).ok_or_else(|| Problem::not_found("credential"))
}
