//! The rows: found, listed, made and changed.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as Column;
use openpam_ids::{ScheduleId, TargetId, UserId, ZoneId};
use openpam_policy::{Terms, Transfer};
use serde_json::{Map, Value};
use sqlx::{Error, PgConnection, PgExecutor};

use crate::fields::{columns, seconds, terms, times};
use crate::{Fields, Outlook, Status};

/// A schedule with the names of what it names.
#[derive(Clone, Debug)]
pub struct Row {
    /// Which.
    pub id: ScheduleId,
    /// For whom,
    pub user_id: UserId,
    /// by name.
    pub user: String,
    /// On what,
    pub target_id: TargetId,
    /// by name.
    pub target: String,
    /// Where that stands,
    pub zone_id: ZoneId,
    /// by name,
    pub zone: String,
    /// and on whose clocks.
    pub zone_timezone: String,
    /// When and how.
    pub fields: Fields,
    /// Whether it was taken back.
    pub cancelled: bool,
    /// By whom it was made.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Its changes so far.
    pub version: i64,
}

impl Row {
    /// What comes of it.
    #[must_use]
    pub fn outlook(&self, now: Timestamp) -> Outlook {
        if self.cancelled { Outlook::cancelled() } else { Outlook::of_said(self.fields.said(), now) }
    }
}

/// Which rows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this user.
    pub user_id: Option<UserId>,
    /// On this target.
    pub target_id: Option<TargetId>,
    /// That stand so, as the books had it when they were last settled.
    pub status: Option<Status>,
    /// Behind this one.
    pub after: Option<ScheduleId>,
}

/// A schedule that nobody else changes until the transaction is over.
#[derive(Clone, Debug)]
pub struct Held {
    /// Its changes so far.
    pub version: i64,
    /// Whether it was taken back.
    pub cancelled: bool,
    /// When and how.
    pub fields: Fields,
}

/// One schedule; of this user, where one is named.
///
/// # Errors
/// If the books do not answer.
pub async fn find(
    db: impl PgExecutor<'_>,
    id: ScheduleId,
    user: Option<UserId>,
) -> Result<Option<Row>, Error> {
    let filter = Filter { user_id: user, ..Filter::default() };
    Ok(select(db, Some(id), filter, 1).await?.pop())
}

/// At most `limit` schedules, newest first.
///
/// # Errors
/// If the books do not answer.
pub async fn list(db: impl PgExecutor<'_>, filter: Filter, limit: i64) -> Result<Vec<Row>, Error> {
    select(db, None, filter, limit).await
}

async fn select(
    db: impl PgExecutor<'_>,
    only: Option<ScheduleId>,
    filter: Filter,
    limit: i64,
) -> Result<Vec<Row>, Error> {
    let rows = sqlx::query!(
        r#"SELECT s.id, s.user_id, u.username AS "user", s.target_id, t.name AS target, t.zone_id, z.name AS zone,
                  z.timezone AS zone_timezone, s.start_time AS "start_time: Column", s.end_time AS "end_time: Column",
                  s.recurrence_rule, s.timezone, s.exceptions AS "exceptions: Vec<Column>",
                  (s.status = 'cancelled') AS "cancelled!", s.max_session_seconds, s.idle_seconds, s.consent, s.offline_seconds,
                  s.clipboard_copy, s.clipboard_paste, s.file_download, s.file_upload, s.metadata,
                  s.created_by, s.created_at AS "created_at: Column", s.updated_at AS "updated_at: Column", s.version
             FROM schedules s
             JOIN users u ON u.id = s.user_id
             JOIN targets t ON t.id = s.target_id
             JOIN zones z ON z.id = t.zone_id
            WHERE ($1::uuid IS NULL OR s.id = $1) AND ($2::uuid IS NULL OR s.user_id = $2)
              AND ($3::uuid IS NULL OR s.target_id = $3) AND ($4::text IS NULL OR s.status = $4)
              AND ($5::uuid IS NULL OR s.id < $5)
            ORDER BY s.id DESC LIMIT $6"#,
        only.map(ScheduleId::uuid),
        filter.user_id.map(UserId::uuid),
        filter.target_id.map(TargetId::uuid),
        filter.status.map(Status::as_str),
        filter.after.map(ScheduleId::uuid),
        limit,
    )
    .fetch_all(db)
    .await?;
    let rows = rows.into_iter().map(|row| Row {
        id: row.id.into(),
        user_id: row.user_id.into(),
        user: row.user,
        target_id: row.target_id.into(),
        target: row.target,
        zone_id: row.zone_id.into(),
        zone: row.zone,
        zone_timezone: row.zone_timezone,
        fields: Fields {
            start_time: row.start_time.to_jiff(),
            end_time: row.end_time.to_jiff(),
            recurrence_rule: row.recurrence_rule,
            timezone: row.timezone,
            exceptions: times(row.exceptions),
            terms: Terms {
                transfer: Transfer {
                    copy: row.clipboard_copy,
                    paste: row.clipboard_paste,
                    download: row.file_download,
                    upload: row.file_upload,
                },
                ..terms(row.max_session_seconds, row.idle_seconds, row.consent, row.offline_seconds)
            },
            metadata: object(row.metadata),
        },
        cancelled: row.cancelled,
        created_by: row.created_by.map(Into::into),
        created_at: row.created_at.to_jiff(),
        updated_at: row.updated_at.to_jiff(),
        version: row.version,
    });
    Ok(rows.collect())
}

/// The column holds nothing but objects.
fn object(column: Option<Value>) -> Option<Map<String, Value>> {
    match column {
        Some(Value::Object(object)) => Some(object),
        _ => None,
    }
}

/// Makes a schedule.
///
/// # Errors
/// If it names what does not exist, or the books do not answer.
pub async fn create(
    db: &mut PgConnection,
    user: UserId,
    target: TargetId,
    fields: &Fields,
    by: UserId,
    now: Timestamp,
) -> Result<ScheduleId, Error> {
    let id = ScheduleId::generate();
    let outlook = Outlook::of_said(fields.said(), now);
    sqlx::query!(
        "INSERT INTO schedules (id, user_id, target_id, start_time, end_time, recurrence_rule, timezone, exceptions, status,
                                next_change, max_session_seconds, idle_seconds, consent, created_by, metadata, offline_seconds,
                                clipboard_copy, clipboard_paste, file_download, file_upload)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
        id.uuid(),
        user.uuid(),
        target.uuid(),
        Column::from(fields.start_time) as Column,
        Column::from(fields.end_time) as Column,
        fields.recurrence_rule,
        fields.timezone,
        &columns(&fields.exceptions) as &[Column],
        outlook.status.as_str(),
        outlook.next_change.map(Column::from) as Option<Column>,
        seconds(fields.terms.max_session_seconds),
        seconds(fields.terms.idle_seconds),
        fields.terms.consent,
        by.uuid(),
        fields.metadata.clone().map(Value::Object),
        seconds(Some(fields.terms.offline_seconds)),
        fields.terms.transfer.copy,
        fields.terms.transfer.paste,
        fields.terms.transfer.download,
        fields.terms.transfer.upload,
    )
    .execute(db)
    .await?;
    Ok(id)
}

/// Holds a schedule for a change; `None`: there is none.
///
/// # Errors
/// If the books do not answer.
pub async fn hold(db: &mut PgConnection, id: ScheduleId) -> Result<Option<Held>, Error> {
    sqlx::query!("SELECT id FROM schedules WHERE id = $1 FOR UPDATE", id.uuid())
        .fetch_optional(&mut *db)
        .await?;
    let row = find(db, id, None).await?;
    Ok(row.map(|row| Held { version: row.version, cancelled: row.cancelled, fields: row.fields }))
}

/// Changes a schedule that is held.
///
/// # Errors
/// If the books do not answer.
pub async fn change(
    db: &mut PgConnection,
    id: ScheduleId,
    fields: &Fields,
    now: Timestamp,
) -> Result<(), Error> {
    let outlook = Outlook::of_said(fields.said(), now);
    sqlx::query!(
        "UPDATE schedules SET start_time = $2, end_time = $3, recurrence_rule = $4, timezone = $5, exceptions = $6,
                status = $7, next_change = $8, max_session_seconds = $9, idle_seconds = $10, consent = $11, metadata = $12,
                offline_seconds = $13, clipboard_copy = $14, clipboard_paste = $15, file_download = $16, file_upload = $17,
                version = version + 1, updated_at = NOW()
          WHERE id = $1",
        id.uuid(),
        Column::from(fields.start_time) as Column,
        Column::from(fields.end_time) as Column,
        fields.recurrence_rule,
        fields.timezone,
        &columns(&fields.exceptions) as &[Column],
        outlook.status.as_str(),
        outlook.next_change.map(Column::from) as Option<Column>,
        seconds(fields.terms.max_session_seconds),
        seconds(fields.terms.idle_seconds),
        fields.terms.consent,
        fields.metadata.clone().map(Value::Object),
        seconds(Some(fields.terms.offline_seconds)),
        fields.terms.transfer.copy,
        fields.terms.transfer.paste,
        fields.terms.transfer.download,
        fields.terms.transfer.upload,
    )
    .execute(db)
    .await?;
    Ok(())
}
