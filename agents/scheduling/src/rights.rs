//! Schedules as the policy takes them: grants of one user on one target, in windows alone.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as Column;
use openpam_ids::{GrantId, TargetId, UserId};
use openpam_policy::{Grant, Object, Said, Schedule, Subject, Terms, Transfer, When};
use serde_json::Value;
use sqlx::{Error, PgExecutor};

use crate::fields::{terms, times};

/// What schedules give this user on these targets, from `now` on. One that is over is among them: it says that nothing
/// comes any more. The grant's id is the schedule's.
///
/// # Errors
/// If the books do not answer.
pub async fn of(
    db: impl PgExecutor<'_>,
    user: UserId,
    targets: &[TargetId],
    now: Timestamp,
) -> Result<Vec<Grant>, Error> {
    let targets: Vec<_> = targets.iter().map(|target| target.uuid()).collect();
    let rows = sqlx::query!(
        r#"SELECT id, target_id, start_time AS "start_time: Column", end_time AS "end_time: Column", recurrence_rule, timezone,
                  exceptions AS "exceptions: Vec<Column>", max_session_seconds, idle_seconds, consent, offline_seconds,
                  clipboard_copy, clipboard_paste, file_download, file_upload
             FROM schedules WHERE user_id = $1 AND target_id = ANY($2) AND status <> 'cancelled'"#,
        user.uuid(),
        &targets,
    )
    .fetch_all(db)
    .await?;
    let grants = rows.into_iter().map(|row| Grant {
        id: GrantId::from_uuid(row.id),
        subject: Subject::User(user),
        object: Object::Target(row.target_id.into()),
        terms: Terms {
            transfer: Transfer {
                copy: row.clipboard_copy,
                paste: row.clipboard_paste,
                download: row.file_download,
                upload: row.file_upload,
            },
            ..terms(row.max_session_seconds, row.idle_seconds, row.consent, row.offline_seconds)
        },
        when: when(
            Said {
                start_time: row.start_time.to_jiff(),
                end_time: row.end_time.to_jiff(),
                recurrence_rule: row.recurrence_rule,
                timezone: row.timezone,
                exceptions: times(row.exceptions),
            },
            now,
        ),
    });
    Ok(grants.collect())
}

/// A schedule as the policy takes it, but for when it holds.
#[derive(Debug)]
pub struct Right {
    grant: Grant,
    said: Said,
}

impl Right {
    /// The grant; `when` is asked when it holds, by what the schedule says.
    pub fn decides(self, when: impl FnOnce(Value) -> When) -> Option<Grant> {
        let when = when(serde_json::to_value(self.said).ok()?);
        Some(Grant { when, ..self.grant })
    }
}

/// What all schedules give that may still open. What their status says does not count: it follows the clock of whoever wrote
/// it.
///
/// # Errors
/// If the books do not answer.
pub async fn all(db: impl PgExecutor<'_>, now: Timestamp) -> Result<Vec<Right>, Error> {
    let rows = sqlx::query!(
        r#"SELECT id, user_id, target_id, start_time AS "start_time: Column", end_time AS "end_time: Column", recurrence_rule,
                  timezone, exceptions AS "exceptions: Vec<Column>", max_session_seconds, idle_seconds, consent, offline_seconds,
                  clipboard_copy, clipboard_paste, file_download, file_upload
             FROM schedules
            WHERE status <> 'cancelled' AND (recurrence_rule IS NOT NULL OR end_time > $1) ORDER BY id"#,
        Column::from(now) as Column,
    )
    .fetch_all(db)
    .await?;
    let rights = rows.into_iter().map(|row| Right {
        grant: Grant {
            id: GrantId::from_uuid(row.id),
            subject: Subject::User(row.user_id.into()),
            object: Object::Target(row.target_id.into()),
            terms: Terms {
                transfer: Transfer {
                    copy: row.clipboard_copy,
                    paste: row.clipboard_paste,
                    download: row.file_download,
                    upload: row.file_upload,
                },
                ..terms(row.max_session_seconds, row.idle_seconds, row.consent, row.offline_seconds)
            },
            when: When::Within(Vec::new()),
        },
        said: Said {
            start_time: row.start_time.to_jiff(),
            end_time: row.end_time.to_jiff(),
            recurrence_rule: row.recurrence_rule,
            timezone: row.timezone,
            exceptions: times(row.exceptions),
        },
    });
    Ok(rights.collect())
}

/// When a schedule in the books holds, from `now` on. One that cannot be read any more holds never.
fn when(said: Said, now: Timestamp) -> When {
    match Schedule::new(said) {
        Ok(schedule) => When::of(&schedule, now),
        Err(error) => {
            tracing::error!(%error, "a schedule in the books cannot be read: it opens nothing");
            When::Within(Vec::new())
        }
    }
}
