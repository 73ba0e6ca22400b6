//! `openpam-hub user add`: makes a local account, whether the hub runs or not.
//!
//! While a hub runs on the data folder, its managed PostgreSQL is used; otherwise it is started for the moment.

use anyhow::Context;
use openpam_ids::UserId;
use openpam_policy::Role;
use serde_json::json;
use sqlx::PgPool;

use crate::api::input;
use crate::auth::password;
use crate::config::Config;
use crate::instance::{self, Instance, InstanceError};
use crate::postgres::{self, Managed, Settings};
use crate::secrets::Secret;
use crate::store::{self, StoreError, events, users};

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
    if let Some(url) = &config.database_url {
        let options = url.expose().parse().context("database_url")?;
        let pool = store::connect(options).await.context("connecting to database_url")?;
        return insert(config, &pool, &new).await;
    }
    match Instance::claim(&config.data_dir) {
        Ok(instance) => {
            let settings = Settings {
                data_dir: config.data_dir.clone(),
                bin_dir: config.postgres_bin_dir.clone(),
                durable: true,
            };
            let managed = Managed::start(settings).await.map_err(anyhow::Error::from)?;
            let pool = store::connect(managed.options()).await.context("connecting to PostgreSQL")?;
            let result = insert(config, &pool, &new).await;
            pool.close().await;
            managed.stop().await;
            drop(instance);
            result
        }
        Err(InstanceError::InUse(_)) => {
            let options = postgres::of_running_hub(&config.data_dir).await.map_err(anyhow::Error::from)?;
            let pool = store::connect(options).await.context("connecting to the running hub's PostgreSQL")?;
            insert(config, &pool, &new).await
        }
        Err(error) => Err(anyhow::Error::from(error).into()),
    }
}

fn check(request: Request) -> Result<users::NewUser, UserAddError> {
    let wrong = |problem: crate::api::problem::Problem| UserAddError::Invalid(problem.detail().to_owned());
    if let Some(objection) = password::objection(&request.password) {
        return Err(UserAddError::Invalid(objection));
    }
    let display_name =
        request.display_name.as_deref().map(|text| input::name("display_name", text)).transpose();
    Ok(users::NewUser {
        username: input::username(&request.username).map_err(wrong)?,
        email: input::email(request.email.as_deref()).map_err(wrong)?,
        display_name: display_name.map_err(wrong)?,
        role: request.role,
        password_hash: password::hash_now(&request.password).map_err(anyhow::Error::from)?,
    })
}

async fn insert(config: &Config, pool: &PgPool, new: &users::NewUser) -> Result<UserId, UserAddError> {
    store::migrate(pool).await.context("bringing the database schema up to date")?;
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
