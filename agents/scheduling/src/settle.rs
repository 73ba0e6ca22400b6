//! Writes into the books where schedules stand: those alone whose next change is due. Idempotent; several hubs may do it.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::Timestamp as Column;
use openpam_policy::Said;
use sqlx::{Error, PgPool};

use crate::fields::times;
use crate::{Outlook, Status};

/// Schedules in one transaction.
const PART: i64 = 200;
/// What is over is looked at again: a clock that ran ahead, or a time zone that was unknown for a while, ends nothing for good.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// Writes where every schedule stands at `now`, and says how many were due.
///
/// # Errors
/// If the books do not answer; what was done until then is done.
pub async fn settle(pool: &PgPool, now: Timestamp) -> Result<usize, Error> {
    let mut settled = 0;
    loop {
        let part = settle_part(pool, now).await?;
        settled += part;
        if part == 0 {
            return Ok(settled);
        }
    }
}

async fn settle_part(pool: &PgPool, now: Timestamp) -> Result<usize, Error> {
    let again = now.checked_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
    let mut tx = pool.begin().await?;
    // What somebody holds they write themselves, or it comes next time.
    let due = sqlx::query!(
        r#"SELECT id, start_time AS "start_time: Column", end_time AS "end_time: Column", recurrence_rule, timezone,
                  exceptions AS "exceptions: Vec<Column>"
             FROM schedules WHERE next_change <= $1 OR (status = 'expired' AND next_change > $2)
            ORDER BY next_change LIMIT $3 FOR UPDATE SKIP LOCKED"#,
        Column::from(now) as Column,
        Column::from(again) as Column,
        PART,
    )
    .fetch_all(&mut *tx)
    .await?;
    let count = due.len();
    let (mut ids, mut statuses, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    for row in due {
        let said = Said {
            start_time: row.start_time.to_jiff(),
            end_time: row.end_time.to_jiff(),
            recurrence_rule: row.recurrence_rule,
            timezone: row.timezone,
            exceptions: times(row.exceptions),
        };
        let outlook = Outlook::of_said(said, now);
        ids.push(row.id);
        statuses.push(outlook.status.as_str().to_owned());
        let over = outlook.status == Status::Expired;
        changes.push(outlook.next_change.or(over.then_some(again)).map(Column::from));
    }
    if count > 0 {
        sqlx::query!(
            "UPDATE schedules s SET status = d.status, next_change = d.next_change
               FROM UNNEST($1::uuid[], $2::text[], $3::timestamptz[]) AS d (id, status, next_change) WHERE s.id = d.id",
            &ids,
            &statuses,
            &changes as &[Option<Column>],
        )
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(count)
}
