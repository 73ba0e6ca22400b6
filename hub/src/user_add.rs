//! `openpam-hub user add`: makes a local account, whether the hub runs or not.

use openpam_ids::UserId;
use openpam_policy::Role;
use serde_json::json;
use sqlx::PgPool;

use crate::api::input;
use crate::auth::password;
use crate::books::Books;
use crate::config::Config;
use crate::instance;
use crate::secrets::Secret;
use crate::store::{StoreError, events, users};

/// Who is to be made.
#[derive(Debug)]
pub struct Request {
    /// The name to sign in with.
    pub username: String,
    /// What they may do.
    pub role: Role,
    /// Mail address.
    pub email: Option<String>,
    /// For people.
    pub display_name: Option<String>,
    /// The first password.
    pub password: Secret,
}

/// Why there is no new user.
#[derive(Debug, thiserror::Error)]
pub enum UserAddError {
    /// The name or the mail address is taken.
    #[error("{0} is there already")]
    AlreadyExists(String),
    /// Name, mail address or password will not do.
    #[error("{0}")]
    Invalid(String),
    /// Anything else.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// Makes the account.
///
/// # Errors
/// [`UserAddError`].
pub async fn user_add(config: &Config, request: Request) -> Result<UserId, UserAddError> {
    let new = check(request)?;
    let books = Books::open(config).await?;
    let result = async {
        books.migrate().await?;
        insert(config, &books.pool, &new).await
    };
    let result = result.await;
    books.close().await;
    result
}

fn check(request: Request) -> Result<users::NewUser, UserAddError> {
    let wrong = |problem: crate::api::problem::Problem| UserAddError::Invalid(problem.detail().to_owned());
    if let Some(objection) = password::objection(&request.password) {
        return Err(UserAddError::Invalid(objection));
    }
    Ok(users::NewUser {
        username: input::username(&request.username).map_err(wrong)?,
        email: input::email(request.email.as_deref()).map_err(wrong)?,
        display_name: input::display_name(request.display_name.as_deref()).map_err(wrong)?,
        role: request.role,
        password_hash: Some(password::hash_now(&request.password).map_err(anyhow::Error::from)?),
    })
}

async fn insert(config: &Config, pool: &PgPool, new: &users::NewUser) -> Result<UserId, UserAddError> {
    let hub = instance::hub_id(&config.data_dir).map_err(anyhow::Error::from)?;
    let mut tx = pool.begin().await.map_err(anyhow::Error::from)?;
    let id = match users::create(&mut tx, new).await {
        Ok(id) => id,
        Err(StoreError::AlreadyExists { constraint }) => {
            let what = if constraint == "users_email_key" { "that mail address" } else { "that user name" };
            return Err(UserAddError::AlreadyExists(what.to_owned()));
        }
        Err(error) => return Err(anyhow::Error::from(error).into()),
    };
    let fact = events::Fact {
        kind: "user.created",
        user_id: None,
        session_id: None,
        client_ip: None,
        detail: json!({ "id": id, "username": new.username, "role": new.role, "by": "command line" }),
    };
    events::record(&mut tx, hub, fact).await.map_err(anyhow::Error::from)?;
    tx.commit().await.map_err(anyhow::Error::from)?;
    Ok(id)
}
