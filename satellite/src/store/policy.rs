//! The zone's policy on the disk: a row a fact, so that a change of one writes little.

use openpam_policy::{Delta, Key, PolicyKey, Records};
use rusqlite::{Connection, params};

use super::settings;

const SIGNED: &str = "policy_signed";
const KEYS: &str = "policy_keys";

/// What was signed, and the facts; absent before the first.
pub(super) fn read(connection: &Connection) -> Result<Option<(Vec<u8>, Records)>, rusqlite::Error> {
    let Some(signed) = settings::read(connection, SIGNED)? else { return Ok(None) };
    let mut records = Records::default();
    let mut statement = connection.prepare_cached("SELECT key, body FROM policy")?;
    let rows =
        statement.query_map([], |row| Ok((row.get::<_, [u8; Key::BYTES]>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    for row in rows {
        let (key, body) = row?;
        records.insert(Key::from_bytes(key), body.into());
    }
    Ok(Some((signed, records)))
}

/// Makes another policy of the one that is kept; `anew`: whatever is kept does not count.
pub(super) fn keep(
    connection: &Connection,
    signed: &[u8],
    delta: &Delta,
    anew: bool,
) -> Result<(), rusqlite::Error> {
    if anew {
        connection.execute("DELETE FROM policy", [])?;
    }
    let mut gone = connection.prepare_cached("DELETE FROM policy WHERE key = ?1")?;
    for key in &delta.gone {
        gone.execute([key.as_bytes()])?;
    }
    let mut put = connection.prepare_cached(
        "INSERT INTO policy (key, body) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET body = excluded.body",
    )?;
    for (key, body) in delta.put.iter() {
        put.execute(params![key.as_bytes(), body])?;
    }
    settings::keep(connection, SIGNED, signed)
}

/// The keys that policies may be signed by, as a hub said last.
pub(super) fn keys(connection: &Connection) -> Result<Vec<PolicyKey>, rusqlite::Error> {
    let kept = settings::read(connection, KEYS)?.unwrap_or_default();
    Ok(kept.as_chunks().0.to_vec())
}

pub(super) fn keep_keys(connection: &Connection, keys: &[PolicyKey]) -> Result<(), rusqlite::Error> {
    settings::keep(connection, KEYS, &keys.concat())
}
