//! Single facts in the store: the key that recordings are sealed to.

use rusqlite::{Connection, OptionalExtension, params};

const RECORDING_KEY: &str = "recording_key";

pub(super) fn keep_recording_key(connection: &Connection, key: &[u8]) -> Result<(), rusqlite::Error> {
    connection.execute(
        "INSERT INTO meta (name, value) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value IS NOT excluded.value",
        params![RECORDING_KEY, key],
    )?;
    Ok(())
}

pub(super) fn recording_key(connection: &Connection) -> Result<Option<Vec<u8>>, rusqlite::Error> {
    connection
        .query_row("SELECT value FROM meta WHERE name = ?1", [RECORDING_KEY], |row| row.get(0))
        .optional()
}
