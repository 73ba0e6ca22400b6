//! Opening the books: for the hub itself, and for commands beside it, whether a hub runs or not.
//!
//! While a hub runs on the data folder, its managed PostgreSQL is used; otherwise it is started for the moment.

use anyhow::Context;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;

use crate::backup;
use crate::config::Config;
use crate::instance::{Instance, InstanceError};
use crate::postgres::{self, Managed, Settings};
use crate::secrets::Secret;
use crate::store;
use crate::store::ways::Ways;

/// Open books. [`Books::close`] puts everything back as it was.
pub struct Books {
    /// The database.
    pub pool: PgPool,
    ways: Ways,
    ours: Option<(Managed, Instance)>,
}

impl Books {
    /// Opens them as the hub's role.
    ///
    /// # Errors
    /// If there is no database that lets us in.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        Self::open_as(config, |ways| &ways.hub).await
    }

    /// Opens them as the role that may only read.
    ///
    /// # Errors
    /// As [`Books::open`].
    pub async fn open_to_read(config: &Config) -> anyhow::Result<Self> {
        Self::open_as(config, |ways| &ways.verifier).await
    }

    async fn open_as(config: &Config, role: impl FnOnce(&Ways) -> &PgConnectOptions) -> anyhow::Result<Self> {
        ensure_restored(config)?;
        let (ways, ours) = if let Some(ways) = existing(config)? {
            (ways, None)
        } else {
            match Instance::claim(&config.data_dir) {
                Ok(instance) => {
                    let managed = manage(config).await?;
                    (managed.ways(), Some((managed, instance)))
                }
                Err(InstanceError::InUse(_)) => (postgres::of_running_hub(&config.data_dir).await?, None),
                Err(error) => return Err(error.into()),
            }
        };
        let pool = store::connect(role(&ways).clone()).await.context("connecting to the database")?;
        Ok(Self { pool, ways, ours })
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// If that fails, or the schema is newer than this program.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        self.ways.migrate().await.context("bringing the database schema up to date")
    }

    /// Closes them; a database that was started for the moment is stopped.
    pub async fn close(self) {
        self.pool.close().await;
        if let Some((managed, _instance)) = self.ours {
            managed.stop().await;
        }
    }
}

/// What a restore that was cut off left is no installation.
///
/// # Errors
/// If there was one.
pub fn ensure_restored(config: &Config) -> anyhow::Result<()> {
    anyhow::ensure!(
        !backup::marker(&config.data_dir).exists(),
        "a restore into {} was cut off: run openpam-hub restore again",
        config.data_dir.display()
    );
    Ok(())
}

/// The configured database; absent: the managed one is meant.
///
/// # Errors
/// If an address cannot be read.
pub fn existing(config: &Config) -> anyhow::Result<Option<Ways>> {
    let parse = |name: &'static str, url: &Option<Secret>| {
        url.as_ref().map(|url| url.expose().parse::<PgConnectOptions>().context(name)).transpose()
    };
    let Some(hub) = parse("database_url", &config.database_url)? else { return Ok(None) };
    let owner = parse("database_owner_url", &config.database_owner_url)?;
    let verifier = parse("database_verifier_url", &config.database_verifier_url)?;
    Ok(Some(Ways {
        owner: owner.unwrap_or_else(|| hub.clone()),
        verifier: verifier.unwrap_or_else(|| hub.clone()),
        hub,
    }))
}

/// Starts the managed database, or takes it over. The caller holds the data folder.
///
/// # Errors
/// If it does not start.
pub async fn manage(config: &Config) -> anyhow::Result<Managed> {
    let settings = Settings {
        data_dir: config.data_dir.clone(),
        bin_dir: config.postgres_bin_dir.clone(),
        durable: true,
    };
    Ok(Managed::start(settings).await?)
}
