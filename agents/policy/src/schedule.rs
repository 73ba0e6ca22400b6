//! When a grant holds: once, or again and again by a rule (RFC 5545), on the clocks of one time zone.
//!
//! The rule is followed on the zone's wall clock, so that nine o'clock stays nine o'clock across a change of daylight
//! saving time; a time that such a change skips is read with the offset before it, and of one that comes twice the first
//! counts (RFC 5545, 3.3.5). Every window lasts exactly as long as the first (3.8.5.3). What a rule may cost is bounded.

use std::collections::BTreeSet;

use chrono::TimeZone as _;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rrule::{Frequency, RRule, RRuleSet, Tz, Unvalidated};
use serde::{Deserialize, Serialize};

use crate::Window;

/// A rule's text is no longer.
pub const MAX_RULE_CHARS: usize = 500;
/// More exceptions than this are refused.
pub const MAX_EXCEPTIONS: usize = 500;
/// A window lasts no longer.
pub const MAX_WINDOW: SignedDuration = SignedDuration::from_hours(31 * 24);
/// Windows that are looked at for one answer.
const MAX_LOOKED_AT: usize = 100_000;

/// When something holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    said: Said,
    zone: TimeZone,
    rule: Option<Rule>,
}

/// A schedule as people write it, whether or not it makes sense.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// The window that the rule repeats begins; without a rule, the only one.
    pub start_time: Timestamp,
    /// It ends.
    pub end_time: Timestamp,
    /// What stands behind `RRULE:` (RFC 5545).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence_rule: Option<String>,
    /// A name of the IANA database, such as `Europe/Berlin`.
    #[serde(default = "utc")]
    pub timezone: String,
    /// Beginnings of windows that are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Timestamp>,
}

fn utc() -> String {
    "UTC".to_owned()
}

impl Said {
    /// The window that the rule repeats.
    #[must_use]
    pub const fn first(&self) -> Window {
        Window { start: self.start_time, end: self.end_time }
    }
}

/// A rule on the zone's wall clock, which it takes for UTC, and the moment after which nothing begins.
#[derive(Clone, Debug, PartialEq)]
struct Rule {
    clock: RRuleSet,
    until: Option<Timestamp>,
}

/// What is wrong with a schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// It is over before it begins.
    #[error("the window must end after it begins")]
    EndsFirst,
    /// It is too long.
    #[error("a window lasts at most 31 days")]
    TooLong,
    /// No name of the IANA database.
    #[error("there is no time zone {0:?}; write one such as Europe/Berlin")]
    NoZone(String),
    /// No rule of RFC 5545, or one that says too much.
    #[error("this is no recurrence rule: {0}; write one such as FREQ=WEEKLY;BYDAY=MO,TU")]
    NoRule(String),
    /// It would recur all the time.
    #[error("windows recur hourly at most")]
    TooOften,
    /// It names no moment at which something begins.
    #[error("no window ever begins by this rule")]
    Never,
    /// There are too many.
    #[error("there are at most {MAX_EXCEPTIONS} exceptions")]
    TooManyExceptions,
}

impl Schedule {
    /// Reads a schedule.
    ///
    /// # Errors
    /// [`ScheduleError`].
    pub fn new(said: Said) -> Result<Self, ScheduleError> {
        let Said { recurrence_rule, timezone, exceptions, .. } = &said;
        let first = said.first();
        if first.end <= first.start {
            return Err(ScheduleError::EndsFirst);
        }
        if first.end.duration_since(first.start) > MAX_WINDOW {
            return Err(ScheduleError::TooLong);
        }
        if exceptions.len() > MAX_EXCEPTIONS {
            return Err(ScheduleError::TooManyExceptions);
        }
        let zone = TimeZone::get(timezone).map_err(|_| ScheduleError::NoZone(timezone.clone()))?;
        let rule = recurrence_rule.as_deref().map(|text| read_rule(text, first.start, &zone)).transpose()?;
        let schedule = Self { said, zone, rule };
        // A rule may be well-formed and still name the 30th of February.
        schedule.starts().next().ok_or(ScheduleError::Never)?;
        Ok(schedule)
    }

    /// As people wrote it.
    #[must_use]
    pub const fn said(&self) -> &Said {
        &self.said
    }

    /// The windows that are not over at `moment`, in order.
    pub fn windows(&self, moment: Timestamp) -> impl Iterator<Item = Window> {
        let Window { start, end } = self.said.first();
        let lasts = end.duration_since(start);
        let windows = self.starts_from(moment, lasts).filter_map(move |start| {
            let end = start.checked_add(lasts).ok()?;
            Some(Window { start, end })
        });
        windows
            .take(MAX_LOOKED_AT)
            .skip_while(move |window| window.end <= moment)
            .filter(|window| !self.said.exceptions.contains(&window.start))
    }

    /// The first exception from `moment` on at which no window begins: it would leave out nothing.
    #[must_use]
    pub fn idle_exception(&self, moment: Timestamp) -> Option<Timestamp> {
        let mut left: BTreeSet<_> =
            self.said.exceptions.iter().copied().filter(|exception| *exception >= moment).collect();
        for start in self.starts_from(moment, SignedDuration::ZERO).take(MAX_LOOKED_AT) {
            if left.last().is_none_or(|last| *last < start) {
                break;
            }
            left.remove(&start);
        }
        left.pop_first()
    }

    /// Where windows begin, in order, exceptions among them.
    fn starts(&self) -> Box<dyn Iterator<Item = Timestamp> + '_> {
        match &self.rule {
            Some(rule) => Box::new(self.starts_by(rule, &rule.clock)),
            None => Box::new(std::iter::once(self.said.start_time)),
        }
    }

    /// The same, but for those so long before `moment` that their windows, which last that long, are over.
    fn starts_from(
        &self,
        moment: Timestamp,
        lasts: SignedDuration,
    ) -> Box<dyn Iterator<Item = Timestamp> + '_> {
        let begun = moment.checked_sub(lasts).ok();
        match self.rule.as_ref().zip(begun).and_then(|(rule, begun)| Some((rule, rule.later(begun)?))) {
            Some((rule, clock)) => Box::new(self.starts_by(rule, &clock)),
            None => self.starts(),
        }
    }

    fn starts_by<'a>(
        &'a self,
        rule: &'a Rule,
        clock: &RRuleSet,
    ) -> impl Iterator<Item = Timestamp> + use<'a> {
        let shown = |at: chrono::DateTime<Tz>| {
            Some(civil(Timestamp::from_second(at.timestamp()).ok()?, &TimeZone::UTC))
        };
        let starts = clock.into_iter().map_while(move |at| self.zone.to_timestamp(shown(at)?).ok());
        starts.take_while(|start| rule.until.is_none_or(|until| *start <= until))
    }
}

impl Rule {
    /// The same rule begun later, by whole intervals, and still long enough before `begun` that nothing is missing from there
    /// on: a rule that is years old need not be followed through all of them. `None`: it has to be.
    fn later(&self, begun: Timestamp) -> Option<RRuleSet> {
        let [rule] = self.clock.get_rrule().as_slice() else { return None };
        let unit_s = match rule.get_freq() {
            Frequency::Weekly => 7 * 24 * 3600,
            Frequency::Daily => 24 * 3600,
            Frequency::Hourly => 3600,
            _ => return None,
        };
        if rule.get_count().is_some() {
            return None;
        }
        let interval_s = unit_s * i64::from(rule.get_interval());
        let first = self.clock.get_dt_start();
        // No zone's clocks are a day off UTC. An interval that has begun is not whole.
        let until = begun.as_second().checked_sub(24 * 3600)?;
        let intervals = until.checked_sub(first.timestamp())?.div_euclid(interval_s) - 2;
        let shifted = first.checked_add_signed(chrono::TimeDelta::try_seconds(intervals * interval_s)?)?;
        (intervals > 0).then(|| RRuleSet::new(shifted).rrule(rule.clone()).limit())
    }
}

/// What the zone's clocks show at this moment.
fn civil(moment: Timestamp, zone: &TimeZone) -> DateTime {
    zone.to_datetime(moment)
}

fn read_rule(text: &str, first: Timestamp, zone: &TimeZone) -> Result<Rule, ScheduleError> {
    let wrong = |why: &str| ScheduleError::NoRule(why.to_owned());
    if text.chars().count() > MAX_RULE_CHARS {
        return Err(wrong("it has more than 500 characters"));
    }
    if text.contains(['\n', '\r', ':']) {
        return Err(wrong("it is one line, with no name before it"));
    }
    let rule = text.parse::<RRule<Unvalidated>>().map_err(|error| wrong(in_short(&error.to_string())))?;
    if matches!(rule.get_freq(), Frequency::Minutely | Frequency::Secondly) {
        return Err(ScheduleError::TooOften);
    }
    let until = rule.get_until().map(|until| Timestamp::from_second(until.timestamp()));
    let until = until.transpose().map_err(|_| wrong("UNTIL is out of range"))?;
    let clock = |moment: Timestamp| {
        let shown = TimeZone::UTC.to_timestamp(civil(moment, zone)).ok()?;
        Tz::UTC.timestamp_opt(shown.as_second(), 0).single()
    };
    let out_of_range = || wrong("its time is out of range");
    let rule = match until {
        // A day more: clocks go back past moments. The moment itself is looked at with each window.
        Some(until) => {
            let latest = until.checked_add(SignedDuration::from_hours(24)).ok().and_then(clock);
            rule.until(latest.ok_or_else(out_of_range)?)
        }
        None => rule,
    };
    let begun = clock(first).ok_or_else(out_of_range)?;
    let clock = rule.build(begun).map_err(|error| wrong(in_short(&error.to_string())))?.limit();
    Ok(Rule { clock, until })
}

/// Without the library's name for the kind of error.
fn in_short(error: &str) -> &str {
    error.split_once(": ").map_or(error, |(_, why)| why).trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn window(start: &str, end: &str) -> Window {
        Window { start: at(start), end: at(end) }
    }

    fn said(first: Window, rule: Option<&str>, zone: &str) -> Said {
        Said {
            start_time: first.start,
            end_time: first.end,
            recurrence_rule: rule.map(str::to_owned),
            timezone: zone.to_owned(),
            exceptions: Vec::new(),
        }
    }

    fn schedule(first: Window, rule: &str, zone: &str) -> Schedule {
        Schedule::new(said(first, Some(rule), zone)).expect("a schedule")
    }

    #[test]
    fn without_a_rule_there_is_one_window() {
        let first = window("2026-03-02T08:00:00Z", "2026-03-02T16:00:00Z");
        let once = Schedule::new(said(first, None, "UTC")).expect("a schedule");
        let seen = |moment| once.windows(at(moment)).collect::<Vec<_>>();
        assert_eq!(seen("2026-03-02T15:59:59Z"), [first]);
        assert_eq!(seen("2026-03-02T16:00:00Z"), []);
    }

    #[test]
    fn a_rule_that_is_as_old_as_can_be_still_makes_windows() {
        let first = window("1990-01-01T00:00:00Z", "1990-01-01T00:30:00Z");
        let hourly = schedule(first, "FREQ=HOURLY", "Europe/Berlin");
        let now = "2026-03-02T08:10:00Z";
        let next: Vec<_> = hourly.windows(at(now)).map(|window| window.start).take(2).collect();
        assert_eq!(next, [at("2026-03-02T08:00:00Z"), at("2026-03-02T09:00:00Z")]);
    }

    #[test]
    fn an_exception_that_leaves_out_nothing_is_found() {
        let first = window("2026-03-02T08:00:00Z", "2026-03-02T16:00:00Z");
        let idle = |exceptions: &[&str], moment| {
            let exceptions = exceptions.iter().map(|text| at(text)).collect();
            let said = Said { exceptions, ..said(first, Some("FREQ=DAILY;COUNT=5"), "UTC") };
            Schedule::new(said).expect("a schedule").idle_exception(at(moment))
        };
        let (third, none) = ("2026-03-03T08:00:00Z", "2026-03-04T08:30:00Z");
        assert_eq!(idle(&[third], "2026-03-01T00:00:00Z"), None);
        assert_eq!(idle(&[third, none], "2026-03-01T00:00:00Z"), Some(at(none)));
        assert_eq!(idle(&[third, none], "2026-03-05T00:00:00Z"), None, "it lies behind");
        assert_eq!(
            idle(&["2026-03-07T08:00:00Z"], third),
            Some(at("2026-03-07T08:00:00Z")),
            "the rule is over"
        );
    }

    #[test]
    fn nine_stays_nine_when_the_clocks_change() {
        // Berlin's go forward on 29 March 2026 and back on 25 October.
        let first = window("2026-03-28T08:00:00Z", "2026-03-28T16:00:00Z");
        let daily = schedule(first, "FREQ=DAILY", "Europe/Berlin");
        let begins = |moment| {
            daily.windows(at(moment)).map(|window| window.start.to_string()).take(2).collect::<Vec<_>>()
        };
        assert_eq!(begins("2026-03-28T07:00:00Z"), ["2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z"]);
        assert_eq!(begins("2026-10-24T00:00:00Z"), ["2026-10-24T07:00:00Z", "2026-10-25T08:00:00Z"]);
    }

    #[test]
    fn a_window_over_the_change_lasts_as_long_as_the_first() {
        let first = window("2026-03-27T21:00:00Z", "2026-03-28T05:00:00Z");
        let nights = schedule(first, "FREQ=DAILY", "Europe/Berlin");
        let last = |moment| nights.windows(at(moment)).next().expect("a night");
        assert_eq!(last("2026-03-28T12:00:00Z"), window("2026-03-28T21:00:00Z", "2026-03-29T05:00:00Z"));
    }

    #[test]
    fn a_time_that_is_skipped_is_read_with_the_offset_before_and_of_two_the_first_counts() {
        let daily = |start, end| schedule(window(start, end), "FREQ=DAILY", "Europe/Berlin");
        // 02:30 is no time on 29 March.
        let skipped = daily("2026-03-28T01:30:00Z", "2026-03-28T02:00:00Z");
        assert_eq!(
            skipped.windows(at("2026-03-28T12:00:00Z")).next().expect("one").start,
            at("2026-03-29T01:30:00Z")
        );
        // It comes twice on 25 October.
        let twice = daily("2026-10-24T00:30:00Z", "2026-10-24T01:00:00Z");
        let begins =
            twice.windows(at("2026-10-24T12:00:00Z")).map(|window| window.start).take(2).collect::<Vec<_>>();
        assert_eq!(begins, [at("2026-10-25T00:30:00Z"), at("2026-10-26T01:30:00Z")]);
    }

    #[test]
    fn exceptions_are_left_out_and_still_counted() {
        let first = window("2026-03-02T08:00:00Z", "2026-03-02T16:00:00Z");
        let exceptions = vec![at("2026-03-03T08:00:00Z")];
        let some = Schedule::new(Said { exceptions, ..said(first, Some("FREQ=DAILY;COUNT=3"), "UTC") });
        let begins =
            some.expect("a schedule").windows(first.start).map(|window| window.start).collect::<Vec<_>>();
        assert_eq!(begins, [at("2026-03-02T08:00:00Z"), at("2026-03-04T08:00:00Z")]);
    }

    #[test]
    fn until_is_a_moment() {
        let first = window("2026-10-24T00:30:00Z", "2026-10-24T01:00:00Z");
        let ends = |until: &str| {
            let rule = format!("FREQ=DAILY;UNTIL={until}");
            schedule(first, &rule, "Europe/Berlin").windows(first.start).count()
        };
        assert_eq!([ends("20261025T003000Z"), ends("20261025T002959Z")], [2, 1]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let first = window("2026-03-02T08:00:00Z", "2026-03-02T16:00:00Z");
        let wrong = |first, rule, zone| Schedule::new(said(first, rule, zone)).expect_err("wrong");
        assert_eq!(wrong(Window { end: first.start, ..first }, None, "UTC"), ScheduleError::EndsFirst);
        let long = window("2026-03-02T08:00:00Z", "2026-04-02T08:00:01Z");
        assert_eq!(wrong(long, None, "UTC"), ScheduleError::TooLong);
        assert_eq!(wrong(first, None, "Mars/Olympus"), ScheduleError::NoZone("Mars/Olympus".to_owned()));
        assert_eq!(wrong(first, Some("FREQ=MINUTELY"), "UTC"), ScheduleError::TooOften);
        assert_eq!(wrong(first, Some("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "UTC"), ScheduleError::Never);
        let long = format!("FREQ=DAILY;BYHOUR={}", vec!["1"; 300].join(","));
        for rule in [
            "",
            "often",
            "FREQ=DAILY;COUNT=0;X=1",
            "RRULE:FREQ=DAILY",
            "FREQ=DAILY\nRDATE:20260302T080000Z",
            &long,
        ] {
            assert!(matches!(wrong(first, Some(rule), "UTC"), ScheduleError::NoRule(_)), "{rule}");
        }
        let exceptions = vec![first.start; MAX_EXCEPTIONS + 1];
        let many = Schedule::new(Said { exceptions, ..said(first, Some("FREQ=DAILY"), "UTC") });
        assert_eq!(many, Err(ScheduleError::TooManyExceptions));
    }
}
