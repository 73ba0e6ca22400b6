//! The books for commands beside the hub: `user add`, `status`, `doctor`. Whether a hub runs or not.
//!
//! While a hub runs on the data folder, its managed PostgreSQL is used; otherwise it is started for the moment.

use anyhow::Context;
use sqlx::PgPool;

use crate::config::Config;
use crate::instance::{Instance, InstanceError};
use crate::postgres::{self, Managed, Settings};
use crate::store;

/// Open books. [`Books::close`] puts everything back as it was.
pub struct Books {
    /// The database.
    pub pool: PgPool,
    ours: Option<(Managed, Instance)>,
}

impl Books {
    /// Opens them.
    ///
    /// # Errors
    /// If there is no database that lets us in.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        if let Some(url) = &config.database_url {
            let options = url.expose().parse().context("database_url")?;
            let pool = store::connect(options).await.context("connecting to database_url")?;
            return Ok(Self { pool, ours: None });
        }
        match Instance::claim(&config.data_dir) {
            Ok(instance) => {
                let settings = Settings {
                    data_dir: config.data_dir.clone(),
                    bin_dir: config.postgres_bin_dir.clone(),
                    durable: true,
                };
                let managed = Managed::start(settings).await?;
                let pool = store::connect(managed.options()).await.context("connecting to PostgreSQL")?;
                Ok(Self { pool, ours: Some((managed, instance)) })
            }
            Err(InstanceError::InUse(_)) => {
                let options = postgres::of_running_hub(&config.data_dir).await?;
                let pool =
                    store::connect(options).await.context("connecting to the running hub's PostgreSQL")?;
                Ok(Self { pool, ours: None })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Closes them; a database that was started for the moment is stopped.
    pub async fn close(self) {
        self.pool.close().await;
        if let Some((managed, _instance)) = self.ours {
            managed.stop().await;
        }
    }
}
