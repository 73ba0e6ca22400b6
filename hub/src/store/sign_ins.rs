//! Sign-ins: who is signed in, by the hash of their cookie's token.

use std::time::Duration;

use openpam_ids::UserId;
use openpam_policy::Role;
use sqlx::{PgConnection, PgPool};

use super::{StoreError, users};
use crate::auth::SignInId;
use crate::time::Time;

/// A living sign-in of an enabled user.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// Which.
    pub id: SignInId,
    /// Who.
    pub user_id: UserId,
    /// Their user name.
    pub username: String,
    /// What they may do in the console.
    pub role: Role,
    /// When it was last used, give or take [`TOUCH_EVERY`].
    pub last_used_at: Time,
}

/// A living sign-in, as its user sees it.
#[derive(Clone, Debug)]
pub struct OwnSignIn {
    /// Which.
    pub id: SignInId,
    /// Since when.
    pub created_at: Time,
    /// When it was last used, give or take [`TOUCH_EVERY`].
    pub last_used_at: Time,
    /// When it is over at the latest.
    pub expires_at: Time,
    /// From where.
    pub client_ip: Option<String>,
    /// What the browser said that it is.
    pub user_agent: Option<String>,
}

/// What is known of a browser that signs in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Browser<'a> {
    /// From where.
    pub client_ip: &'a str,
    /// What it says that it is; kept up to 300 characters.
    pub user_agent: Option<&'a str>,
}

/// A use is written down only if the last one written is older than this: reading does not become writing.
pub const TOUCH_EVERY: Duration = Duration::from_secs(30);

/// The living sign-in with this token, if its user is enabled.
///
/// # Errors
/// [`StoreError`].
pub async fn find(
    pool: &PgPool,
    token_hash: &[u8; 32],
    idle: Duration,
) -> Result<Option<SignIn>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT s.id, s.user_id, u.username, u.role, s.last_used_at AS "last_used_at: Time"
             FROM sign_in_sessions s JOIN users u ON u.id = s.user_id
            WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND u.enabled AND s.expires_at > NOW()
              AND s.last_used_at > NOW() - make_interval(secs => $2)"#,
        token_hash.as_slice(),
        idle.as_secs_f64(),
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| SignIn {
        id: row.id.into(),
        user_id: row.user_id.into(),
        username: row.username,
        role: users::role(&row.role),
        last_used_at: row.last_used_at,
    }))
}

/// Makes a sign-in.
///
/// # Errors
/// [`StoreError`].
pub async fn create(
    db: &mut PgConnection,
    user: UserId,
    token_hash: &[u8; 32],
    expires_at: Time,
    browser: Browser<'_>,
) -> Result<SignInId, StoreError> {
    let id = SignInId::generate();
    sqlx::query!(
        "INSERT INTO sign_in_sessions (id, user_id, token_hash, expires_at, client_ip, user_agent)
         VALUES ($1, $2, $3, $4, $5, left($6, 300))",
        id.uuid(),
        user.uuid(),
        token_hash.as_slice(),
        expires_at as Time,
        browser.client_ip,
        browser.user_agent,
    )
    .execute(db)
    .await?;
    Ok(id)
}

/// Notes that it is in use.
///
/// # Errors
/// [`StoreError`].
pub async fn touch(pool: &PgPool, id: SignInId) -> Result<(), StoreError> {
    sqlx::query!("UPDATE sign_in_sessions SET last_used_at = NOW() WHERE id = $1", id.uuid())
        .execute(pool)
        .await?;
    Ok(())
}

/// Whether it still stands: for those who hold a connection open under it.
///
/// # Errors
/// [`StoreError`].
pub async fn stands(pool: &PgPool, id: SignInId) -> Result<bool, StoreError> {
    let row = sqlx::query_scalar!(
        r#"SELECT (s.revoked_at IS NULL AND u.enabled AND s.expires_at > NOW()) AS "stands!"
             FROM sign_in_sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1"#,
        id.uuid(),
    );
    Ok(row.fetch_optional(pool).await?.unwrap_or(false))
}

/// Ends it.
///
/// # Errors
/// [`StoreError`].
pub async fn revoke(db: &mut PgConnection, id: SignInId) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE sign_in_sessions SET revoked_at = NOW() WHERE id = $1 AND revoked_at IS NULL",
        id.uuid()
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A user's living ones, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn of(pool: &PgPool, user: UserId, idle: Duration) -> Result<Vec<OwnSignIn>, StoreError> {
    let rows = sqlx::query_as!(
        OwnSignIn,
        r#"SELECT id, created_at AS "created_at: Time", last_used_at AS "last_used_at: Time",
                  expires_at AS "expires_at: Time", client_ip, user_agent
             FROM sign_in_sessions
            WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > NOW()
              AND last_used_at > NOW() - make_interval(secs => $2)
            ORDER BY id DESC"#,
        user.uuid(),
        idle.as_secs_f64(),
    );
    Ok(rows.fetch_all(pool).await?)
}

/// Ends one of a user's; `false`: they have none such that stands.
///
/// # Errors
/// [`StoreError`].
pub async fn revoke_of(db: &mut PgConnection, user: UserId, id: SignInId) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE sign_in_sessions SET revoked_at = NOW() WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL",
        id.uuid(),
        user.uuid(),
    );
    Ok(done.execute(db).await?.rows_affected() > 0)
}

/// Ends every one of a user's but one, and says which these were.
///
/// # Errors
/// [`StoreError`].
pub async fn revoke_others_of(
    db: &mut PgConnection,
    user: UserId,
    kept: SignInId,
) -> Result<Vec<SignInId>, StoreError> {
    let ended = sqlx::query_scalar!(
        "UPDATE sign_in_sessions SET revoked_at = NOW()
          WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL RETURNING id",
        user.uuid(),
        kept.uuid(),
    );
    Ok(ended.fetch_all(db).await?.into_iter().map(Into::into).collect())
}

/// Ends every one of a user's that stands, and says which these were.
///
/// # Errors
/// [`StoreError`].
pub async fn revoke_all_of(db: &mut PgConnection, user: UserId) -> Result<Vec<SignInId>, StoreError> {
    let ended = sqlx::query_scalar!(
        "UPDATE sign_in_sessions SET revoked_at = NOW() WHERE user_id = $1 AND revoked_at IS NULL RETURNING id",
        user.uuid(),
    );
    Ok(ended.fetch_all(db).await?.into_iter().map(Into::into).collect())
}

/// Forgets those that ended long ago.
///
/// # Errors
/// [`StoreError`].
pub async fn forget_old(pool: &PgPool) -> Result<u64, StoreError> {
    let done = sqlx::query!("DELETE FROM sign_in_sessions WHERE expires_at < NOW() - INTERVAL '7 days'");
    Ok(done.execute(pool).await?.rows_affected())
}
