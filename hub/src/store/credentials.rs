//! Credentials: accounts on targets. The secret is elsewhere; here is only its path.

use openpam_ids::{CredentialId, TargetId};
use sqlx::{PgConnection, PgPool};

use super::kinds::CredentialKind;
use super::{Page, StoreError};
use crate::time::Time;

/// A credential without its secret.
#[derive(Clone, Debug)]
pub struct Credential {
    /// Which.
    pub id: CredentialId,
    /// On which target.
    pub target_id: TargetId,
    /// That target's name.
    pub target: String,
    /// The account on the target.
    pub username: String,
    /// What kind of secret it has.
    pub kind: CredentialKind,
    /// Where the secret is.
    pub vault_secret_path: String,
    /// For people.
    pub description: Option<String>,
    /// Whether it may be used.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// What is needed to make one. The id is made before, because the secret's path holds it.
#[derive(Clone, Debug)]
pub struct NewCredential {
    /// Which.
    pub id: CredentialId,
    /// On which target.
    pub target_id: TargetId,
    /// The account on the target.
    pub username: String,
    /// What kind of secret.
    pub kind: CredentialKind,
    /// Where the secret is.
    pub vault_secret_path: String,
    /// For people.
    pub description: Option<String>,
}

/// An account that may be chosen for a target.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Which.
    pub id: CredentialId,
    /// On which target.
    pub target_id: TargetId,
    /// The account's name there.
    pub username: String,
}

/// One credential.
///
/// # Errors
/// [`StoreError`].
pub async fn find(pool: &PgPool, id: CredentialId) -> Result<Option<Credential>, StoreError> {
    Ok(select(pool, Some(id), Page { limit: 1, after: None }).await?.pop())
}

/// All credentials, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(pool: &PgPool, page: Page) -> Result<Vec<Credential>, StoreError> {
    select(pool, None, page).await
}

async fn select(
    pool: &PgPool,
    only: Option<CredentialId>,
    page: Page,
) -> Result<Vec<Credential>, StoreError> {
    let rows = sqlx::query_as!(
        Credential,
        r#"SELECT c.id, c.target_id, t.name AS target, c.username, c.kind, c.vault_secret_path, c.description,
                  c.enabled, c.created_at AS "created_at!: Time", c.updated_at AS "updated_at!: Time"
             FROM credentials c JOIN targets t ON t.id = c.target_id
            WHERE ($1::uuid IS NULL OR c.id = $1) AND ($2::uuid IS NULL OR c.id < $2)
            ORDER BY c.id DESC LIMIT $3"#,
        only.map(CredentialId::uuid),
        page.after,
        page.rows(),
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// The enabled accounts of these targets, the default one of each first.
///
/// # Errors
/// [`StoreError`].
pub async fn choices(pool: &PgPool, targets: &[TargetId]) -> Result<Vec<Choice>, StoreError> {
    let ids: Vec<_> = targets.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        Choice,
        "SELECT id, target_id, username FROM credentials WHERE enabled AND target_id = ANY($1) ORDER BY id",
        &ids,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// Makes a credential.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if the target has that account, [`StoreError::Dangling`] without the target.
pub async fn create(db: &mut PgConnection, new: &NewCredential) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO credentials (id, target_id, username, kind, vault_secret_path, description)
         VALUES ($1, $2, $3, $4, $5, $6)",
        new.id.uuid(),
        new.target_id.uuid(),
        new.username,
        new.kind.as_str(),
        new.vault_secret_path,
        new.description,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Enables or disables a credential and says whose it is; `None`: there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn set_enabled(
    db: &mut PgConnection,
    id: CredentialId,
    enabled: bool,
) -> Result<Option<TargetId>, StoreError> {
    let target = sqlx::query_scalar!(
        "UPDATE credentials SET enabled = $2, updated_at = NOW() WHERE id = $1 RETURNING target_id",
        id.uuid(),
        enabled,
    );
    Ok(target.fetch_optional(db).await?.map(Into::into))
}
