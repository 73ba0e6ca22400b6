//! Grants: who may open what.

use jiff::{SignedDuration, Timestamp};
use openpam_ids::{GrantId, GroupId, TargetId, UserId, Uuid, ZoneId};
use openpam_policy::{Label, Object, Said, Schedule, Subject, Terms, Transfer, When};
use serde::Serialize;
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};

use super::change::{Held, Named, must_stand};
use super::{Page, StoreError};
use crate::time::Time;

/// A grant with the names of what it names.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Which.
    pub id: GrantId,
    /// For this user,
    pub user_id: Option<UserId>,
    /// by name,
    pub user: Option<String>,
    /// or for this group,
    pub group_id: Option<GroupId>,
    /// by name.
    pub group: Option<String>,
    /// On this target,
    pub target_id: Option<TargetId>,
    /// by name,
    pub target: Option<String>,
    /// or on every target of this zone,
    pub zone_id: Option<ZoneId>,
    /// by name,
    pub zone: Option<String>,
    /// or on every target with this label.
    pub label: Option<Label>,
    /// How and when.
    pub fields: Fields,
    /// When it was given.
    pub created_at: Time,
    /// By whom.
    pub created_by: Option<UserId>,
    /// When it was last changed.
    pub updated_at: Time,
    /// Its changes so far.
    pub version: i64,
}

/// What of a grant can be changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Fields {
    /// How.
    #[serde(flatten)]
    pub terms: Terms,
    /// When; absent: always.
    pub schedule: Option<Said>,
}

/// One grant.
///
/// # Errors
/// [`StoreError`].
pub async fn find(db: impl PgExecutor<'_>, id: GrantId) -> Result<Option<Grant>, StoreError> {
    Ok(select(db, Some(id), Page { limit: 1, after: None }).await?.pop())
}

/// All grants, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(db: impl PgExecutor<'_>, page: Page) -> Result<Vec<Grant>, StoreError> {
    select(db, None, page).await
}

async fn select(
    db: impl PgExecutor<'_>,
    only: Option<GrantId>,
    page: Page,
) -> Result<Vec<Grant>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT g.id, g.user_id, u.username AS "user?", g.group_id, r.name AS "group?", g.target_id,
                  t.name AS "target?", g.zone_id, z.name AS "zone?", g.label, g.created_at AS "created_at: Time", g.created_by,
                  g.max_session_seconds, g.idle_seconds, g.consent, g.offline_seconds,
                  g.clipboard_copy, g.clipboard_paste, g.file_download, g.file_upload, g.schedule, g.updated_at AS "updated_at: Time", g.version
             FROM grants g
             LEFT JOIN users u ON u.id = g.user_id
             LEFT JOIN groups r ON r.id = g.group_id
             LEFT JOIN targets t ON t.id = g.target_id
             LEFT JOIN zones z ON z.id = g.zone_id
            WHERE ($1::uuid IS NULL OR g.id = $1) AND ($2::uuid IS NULL OR g.id < $2)
            ORDER BY g.id DESC LIMIT $3"#,
        only.map(GrantId::uuid),
        page.after,
        page.rows(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Grant {
            id: row.id.into(),
            user_id: row.user_id.map(Into::into),
            user: row.user,
            group_id: row.group_id.map(Into::into),
            group: row.group,
            target_id: row.target_id.map(Into::into),
            target: row.target,
            zone_id: row.zone_id.map(Into::into),
            zone: row.zone,
            label: row.label.and_then(|label| label.parse().ok()),
            fields: Fields {
                terms: Terms {
                    transfer: Transfer {
                        copy: row.clipboard_copy,
                        paste: row.clipboard_paste,
                        download: row.file_download,
                        upload: row.file_upload,
                    },
                    ..terms(row.max_session_seconds, row.idle_seconds, row.consent, row.offline_seconds)
                },
                schedule: schedule(row.schedule),
            },
            created_at: row.created_at,
            created_by: row.created_by.map(Into::into),
            updated_at: row.updated_at,
            version: row.version,
        })
        .collect())
}

/// What of a row decides.
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) user_id: Option<Uuid>,
    pub(super) group_id: Option<Uuid>,
    pub(super) target_id: Option<Uuid>,
    pub(super) zone_id: Option<Uuid>,
    pub(super) label: Option<String>,
    pub(super) max_session_seconds: Option<i32>,
    pub(super) idle_seconds: Option<i32>,
    pub(super) consent: Option<String>,
    pub(super) offline_seconds: i32,
    pub(super) clipboard_copy: bool,
    pub(super) clipboard_paste: bool,
    pub(super) file_download: bool,
    pub(super) file_upload: bool,
    pub(super) schedule: Option<Value>,
}

impl Row {
    /// The grant as the policy takes it; `when` is asked when one with that schedule holds.
    pub(super) fn decides(self, when: impl FnOnce(Value) -> When) -> Option<openpam_policy::Grant> {
        let user = self.user_id.map(|id| Subject::User(id.into()));
        let target = self.target_id.map(|id| Object::Target(id.into()));
        let zone = self.zone_id.map(|id| Object::Zone(id.into()));
        let label = self.label.and_then(|label| label.parse().ok()).map(Object::Label);
        Some(openpam_policy::Grant {
            id: self.id.into(),
            subject: user.or(self.group_id.map(|id| Subject::Group(id.into())))?,
            object: target.or(zone).or(label)?,
            terms: Terms {
                transfer: Transfer {
                    copy: self.clipboard_copy,
                    paste: self.clipboard_paste,
                    download: self.file_download,
                    upload: self.file_upload,
                },
                ..terms(self.max_session_seconds, self.idle_seconds, self.consent, self.offline_seconds)
            },
            when: self.schedule.map_or(When::Always, when),
        })
    }
}

/// The terms in a row, but for what may pass.
pub(super) fn terms(longest: Option<i32>, idle: Option<i32>, consent: Option<String>, offline: i32) -> Terms {
    let seconds = |column: Option<i32>| column.and_then(|seconds| u32::try_from(seconds).ok());
    Terms {
        max_session_seconds: seconds(longest),
        idle_seconds: seconds(idle),
        consent,
        offline_seconds: u32::try_from(offline).unwrap_or_default(),
        ..Terms::default()
    }
}

/// The schedule in a row. What is in the books was checked when it came there.
fn schedule(column: Option<Value>) -> Option<Said> {
    column.and_then(|said| serde_json::from_value(said).ok())
}

/// When a grant holds, from `now` on. A schedule that cannot be read any more holds never.
pub(super) fn when(column: Option<Value>, now: Timestamp) -> When {
    column.map_or(When::Always, |column| read(column, |schedule| When::of(schedule, now)))
}

/// When a grant with this schedule holds, from `moment` on, for so long ahead.
#[must_use]
pub fn when_for(column: Value, moment: Timestamp, ahead: SignedDuration) -> When {
    read(column, |schedule| When::ahead(schedule, moment, ahead))
}

fn read(column: Value, windows: impl FnOnce(&Schedule) -> When) -> When {
    let read = serde_json::from_value(column).map_err(anyhow::Error::from);
    match read.and_then(|said| Ok(Schedule::new(said)?)) {
        Ok(schedule) => windows(&schedule),
        Err(error) => {
            tracing::error!(%error, "a grant's schedule cannot be read: it does not hold");
            When::Within(Vec::new())
        }
    }
}

fn json(schedule: Option<&Said>) -> Option<Value> {
    schedule.and_then(|said| serde_json::to_value(said).ok())
}

fn column(seconds: Option<u32>) -> Option<i32> {
    seconds.map(|seconds| i32::try_from(seconds).unwrap_or(i32::MAX))
}

/// Gives a grant. `by`: who did; absent: the command line.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if it stands, [`StoreError::Dangling`] if it names what does not exist.
pub async fn create(
    db: &mut PgConnection,
    subject: Subject,
    object: &Object,
    Fields { terms, schedule }: &Fields,
    by: Option<UserId>,
) -> Result<GrantId, StoreError> {
    let id = GrantId::generate();
    let (user, group, whose) = match subject {
        Subject::User(user) => (Some(user.uuid()), None, Named::User(user)),
        Subject::Group(group) => (None, Some(group.uuid()), Named::Group(group)),
    };
    let (target, zone, label) = match object {
        Object::Target(target) => (Some(*target), None, None),
        Object::Zone(zone) => (None, Some(*zone), None),
        Object::Label(label) => (None, None, Some(label.as_str())),
    };
    must_stand(db, whose).await?;
    for what in target.map(Named::Target).into_iter().chain(zone.map(Named::Zone)) {
        must_stand(db, what).await?;
    }
    sqlx::query!(
        "INSERT INTO grants (id, user_id, group_id, target_id, zone_id, label, created_by, max_session_seconds, idle_seconds, consent,
                             schedule, offline_seconds, clipboard_copy, clipboard_paste, file_download, file_upload)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        id.uuid(),
        user,
        group,
        target.map(TargetId::uuid),
        zone.map(ZoneId::uuid),
        label,
        by.map(UserId::uuid),
        column(terms.max_session_seconds),
        column(terms.idle_seconds),
        terms.consent,
        json(schedule.as_ref()),
        column(Some(terms.offline_seconds)),
        terms.transfer.copy,
        terms.transfer.paste,
        terms.transfer.download,
        terms.transfer.upload,
    )
    .execute(db)
    .await?;
    Ok(id)
}

/// Holds a grant for a change; `None`: there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn hold(db: &mut PgConnection, id: GrantId) -> Result<Option<Held<Fields>>, StoreError> {
    let row = sqlx::query!(
        "SELECT version, max_session_seconds, idle_seconds, consent, offline_seconds, clipboard_copy, clipboard_paste,
                file_download, file_upload, schedule
           FROM grants WHERE id = $1 FOR UPDATE",
        id.uuid()
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Held {
        version: row.version,
        fields: Fields {
            terms: Terms {
                transfer: Transfer {
                    copy: row.clipboard_copy,
                    paste: row.clipboard_paste,
                    download: row.file_download,
                    upload: row.file_upload,
                },
                ..terms(row.max_session_seconds, row.idle_seconds, row.consent, row.offline_seconds)
            },
            schedule: schedule(row.schedule),
        },
    }))
}

/// Changes a grant that is held.
///
/// # Errors
/// [`StoreError`].
pub async fn change(
    db: &mut PgConnection,
    id: GrantId,
    Fields { terms, schedule }: &Fields,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE grants SET max_session_seconds = $2, idle_seconds = $3, consent = $4, schedule = $5, offline_seconds = $6,
                clipboard_copy = $7, clipboard_paste = $8, file_download = $9, file_upload = $10,
                version = version + 1, updated_at = NOW()
          WHERE id = $1",
        id.uuid(),
        column(terms.max_session_seconds),
        column(terms.idle_seconds),
        terms.consent,
        json(schedule.as_ref()),
        column(Some(terms.offline_seconds)),
        terms.transfer.copy,
        terms.transfer.paste,
        terms.transfer.download,
        terms.transfer.upload,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Withdraws a grant; `false`: there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn delete(db: &mut PgConnection, id: GrantId) -> Result<bool, StoreError> {
    Ok(sqlx::query!("DELETE FROM grants WHERE id = $1", id.uuid()).execute(db).await?.rows_affected() > 0)
}
