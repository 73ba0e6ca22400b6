//! The facts behind a decision, and the decision itself: the only way to an [`Authorization`] in the hub.

use std::collections::HashMap;

use jiff::Timestamp;
use openpam_ids::{TargetId, UserId};
use openpam_policy::{
    Authorization, Denial, Explanation, Grant, Moment, Object, Standing, Target, User, When, decide, explain,
};
use serde_json::Value;
use sqlx::PgPool;

use super::{StoreError, grants, targets, users};

/// Why there is no authorization.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The policy says no. Also for a user or target that does not exist.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// The books do not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for AccessError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The right to watch everybody's sessions, and under which name. Only [`may_watch`] makes one.
#[derive(Clone, Debug)]
pub struct Watching {
    name: String,
}

impl Watching {
    /// The watcher's user name.
    #[must_use]
    pub fn into_name(self) -> String {
        self.name
    }
}

/// Whether this user may watch other people's sessions now.
///
/// # Errors
/// [`AccessError::Denied`] if not.
pub async fn may_watch(pool: &PgPool, user: UserId) -> Result<Watching, AccessError> {
    let person =
        sqlx::query!(r#"SELECT username, enabled AS "enabled!", role FROM users WHERE id = $1"#, user.uuid())
            .fetch_optional(pool)
            .await?
            .ok_or(Denial::NotGranted)?;
    if !person.enabled {
        return Err(Denial::UserDisabled.into());
    }
    if !users::role(&person.role).reads_all() {
        return Err(Denial::NotGranted.into());
    }
    Ok(Watching { name: person.username })
}

/// Everything that decides about one user and one target.
#[derive(Clone, Debug)]
pub struct Facts {
    user: User,
    target: Target,
    grants: Vec<Grant>,
}

impl Facts {
    /// Decides by them.
    ///
    /// # Errors
    /// The [`Denial`].
    pub fn decide(&self, moment: impl Into<Moment>) -> Result<Authorization, Denial> {
        decide(&self.user, &self.target, &self.grants, moment)
    }

    /// Decides by them, and says what of.
    #[must_use]
    pub fn explain(&self, moment: impl Into<Moment>) -> Explanation {
        explain(&self.user, &self.target, &self.grants, moment)
    }
}

/// Asks the policy whether this user may open this target now.
///
/// # Errors
/// [`AccessError::Denied`] if not.
pub async fn authorize(pool: &PgPool, user: UserId, target: TargetId) -> Result<Authorization, AccessError> {
    let now = Timestamp::now();
    let facts = facts(pool, user, target, now).await?.ok_or(Denial::NotGranted)?;
    Ok(facts.decide(now)?)
}

/// What decides about this user and this target from that moment on; `None`: there is no such user or target.
///
/// # Errors
/// [`StoreError`].
pub async fn facts(
    pool: &PgPool,
    user: UserId,
    target: TargetId,
    from: Timestamp,
) -> Result<Option<Facts>, StoreError> {
    let person = sqlx::query!(
        r#"SELECT enabled AS "enabled!",
                  ARRAY(SELECT group_id FROM group_members WHERE user_id = $1) AS "groups!"
             FROM users WHERE id = $1"#,
        user.uuid(),
    )
    .fetch_optional(pool)
    .await?;
    let machine = sqlx::query!(
        r#"SELECT t.zone_id, t.enabled AS "enabled!", z.enabled AS zone_enabled, t.labels
             FROM targets t JOIN zones z ON z.id = t.zone_id WHERE t.id = $1"#,
        target.uuid(),
    )
    .fetch_optional(pool)
    .await?;
    let Some((person, machine)) = person.zip(machine) else { return Ok(None) };
    let rows = sqlx::query_as!(
        grants::Row,
        "SELECT id, user_id, group_id, target_id, zone_id, label, max_session_seconds, idle_seconds, consent,
                offline_seconds, clipboard_copy, clipboard_paste, file_download, file_upload, schedule
           FROM grants WHERE target_id = $1 OR zone_id = $2 OR label = ANY($3)",
        target.uuid(),
        machine.zone_id,
        &machine.labels,
    )
    .fetch_all(pool)
    .await?;
    let holds = |schedule| grants::when(Some(schedule), from);
    let mut grants: Vec<Grant> = rows.into_iter().filter_map(|row| row.decides(holds)).collect();
    grants.extend(openpam_scheduling::of(pool, user, &[target], from).await?);
    let groups = person.groups.into_iter().map(Into::into).collect();
    let user = User { id: user, enabled: person.enabled, groups };
    let target = Target {
        id: target,
        zone_id: machine.zone_id.into(),
        enabled: machine.enabled,
        zone_enabled: machine.zone_enabled,
        labels: targets::labels(machine.labels),
    };
    Ok(Some(Facts { user, target, grants }))
}

/// How the grants and schedules of this user stand on each of these targets: whether one holds now. A target that none
/// covers is not among the answers.
///
/// # Errors
/// [`StoreError`].
pub async fn standing(
    pool: &PgPool,
    user: UserId,
    targets: &[TargetId],
) -> Result<HashMap<TargetId, Standing>, StoreError> {
    let now = Timestamp::now();
    let ids: Vec<_> = targets.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        r#"SELECT t.id, bool_or(g.schedule IS NULL) AS "always!",
                  array_agg(g.schedule) FILTER (WHERE g.schedule IS NOT NULL) AS "schedules: Vec<Value>"
             FROM targets t JOIN grants g ON g.target_id = t.id OR g.zone_id = t.zone_id OR g.label = ANY(t.labels)
            WHERE t.id = ANY($2)
              AND (g.user_id = $1 OR g.group_id IN (SELECT m.group_id FROM group_members m WHERE m.user_id = $1))
            GROUP BY t.id"#,
        user.uuid(),
        &ids,
    )
    .fetch_all(pool)
    .await?;
    let mut whens: HashMap<TargetId, Vec<When>> = HashMap::new();
    for row in rows {
        let of = whens.entry(row.id.into()).or_default();
        of.extend(row.always.then_some(When::Always));
        of.extend(row.schedules.into_iter().flatten().map(|schedule| grants::when(Some(schedule), now)));
    }
    for grant in openpam_scheduling::of(pool, user, targets, now).await? {
        if let Object::Target(target) = grant.object {
            whens.entry(target).or_default().push(grant.when);
        }
    }
    Ok(whens.into_iter().map(|(target, whens)| (target, Standing::of(whens.iter(), now))).collect())
}
