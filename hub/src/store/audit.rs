//! `audit_logs` as auditors read it.

use openpam_ids::{CredentialId, SessionId, TargetId, UserId, ZoneId};
use sqlx::PgPool;

use super::kinds::SessionStatus;
use super::{Page, StoreError};
use crate::time::Time;

/// A row of the book of sessions with the names of what it names.
#[derive(Clone, Debug)]
pub struct AuditLog {
    /// The session, and the row.
    pub id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// Their user name.
    pub user: String,
    /// On which target.
    pub target_id: TargetId,
    /// That target's name.
    pub target: String,
    /// Where that stands.
    pub zone_id: ZoneId,
    /// That zone's name.
    pub zone: String,
    /// With which credential.
    pub credential_id: Option<CredentialId>,
    /// When it was opened.
    pub start_time: Time,
    /// When it ended.
    pub end_time: Option<Time>,
    /// Bytes typed.
    pub bytes_sent: i64,
    /// Bytes printed.
    pub bytes_received: i64,
    /// Where it stands.
    pub session_status: SessionStatus,
    /// Why it ended: a code of the wire contract.
    pub end_code: Option<String>,
    /// From where.
    pub client_ip: Option<String>,
    /// What went wrong, or who ended it.
    pub error_message: Option<String>,
    /// Where its recording is.
    pub recording_path: Option<String>,
    /// When the row was written.
    pub created_at: Time,
}

/// Which rows to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only this user's.
    pub user_id: Option<UserId>,
    /// Only on this target.
    pub target_id: Option<TargetId>,
    /// Only in this zone.
    pub zone_id: Option<ZoneId>,
    /// Only in this state.
    pub status: Option<SessionStatus>,
    /// Started at or after.
    pub from: Option<Time>,
    /// Started before.
    pub to: Option<Time>,
}

/// Rows, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(pool: &PgPool, filter: Filter, page: Page) -> Result<Vec<AuditLog>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT a.id, a.user_id, u.username AS "user", a.target_id, t.name AS target, t.zone_id, z.name AS zone,
                  a.credential_id, a.start_time AS "start_time: Time", a.end_time AS "end_time: Time",
                  a.bytes_sent AS "bytes_sent!", a.bytes_received AS "bytes_received!",
                  a.session_status AS "session_status!", a.end_code, a.client_ip, a.error_message, a.recording_path,
                  a.created_at AS "created_at!: Time"
             FROM audit_logs a
             JOIN users u ON u.id = a.user_id
             JOIN targets t ON t.id = a.target_id
             JOIN zones z ON z.id = t.zone_id
            WHERE ($1::uuid IS NULL OR a.user_id = $1) AND ($2::uuid IS NULL OR a.target_id = $2)
              AND ($3::text IS NULL OR a.session_status = $3)
              AND ($4::timestamptz IS NULL OR a.start_time >= $4)
              AND ($5::timestamptz IS NULL OR a.start_time < $5)
              AND ($6::uuid IS NULL OR a.id < $6)
              AND ($8::uuid IS NULL OR t.zone_id = $8)
            ORDER BY a.id DESC LIMIT $7"#,
        filter.user_id.map(UserId::uuid),
        filter.target_id.map(TargetId::uuid),
        filter.status.map(SessionStatus::as_str),
        filter.from as Option<Time>,
        filter.to as Option<Time>,
        page.after,
        page.rows(),
        filter.zone_id.map(ZoneId::uuid),
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| AuditLog {
            id: row.id.into(),
            user_id: row.user_id.into(),
            user: row.user,
            target_id: row.target_id.into(),
            target: row.target,
            zone_id: row.zone_id.into(),
            zone: row.zone,
            credential_id: row.credential_id.map(Into::into),
            start_time: row.start_time,
            end_time: row.end_time,
            bytes_sent: row.bytes_sent,
            bytes_received: row.bytes_received,
            session_status: row.session_status.into(),
            end_code: row.end_code,
            client_ip: row.client_ip,
            error_message: row.error_message,
            recording_path: row.recording_path,
            created_at: row.created_at,
        })
        .collect())
}
