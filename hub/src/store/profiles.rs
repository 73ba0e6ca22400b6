//! A person and a target as auditors look at them: what may be opened by whom and why, and how much was.

use openpam_ids::{TargetId, UserId, ZoneId};
use openpam_policy::{Label, Role};
use sqlx::PgPool;
use uuid::Uuid;

use super::{StoreError, targets, users};
use crate::time::Time;

/// A person.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// The name they sign in with.
    pub username: String,
    /// For people.
    pub display_name: Option<String>,
    /// What they may do in the console.
    pub role: Role,
    /// Whether they may sign in and open anything.
    pub enabled: bool,
    /// When the account was deleted, if it was.
    pub retired_at: Option<Time>,
    /// When it was made.
    pub created_at: Time,
    /// The last sign-in.
    pub last_login_at: Option<Time>,
    /// Their groups, by name.
    pub groups: Vec<String>,
    /// Their sessions.
    pub sessions: Sessions,
}

/// A target.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Which.
    pub id: TargetId,
    /// Its name.
    pub name: String,
    /// Its zone.
    pub zone_id: ZoneId,
    /// That zone's name.
    pub zone: String,
    /// Name or address, as the site knows it.
    pub hostname: String,
    /// Its port.
    pub port: u16,
    /// For people.
    pub description: Option<String>,
    /// Its labels.
    pub labels: Vec<Label>,
    /// Whether it may be opened, its zone included.
    pub enabled: bool,
    /// When it was deleted, if it was.
    pub retired_at: Option<Time>,
    /// The accounts that can be used there.
    pub accounts: Vec<String>,
    /// The sessions on it.
    pub sessions: Sessions,
}

/// How many sessions.
#[derive(Clone, Copy, Debug)]
pub struct Sessions {
    /// So far.
    pub total: i64,
    /// Of these, such as run now.
    pub active: i64,
    /// When the newest began.
    pub last: Option<Time>,
}

/// A right to open, one for each target or person.
#[derive(Clone, Debug)]
pub struct Right {
    /// The target, or the person.
    pub id: Uuid,
    /// By name.
    pub name: String,
    /// The target's zone.
    pub zone: Option<String>,
    /// Whether a grant or a schedule names the person.
    pub directly: bool,
    /// Through which groups besides.
    pub groups: Vec<String>,
    /// Whether all of that holds in windows alone.
    pub in_windows: bool,
}

/// One person.
///
/// # Errors
/// [`StoreError`].
pub async fn person(pool: &PgPool, id: UserId) -> Result<Option<Person>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT u.username, u.display_name, u.role, u.enabled AS "enabled!", u.retired_at AS "retired_at: Time",
                  u.created_at AS "created_at!: Time", u.last_login_at AS "last_login_at: Time",
                  ARRAY(SELECT g.name FROM group_members m JOIN groups g ON g.id = m.group_id
                         WHERE m.user_id = u.id ORDER BY lower(g.name)) AS "groups!",
                  s.total AS "total!", s.active AS "active!", s.last AS "last: Time"
             FROM users u, LATERAL (
                  SELECT count(*) AS total, count(*) FILTER (WHERE a.end_time IS NULL) AS active, max(a.start_time) AS last
                    FROM audit_logs a WHERE a.user_id = u.id) s
            WHERE u.id = $1"#,
        id.uuid(),
    );
    Ok(row.fetch_optional(pool).await?.map(|row| Person {
        id,
        username: row.username,
        display_name: row.display_name,
        role: users::role(&row.role),
        enabled: row.enabled,
        retired_at: row.retired_at,
        created_at: row.created_at,
        last_login_at: row.last_login_at,
        groups: row.groups,
        sessions: Sessions { total: row.total, active: row.active, last: row.last },
    }))
}

/// One target.
///
/// # Errors
/// [`StoreError`].
pub async fn machine(pool: &PgPool, id: TargetId) -> Result<Option<Machine>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT t.name, t.zone_id, z.name AS zone, t.hostname, t.port, t.description, t.labels,
                  t.enabled AND z.enabled AS "enabled!", t.retired_at AS "retired_at: Time",
                  ARRAY(SELECT c.username FROM credentials c WHERE c.target_id = t.id AND c.enabled
                         ORDER BY c.username) AS "accounts!",
                  s.total AS "total!", s.active AS "active!", s.last AS "last: Time"
             FROM targets t JOIN zones z ON z.id = t.zone_id, LATERAL (
                  SELECT count(*) AS total, count(*) FILTER (WHERE a.end_time IS NULL) AS active, max(a.start_time) AS last
                    FROM audit_logs a WHERE a.target_id = t.id) s
            WHERE t.id = $1"#,
        id.uuid(),
    );
    Ok(row.fetch_optional(pool).await?.map(|row| Machine {
        id,
        name: row.name,
        zone_id: row.zone_id.into(),
        zone: row.zone,
        hostname: row.hostname,
        port: targets::port(row.port),
        description: row.description,
        labels: targets::labels(row.labels),
        enabled: row.enabled,
        retired_at: row.retired_at,
        accounts: row.accounts,
        sessions: Sessions { total: row.total, active: row.active, last: row.last },
    }))
}

/// What this person may open now, by name, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn rights_of(pool: &PgPool, user: UserId, limit: i64) -> Result<Vec<Right>, StoreError> {
    let rights = sqlx::query_as!(
        Right,
        r#"SELECT x.id AS "id!", x.name AS "name!", x.zone, bool_or(x.directly) AS "directly!", bool_and(x.in_windows) AS "in_windows!",
                  COALESCE(array_agg(DISTINCT x.through ORDER BY x.through) FILTER (WHERE x.through IS NOT NULL), '{}') AS "groups!"
             FROM (SELECT t.id, t.name, z.name AS zone, g.user_id IS NOT NULL AS directly, g.schedule IS NOT NULL AS in_windows,
                          r.name AS through
                     FROM users u
                     JOIN grants g ON g.user_id = u.id
                                   OR g.group_id IN (SELECT m.group_id FROM group_members m WHERE m.user_id = u.id)
                     JOIN targets t ON t.id = g.target_id OR t.zone_id = g.zone_id OR g.label = ANY(t.labels)
                     JOIN zones z ON z.id = t.zone_id
                     LEFT JOIN groups r ON r.id = g.group_id
                    WHERE u.id = $1 AND u.enabled AND t.enabled AND z.enabled
                    UNION ALL
                   SELECT t.id, t.name, z.name, TRUE, TRUE, NULL
                     FROM users u
                     JOIN schedules s ON s.user_id = u.id AND s.status IN ('pending', 'active')
                     JOIN targets t ON t.id = s.target_id
                     JOIN zones z ON z.id = t.zone_id
                    WHERE u.id = $1 AND u.enabled AND t.enabled AND z.enabled) x
            GROUP BY x.id, x.name, x.zone ORDER BY lower(x.name), x.id LIMIT $2"#,
        user.uuid(),
        limit,
    );
    Ok(rights.fetch_all(pool).await?)
}

/// Who may open this target now, by name, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn rights_on(pool: &PgPool, target: TargetId, limit: i64) -> Result<Vec<Right>, StoreError> {
    let rights = sqlx::query_as!(
        Right,
        r#"SELECT x.id AS "id!", x.name AS "name!", NULL::text AS zone, bool_or(x.directly) AS "directly!",
                  bool_and(x.in_windows) AS "in_windows!",
                  COALESCE(array_agg(DISTINCT x.through ORDER BY x.through) FILTER (WHERE x.through IS NOT NULL), '{}') AS "groups!"
             FROM (SELECT u.id, u.username AS name, g.user_id IS NOT NULL AS directly, g.schedule IS NOT NULL AS in_windows,
                          r.name AS through
                     FROM targets t
                     JOIN zones z ON z.id = t.zone_id
                     JOIN grants g ON g.target_id = t.id OR g.zone_id = t.zone_id OR g.label = ANY(t.labels)
                     LEFT JOIN group_members m ON m.group_id = g.group_id
                     JOIN users u ON u.id = g.user_id OR u.id = m.user_id
                     LEFT JOIN groups r ON r.id = g.group_id
                    WHERE t.id = $1 AND u.enabled AND t.enabled AND z.enabled
                    UNION ALL
                   SELECT u.id, u.username, TRUE, TRUE, NULL
                     FROM targets t
                     JOIN zones z ON z.id = t.zone_id
                     JOIN schedules s ON s.target_id = t.id AND s.status IN ('pending', 'active')
                     JOIN users u ON u.id = s.user_id
                    WHERE t.id = $1 AND u.enabled AND t.enabled AND z.enabled) x
            GROUP BY x.id, x.name ORDER BY x.name LIMIT $2"#,
        target.uuid(),
        limit,
    );
    Ok(rights.fetch_all(pool).await?)
}
