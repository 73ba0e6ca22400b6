//! Where a schedule stands at a moment, and when that changes next.

use jiff::Timestamp;
use openpam_policy::{Said, Schedule, Window};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Windows that are shown of a schedule.
const SHOWN: usize = 5;
/// Windows that touch are one, as far as so many of them: then it is looked at again.
const MOST_TOUCHING: usize = 1000;

/// Where a schedule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ScheduleStatus)]
pub enum Status {
    /// No window is open, one is to come.
    Pending,
    /// A window is open.
    Active,
    /// None is open, and none is to come.
    Expired,
    /// Somebody took it back.
    Cancelled,
}

impl Status {
    /// The name in the books and on the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What comes of a schedule from some moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Where it stands.
    pub status: Status,
    /// When that changes next; `None`: never by itself.
    pub next_change: Option<Timestamp>,
    /// The next windows, the one that is open among them: at most five.
    pub windows: Vec<Window>,
}

impl Outlook {
    const fn without_windows(status: Status) -> Self {
        Self { status, next_change: None, windows: Vec::new() }
    }

    /// That of a schedule which was taken back.
    #[must_use]
    pub const fn cancelled() -> Self {
        Self::without_windows(Status::Cancelled)
    }

    /// What comes of a schedule at `now`.
    #[must_use]
    pub fn of(schedule: &Schedule, now: Timestamp) -> Self {
        let mut rest = schedule.windows(now);
        let windows: Vec<_> = rest.by_ref().take(SHOWN).collect();
        let Some(first) = windows.first() else { return Self::without_windows(Status::Expired) };
        if first.start > now {
            return Self { status: Status::Pending, next_change: Some(first.start), windows };
        }
        let mut end = first.end;
        for window in windows.iter().copied().chain(rest).take(MOST_TOUCHING) {
            if window.start > end {
                break;
            }
            end = end.max(window.end);
        }
        Self { status: Status::Active, next_change: Some(end), windows }
    }

    /// As [`Self::of`], of one in the books. It was checked when it came there; one that cannot be read any more, because
    /// its time zone is gone, opens nothing.
    #[must_use]
    pub fn of_said(said: Said, now: Timestamp) -> Self {
        match Schedule::new(said) {
            Ok(schedule) => Self::of(&schedule, now),
            Err(error) => {
                tracing::error!(%error, "a schedule in the books cannot be read: it opens nothing");
                Self::without_windows(Status::Expired)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn hours(count: i64) -> Timestamp {
        NOON.checked_add(jiff::SignedDuration::from_hours(count)).expect("a time")
    }

    fn seen(from: i64, to: i64, rule: Option<&str>, now: i64) -> (Status, Option<Timestamp>, usize) {
        let said = Said {
            start_time: hours(from),
            end_time: hours(to),
            recurrence_rule: rule.map(str::to_owned),
            timezone: "UTC".to_owned(),
            exceptions: Vec::new(),
        };
        let outlook = Outlook::of_said(said, hours(now));
        (outlook.status, outlook.next_change, outlook.windows.len())
    }

    #[test]
    fn a_window_comes_is_open_and_is_over() {
        assert_eq!(seen(1, 2, None, 0), (Status::Pending, Some(hours(1)), 1));
        assert_eq!(seen(1, 2, None, 1), (Status::Active, Some(hours(2)), 1));
        assert_eq!(seen(1, 2, None, 2), (Status::Expired, None, 0));
    }

    #[test]
    fn between_two_windows_the_next_one_is_awaited() {
        assert_eq!(seen(0, 2, Some("FREQ=DAILY"), 1), (Status::Active, Some(hours(2)), 5));
        assert_eq!(seen(0, 2, Some("FREQ=DAILY"), 2), (Status::Pending, Some(hours(24)), 5));
        assert_eq!(seen(0, 2, Some("FREQ=DAILY;COUNT=2"), 26), (Status::Expired, None, 0));
    }

    #[test]
    fn windows_that_touch_are_one() {
        assert_eq!(seen(0, 24, Some("FREQ=DAILY;COUNT=3"), 1), (Status::Active, Some(hours(72)), 3));
    }

    #[test]
    fn what_cannot_be_read_opens_nothing() {
        assert_eq!(seen(0, 1, Some("nonsense"), 0), (Status::Expired, None, 0));
    }
}
