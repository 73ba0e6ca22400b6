//! Writes into the books where schedules stand: those alone whose next change is due. Idempotent; several hubs may do it.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as Column;
use openpam_policy::Said;
use sqlx::{Error, PgPool};

use crate::Outlook;
use crate::fields::times;

/// Schedules in one transaction.
const PART: i64 = 200;

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
    let mut tx = pool.begin().await?;
    // What somebody holds they write themselves, or it comes next time.
    let due = sqlx::query!(
        r#"SELECT id, start_time AS "start_time: Column", end_time AS "end_time: Column", recurrence_rule, timezone,
                  exceptions AS "exceptions: Vec<Column>"
             FROM schedules WHERE next_change <= $1 ORDER BY next_change LIMIT $2 FOR UPDATE SKIP LOCKED"#,
        Column::from(now) as Column,
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
        changes.push(outlook.next_change.map(Column::from));
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
