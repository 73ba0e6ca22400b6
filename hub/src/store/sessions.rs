//! Sessions: rows of `audit_logs`, opened, closed once, then frozen by a trigger.

use std::collections::HashSet;
use std::net::IpAddr;

use openpam_ids::{CredentialId, SatelliteId, SessionId, TargetId, UserId, ZoneId};
use openpam_policy::Authorization;
use openpam_proto::end::EndCode;
use openpam_proto::event::SessionOpened;
use sqlx::{PgConnection, PgPool};

use super::kinds::{Protocol, SessionStatus};
use super::{Page, StoreError};
use crate::time::Time;

/// A session with the names of what it names.
#[derive(Clone, Debug)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// Their user name.
    pub user: String,
    /// On which target.
    pub target_id: TargetId,
    /// That target's name.
    pub target: String,
    /// How that is opened.
    pub protocol: Protocol,
    /// Where that stands.
    pub zone_id: ZoneId,
    /// That zone's name.
    pub zone: String,
    /// With which credential.
    pub credential_id: Option<CredentialId>,
    /// The account on the target.
    pub username: Option<String>,
    /// Whether that credential may still be used.
    pub credential_enabled: Option<bool>,
    /// When it was opened.
    pub start_time: Time,
    /// When it ended.
    pub end_time: Option<Time>,
    /// Where it stands.
    pub status: SessionStatus,
    /// Why it ended: a code of the wire contract.
    pub end_code: Option<String>,
    /// What was said about the end.
    pub error_message: Option<String>,
    /// From where it was opened.
    pub client_ip: Option<String>,
    /// Which satellite owns it.
    pub satellite_id: Option<SatelliteId>,
    /// Bytes typed to the target, once it has ended.
    pub bytes_sent: i64,
    /// Bytes printed by the target, once it has ended.
    pub bytes_received: i64,
}

/// Which sessions to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<SessionId>,
    /// Only this user's.
    pub user_id: Option<UserId>,
    /// Only in this zone.
    pub zone_id: Option<ZoneId>,
    /// Only running ones, or only ended ones.
    pub active: Option<bool>,
    /// Only those that ran at this satellite between then and then.
    pub during: Option<(SatelliteId, Time, Time)>,
}

/// What is known when a session opens.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// Which.
    pub id: SessionId,
    /// By what right.
    pub authorization: &'a Authorization,
    /// With which credential.
    pub credential_id: CredentialId,
    /// At which satellite.
    pub satellite_id: SatelliteId,
    /// From where.
    pub client_ip: IpAddr,
}

/// What is known when a session has ended.
#[derive(Clone, Copy, Debug)]
pub struct Closing<'a> {
    /// Which.
    pub id: SessionId,
    /// The satellite that says so; it can only close its own. `None`: the hub says it.
    pub satellite_id: Option<SatelliteId>,
    /// When.
    pub end_time: Time,
    /// Whether it had been opened on its target.
    pub was_open: bool,
    /// Why.
    pub code: EndCode,
    /// For people; kept where it is no plain end.
    pub message: &'a str,
    /// Bytes typed to the target.
    pub input_bytes: u64,
    /// Bytes printed by the target.
    pub output_bytes: u64,
}

/// One session.
///
/// # Errors
/// [`StoreError`].
pub async fn find(pool: &PgPool, id: SessionId) -> Result<Option<Session>, StoreError> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    Ok(list(pool, filter, Page { limit: 1, after: None }).await?.pop())
}

/// Sessions, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(pool: &PgPool, filter: Filter, page: Page) -> Result<Vec<Session>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT a.id, a.user_id, u.username AS "user", a.target_id, t.name AS target, t.protocol, t.zone_id, z.name AS zone,
                  a.credential_id, c.username AS "username?", c.enabled AS "credential_enabled?", a.start_time AS "start_time: Time",
                  a.end_time AS "end_time: Time", a.session_status AS "status!", a.end_code, a.error_message,
                  a.client_ip, a.satellite_id, a.bytes_sent AS "bytes_sent!", a.bytes_received AS "bytes_received!"
             FROM audit_logs a
             JOIN users u ON u.id = a.user_id
             JOIN targets t ON t.id = a.target_id
             JOIN zones z ON z.id = t.zone_id
             LEFT JOIN credentials c ON c.id = a.credential_id
            WHERE ($1::uuid IS NULL OR a.id = $1) AND ($2::uuid IS NULL OR a.user_id = $2)
              AND ($3::bool IS NULL OR (a.end_time IS NULL) = $3) AND ($4::uuid IS NULL OR a.id < $4)
              AND ($6::uuid IS NULL OR t.zone_id = $6)
              AND ($7::uuid IS NULL
                   OR a.satellite_id = $7 AND a.start_time < $9 AND (a.end_time IS NULL OR a.end_time > $8))
            ORDER BY a.id DESC LIMIT $5"#,
        filter.id.map(SessionId::uuid),
        filter.user_id.map(UserId::uuid),
        filter.active,
        page.after,
        page.rows(),
        filter.zone_id.map(ZoneId::uuid),
        filter.during.map(|(satellite, ..)| satellite.uuid()),
        filter.during.map(|(_, since, _)| since) as Option<Time>,
        filter.during.map(|(.., until)| until) as Option<Time>,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Session {
            id: row.id.into(),
            user_id: row.user_id.into(),
            user: row.user,
            target_id: row.target_id.into(),
            target: row.target,
            protocol: row.protocol.into(),
            zone_id: row.zone_id.into(),
            zone: row.zone,
            credential_id: row.credential_id.map(Into::into),
            username: row.username,
            credential_enabled: row.credential_enabled,
            start_time: row.start_time,
            end_time: row.end_time,
            status: row.status.into(),
            end_code: row.end_code,
            error_message: row.error_message,
            client_ip: row.client_ip,
            satellite_id: row.satellite_id.map(Into::into),
            bytes_sent: row.bytes_sent,
            bytes_received: row.bytes_received,
        })
        .collect())
}

/// Opens a session's row. Opening the same one twice changes nothing.
///
/// # Errors
/// [`StoreError`].
pub async fn open(db: &mut PgConnection, opening: Opening<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO audit_logs (id, user_id, target_id, credential_id, session_status, client_ip, satellite_id)
         VALUES ($1, $2, $3, $4, 'active', $5, $6) ON CONFLICT (id) DO NOTHING",
        opening.id.uuid(),
        opening.authorization.user_id().uuid(),
        opening.authorization.target_id().uuid(),
        opening.credential_id.uuid(),
        opening.client_ip.to_canonical().to_string(),
        opening.satellite_id.uuid(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Books a session again that was opened between a backup and the loss of the books: its satellite tells of it. Changes
/// nothing where it is booked, happened at another time, or where the books do not know user or target.
///
/// # Errors
/// [`StoreError`].
pub async fn rebook(
    db: &mut PgConnection,
    satellite: SatelliteId,
    opened: &SessionOpened,
) -> Result<(), StoreError> {
    let about = &opened.about;
    sqlx::query!(
        "INSERT INTO audit_logs
                (id, user_id, target_id, credential_id, session_status, client_ip, satellite_id, start_time)
         SELECT $1, u.id, t.id, c.id, 'active', $5, s.id, $7
           FROM installation i
           JOIN satellites s ON s.id = $6
           JOIN users u ON u.id = $2
           JOIN targets t ON t.id = $3 AND t.zone_id = s.zone_id
           LEFT JOIN credentials c ON c.id = $4 AND c.target_id = t.id
          WHERE $7 BETWEEN i.backup_at AND i.restored_at
         ON CONFLICT (id) DO NOTHING",
        about.session_id.uuid(),
        about.user_id.uuid(),
        about.target_id.uuid(),
        opened.credential_id.map(CredentialId::uuid),
        opened.client_ip,
        satellite.uuid(),
        Time::from_ms(about.at_ms) as Time,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Closes a session's row; `false`: it was closed already, or there is none. Times never run backwards.
///
/// # Errors
/// [`StoreError`].
pub async fn close(db: &mut PgConnection, closing: Closing<'_>) -> Result<bool, StoreError> {
    let status = status_of(closing.code, closing.was_open);
    let message = (status != SessionStatus::Completed).then_some(closing.message);
    let done = sqlx::query!(
        "UPDATE audit_logs SET end_time = GREATEST($2, start_time), session_status = $3, end_code = $4,
                error_message = $5, bytes_sent = $6, bytes_received = $7
          WHERE id = $1 AND end_time IS NULL AND ($8::uuid IS NULL OR satellite_id = $8)",
        closing.id.uuid(),
        closing.end_time as Time,
        status.as_str(),
        closing.code.as_str(),
        message,
        i64::try_from(closing.input_bytes).unwrap_or(i64::MAX),
        i64::try_from(closing.output_bytes).unwrap_or(i64::MAX),
        closing.satellite_id.map(SatelliteId::uuid),
    );
    Ok(done.execute(db).await?.rows_affected() > 0)
}

/// How many sessions run, by the books.
///
/// # Errors
/// [`StoreError`].
pub async fn count_active(pool: &PgPool) -> Result<usize, StoreError> {
    let count =
        sqlx::query_scalar!(r#"SELECT COUNT(*) AS "count!" FROM audit_logs WHERE session_status = 'active'"#);
    Ok(usize::try_from(count.fetch_one(pool).await?).unwrap_or_default())
}

/// Closes every running session of a satellite that an admin revoked: nobody else will.
///
/// # Errors
/// [`StoreError`].
pub async fn close_all_at(
    db: &mut PgConnection,
    satellite: SatelliteId,
    message: &str,
) -> Result<(), StoreError> {
    let code = EndCode::TerminatedByAdmin;
    sqlx::query!(
        "UPDATE audit_logs SET end_time = GREATEST(NOW(), start_time), session_status = $2, end_code = $3, error_message = $4
          WHERE satellite_id = $1 AND end_time IS NULL",
        satellite.uuid(),
        status_of(code, true).as_str(),
        code.as_str(),
        message,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A session that begins has failed, or is at its site, within this: longer than the longest dial, and no longer, for what is
/// younger at a hello stays in the books until the next one.
const OPENING_SECONDS: f64 = 30.0;

/// The running sessions that this satellite owns, as the books have it; without those that may still be opening, through
/// whichever hub.
///
/// # Errors
/// [`StoreError`].
pub async fn active_at(pool: &PgPool, satellite: SatelliteId) -> Result<Vec<SessionId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM audit_logs
          WHERE satellite_id = $1 AND end_time IS NULL AND start_time < NOW() - make_interval(secs => $2) ORDER BY id",
        satellite.uuid(),
        OPENING_SECONDS,
    );
    Ok(ids.fetch_all(pool).await?.into_iter().map(Into::into).collect())
}

/// All running sessions, as the books have it.
///
/// # Errors
/// [`StoreError`].
pub async fn active(pool: &PgPool) -> Result<HashSet<SessionId>, StoreError> {
    let ids = sqlx::query_scalar!("SELECT id FROM audit_logs WHERE end_time IS NULL");
    Ok(ids.fetch_all(pool).await?.into_iter().map(Into::into).collect())
}

/// The running sessions of a user, for ending them.
///
/// # Errors
/// [`StoreError`].
pub async fn active_of(pool: &PgPool, user: UserId) -> Result<Vec<SessionId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM audit_logs WHERE user_id = $1 AND end_time IS NULL ORDER BY id",
        user.uuid(),
    );
    Ok(ids.fetch_all(pool).await?.into_iter().map(Into::into).collect())
}

/// What the books call an end with this code.
#[must_use]
pub const fn status_of(code: EndCode, was_open: bool) -> SessionStatus {
    match code {
        _ if !was_open => SessionStatus::Failed,
        EndCode::Exited | EndCode::ClosedByUser => SessionStatus::Completed,
        EndCode::Internal | EndCode::SatelliteRestarted | EndCode::TargetUnreachable | EndCode::DiskFull => {
            SessionStatus::Failed
        }
        _ => SessionStatus::Terminated,
    }
}
