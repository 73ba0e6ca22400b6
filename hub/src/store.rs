//! The books: PostgreSQL. All SQL of the hub lives below this module, one file per entity.
//!
//! Queries are checked at compile time (`.sqlx/`, written by `deploy/dev/sqlx-prepare`). Ids are typed at this
//! boundary. Nothing here decides who may do what; callers have asked before.

pub mod access;
pub mod audit;
pub mod bus;
pub mod change;
pub mod commands;
pub mod configuration;
pub mod credentials;
pub mod event_log;
pub mod events;
pub mod evidence;
pub mod explained;
pub mod grants;
pub mod groups;
pub mod host_keys;
pub mod installation;
pub mod instances;
pub mod kinds;
pub mod leases;
pub mod outages;
pub mod policy;
pub mod profiles;
pub mod recording_words;
pub mod recordings;
pub mod retention;
pub mod satellites;
pub mod sessions;
pub mod sign_ins;
pub mod subjects;
pub mod targets;
pub mod tokens;
pub mod users;
pub mod ways;
pub mod witnesses;
pub mod zones;

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

/// More than this at once wait; PostgreSQL's own default limit is 100.
const MAX_CONNECTIONS: u32 = 24;
/// A request that cannot get a connection within this is answered with 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// What went wrong in the books.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The row would be there twice.
    #[error("already there ({constraint})")]
    AlreadyExists {
        /// Which constraint said so.
        constraint: String,
    },
    /// It names a row that is not there.
    #[error("names something that does not exist ({constraint})")]
    Dangling {
        /// Which constraint said so.
        constraint: String,
    },
    /// The database does not answer.
    #[error("the database does not answer")]
    Unavailable(#[source] sqlx::Error),
    /// Anything else.
    #[error("database")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::error::ErrorKind;
        // PostgreSQL's classes of errors: connections, no resources, an operator's intervention (such as a restart).
        const AWAY: [&str; 3] = ["08", "53", "57"];
        let code = error.as_database_error().and_then(|inner| inner.code());
        if code.is_some_and(|code| AWAY.iter().any(|class| code.starts_with(class))) {
            return Self::Unavailable(error);
        }
        let kind = error
            .as_database_error()
            .map(|inner| (inner.kind(), inner.constraint().unwrap_or_default().to_owned()));
        match kind {
            Some((ErrorKind::UniqueViolation, constraint)) => Self::AlreadyExists { constraint },
            Some((ErrorKind::ForeignKeyViolation, constraint)) => Self::Dangling { constraint },
            Some(_) => Self::Database(error),
            None => match error {
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
                    Self::Unavailable(error)
                }
                _ => Self::Database(error),
            },
        }
    }
}

/// A part of a list: at most `limit` rows behind the row `after`. One more is fetched, to know whether to go on.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// How many rows.
    pub limit: u16,
    /// The last row of the part before.
    pub after: Option<Uuid>,
}

impl Page {
    fn rows(self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// Connects; does not touch the schema.
///
/// # Errors
/// If the database does not answer or does not let us in.
pub async fn connect(options: PgConnectOptions) -> Result<PgPool, sqlx::Error> {
    PgPoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_release(|connection, _| Box::pin(is_outside_a_transaction(connection)))
        .connect_with(options)
        .await
}

/// Whether the connection may be used again. A `begin` that was given up while its answer was under way leaves a
/// transaction that sqlx 0.9.0 does not know of (its issue 4393, mended after that release): what others wrote in it
/// would be lost without a word. The pool asks after each use, so that nobody waits for the answer.
async fn is_outside_a_transaction(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    // As one simple query: within a transaction that began with an earlier message the two differ.
    let question = "SELECT statement_timestamp() = transaction_timestamp() AS outside";
    let outside: bool = sqlx::raw_sql(question).fetch_one(connection).await?.try_get("outside")?;
    if !outside {
        tracing::warn!("a connection to the database was left in a transaction and is closed");
    }
    Ok(outside)
}

/// Whether whoever is connected can delete evidence: then the hub's role owns the books.
///
/// # Errors
/// [`StoreError`].
pub async fn may_delete_evidence(pool: &PgPool) -> Result<bool, StoreError> {
    let may = sqlx::query_scalar!(r#"SELECT has_table_privilege('audit_events', 'DELETE') AS "may!""#);
    Ok(may.fetch_one(pool).await?)
}

/// Whether the database answers.
///
/// # Errors
/// [`StoreError`] if not.
pub async fn ping(pool: &PgPool) -> Result<(), StoreError> {
    sqlx::query_scalar!("SELECT 1 AS \"one!\"").fetch_one(pool).await?;
    Ok(())
}
