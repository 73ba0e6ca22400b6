//! The windows of many schedules in a stretch of time, as a calendar shows them.

use std::collections::BinaryHeap;

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::Timestamp as Column;
use openpam_ids::{ScheduleId, TargetId, UserId};
use openpam_policy::{Said, Schedule, Window};
use sqlx::{Error, PgExecutor};

use crate::Filter;
use crate::fields::times;

/// The longest stretch that is looked at.
pub const MAX_SPAN: SignedDuration = SignedDuration::from_hours(62 * 24);
/// More windows are not shown; that there are is said.
pub const MAX_WINDOWS: usize = 1000;
/// Nor are more schedules looked at.
const MAX_SCHEDULES: usize = 500;

/// Whose schedule, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduled {
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
    /// Where that stands, by name.
    pub zone: String,
    /// When.
    pub said: Said,
}

/// A window of one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose: its place in the schedules that were looked at.
    pub of: usize,
    /// When.
    pub window: Window,
}

/// What a calendar shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The schedules that were looked at.
    pub schedules: Vec<Scheduled>,
    /// Their windows, by their beginnings.
    pub entries: Vec<Entry>,
    /// Whether there are more of either.
    pub more: bool,
}

/// Schedules that may have windows between `from` and `to`, and were not taken back: one more than [`expand`] looks at. A
/// status in the filter is not looked at: what is over has windows, too.
///
/// # Errors
/// If the books do not answer.
pub async fn within(
    db: impl PgExecutor<'_>,
    filter: Filter,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Scheduled>, Error> {
    let rows = sqlx::query!(
        r#"SELECT s.id, s.user_id, u.username AS "user", s.target_id, t.name AS target, z.name AS zone,
                  s.start_time AS "start_time: Column", s.end_time AS "end_time: Column", s.recurrence_rule, s.timezone,
                  s.exceptions AS "exceptions: Vec<Column>"
             FROM schedules s
             JOIN users u ON u.id = s.user_id
             JOIN targets t ON t.id = s.target_id
             JOIN zones z ON z.id = t.zone_id
            WHERE s.status <> 'cancelled' AND s.start_time < $1 AND (s.recurrence_rule IS NOT NULL OR s.end_time > $2)
              AND ($3::uuid IS NULL OR s.user_id = $3) AND ($4::uuid IS NULL OR s.target_id = $4)
            ORDER BY s.id DESC LIMIT $5"#,
        Column::from(to) as Column,
        Column::from(from) as Column,
        filter.user_id.map(UserId::uuid),
        filter.target_id.map(TargetId::uuid),
        i64::try_from(MAX_SCHEDULES + 1).unwrap_or(i64::MAX),
    )
    .fetch_all(db)
    .await?;
    let rows = rows.into_iter().map(|row| Scheduled {
        id: row.id.into(),
        user_id: row.user_id.into(),
        user: row.user,
        target_id: row.target_id.into(),
        target: row.target,
        zone: row.zone,
        said: Said {
            start_time: row.start_time.to_jiff(),
            end_time: row.end_time.to_jiff(),
            recurrence_rule: row.recurrence_rule,
            timezone: row.timezone,
            exceptions: times(row.exceptions),
        },
    });
    Ok(rows.collect())
}

/// The windows that lie between `from` and `to`, if only in part: the earliest [`MAX_WINDOWS`]. Follows every rule from its
/// beginning, which takes its time: not for a thread that others wait for.
#[must_use]
pub fn expand(mut schedules: Vec<Scheduled>, from: Timestamp, to: Timestamp) -> Calendar {
    let mut more = schedules.len() > MAX_SCHEDULES;
    schedules.truncate(MAX_SCHEDULES);
    // The latest on top: it goes when there are too many.
    let mut earliest: BinaryHeap<(Window, usize)> = BinaryHeap::new();
    for (of, scheduled) in schedules.iter().enumerate() {
        let Ok(schedule) = Schedule::new(scheduled.said.clone()) else { continue };
        for window in schedule.windows(from).take_while(|window| window.start < to) {
            if earliest.len() == MAX_WINDOWS {
                more = true;
                if earliest.peek().is_some_and(|(latest, _)| *latest <= window) {
                    break;
                }
                earliest.pop();
            }
            earliest.push((window, of));
        }
    }
    let entries = earliest.into_sorted_vec().into_iter().map(|(window, of)| Entry { of, window });
    Calendar { entries: entries.collect(), schedules, more }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn hours(count: i64) -> Timestamp {
        NOON.checked_add(SignedDuration::from_hours(count)).expect("a time")
    }

    fn scheduled(number: u8, start: i64, end: i64, rule: Option<&str>) -> Scheduled {
        Scheduled {
            id: ScheduleId::from_bytes([number; 16]),
            user_id: UserId::from_bytes([1; 16]),
            user: "ann".to_owned(),
            target_id: TargetId::from_bytes([2; 16]),
            target: "press".to_owned(),
            zone: "plant".to_owned(),
            said: Said {
                start_time: hours(start),
                end_time: hours(end),
                recurrence_rule: rule.map(str::to_owned),
                timezone: "UTC".to_owned(),
                exceptions: Vec::new(),
            },
        }
    }

    #[test]
    fn windows_of_several_come_in_order_those_that_lie_there_in_part_among_them() {
        let all = vec![
            scheduled(1, -2, 1, Some("FREQ=DAILY")),
            scheduled(2, 5, 6, None),
            scheduled(3, -5, 0, None),
            scheduled(4, 48, 49, None),
        ];
        let calendar = expand(all, hours(0), hours(48));
        let begun: Vec<_> = calendar.entries.iter().map(|entry| (entry.of, entry.window.start)).collect();
        assert_eq!(begun, [(0, hours(-2)), (1, hours(5)), (0, hours(22)), (0, hours(46))]);
        assert!(!calendar.more);
    }

    #[test]
    fn of_too_many_the_earliest_are_shown_and_that_there_are_more_is_said() {
        let hourly = |number| scheduled(number, 0, 1, Some("FREQ=HOURLY"));
        let calendar = expand(vec![hourly(1), hourly(2)], hours(0), hours(1000));
        assert_eq!((calendar.entries.len(), calendar.more), (MAX_WINDOWS, true));
        let last = calendar.entries.last().expect("entries").window;
        assert_eq!(last.start, hours(499));
        let many = vec![scheduled(1, 0, 1, None); MAX_SCHEDULES + 1];
        assert!(expand(many, hours(0), hours(2)).more);
    }
}
