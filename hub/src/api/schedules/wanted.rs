//! What comes in for a new schedule or a change of one, and what of it is refused.

use jiff::Timestamp;
use openpam_ids::{TargetId, UserId};
use openpam_policy::Terms;
use openpam_scheduling::Fields;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::when;
use crate::api::input;
use crate::api::problem::Problem;
use crate::api::terms;
use crate::time::Time;

/// More metadata is refused.
const MAX_METADATA_BYTES: usize = 4096;

/// A schedule to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScheduledAccess {
    #[schema(value_type = Uuid)]
    pub(super) user_id: UserId,
    #[schema(value_type = Uuid)]
    pub(super) target_id: TargetId,
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
    /// A session lasts at most so many seconds: a minute to 31 days.
    #[schema(minimum = 60, maximum = 2_678_400)]
    max_session_seconds: Option<u32>,
    /// It ends when nothing was typed for so many seconds: a minute to 31 days.
    #[schema(minimum = 60, maximum = 2_678_400)]
    idle_seconds: Option<u32>,
    /// What its user must agree to before it opens.
    #[schema(max_length = 4000)]
    consent: Option<String>,
    /// For so many seconds it goes on at a site that has lost its hub: 0 (not at all) to 28 days; absent: a day.
    #[schema(minimum = 0, maximum = 2_419_200)]
    offline_seconds: Option<u32>,
    /// Text that is copied on a desktop goes into the browser's clipboard; absent: yes.
    clipboard_copy: Option<bool>,
    /// Text of the browser's clipboard can be pasted on a desktop; absent: yes.
    clipboard_paste: Option<bool>,
    /// Files come from a desktop; absent: no.
    file_download: Option<bool>,
    /// Files go to a desktop; absent: no.
    file_upload: Option<bool>,
    /// What other programs keep here: at most 4 KiB of JSON.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
}

impl NewScheduledAccess {
    pub(super) fn fields(self, now: Timestamp) -> Result<Fields, Problem> {
        let wanted = terms::Wanted {
            longest: Some(self.max_session_seconds),
            idle: Some(self.idle_seconds),
            consent: Some(self.consent),
            offline: self.offline_seconds,
            transfer: terms::WantedTransfer {
                copy: self.clipboard_copy,
                paste: self.clipboard_paste,
                download: self.file_download,
                upload: self.file_upload,
            },
        };
        let fields = Fields {
            start_time: input::time("start_time", self.start_time)?,
            end_time: input::time("end_time", self.end_time)?,
            recurrence_rule: self.recurrence_rule,
            timezone: self.timezone.unwrap_or_else(|| "UTC".to_owned()),
            exceptions: exceptions(self.exceptions)?,
            terms: wanted.put_into(Terms::default())?,
            metadata: metadata(self.metadata)?,
        };
        must_open(&fields, now)?;
        Ok(fields)
    }
}

/// A change of a schedule: what is left out stays. Sessions that run keep the limits that they began with, and end when
/// nothing gives their user the target any more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "three states: leave, clear, set")]
pub struct ScheduledAccessChange {
    /// Refused if the schedule is not at this version any more.
    pub(super) version: Option<i64>,
    start_time: Option<Time>,
    end_time: Option<Time>,
    #[serde(default, deserialize_with = "input::nullable")]
    #[schema(value_type = Option<String>, max_length = 500)]
    recurrence_rule: Option<Option<String>>,
    #[schema(max_length = 100)]
    timezone: Option<String>,
    exceptions: Option<Vec<Time>>,
    #[serde(default, deserialize_with = "input::nullable")]
    #[schema(value_type = Option<u32>, minimum = 60, maximum = 2_678_400)]
    max_session_seconds: Option<Option<u32>>,
    #[serde(default, deserialize_with = "input::nullable")]
    #[schema(value_type = Option<u32>, minimum = 60, maximum = 2_678_400)]
    idle_seconds: Option<Option<u32>>,
    #[serde(default, deserialize_with = "input::nullable")]
    #[schema(value_type = Option<String>, max_length = 4000)]
    consent: Option<Option<String>>,
    #[schema(minimum = 0, maximum = 2_419_200)]
    offline_seconds: Option<u32>,
    clipboard_copy: Option<bool>,
    clipboard_paste: Option<bool>,
    file_download: Option<bool>,
    file_upload: Option<bool>,
    #[serde(default, deserialize_with = "input::nullable")]
    #[schema(value_type = Option<Object>)]
    metadata: Option<Option<Map<String, Value>>>,
}

impl ScheduledAccessChange {
    pub(super) fn apply(self, before: &Fields, now: Timestamp) -> Result<Fields, Problem> {
        let mut after = before.clone();
        if let Some(time) = self.start_time {
            after.start_time = input::time("start_time", time)?;
        }
        if let Some(time) = self.end_time {
            after.end_time = input::time("end_time", time)?;
        }
        after.recurrence_rule = self.recurrence_rule.unwrap_or(after.recurrence_rule);
        after.timezone = self.timezone.unwrap_or(after.timezone);
        if let Some(times) = self.exceptions {
            after.exceptions = exceptions(times)?;
        }
        let wanted = terms::Wanted {
            longest: self.max_session_seconds,
            idle: self.idle_seconds,
            consent: self.consent,
            offline: self.offline_seconds,
            transfer: terms::WantedTransfer {
                copy: self.clipboard_copy,
                paste: self.clipboard_paste,
                download: self.file_download,
                upload: self.file_upload,
            },
        };
        after.terms = wanted.put_into(after.terms)?;
        if let Some(wanted) = self.metadata {
            after.metadata = metadata(wanted)?;
        }
        // What is over may still be described.
        if after.said() != before.said() {
            must_open(&after, now)?;
        }
        Ok(after)
    }
}

/// Refuses what is no schedule, an exception that hits nothing, and what would never open any more.
fn must_open(fields: &Fields, now: Timestamp) -> Result<(), Problem> {
    let schedule = when::read(fields.said(), "")?;
    when::leave_out_something(&schedule, "", now)?;
    if schedule.windows(now).next().is_some() {
        return Ok(());
    }
    Err(match &fields.recurrence_rule {
        None if fields.end_time <= now => {
            Problem::invalid_field("end_time", "this window is over: it would never open")
        }
        None => Problem::invalid_field("exceptions", "the only window is left out: it would never open"),
        Some(_) => Problem::invalid_field("recurrence_rule", "no window is to come by this rule"),
    })
}

fn exceptions(times: Vec<Time>) -> Result<Vec<Timestamp>, Problem> {
    times.into_iter().map(|time| input::time("exceptions", time)).collect()
}

/// What PostgreSQL can keep of JSON, in bounds.
fn metadata(of: Option<Map<String, Value>>) -> Result<Option<Map<String, Value>>, Problem> {
    let Some(object) = of else { return Ok(None) };
    let text = serde_json::to_string(&object).unwrap_or_default();
    if text.len() > MAX_METADATA_BYTES || text.contains("\\u0000") {
        let detail = "metadata is a JSON object of at most 4 KiB, without NUL";
        return Err(Problem::invalid_field("metadata", detail));
    }
    Ok(Some(object))
}
