//! What of a schedule can be changed, as the books and the chain of events have it.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as Column;
use openpam_policy::{Said, Terms};
use serde::Serialize;
use serde_json::{Map, Value};

/// When and how it opens its target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fields {
    /// The window that the rule repeats begins; without a rule, the only one.
    pub start_time: Timestamp,
    /// It ends.
    pub end_time: Timestamp,
    /// What stands behind `RRULE:` (RFC 5545).
    pub recurrence_rule: Option<String>,
    /// A name of the IANA database.
    pub timezone: String,
    /// Beginnings of windows that are left out.
    pub exceptions: Vec<Timestamp>,
    /// How.
    #[serde(flatten)]
    pub terms: Terms,
    /// What other programs keep here.
    pub metadata: Option<Map<String, Value>>,
}

impl Fields {
    /// When it opens its target.
    #[must_use]
    pub fn said(&self) -> Said {
        Said {
            start_time: self.start_time,
            end_time: self.end_time,
            recurrence_rule: self.recurrence_rule.clone(),
            timezone: self.timezone.clone(),
            exceptions: self.exceptions.clone(),
        }
    }
}

/// The terms in a row, but for what may pass.
pub(crate) fn terms(longest: Option<i32>, idle: Option<i32>, consent: Option<String>, offline: i32) -> Terms {
    let seconds = |column: Option<i32>| column.and_then(|seconds| u32::try_from(seconds).ok());
    Terms {
        max_session_seconds: seconds(longest),
        idle_seconds: seconds(idle),
        consent,
        offline_seconds: u32::try_from(offline).unwrap_or_default(),
        ..Terms::default()
    }
}

/// Seconds of the terms as a column has them.
pub(crate) fn seconds(of: Option<u32>) -> Option<i32> {
    of.map(|seconds| i32::try_from(seconds).unwrap_or(i32::MAX))
}

/// The times in a column.
pub(crate) fn times(column: Vec<Column>) -> Vec<Timestamp> {
    column.into_iter().map(Column::to_jiff).collect()
}

/// Times as a column has them.
pub(crate) fn columns(times: &[Timestamp]) -> Vec<Column> {
    times.iter().copied().map(Column::from).collect()
}
