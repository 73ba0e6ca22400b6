//! Leases of PostgreSQL: who may do what one hub instance does at a time. The database gives them back by itself when the
//! connection of their holder ends, however that died.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, PgPool, Postgres, Transaction};

use super::StoreError;

/// A holder whose machine is gone without a word is noticed after about ten seconds.
const KEEPALIVE: [(&str, &str); 4] = [
    ("tcp_keepalives_idle", "4"),
    ("tcp_keepalives_interval", "2"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "10000"),
];
/// Whoever waits for another writer of secrets waits so long at most.
const WRITER_PATIENCE: &str = "SET LOCAL lock_timeout = '10s'";

/// A connection of its own that may hold the lead of this installation.
pub struct Lead {
    connection: PgConnection,
    held: bool,
}

impl Lead {
    /// Connects; nothing is held yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn connect(options: &PgConnectOptions) -> Result<Self, StoreError> {
        let options = options.clone().options(KEEPALIVE);
        Ok(Self { connection: PgConnection::connect_with(&options).await?, held: false })
    }

    /// Takes the lead if nobody has it, or finds out that it is still held; `false`: another instance has it.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is held any more.
    pub async fn hold(&mut self) -> Result<bool, StoreError> {
        if self.held {
            self.connection.ping().await?;
        } else {
            let took = sqlx::query_scalar!(
                r#"SELECT pg_try_advisory_lock(hashtextextended('openpam_lead', 0)) AS "took!""#
            );
            self.held = took.fetch_one(&mut self.connection).await?;
        }
        Ok(self.held)
    }

    /// Gives it back.
    pub async fn release(self) {
        // If that fails the database finds the connection gone.
        let _ = self.connection.close().await;
    }
}

/// The only writer of `secrets_dir` among all instances, until this is dropped.
///
/// # Errors
/// [`StoreError`], also if another one writes for longer than ten seconds.
pub async fn writer_of_secrets(pool: &PgPool) -> Result<Transaction<'static, Postgres>, StoreError> {
    let mut turn = pool.begin().await?;
    sqlx::raw_sql(WRITER_PATIENCE).execute(&mut *turn).await?;
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('openpam_secrets', 0))")
        .execute(&mut *turn)
        .await?;
    Ok(turn)
}
