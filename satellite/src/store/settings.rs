//! Single facts in the store: the key that recordings are sealed to, and what hubs have countersigned.

use openpam_proto::witness::{Countersigned, MAX_HELD};
use rusqlite::{Connection, OptionalExtension, params};

const RECORDING_KEY: &str = "recording_key";
const HEARD: &str = "hub_heard_ms";

pub(super) fn keep(connection: &Connection, name: &str, value: &[u8]) -> Result<(), rusqlite::Error> {
    connection.execute(
        "INSERT INTO meta (name, value) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value IS NOT excluded.value",
        params![name, value],
    )?;
    Ok(())
}

pub(super) fn read(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>, rusqlite::Error> {
    connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0)).optional()
}

pub(super) fn keep_recording_key(connection: &Connection, key: &[u8]) -> Result<(), rusqlite::Error> {
    keep(connection, RECORDING_KEY, key)
}

pub(super) fn recording_key(connection: &Connection) -> Result<Option<Vec<u8>>, rusqlite::Error> {
    read(connection, RECORDING_KEY)
}

/// A hub was here at that time: milliseconds since 1970 UTC.
pub(super) fn keep_heard(connection: &Connection, at_ms: i64) -> Result<(), rusqlite::Error> {
    keep(connection, HEARD, &at_ms.to_be_bytes())
}

/// When a hub was here last.
pub(super) fn heard(connection: &Connection) -> Result<Option<i64>, rusqlite::Error> {
    let kept = read(connection, HEARD)?;
    Ok(kept.and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes))
}

const COUNTERSIGNED: &str = "countersigned/";

/// Everything that is held, newest first.
pub(super) fn countersigned(connection: &Connection) -> Result<Vec<Countersigned>, rusqlite::Error> {
    let mut held = connection
        .prepare_cached("SELECT value FROM meta WHERE substr(name, 1, ?1) = ?2")?
        .query_map(params![COUNTERSIGNED.len(), COUNTERSIGNED], |row| row.get::<_, Vec<u8>>(0))?
        .filter_map(|bytes| bytes.map(|bytes| Countersigned::from_bytes(&bytes)).transpose())
        .collect::<Result<Vec<_>, _>>()?;
    held.sort_by_key(|said| -said.at_ms);
    Ok(held)
}

/// Holds the newest of each hub, and of as many hubs as may be. What is behind the one that is held is not taken: the answer
/// is then `false`.
pub(super) fn hold(connection: &Connection, said: &Countersigned) -> Result<bool, rusqlite::Error> {
    let held = countersigned(connection)?;
    let name = |of: &Countersigned| format!("{COUNTERSIGNED}{}", of.hub_id);
    if let Some(before) = held.iter().find(|before| before.hub_id == said.hub_id) {
        if before == said {
            return Ok(true);
        }
        if !said.is_after(before) {
            return Ok(false);
        }
    } else {
        for oldest in held.iter().skip(MAX_HELD - 1) {
            connection.execute("DELETE FROM meta WHERE name = ?1", [name(oldest)])?;
        }
    }
    connection.execute(
        "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        params![name(said), said.to_bytes()],
    )?;
    Ok(true)
}
