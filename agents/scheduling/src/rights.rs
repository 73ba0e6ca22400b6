//! Schedules as the policy takes them: grants of one user on one target, in windows alone.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as Column;
use openpam_ids::{GrantId, TargetId, UserId};
use openpam_policy::{Grant, Object, Said, Schedule, Subject, When};
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
                  exceptions AS "exceptions: Vec<Column>", max_session_seconds, idle_seconds, consent, offline_seconds
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
        terms: terms(row.max_session_seconds, row.idle_seconds, row.consent, row.offline_seconds),
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

/// What all schedules give that are open or will be. `when` is asked when one holds, by what it says.
///
/// # Errors
/// If the books do not answer.
pub async fn all(db: impl PgExecutor<'_>, mut when: impl FnMut(Value) -> When) -> Result<Vec<Grant>, Error> {
    let rows = sqlx::query!(
        r#"SELECT id, user_id, target_id, start_time AS "start_time: Column", end_time AS "end_time: Column", recurrence_rule,
                  timezone, exceptions AS "exceptions: Vec<Column>", max_session_seconds, idle_seconds, consent, offline_seconds
             FROM schedules WHERE status IN ('pending', 'active') ORDER BY id"#,
    )
    .fetch_all(db)
    .await?;
    let grants = rows.into_iter().filter_map(|row| {
        let said = Said {
            start_time: row.start_time.to_jiff(),
            end_time: row.end_time.to_jiff(),
            recurrence_rule: row.recurrence_rule,
            timezone: row.timezone,
            exceptions: times(row.exceptions),
        };
        Some(Grant {
            id: GrantId::from_uuid(row.id),
            subject: Subject::User(row.user_id.into()),
            object: Object::Target(row.target_id.into()),
            terms: terms(row.max_session_seconds, row.idle_seconds, row.consent, row.offline_seconds),
            when: when(serde_json::to_value(said).ok()?),
        })
    });
    Ok(grants.collect())
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
