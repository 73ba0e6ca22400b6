//! Users and their local password hashes.

use openpam_ids::UserId;
use openpam_policy::Role;
use serde::Serialize;
use sqlx::{PgConnection, PgExecutor, PgPool};

use super::change::{Deleted, Held};
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
    /// Changes of the account so far.
    pub version: i64,
    /// When the account was deleted, if it was.
    pub retired_at: Option<Time>,
    /// Whether a password was set, so that somebody can sign in.
    pub has_password: bool,
}

/// What of an account can be changed; its password apart.
#[derive(Clone, Debug, Serialize)]
pub struct Fields {
    /// The name to sign in with; it stays.
    pub username: String,
    /// Mail address, if there is one.
    pub email: Option<String>,
    /// For people.
    pub display_name: Option<String>,
    /// What they may do in the console.
    pub role: Role,
    /// Whether they may sign in and open anything.
    pub enabled: bool,
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
    /// PHC string of the password's hash; absent: nobody signs in with a password until one is set.
    pub password_hash: Option<String>,
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
pub async fn find(db: impl PgExecutor<'_>, id: UserId) -> Result<Option<User>, StoreError> {
    Ok(select(db, Some(id), Page { limit: 1, after: None }).await?.pop())
}

/// All users that are not retired, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(db: impl PgExecutor<'_>, page: Page) -> Result<Vec<User>, StoreError> {
    select(db, None, page).await
}

async fn select(db: impl PgExecutor<'_>, only: Option<UserId>, page: Page) -> Result<Vec<User>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id, username, CASE WHEN email LIKE '%@local.invalid' THEN NULL ELSE email END AS email,
                  display_name, role, enabled AS "enabled!", entra_id, created_at AS "created_at!: Time",
                  updated_at AS "updated_at!: Time", last_login_at AS "last_login_at: Time",
                  version, retired_at AS "retired_at: Time", password_hash IS NOT NULL AS "has_password!"
             FROM users
            WHERE (($1::uuid IS NULL AND retired_at IS NULL) OR id = $1) AND ($2::uuid IS NULL OR id < $2)
            ORDER BY id DESC LIMIT $3"#,
        only.map(UserId::uuid),
        page.after,
        page.rows(),
    )
    .fetch_all(db)
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
            version: row.version,
            retired_at: row.retired_at,
            has_password: row.has_password,
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
        r#"SELECT id, enabled AS "enabled!", password_hash FROM users
            WHERE username = $1 AND retired_at IS NULL"#,
        username,
    );
    Ok(row.fetch_optional(pool).await?)
}

/// What stands in the column: the specification wants a mail address for everybody. Without one, a name under the
/// reserved domain `invalid` (RFC 2606), which is never shown.
fn address(id: UserId, email: Option<&str>) -> String {
    email.map_or_else(|| format!("{id}@local.invalid"), str::to_owned)
}

/// Makes a local account.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if user name or mail address is taken.
pub async fn create(db: &mut PgConnection, new: &NewUser) -> Result<UserId, StoreError> {
    let id = UserId::generate();
    let email = address(id, new.email.as_deref());
    sqlx::query!(
        "INSERT INTO users (id, entra_id, email, display_name, username, role, password_hash, password_changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $7::text IS NOT NULL THEN NOW() END)",
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

/// Holds an account for a change; `None`: there is none, or it is retired.
///
/// # Errors
/// [`StoreError`].
pub async fn hold(db: &mut PgConnection, id: UserId) -> Result<Option<Held<Fields>>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT version, username, CASE WHEN email LIKE '%@local.invalid' THEN NULL ELSE email END AS email,
                  display_name, role, enabled AS "enabled!"
             FROM users WHERE id = $1 AND retired_at IS NULL FOR UPDATE"#,
        id.uuid(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Held {
        version: row.version,
        fields: Fields {
            username: row.username,
            email: row.email,
            display_name: row.display_name,
            role: role(&row.role),
            enabled: row.enabled,
        },
    }))
}

/// Changes an account that is held.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if the mail address is taken.
pub async fn change(db: &mut PgConnection, id: UserId, fields: &Fields) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE users SET email = $2, display_name = $3, role = $4, enabled = $5, version = version + 1,
                updated_at = NOW() WHERE id = $1",
        id.uuid(),
        address(id, fields.email.as_deref()),
        fields.display_name,
        fields.role.as_str(),
        fields.enabled,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives a local account another password; `false`: it belongs to a directory, which keeps its password.
///
/// # Errors
/// [`StoreError`].
pub async fn set_password(db: &mut PgConnection, id: UserId, hash: &str) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE users SET password_hash = $2, password_changed_at = NOW(), version = version + 1, updated_at = NOW()
          WHERE id = $1 AND entra_id LIKE 'local:%'",
        id.uuid(),
        hash,
    );
    Ok(done.execute(db).await?.rows_affected() > 0)
}

/// Gives a local account another password, if it still has the former one; `false`: it has not.
///
/// # Errors
/// [`StoreError`].
pub async fn replace_password(
    db: &mut PgConnection,
    id: UserId,
    former: &str,
    hash: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE users SET password_hash = $3, password_changed_at = NOW() WHERE id = $1 AND password_hash = $2",
        id.uuid(),
        former,
        hash,
    );
    Ok(done.execute(db).await?.rows_affected() > 0)
}

/// Deletes an account that is held, with its sign-ins, grants and memberships; its schedules are cancelled.
///
/// # Errors
/// [`StoreError`].
pub async fn delete(db: &mut PgConnection, id: UserId) -> Result<Deleted, StoreError> {
    let removed = sqlx::query!(
        "DELETE FROM users u WHERE u.id = $1
            AND NOT EXISTS (SELECT 1 FROM audit_logs a WHERE a.user_id = u.id)
            AND NOT EXISTS (SELECT 1 FROM audit_events e WHERE e.user_id = u.id)",
        id.uuid(),
    )
    .execute(&mut *db)
    .await?;
    if removed.rows_affected() > 0 {
        return Ok(Deleted::Removed);
    }
    sqlx::query!("DELETE FROM grants WHERE user_id = $1", id.uuid()).execute(&mut *db).await?;
    openpam_scheduling::cancel_all_of(&mut *db, id).await?;
    sqlx::query!("DELETE FROM group_members WHERE user_id = $1", id.uuid()).execute(&mut *db).await?;
    sqlx::query!(
        "UPDATE users SET enabled = false, retired_at = NOW(), password_hash = NULL, version = version + 1,
                updated_at = NOW() WHERE id = $1",
        id.uuid(),
    )
    .execute(db)
    .await?;
    Ok(Deleted::Retired)
}

/// Holds the admins who can sign in. Whoever may take one away asks this first: so one is always left.
///
/// # Errors
/// [`StoreError`].
pub async fn hold_admins(db: &mut PgConnection) -> Result<Vec<UserId>, StoreError> {
    let admins = sqlx::query_scalar!(
        "SELECT id FROM users WHERE role = 'admin' AND enabled AND password_hash IS NOT NULL AND retired_at IS NULL
          ORDER BY id FOR UPDATE"
    );
    Ok(admins.fetch_all(db).await?.into_iter().map(Into::into).collect())
}

/// Notes a sign-in with the password of this hash; `false`: the account was disabled or got another one meanwhile.
///
/// # Errors
/// [`StoreError`].
pub async fn signed_in(db: &mut PgConnection, id: UserId, hash: &str) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE users SET last_login_at = NOW() WHERE id = $1 AND enabled AND password_hash = $2",
        id.uuid(),
        hash,
    );
    Ok(done.execute(db).await?.rows_affected() > 0)
}

/// The column's CHECK constraint admits nothing else; if it did, the least.
pub(super) fn role(column: &str) -> Role {
    column.parse().unwrap_or(Role::User)
}
