//! `policy_snapshots` and `policy_changes`: what each zone decides by, and what no snapshot has yet.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use openpam_ids::{GroupId, Uuid, ZoneId};
use openpam_policy::{Books, Grant, Machine, Person, PolicyKey, Target, User, When};
use openpam_proto::snapshot::PolicyVersion;
use openpam_scheduling::Right;
use serde_json::Value;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};

use super::{StoreError, grants, targets};
use crate::time::Time;

/// So many snapshots of a zone are kept, and the one that its site holds: it is sent what changed since.
const KEPT: i64 = 12;

/// The newest snapshot of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Which.
    pub policy: PolicyVersion,
    /// Of its records.
    pub sha256: [u8; 32],
    /// That signed it.
    pub key: Option<PolicyKey>,
    /// When it was issued.
    pub issued_at: Time,
    /// Length of the whole of it as it travels.
    pub bytes: u64,
}

/// A snapshot to keep.
#[derive(Debug)]
pub struct Issue {
    /// Of which zone.
    pub zone_id: ZoneId,
    /// Which.
    pub policy: PolicyVersion,
    /// Of its records.
    pub sha256: [u8; 32],
    /// That signed it.
    pub key: PolicyKey,
    /// No session opens by it at a site that was without its hub for longer than so many seconds.
    pub longest_offline_s: u32,
    /// The whole, compressed.
    pub body: Vec<u8>,
    /// As it was signed.
    pub issued_at: Time,
}

/// Begins to issue: a view of the books that does not move, held by one hub instance at a time; `None`: another one does.
///
/// # Errors
/// [`StoreError`].
pub async fn begin(pool: &PgPool) -> Result<Option<Transaction<'static, Postgres>>, StoreError> {
    let mut tx = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await?;
    let ours = sqlx::query_scalar!(
        r#"SELECT pg_try_advisory_xact_lock(hashtextextended('openpam_policy', 0)) AS "ours!""#
    );
    Ok(ours.fetch_one(&mut *tx).await?.then_some(tx))
}

/// Everything that decides, but for when schedules hold.
pub struct Rows {
    zones: BTreeMap<Uuid, bool>,
    people: Vec<Person>,
    machines: Vec<Machine>,
    grants: Vec<grants::Row>,
    schedules: Vec<Right>,
}

impl Rows {
    /// With schedules among the grants. `when` is asked when one that says this holds.
    pub fn read(self, mut when: impl FnMut(Value) -> When) -> Books {
        let mut grants: Vec<Grant> =
            self.grants.into_iter().filter_map(|row| row.decides(&mut when)).collect();
        grants.extend(self.schedules.into_iter().filter_map(|right| right.decides(&mut when)));
        let zones = self.zones.into_iter().map(|(id, enabled)| (id.into(), enabled)).collect();
        Books { zones, people: self.people, machines: self.machines, grants }
    }
}

/// Reads everything that decides.
///
/// # Errors
/// [`StoreError`].
pub async fn rows(db: &mut PgConnection, now: Timestamp) -> Result<Rows, StoreError> {
    let zones = sqlx::query!(r#"SELECT id, enabled AS "enabled!" FROM zones WHERE retired_at IS NULL"#)
        .fetch_all(&mut *db)
        .await?;
    let zones: BTreeMap<Uuid, bool> = zones.into_iter().map(|row| (row.id, row.enabled)).collect();
    let mut groups: HashMap<Uuid, Vec<GroupId>> = HashMap::new();
    for row in sqlx::query!("SELECT user_id, group_id FROM group_members").fetch_all(&mut *db).await? {
        groups.entry(row.user_id).or_default().push(row.group_id.into());
    }
    let people =
        sqlx::query!(r#"SELECT id, username, enabled AS "enabled!" FROM users WHERE retired_at IS NULL"#)
            .fetch_all(&mut *db)
            .await?;
    let people = people.into_iter().map(|row| Person {
        user: User {
            id: row.id.into(),
            enabled: row.enabled,
            groups: groups.remove(&row.id).unwrap_or_default(),
        },
        name: row.username,
    });
    let people = people.collect();
    let machines = sqlx::query!(
        r#"SELECT id, zone_id, name, enabled AS "enabled!", labels FROM targets WHERE retired_at IS NULL"#
    )
    .fetch_all(&mut *db)
    .await?;
    let machines = machines.into_iter().map(|row| Machine {
        target: Target {
            id: row.id.into(),
            zone_id: row.zone_id.into(),
            enabled: row.enabled,
            zone_enabled: zones.get(&row.zone_id).copied().unwrap_or_default(),
            labels: targets::labels(row.labels),
        },
        name: row.name,
    });
    let grants = sqlx::query_as!(
        grants::Row,
        "SELECT id, user_id, group_id, target_id, zone_id, label, max_session_seconds, idle_seconds, consent,
                offline_seconds, clipboard_copy, clipboard_paste, file_download, file_upload, schedule
           FROM grants"
    )
    .fetch_all(&mut *db)
    .await?;
    let schedules = openpam_scheduling::all(&mut *db, now).await?;
    Ok(Rows { machines: machines.collect(), zones, people, grants, schedules })
}

/// The newest snapshot of each zone that is there.
///
/// # Errors
/// [`StoreError`].
pub async fn heads(db: &mut PgConnection) -> Result<HashMap<ZoneId, Head>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT z.id AS zone_id, p.version, p.epoch, p.sha256, p.key, p.issued_at AS "issued_at: Time",
                  octet_length(p.body) AS "bytes!"
             FROM zones z CROSS JOIN LATERAL (SELECT * FROM policy_snapshots p WHERE p.zone_id = z.id
                                               ORDER BY p.version DESC LIMIT 1) p
            WHERE z.retired_at IS NULL"#
    )
    .fetch_all(db)
    .await?;
    let heads = rows.into_iter().map(|row| {
        let head = Head {
            policy: policy(row.epoch, row.version),
            sha256: row.sha256.try_into().unwrap_or_default(),
            key: row.key.and_then(|key| key.try_into().ok()),
            issued_at: row.issued_at,
            bytes: u64::try_from(row.bytes).unwrap_or_default(),
        };
        (row.zone_id.into(), head)
    });
    Ok(heads.collect())
}

/// The newest change that waits to be issued.
///
/// # Errors
/// [`StoreError`].
pub async fn newest_change(pool: &PgPool) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar!("SELECT MAX(id) FROM policy_changes").fetch_one(pool).await?)
}

/// The newest snapshot of a zone, once it has every change up to that one (`None`: every change that was committed before);
/// until then `None`.
///
/// # Errors
/// [`StoreError`].
pub async fn settled(
    pool: &PgPool,
    zone: ZoneId,
    change: Option<i64>,
) -> Result<Option<PolicyVersion>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT version, epoch FROM policy_snapshots
            WHERE zone_id = $1 AND NOT EXISTS (SELECT 1 FROM policy_changes WHERE $2::bigint IS NULL OR id <= $2)
            ORDER BY version DESC LIMIT 1"#,
        zone.uuid(),
        change
    );
    let row = row.fetch_optional(pool).await?;
    Ok(row.map(|row| policy(row.epoch, row.version)))
}

/// The newest snapshot of a zone, and the body of that version.
///
/// # Errors
/// [`StoreError`].
pub async fn newest(pool: &PgPool, zone: ZoneId) -> Result<Option<(PolicyVersion, Vec<u8>)>, StoreError> {
    let row = sqlx::query!(
        "SELECT version, epoch, body FROM policy_snapshots WHERE zone_id = $1 ORDER BY version DESC LIMIT 1",
        zone.uuid()
    );
    let row = row.fetch_optional(pool).await?;
    Ok(row.map(|row| (policy(row.epoch, row.version), row.body)))
}

/// The kept snapshot of a zone of this version.
///
/// # Errors
/// [`StoreError`].
pub async fn of_version(
    pool: &PgPool,
    zone: ZoneId,
    policy: PolicyVersion,
) -> Result<Option<Vec<u8>>, StoreError> {
    let body = sqlx::query_scalar!(
        "SELECT body FROM policy_snapshots WHERE zone_id = $1 AND version = $2 AND epoch = $3",
        zone.uuid(),
        column(policy.version),
        column(policy.epoch)
    );
    Ok(body.fetch_optional(pool).await?)
}

/// The newest kept snapshot of a zone that has these records.
///
/// # Errors
/// [`StoreError`].
pub async fn with_records(pool: &PgPool, zone: ZoneId, sha256: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    let body = sqlx::query_scalar!(
        "SELECT body FROM policy_snapshots WHERE zone_id = $1 AND sha256 = $2 ORDER BY version DESC LIMIT 1",
        zone.uuid(),
        sha256
    );
    Ok(body.fetch_optional(pool).await?)
}

/// The kept snapshot of a zone whose body has this hash.
///
/// # Errors
/// [`StoreError`].
pub async fn with_body(
    pool: &PgPool,
    zone: ZoneId,
    sha256: &[u8],
) -> Result<Option<(PolicyVersion, Vec<u8>)>, StoreError> {
    let row = sqlx::query!(
        "SELECT version, epoch, body FROM policy_snapshots
          WHERE zone_id = $1 AND body_sha256 = $2 ORDER BY version DESC LIMIT 1",
        zone.uuid(),
        sha256
    );
    let row = row.fetch_optional(pool).await?;
    Ok(row.map(|row| (policy(row.epoch, row.version), row.body)))
}

/// Keeps a snapshot, and forgets those that are too many.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if another instance issued that version meanwhile.
pub async fn issue(db: &mut PgConnection, issue: &Issue) -> Result<(), StoreError> {
    let version = column(issue.policy.version);
    sqlx::query!(
        "INSERT INTO policy_snapshots
                (zone_id, version, epoch, sha256, key, body, body_sha256, issued_at, longest_offline_seconds)
         VALUES ($1, $2, $3, $4, $5, $6, sha256($6), $7, $8)",
        issue.zone_id.uuid(),
        version,
        column(issue.policy.epoch),
        issue.sha256.as_slice(),
        issue.key.as_slice(),
        issue.body,
        issue.issued_at as Time,
        i64::from(issue.longest_offline_s),
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "DELETE FROM policy_snapshots p
          WHERE p.zone_id = $1 AND p.version <= $2
            AND NOT EXISTS (SELECT 1 FROM satellites s
                             WHERE s.zone_id = $1 AND s.revoked_at IS NULL
                               AND s.policy_version = p.version AND s.policy_epoch = p.epoch)",
        issue.zone_id.uuid(),
        version - KEPT
    )
    .execute(&mut *db)
    .await?;
    Ok(())
}

/// Every change that this transaction sees is in what it `issued`. Whoever waits for it is told at its commit.
///
/// # Errors
/// [`StoreError`].
pub async fn settle(db: &mut PgConnection, issued: bool) -> Result<(), StoreError> {
    let changes = sqlx::query!("DELETE FROM policy_changes").execute(&mut *db).await?.rows_affected();
    if issued || changes > 0 {
        sqlx::query!("SELECT pg_notify('openpam_policy', 'issued')").execute(&mut *db).await?;
    }
    Ok(())
}

/// Whether a change waits to be issued.
///
/// # Errors
/// [`StoreError`].
pub async fn is_due(pool: &PgPool) -> Result<bool, StoreError> {
    let due = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM policy_changes) AS "due!""#);
    Ok(due.fetch_one(pool).await?)
}

fn policy(epoch: i64, version: i64) -> PolicyVersion {
    PolicyVersion { epoch: epoch.unsigned_abs(), version: version.unsigned_abs() }
}

fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
