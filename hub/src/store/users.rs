//! Users and their local password hashes.

use openpam_ids::UserId;
use openpam_policy::Role;
use sqlx::{PgConnection, PgPool};

use super::{Page, StoreError};
use crate::time::Time;

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// The name to sign in with, lower case.
    pub username: String,
    /// Mail address, if one was given.
    pub email: Option<String>,
    /// For people.
    pub display_name: Option<String>,
    /// What they may do in the console.
    pub role: Role,
    /// Whether they may sign in and open anything.
    pub enabled: bool,
    /// The directory's id; `local:<uuid>` for a local account.
    pub entra_id: String,
    /// When the account was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// The last sign-in.
    pub last_login_at: Option<Time>,
}

/// What is needed to make a local account.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The name to sign in with, lower case.
    pub username: String,
    /// Mail address.
    pub email: Option<String>,
    /// For people.
    pub display_name: Option<String>,
    /// What they may do in the console.
    pub role: Role,
    /// PHC string of the password's hash.
    pub password_hash: String,
}

/// What a sign-in checks against.
#[derive(Clone, Debug)]
pub struct Account {
    /// Who.
    pub id: UserId,
    /// Whether they may sign in.
    pub enabled: bool,
    /// PHC string; absent: no local password.
    pub password_hash: Option<String>,
}

/// One user.
///
/// # Errors
/// [`StoreError`].
pub async fn find(pool: &PgPool, id: UserId) -> Result<Option<User>, StoreError> {
    Ok(select(pool, Some(id), Page { limit: 1, after: None }).await?.pop())
}

/// All users, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(pool: &PgPool, page: Page) -> Result<Vec<User>, StoreError> {
    select(pool, None, page).await
}

async fn select(pool: &PgPool, only: Option<UserId>, page: Page) -> Result<Vec<User>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id, username, CASE WHEN email LIKE '%@local.invalid' THEN NULL ELSE email END AS email,
                  display_name, role, enabled AS "enabled!", entra_id, created_at AS "created_at!: Time",
                  updated_at AS "updated_at!: Time", last_login_at AS "last_login_at: Time"
             FROM users
            WHERE ($1::uuid IS NULL OR id = $1) AND ($2::uuid IS NULL OR id < $2)
            ORDER BY id DESC LIMIT $3"#,
        only.map(UserId::uuid),
        page.after,
        page.rows(),
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| User {
            id: row.id.into(),
            username: row.username,
            email: row.email,
            display_name: row.display_name,
            role: role(&row.role),
            enabled: row.enabled,
            entra_id: row.entra_id,
            created_at: row.created_at,
            updated_at: row.updated_at,
            last_login_at: row.last_login_at,
        })
        .collect())
}

/// The account behind a user name.
///
/// # Errors
/// [`StoreError`].
pub async fn account(pool: &PgPool, username: &str) -> Result<Option<Account>, StoreError> {
    let row = sqlx::query_as!(
        Account,
        r#"SELECT id, enabled AS "enabled!", password_hash FROM users WHERE username = $1"#,
        username,
    );
    Ok(row.fetch_optional(pool).await?)
}

/// Makes a local account. The specification wants a mail address for everybody: without one, a name under the
/// reserved domain `invalid` (RFC 2606) stands in the column and is never shown.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if user name or mail address is taken.
pub async fn create(db: &mut PgConnection, new: &NewUser) -> Result<UserId, StoreError> {
    let id = UserId::generate();
    let email = new.email.clone().unwrap_or_else(|| format!("{id}@local.invalid"));
    sqlx::query!(
        "INSERT INTO users (id, entra_id, email, display_name, username, role, password_hash, password_changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, NOW())",
        id.uuid(),
        format!("local:{id}"),
        email,
        new.display_name,
        new.username,
        new.role.as_str(),
        new.password_hash,
    )
    .execute(db)
    .await?;
    Ok(id)
}

/// Enables or disables a user; `false`: there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn set_enabled(db: &mut PgConnection, id: UserId, enabled: bool) -> Result<bool, StoreError> {
    let done =
        sqlx::query!("UPDATE users SET enabled = $2, updated_at = NOW() WHERE id = $1", id.uuid(), enabled);
    Ok(done.execute(db).await?.rows_affected() > 0)
}

/// Notes a sign-in.
///
/// # Errors
/// [`StoreError`].
pub async fn signed_in(db: &mut PgConnection, id: UserId) -> Result<(), StoreError> {
    sqlx::query!("UPDATE users SET last_login_at = NOW() WHERE id = $1", id.uuid()).execute(db).await?;
    Ok(())
}

/// The column's CHECK constraint admits nothing else; if it did, the least.
pub(super) fn role(column: &str) -> Role {
    column.parse().unwrap_or(Role::User)
}
