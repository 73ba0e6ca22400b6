//! Schedules as the API says them.

use jiff::Timestamp;
use openpam_ids::{ScheduleId, TargetId, UserId, ZoneId};
use openpam_scheduling::{self as scheduling, Fields, Status};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::when::Window;
use crate::time::Time;

/// A schedule: one user on one target, in its windows alone.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduledAccess {
    #[schema(value_type = Uuid)]
    id: ScheduleId,
    #[schema(value_type = Uuid)]
    user_id: UserId,
    user: String,
    #[schema(value_type = Uuid)]
    target_id: TargetId,
    target: String,
    #[schema(value_type = Uuid)]
    zone_id: ZoneId,
    /// The zone of the target.
    zone: String,
    /// On whose clocks that zone works.
    zone_timezone: String,
    /// The window that the rule repeats begins; without a rule, the only one.
    start_time: Time,
    /// It ends. Every window lasts as long as this one.
    end_time: Time,
    /// How it repeats: what stands behind `RRULE:` (RFC 5545).
    recurrence_rule: Option<String>,
    /// On whose clocks it repeats: a name of the IANA database.
    timezone: String,
    /// Beginnings of windows that are left out.
    exceptions: Vec<Time>,
    /// Where it stands now.
    status: Status,
    /// When that changes next by itself; `null`: never.
    next_change: Option<Time>,
    /// The next windows, the one that is open now among them: at most five.
    windows: Vec<Window>,
    /// A session lasts at most so many seconds.
    max_session_seconds: Option<u32>,
    /// It ends when nothing was typed for so many seconds.
    idle_seconds: Option<u32>,
    /// What its user must agree to before it opens.
    consent: Option<String>,
    /// For so many seconds it goes on at a site that has lost its hub; 0: not at all.
    offline_seconds: u32,
    /// Text that is copied on a desktop goes into the browser's clipboard.
    clipboard_copy: bool,
    /// Text of the browser's clipboard can be pasted on a desktop.
    clipboard_paste: bool,
    /// Files come from a desktop.
    file_download: bool,
    /// Files go to a desktop.
    file_upload: bool,
    /// What other programs keep here.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
    #[schema(value_type = Option<Uuid>)]
    created_by: Option<UserId>,
    created_at: Time,
    updated_at: Time,
    /// How often it was changed, from 1 on: a change names the version that it was made from.
    version: i64,
}

impl ScheduledAccess {
    /// A row at `now`.
    pub(super) fn of(row: scheduling::Row, now: Timestamp) -> Self {
        let outlook = row.outlook(now);
        let Fields { start_time, end_time, recurrence_rule, timezone, exceptions, terms, metadata } =
            row.fields;
        Self {
            id: row.id,
            user_id: row.user_id,
            user: row.user,
            target_id: row.target_id,
            target: row.target,
            zone_id: row.zone_id,
            zone: row.zone,
            zone_timezone: row.zone_timezone,
            start_time: start_time.into(),
            end_time: end_time.into(),
            recurrence_rule,
            timezone,
            exceptions: exceptions.into_iter().map(Time::from).collect(),
            status: outlook.status,
            next_change: outlook.next_change.map(Time::from),
            windows: outlook.windows.into_iter().map(Window::from).collect(),
            max_session_seconds: terms.max_session_seconds,
            idle_seconds: terms.idle_seconds,
            consent: terms.consent,
            offline_seconds: terms.offline_seconds,
            clipboard_copy: terms.transfer.copy,
            clipboard_paste: terms.transfer.paste,
            file_download: terms.transfer.download,
            file_upload: terms.transfer.upload,
            metadata,
            created_by: row.created_by,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        }
    }
}
