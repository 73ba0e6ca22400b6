//! Opening the database file: settings, schema, and whether it can be trusted.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};
use rusqlite_migration::{M, Migrations};

use super::{StoreError, outbox, recovery};

const SCHEMA: [&str; 3] = [
    include_str!("../../../migrations/satellite/0001_durable.sql"),
    include_str!("../../../migrations/satellite/0002_kept_events.sql"),
    include_str!("../../../migrations/satellite/0003_policy.sql"),
];

/// Another process (a person with `sqlite3`) may hold the file this long.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// SQLite's page cache, in KiB. The store is small; memory belongs to sessions.
const CACHE_KIB: i64 = 1024;

pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let mut connection = connect(path).map_err(|error| explain(path, &error))?;
    Migrations::new(SCHEMA.map(M::up).to_vec()).to_latest(&mut connection).map_err(|error| match error {
        rusqlite_migration::Error::MigrationDefinition(
            rusqlite_migration::MigrationDefinitionError::DatabaseTooFarAhead,
        ) => StoreError::Newer { path: path.to_owned() },
        rusqlite_migration::Error::RusqliteError { err, .. } => explain(path, &err),
        other => damaged(path, other.to_string()),
    })?;
    check(&connection)
        .map_err(|error| explain(path, &error))?
        .map_or(Ok(()), |reason| Err(damaged(path, reason)))?;
    Ok(connection)
}

fn connect(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// What is wrong with the content, if anything.
fn check(connection: &Connection) -> Result<Option<String>, rusqlite::Error> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Ok(Some(found));
    }
    let sound = outbox::is_sound(connection, recovery::is_untied(connection)?)?;
    Ok((!sound).then(|| "the chain of audit events does not hold".to_owned()))
}

fn explain(path: &Path, error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => damaged(path, error.to_string()),
        Some(ErrorCode::DiskFull) => StoreError::DiskFull,
        _ => StoreError::Open { path: path.to_owned(), reason: error.to_string() },
    }
}

fn damaged(path: &Path, reason: String) -> StoreError {
    StoreError::Damaged { path: path.to_owned(), reason }
}
