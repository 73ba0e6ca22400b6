//! The names of what an explanation speaks of.

use std::collections::HashMap;

use openpam_ids::{GrantId, GroupId, TargetId, UserId, ZoneId};
use sqlx::PgPool;

use super::StoreError;

/// Whom and what an explanation is about.
#[derive(Clone, Debug)]
pub struct About {
    /// The user name.
    pub user: String,
    /// The target's name.
    pub target: String,
    /// Where it stands.
    pub zone_id: ZoneId,
    /// That zone's name.
    pub zone: String,
}

/// The names in a grant, or in a schedule, which the policy takes as one.
#[derive(Clone, Debug)]
pub struct GrantNames {
    /// For this user,
    pub user: Option<String>,
    /// or for this group,
    pub group_id: Option<GroupId>,
    /// by name.
    pub group: Option<String>,
    /// On this target,
    pub target: Option<String>,
    /// or on every target of this zone,
    pub zone: Option<String>,
    /// or on every target with this label.
    pub label: Option<String>,
    /// It is a schedule.
    pub scheduled: bool,
}

/// The names of a user and a target; `None`: one of them does not exist, or does not any more.
///
/// # Errors
/// [`StoreError`].
pub async fn about(pool: &PgPool, user: UserId, target: TargetId) -> Result<Option<About>, StoreError> {
    let row = sqlx::query_as!(
        About,
        "SELECT u.username AS user, t.name AS target, t.zone_id, z.name AS zone
           FROM users u, targets t JOIN zones z ON z.id = t.zone_id
          WHERE u.id = $1 AND t.id = $2 AND u.retired_at IS NULL AND t.retired_at IS NULL",
        user.uuid(),
        target.uuid(),
    );
    Ok(row.fetch_optional(pool).await?)
}

/// The names in these grants and schedules.
///
/// # Errors
/// [`StoreError`].
pub async fn grants(pool: &PgPool, ids: &[GrantId]) -> Result<HashMap<GrantId, GrantNames>, StoreError> {
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        r#"SELECT g.id AS "id!", u.username AS "user?", g.group_id, r.name AS "group?", t.name AS "target?", z.name AS "zone?", g.label,
                  FALSE AS "scheduled!"
             FROM grants g
             LEFT JOIN users u ON u.id = g.user_id
             LEFT JOIN groups r ON r.id = g.group_id
             LEFT JOIN targets t ON t.id = g.target_id
             LEFT JOIN zones z ON z.id = g.zone_id
            WHERE g.id = ANY($1)
           UNION ALL
           SELECT s.id, u.username, NULL, NULL, t.name, NULL, NULL, TRUE
             FROM schedules s JOIN users u ON u.id = s.user_id JOIN targets t ON t.id = s.target_id
            WHERE s.id = ANY($1)"#,
        &ids,
    )
    .fetch_all(pool)
    .await?;
    let names = rows.into_iter().map(|row| {
        let names = GrantNames {
            user: row.user,
            group_id: row.group_id.map(Into::into),
            group: row.group,
            target: row.target,
            zone: row.zone,
            label: row.label,
            scheduled: row.scheduled,
        };
        (row.id.into(), names)
    });
    Ok(names.collect())
}
