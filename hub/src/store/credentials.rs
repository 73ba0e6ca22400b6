//! Credentials: accounts on targets. The secret is elsewhere; here is only its path.

use openpam_ids::{CredentialId, TargetId};
use serde::Serialize;
use sqlx::{PgConnection, PgPool};

use super::change::{Deleted, Held, Named, must_stand};
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
    /// Its changes so far.
    pub version: i64,
    /// When it was deleted, if it was.
    pub retired_at: Option<Time>,
}

/// What of a credential can be changed.
#[derive(Clone, Debug, Serialize)]
pub struct Fields {
    /// The account on the target.
    pub username: String,
    /// What kind of secret it has.
    pub kind: CredentialKind,
    /// Where the secret is: another path for each secret it had.
    pub vault_secret_path: String,
    /// For people.
    pub description: Option<String>,
    /// Whether it may be used.
    pub enabled: bool,
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

/// All credentials that are not retired, newest first.
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
                  c.enabled, c.created_at AS "created_at!: Time", c.updated_at AS "updated_at!: Time",
                  c.version, c.retired_at AS "retired_at: Time"
             FROM credentials c JOIN targets t ON t.id = c.target_id
            WHERE (($1::uuid IS NULL AND c.retired_at IS NULL) OR c.id = $1) AND ($2::uuid IS NULL OR c.id < $2)
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
    must_stand(db, Named::Target(new.target_id)).await?;
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

/// Holds a credential for a change, and says whose it is; `None`: there is none, or it is retired.
///
/// # Errors
/// [`StoreError`].
pub async fn hold(
    db: &mut PgConnection,
    id: CredentialId,
) -> Result<Option<(TargetId, Held<Fields>)>, StoreError> {
    let row = sqlx::query!(
        "SELECT target_id, version, username, kind, vault_secret_path, description, enabled
           FROM credentials WHERE id = $1 AND retired_at IS NULL FOR UPDATE",
        id.uuid(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| {
        let fields = Fields {
            username: row.username,
            kind: row.kind.into(),
            vault_secret_path: row.vault_secret_path,
            description: row.description,
            enabled: row.enabled,
        };
        (row.target_id.into(), Held { version: row.version, fields })
    }))
}

/// Changes a credential that is held.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if the target has that account.
pub async fn change(db: &mut PgConnection, id: CredentialId, fields: &Fields) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE credentials SET username = $2, kind = $3, vault_secret_path = $4, description = $5, enabled = $6,
                version = version + 1, updated_at = NOW() WHERE id = $1",
        id.uuid(),
        fields.username,
        fields.kind.as_str(),
        fields.vault_secret_path,
        fields.description,
        fields.enabled,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes a credential that is held. Its secret is the caller's to forget.
///
/// # Errors
/// [`StoreError`].
pub async fn delete(db: &mut PgConnection, id: CredentialId) -> Result<Deleted, StoreError> {
    let removed = sqlx::query!(
        "DELETE FROM credentials c
          WHERE c.id = $1 AND NOT EXISTS (SELECT 1 FROM audit_logs a WHERE a.credential_id = c.id)",
        id.uuid(),
    )
    .execute(&mut *db)
    .await?;
    if removed.rows_affected() > 0 {
        return Ok(Deleted::Removed);
    }
    sqlx::query!(
        "UPDATE credentials SET enabled = false, retired_at = NOW(), version = version + 1, updated_at = NOW()
          WHERE id = $1",
        id.uuid(),
    )
    .execute(db)
    .await?;
    Ok(Deleted::Retired)
}
