//! The windows of schedules, worked out for snapshots: for whole weeks, so that a snapshot changes with them once a week.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use openpam_policy::When;
use serde_json::Value;

use crate::store::grants;

const WEEK_S: i64 = 7 * 24 * 3600;
/// A site without its hub decides for four weeks at most; the week that has begun comes to that.
const AHEAD: SignedDuration = SignedDuration::from_hours(5 * 7 * 24);

/// What was worked out for the present week.
#[derive(Default)]
pub(super) struct Windows {
    week: i64,
    known: HashMap<String, When>,
    used: HashMap<String, When>,
}

impl Windows {
    /// Whether another week has begun since the last time.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        week(now) != self.week
    }

    /// Begins to ask.
    pub(super) fn begin(&mut self, now: Timestamp) {
        if self.is_due(now) {
            self.week = week(now);
            self.known.clear();
        }
        self.used.clear();
    }

    /// When a grant with this schedule holds.
    pub(super) fn when(&mut self, schedule: Value) -> When {
        let text = schedule.to_string();
        let week_begins = Timestamp::from_second(self.week * WEEK_S).unwrap_or(Timestamp::MIN);
        let when = match self.known.get(&text) {
            Some(when) => when.clone(),
            None => grants::when_for(schedule, week_begins, AHEAD),
        };
        self.used.insert(text, when.clone());
        when
    }

    /// What was not asked this time is forgotten.
    pub(super) fn end(&mut self) {
        self.known = std::mem::take(&mut self.used);
    }
}

fn week(now: Timestamp) -> i64 {
    now.as_second().div_euclid(WEEK_S)
}
