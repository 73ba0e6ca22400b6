//! What `openpam-hub audit verify` reads: the books as they stand, in parts, in the order of their chains.

use openpam_ids::SessionId;
use openpam_proto::witness::Head;
use sqlx::PgPool;
use uuid::Uuid;

use super::StoreError;
use crate::time::Time;

/// A row of `audit_events`, as it stands there.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    /// Whose chain.
    pub node_id: Uuid,
    /// The satellite's name and zone; absent: a hub instance.
    pub satellite: Option<String>,
    /// Its place in the chain.
    pub seq: u64,
    /// The hash of the event before.
    pub previous: [u8; 32],
    /// Its own hash.
    pub hash: [u8; 32],
    /// What the column says.
    pub kind: String,
    /// What the column says.
    pub occurred_at: Time,
    /// What the column says.
    pub user_id: Option<Uuid>,
    /// What the column says.
    pub session_id: Option<Uuid>,
    /// The hashed bytes.
    pub body: Vec<u8>,
    /// What the event is listed under, in order.
    pub subjects: Vec<Uuid>,
}

/// What the book of sessions says of one, as far as its satellite tells it too.
#[derive(Clone, Debug)]
pub struct BookedSession {
    /// Which.
    pub id: Uuid,
    /// Whose.
    pub user_id: Uuid,
    /// On which target.
    pub target_id: Uuid,
    /// Through which satellite.
    pub satellite_id: Option<Uuid>,
    /// When it ended.
    pub end_time: Option<Time>,
    /// Why it ended.
    pub end_code: Option<String>,
    /// Bytes typed.
    pub bytes_sent: i64,
    /// Bytes printed.
    pub bytes_received: i64,
}

/// A row of `recordings`.
#[derive(Clone, Debug)]
pub struct KeptRecording {
    /// Of which session.
    pub session_id: SessionId,
    /// Its folder in the recordings' object store.
    pub path: String,
    /// What the book of sessions calls it.
    pub booked_path: Option<String>,
    /// How many chunks are there.
    pub chunks: u64,
    /// The last chunk's hash.
    pub head_hash: [u8; 32],
    /// Whether the last chunk is the recording's last.
    pub complete: bool,
    /// Whether it is marked as deleted.
    pub deleted: bool,
    /// When its session ended.
    pub end_time: Option<Time>,
    /// The hub's event that tells that it was deleted: when, and its hashed bytes.
    pub deletion: Option<(Time, Vec<u8>)>,
}

/// At most `limit` events behind that one, chain by chain.
///
/// # Errors
/// [`StoreError`].
pub async fn events_after(
    pool: &PgPool,
    node: Uuid,
    seq: u64,
    limit: i64,
) -> Result<Vec<StoredEvent>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT e.node_id, s.name AS "name?", z.name AS "zone?", e.seq, e.prev_hash, e.hash, e.kind,
                  e.occurred_at AS "occurred_at: Time", e.user_id, e.session_id, e.body,
                  ARRAY(SELECT n.subject FROM audit_subjects n WHERE n.event_id = e.id ORDER BY n.subject) AS "subjects!"
             FROM audit_events e
             LEFT JOIN satellites s ON s.id = e.node_id
             LEFT JOIN zones z ON z.id = s.zone_id
            WHERE (e.node_id, e.seq) > ($1, $2)
            ORDER BY e.node_id, e.seq LIMIT $3"#,
        node,
        i64::try_from(seq).unwrap_or(i64::MAX),
        limit,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| StoredEvent {
            node_id: row.node_id,
            satellite: row.name.zip(row.zone).map(|(name, zone)| format!("{name} in {zone}")),
            seq: row.seq.unsigned_abs(),
            // The columns' CHECK constraints keep the length; zeros of a broken one fit nowhere.
            previous: row.prev_hash.try_into().unwrap_or_default(),
            hash: row.hash.try_into().unwrap_or_default(),
            kind: row.kind,
            occurred_at: row.occurred_at,
            user_id: row.user_id,
            session_id: row.session_id,
            body: row.body,
            subjects: row.subjects,
        })
        .collect())
}

/// A row of `audit_witnesses`, as it stands there.
#[derive(Clone, Debug)]
pub struct StoredStatement {
    /// Whose.
    pub hub_id: Uuid,
    /// Its place in that hub's chain of statements.
    pub seq: u64,
    /// The hash of the statement before.
    pub previous: [u8; 32],
    /// Its own hash.
    pub hash: [u8; 32],
    /// The hashed bytes.
    pub body: Vec<u8>,
    /// Over the hash.
    pub signature: Vec<u8>,
}

/// At most `limit` statements behind that one, hub by hub.
///
/// # Errors
/// [`StoreError`].
pub async fn statements_after(
    pool: &PgPool,
    hub: Uuid,
    seq: u64,
    limit: i64,
) -> Result<Vec<StoredStatement>, StoreError> {
    let rows = sqlx::query!(
        "SELECT hub_id, seq, prev_hash, hash, body, signature FROM audit_witnesses
          WHERE (hub_id, seq) > ($1, $2) ORDER BY hub_id, seq LIMIT $3",
        hub,
        i64::try_from(seq).unwrap_or(i64::MAX),
        limit,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| StoredStatement {
            hub_id: row.hub_id,
            seq: row.seq.unsigned_abs(),
            previous: row.prev_hash.try_into().unwrap_or_default(),
            hash: row.hash.try_into().unwrap_or_default(),
            body: row.body,
            signature: row.signature,
        })
        .collect())
}

/// Which of these heads are no events of their chains: the place in the list, and whether another event is there.
///
/// # Errors
/// [`StoreError`].
pub async fn not_as_stated(pool: &PgPool, heads: &[Head]) -> Result<Vec<(usize, bool)>, StoreError> {
    let nodes: Vec<_> = heads.iter().map(|head| head.node_id).collect();
    let places: Vec<_> = heads.iter().map(|head| i64::try_from(head.seq).unwrap_or(i64::MAX)).collect();
    let hashes: Vec<_> = heads.iter().map(|head| head.hash.to_vec()).collect();
    let rows = sqlx::query!(
        r#"SELECT said.n AS "n!", e.hash IS NOT NULL AS "there!"
             FROM unnest($1::uuid[], $2::bigint[], $3::bytea[]) WITH ORDINALITY AS said(node_id, seq, hash, n)
             LEFT JOIN audit_events e ON e.node_id = said.node_id AND e.seq = said.seq
            WHERE e.hash IS DISTINCT FROM said.hash ORDER BY said.n"#,
        &nodes,
        &places,
        &hashes,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| (usize::try_from(row.n - 1).unwrap_or_default(), row.there)).collect())
}

/// These sessions, as far as they are booked.
///
/// # Errors
/// [`StoreError`].
pub async fn sessions(pool: &PgPool, ids: &[Uuid]) -> Result<Vec<BookedSession>, StoreError> {
    let rows = sqlx::query_as!(
        BookedSession,
        r#"SELECT id, user_id, target_id, satellite_id, end_time AS "end_time: Time", end_code,
                  COALESCE(bytes_sent, 0) AS "bytes_sent!", COALESCE(bytes_received, 0) AS "bytes_received!"
             FROM audit_logs WHERE id = ANY($1)"#,
        ids,
    );
    Ok(rows.fetch_all(pool).await?)
}

/// At most `limit` recordings behind that one, oldest first.
///
/// # Errors
/// [`StoreError`].
pub async fn recordings_after(
    pool: &PgPool,
    after: Uuid,
    limit: i64,
) -> Result<Vec<KeptRecording>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT r.session_id, r.path, a.recording_path, r.chunks, r.head_hash, r.complete,
                  r.deleted_at IS NOT NULL AS "deleted!", a.end_time AS "end_time: Time",
                  e.occurred_at AS "told_at?: Time", e.body AS "told?"
             FROM recordings r
             JOIN audit_logs a ON a.id = r.session_id
             LEFT JOIN LATERAL (
                  SELECT e.occurred_at, e.body FROM audit_events e
                   WHERE r.deleted_at IS NOT NULL AND e.session_id = r.session_id AND e.kind = 'recording.deleted'
                     AND NOT EXISTS (SELECT FROM satellites s WHERE s.id = e.node_id)
                   LIMIT 1) e ON true
            WHERE r.session_id > $1 ORDER BY r.session_id LIMIT $2"#,
        after,
        limit,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| KeptRecording {
            session_id: row.session_id.into(),
            path: row.path,
            booked_path: row.recording_path,
            chunks: row.chunks.unsigned_abs(),
            head_hash: row.head_hash.try_into().unwrap_or_default(),
            complete: row.complete,
            deleted: row.deleted,
            end_time: row.end_time,
            deletion: row.told_at.zip(row.told),
        })
        .collect())
}

/// At most `limit` sessions whose recording is named and not there.
///
/// # Errors
/// [`StoreError`].
pub async fn without_recording(pool: &PgPool, limit: i64) -> Result<Vec<SessionId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT a.id FROM audit_logs a
          WHERE a.recording_path IS NOT NULL AND NOT EXISTS (SELECT FROM recordings r WHERE r.session_id = a.id)
          ORDER BY a.id LIMIT $1",
        limit,
    );
    Ok(ids.fetch_all(pool).await?.into_iter().map(Into::into).collect())
}
