//! When something holds, as the API says it, and what comes of it.

use axum::Json;
use jiff::Timestamp;
use openpam_policy::{self as policy, Said, ScheduleError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::input::Body;
use crate::api::problem::Problem;
use crate::auth::Admin;
use crate::time::Time;

/// Windows that are shown of a schedule.
const SHOWN: usize = 5;

/// A window, once or again and again: while one is open something holds.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// The window that the rule repeats begins; without a rule, the only one.
    start_time: Time,
    /// It ends: at most 31 days later. Every window lasts as long as this one.
    end_time: Time,
    /// How it repeats: what stands behind `RRULE:` (RFC 5545), hourly at most.
    #[schema(max_length = 500, examples("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"))]
    recurrence_rule: Option<String>,
    /// On whose clocks: a name of the IANA database. `UTC` if left out.
    #[schema(max_length = 100, examples("Europe/Berlin"))]
    timezone: Option<String>,
    /// Beginnings of windows that are left out: at most 500.
    #[serde(default)]
    exceptions: Vec<Time>,
}

impl Schedule {
    fn read(self, within: &str) -> Result<policy::Schedule, Problem> {
        let said = Said {
            start_time: self.start_time.timestamp(),
            end_time: self.end_time.timestamp(),
            recurrence_rule: self.recurrence_rule,
            timezone: self.timezone.unwrap_or_else(|| "UTC".to_owned()),
            exceptions: self.exceptions.into_iter().map(Time::timestamp).collect(),
        };
        read(said, within)
    }

    /// The schedule, if it is one; `within` is what stands before its fields' names in a problem.
    ///
    /// # Errors
    /// A problem that names the field.
    pub fn checked(self, within: &str) -> Result<Said, Problem> {
        let schedule = self.read(within)?;
        leave_out_something(&schedule, within, Timestamp::now())?;
        Ok(schedule.said().clone())
    }
}

impl From<Said> for Schedule {
    fn from(said: Said) -> Self {
        Self {
            start_time: said.start_time.into(),
            end_time: said.end_time.into(),
            recurrence_rule: said.recurrence_rule,
            timezone: Some(said.timezone),
            exceptions: said.exceptions.into_iter().map(Time::from).collect(),
        }
    }
}

/// The schedule, if it is one; `within` is what stands before its fields' names in a problem.
pub(super) fn read(said: Said, within: &str) -> Result<policy::Schedule, Problem> {
    policy::Schedule::new(said).map_err(|error| {
        let field = match error {
            ScheduleError::EndsFirst | ScheduleError::TooLong => "end_time",
            ScheduleError::NoZone(_) => "timezone",
            ScheduleError::NoRule(_) | ScheduleError::TooOften | ScheduleError::Never => "recurrence_rule",
            ScheduleError::TooManyExceptions => "exceptions",
        };
        Problem::invalid_field(&format!("{within}{field}"), error.to_string())
    })
}

/// Refuses an exception that hits no window: whoever meant to keep a door shut would find it open.
pub(super) fn leave_out_something(
    schedule: &policy::Schedule,
    within: &str,
    now: Timestamp,
) -> Result<(), Problem> {
    let Some(idle) = schedule.idle_exception(now) else { return Ok(()) };
    let detail =
        format!("no window begins at {idle}, so there is nothing to leave out; give the beginning of one");
    Err(Problem::invalid_field(&format!("{within}exceptions"), detail))
}

/// One concrete window.
#[derive(Debug, Serialize, ToSchema)]
pub struct Window {
    start_time: Time,
    end_time: Time,
}

impl From<policy::Window> for Window {
    fn from(window: policy::Window) -> Self {
        Self { start_time: window.start.into(), end_time: window.end.into() }
    }
}

/// What comes of a schedule.
#[derive(Debug, Serialize, ToSchema)]
pub struct Outlook {
    /// The next windows, the one that is open now among them: at most five.
    windows: Vec<Window>,
}

/// Try a schedule: which windows come next. Nothing is kept.
#[utoipa::path(post, path = "/api/v1/schedules/validate", operation_id = "validate_schedule", tag = "schedules", request_body = Schedule,
    responses((status = OK, body = Outlook), (status = BAD_REQUEST, body = Problem), (status = FORBIDDEN, body = Problem)))]
pub async fn validate(_: Admin, Body(wanted): Body<Schedule>) -> Result<Json<Outlook>, Problem> {
    let (schedule, now) = (wanted.read("")?, Timestamp::now());
    leave_out_something(&schedule, "", now)?;
    let windows = schedule.windows(now).take(SHOWN);
    Ok(Json(Outlook { windows: windows.map(Window::from).collect() }))
}
