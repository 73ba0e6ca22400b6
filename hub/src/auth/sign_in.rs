//! Signing in with a local account: throttled, constant work for names that do not exist, written into the events.

use std::time::Instant;

use openpam_ids::UserId;
use serde_json::json;

use super::Seen;
use super::cookie::{NoRandomness, Token};
use super::password::PasswordError;
use super::throttle::TooMany;
use crate::app::Hub;
use crate::secrets::Secret;
use crate::store::sign_ins::Browser;
use crate::store::{StoreError, events, sign_ins, users};
use crate::time::Time;

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Unknown name, wrong password or disabled account: it is never said which.
    #[error("wrong user name or password")]
    BadCredentials,
    /// Too many failures.
    #[error("too many attempts")]
    TooMany(TooMany),
    /// Too many at once, or hashing failed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// No token could be made.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The books failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for SignInError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Checks name and password and makes a sign-in.
///
/// # Errors
/// [`SignInError`].
pub async fn sign_in(
    hub: &Hub,
    username: &str,
    password: Secret,
    seen: Seen,
    user_agent: Option<&str>,
) -> Result<(UserId, Token), SignInError> {
    let username = username.trim().to_lowercase();
    hub.throttle.begin(&username, seen.client_ip, Instant::now()).map_err(SignInError::TooMany)?;
    let account = users::account(&hub.pool, &username).await?;
    let hash = account.as_ref().and_then(|account| account.password_hash.clone());
    let fits = hub.passwords.verify(hash.clone(), password).await?;
    let (Some(account), Some(hash)) = (account.filter(|account| fits && account.enabled), hash) else {
        return refuse(hub, &username, seen).await;
    };
    let token = Token::generate()?;
    let mut tx = hub.pool.begin().await?;
    // The row is locked from here on: a password that is replaced now ends this sign-in too.
    if !users::signed_in(&mut tx, account.id, &hash).await? {
        drop(tx);
        return refuse(hub, &username, seen).await;
    }
    let expires_at = Time::now().after(hub.config.sign_in_lifetime);
    let browser = Browser { client_ip: &seen.client_ip.to_string(), user_agent };
    sign_ins::create(&mut tx, account.id, &token.hash(), expires_at, browser).await?;
    events::record(&mut tx, hub.id, fact("sign_in.accepted", Some(account.id), seen, json!({}))).await?;
    tx.commit().await?;
    hub.throttle.succeeded(&username, seen.client_ip);
    hub.metrics.sign_ins_accepted.add();
    Ok((account.id, token))
}

async fn refuse<T>(hub: &Hub, username: &str, seen: Seen) -> Result<T, SignInError> {
    hub.metrics.sign_ins_refused.add();
    let fact = fact("sign_in.refused", None, seen, json!({ "username": username }));
    let mut tx = hub.pool.begin().await?;
    events::record(&mut tx, hub.id, fact).await?;
    tx.commit().await?;
    Err(SignInError::BadCredentials)
}

fn fact(kind: &str, user_id: Option<UserId>, seen: Seen, detail: serde_json::Value) -> events::Fact<'_> {
    events::Fact { kind, user_id, session_id: None, client_ip: Some(seen.client_ip.to_string()), detail }
}
