//! `audit_witnesses`: what hub instances signed about how far the chains of events were.

use openpam_ids::HubId;
use openpam_proto::event::ChainedEvent;
use openpam_proto::witness::{Countersigned, Head};
use sqlx::PgPool;
use uuid::Uuid;

use super::StoreError;

/// The newest event of each of these chains, as far as there is one.
///
/// # Errors
/// [`StoreError`].
pub async fn heads(pool: &PgPool, nodes: &[Uuid]) -> Result<Vec<Head>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT node.id AS "node_id!", newest.seq, newest.hash FROM unnest($1::uuid[]) AS node(id)
            CROSS JOIN LATERAL
                (SELECT seq, hash FROM audit_events WHERE node_id = node.id ORDER BY seq DESC LIMIT 1) newest"#,
        nodes,
    )
    .fetch_all(pool)
    .await?;
    // The column's CHECK constraint keeps the length.
    let head = |node_id, seq: i64, hash: Vec<u8>| Head {
        node_id,
        seq: seq.unsigned_abs(),
        hash: hash.try_into().unwrap_or_default(),
    };
    Ok(rows.into_iter().map(|row| head(row.node_id, row.seq, row.hash)).collect())
}

/// The place and hash of this hub's newest statement.
///
/// # Errors
/// [`StoreError`].
pub async fn newest(pool: &PgPool, hub: HubId) -> Result<Option<(u64, [u8; 32])>, StoreError> {
    let row = sqlx::query!(
        "SELECT seq, hash FROM audit_witnesses WHERE hub_id = $1 ORDER BY seq DESC LIMIT 1",
        hub.uuid()
    );
    let row = row.fetch_optional(pool).await?;
    Ok(row.map(|row| (row.seq.unsigned_abs(), row.hash.try_into().unwrap_or_default())))
}

/// Adds a statement.
///
/// # Errors
/// [`StoreError`].
pub async fn add(pool: &PgPool, link: &ChainedEvent, said: &Countersigned) -> Result<(), StoreError> {
    let (body, signature): (&[u8], &[u8]) = (&link.body, &said.signature);
    sqlx::query!(
        "INSERT INTO audit_witnesses (hub_id, seq, prev_hash, hash, body, signature) VALUES ($1, $2, $3, $4, $5, $6)",
        said.hub_id.uuid(),
        i64::try_from(link.seq).unwrap_or(i64::MAX),
        link.previous.as_slice(),
        link.hash.as_slice(),
        body,
        signature,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Whether that statement is there.
///
/// # Errors
/// [`StoreError`].
pub async fn has(pool: &PgPool, hub: Uuid, seq: u64, hash: &[u8; 32]) -> Result<bool, StoreError> {
    let there = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM audit_witnesses WHERE hub_id = $1 AND seq = $2 AND hash = $3) AS "there!""#,
        hub,
        i64::try_from(seq).unwrap_or(i64::MAX),
        hash.as_slice(),
    );
    Ok(there.fetch_one(pool).await?)
}
