//! The roles that use the books, and how each reaches them.
//!
//! The owner brings the schema up to date and does nothing else; the hub can neither change nor delete what is evidence;
//! the verifier only reads. An existing PostgreSQL may have one role for all three.

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

/// The embedded migrations. Applying them holds an advisory lock, so several hubs may start together.
pub static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/hub");

/// How to reach the books, as whom.
#[derive(Clone, Debug)]
pub struct Ways {
    /// A running hub.
    pub hub: PgConnectOptions,
    /// Who owns the tables.
    pub owner: PgConnectOptions,
    /// Who may only read.
    pub verifier: PgConnectOptions,
}

impl Ways {
    /// One role for everything.
    #[must_use]
    pub fn one(options: PgConnectOptions) -> Self {
        Self { hub: options.clone(), owner: options.clone(), verifier: options }
    }

    /// The same roles in another database of the same server.
    #[must_use]
    pub fn database(self, name: &str) -> Self {
        Self {
            hub: self.hub.database(name),
            owner: self.owner.database(name),
            verifier: self.verifier.database(name),
        }
    }

    /// Brings the schema up to date, and the other roles' rights.
    ///
    /// # Errors
    /// [`MigrateError`], also if the schema is newer than this program.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        let mut owner = PgConnection::connect_with(&self.owner).await?;
        MIGRATIONS.run(&mut owner).await?;
        let name = self.owner.get_username();
        let hub = self.hub.get_username();
        if hub != name {
            let verifier = Some(self.verifier.get_username()).filter(|other| ![hub, name].contains(other));
            sqlx::query!("CALL give_rights($1, $2)", hub, verifier).execute(&mut owner).await?;
        }
        owner.close().await?;
        Ok(())
    }
}
