//! The limits of one session: its longest time, how long nothing may be typed, its window, and how long the site may be
//! without its hub. Says when to warn and when to end.
//!
//! Pure: told of the time, driven by the session's owner task. Measured on the monotonic clock, so nobody who sets the
//! site's clock prolongs a session.

use std::time::Duration;

use jiff::Timestamp;
use openpam_policy::Authorization;
use openpam_proto::attach::{Ending, Notice};
use openpam_proto::desktop::Transfer;
use openpam_proto::end::{EndCode, NoticeCode};
use tokio::time::Instant;

use crate::clock::SiteClock;

/// Before an end its user is told, so long before, where the limit itself is longer.
const WARNINGS: [Duration; 3] = [Duration::from_mins(10), Duration::from_mins(5), Duration::from_mins(1)];

/// What a session's grant allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// It lasts no longer.
    pub longest: Option<Duration>,
    /// It ends when nothing was typed for so long.
    pub idle: Option<Duration>,
    /// So long the policy lets it.
    pub until: Until,
    /// What may pass between a desktop and its browser.
    pub transfer: Transfer,
}

/// Until when the policy lets a session go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Until {
    /// Its window ends; `None`: it always holds.
    pub window: Option<Instant>,
    /// The site has then been without its hub for as long as a grant allows; `None` while the hub is there.
    pub away: Option<Instant>,
}

impl Until {
    /// As it was decided, on the monotonic clock.
    #[must_use]
    pub fn of(authorization: &Authorization, clock: &SiteClock) -> Self {
        let now = Instant::now();
        let on_clock = |end: Option<Timestamp>| end.map(|end| now + clock.until(end.as_millisecond()));
        Self { window: on_clock(authorization.ends()), away: on_clock(authorization.away_ends()) }
    }
}

/// What is due now.
#[derive(Debug, PartialEq)]
pub enum Due {
    /// Nothing yet.
    Nothing,
    /// Tell the user.
    Warn(Notice),
    /// End the session, and say so.
    End(EndCode, String),
}

/// Where one session stands.
#[derive(Debug)]
pub struct Limits {
    allowed: Allowed,
    begun: Instant,
    typed: Instant,
    /// The end last warned of, and how long before it.
    warned: Option<(EndCode, Duration)>,
}

/// The end that comes first.
struct First {
    at: Instant,
    code: EndCode,
    limit: Duration,
}

impl Limits {
    /// Of a session that begins now.
    #[must_use]
    pub const fn new(allowed: Allowed, now: Instant) -> Self {
        Self { allowed, begun: now, typed: now, warned: None }
    }

    /// The policy lets it go on until then. Whoever was told of an end that is put off hears of it again.
    pub fn allow(&mut self, until: Until) {
        let before = std::mem::replace(&mut self.allowed.until, until);
        let put_off = |before: Option<Instant>, now: Option<Instant>| {
            now.is_none_or(|now| before.is_some_and(|before| now > before))
        };
        let told_of = self.warned.map(|(code, _)| code);
        if told_of == Some(EndCode::WindowEnded) && put_off(before.window, until.window)
            || told_of == Some(EndCode::PolicyStale) && put_off(before.away, until.away)
        {
            self.warned = None;
        }
    }

    /// Something was typed.
    pub fn typed(&mut self, now: Instant) {
        self.typed = now;
        if self.warned.is_some_and(|(code, _)| code == EndCode::IdleLimit) {
            self.warned = None;
        }
    }

    /// Somebody came who heard none of the warnings.
    pub const fn came(&mut self) {
        self.warned = None;
    }

    /// When to ask again what is due; `None`: never.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        let first = self.first()?;
        let warning = self.untold(&first).max();
        Some(warning.and_then(|before| first.at.checked_sub(before)).unwrap_or(first.at))
    }

    /// What is due.
    pub fn due(&mut self, now: Instant) -> Due {
        let Some(first) = self.first() else { return Due::Nothing };
        let left = first.at.saturating_duration_since(now);
        if left.is_zero() {
            return Due::End(first.code, over(first.code, first.limit));
        }
        let Some(before) = self.untold(&first).filter(|before| left <= *before).min() else {
            return Due::Nothing;
        };
        self.warned = Some((first.code, before));
        let left_s = u32::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
        let message = soon(first.code, Duration::from_secs(left_s.into()));
        let ending = Some(Ending { code: first.code, left_s });
        Due::Warn(Notice { ending, ..Notice::new(NoticeCode::EndsSoon, message) })
    }

    fn first(&self) -> Option<First> {
        let Allowed { longest, idle, until, .. } = self.allowed;
        let since_begun = |end: Option<Instant>| end.map(|end| end.saturating_duration_since(self.begun));
        let ends = [
            (self.begun, longest, EndCode::LongestSession),
            (self.typed, idle, EndCode::IdleLimit),
            (self.begun, since_begun(until.window), EndCode::WindowEnded),
            (self.begun, since_begun(until.away), EndCode::PolicyStale),
        ];
        let ends = ends.into_iter().filter_map(|(since, limit, code)| {
            let limit = limit?;
            Some(First { at: since + limit, code, limit })
        });
        ends.min_by_key(|end| end.at)
    }

    /// The warnings of this end that were not given.
    fn untold(&self, first: &First) -> impl Iterator<Item = Duration> {
        let told = self.warned.and_then(|(code, before)| (code == first.code).then_some(before));
        let limit = first.limit;
        WARNINGS.into_iter().filter(move |before| *before < limit && told.is_none_or(|told| *before < told))
    }
}

fn over(code: EndCode, limit: Duration) -> String {
    let limit = words(limit);
    match code {
        EndCode::IdleLimit => format!("nothing was typed for {limit}, the longest that your grant allows"),
        EndCode::WindowEnded => "your access window is over".to_owned(),
        EndCode::PolicyStale => {
            "the site has been without its hub for as long as your grant allows".to_owned()
        }
        _ => format!("the session lasted {limit}, the longest that your grant allows"),
    }
}

fn soon(code: EndCode, left: Duration) -> String {
    let left = words(left);
    match code {
        EndCode::IdleLimit => format!("this session ends in {left} unless something is typed"),
        EndCode::WindowEnded => format!("this session ends in {left}: then your access window is over"),
        EndCode::PolicyStale => {
            format!(
                "this session ends in {left} unless the site reaches its hub: your grant allows no longer without it"
            )
        }
        _ => format!("this session ends in {left}: then it lasted as long as your grant allows"),
    }
}

/// A time in the largest unit that says it whole.
fn words(time: Duration) -> String {
    let seconds = time.as_secs();
    let (number, unit) = match seconds {
        0 => (0, "second"),
        _ if seconds.is_multiple_of(3600) => (seconds / 3600, "hour"),
        _ if seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn limits(longest: Option<Duration>, idle: Option<Duration>) -> (Limits, Instant) {
        let now = Instant::now();
        (Limits::new(Allowed { longest, idle, ..Allowed::default() }, now), now)
    }

    /// Asks at the times that it names itself, until the end: minutes since the begin, and what was due.
    fn told(limits: &mut Limits, begun: Instant) -> Vec<(u64, String)> {
        let mut told = Vec::new();
        while let Some(at) = limits.next() {
            let minutes = (at - begun).as_secs() / 60;
            match limits.due(at) {
                Due::Nothing => panic!("asked for nothing"),
                Due::Warn(notice) => {
                    told.push((minutes, format!("{}", notice.ending.expect("an end").left_s)))
                }
                Due::End(code, _) => {
                    told.push((minutes, code.to_string()));
                    break;
                }
            }
        }
        told
    }

    fn expected(list: &[(u64, &str)]) -> Vec<(u64, String)> {
        list.iter().map(|(at, what)| (*at, (*what).to_owned())).collect()
    }

    #[test]
    fn without_limits_nothing_is_ever_due() {
        let (mut limits, now) = limits(None, None);
        assert_eq!(limits.next(), None);
        assert_eq!(limits.due(now + MINUTE * 100_000), Due::Nothing);
    }

    #[test]
    fn the_longest_session_is_warned_of_three_times_then_over() {
        let (mut limits, now) = limits(Some(MINUTE * 60), None);
        let all = [(50, "600"), (55, "300"), (59, "60"), (60, "longest_session")];
        assert_eq!(told(&mut limits, now), expected(&all));
    }

    #[test]
    fn a_limit_as_short_as_a_warning_does_not_begin_with_it() {
        let (mut limits, now) = limits(None, Some(MINUTE * 5));
        assert_eq!(told(&mut limits, now), expected(&[(4, "60"), (5, "idle_limit")]));
    }

    #[test]
    fn what_is_typed_puts_the_idle_end_off_and_its_warnings_come_again() {
        let (mut limits, now) = limits(None, Some(MINUTE * 8));
        assert!(matches!(limits.due(now + MINUTE * 3), Due::Warn(_)));
        limits.typed(now + MINUTE * 4);
        assert_eq!(limits.due(now + MINUTE * 6), Due::Nothing);
        assert_eq!(told(&mut limits, now), expected(&[(7, "300"), (11, "60"), (12, "idle_limit")]));
    }

    #[test]
    fn the_end_that_comes_first_counts() {
        let (mut limits, now) = limits(Some(MINUTE * 10), Some(MINUTE * 4));
        limits.typed(now + MINUTE * 9);
        assert_eq!(told(&mut limits, now).last(), Some(&(10, "longest_session".to_owned())));
    }

    #[test]
    fn a_window_that_closes_first_ends_it_after_its_warnings() {
        let now = Instant::now();
        let until = Until { window: Some(now + MINUTE * 7), away: None };
        let allowed = Allowed { longest: Some(MINUTE * 60), until, ..Allowed::default() };
        let mut limits = Limits::new(allowed, now);
        assert_eq!(told(&mut limits, now), expected(&[(2, "300"), (6, "60"), (7, "window_ended")]));
    }

    #[test]
    fn an_end_that_is_put_off_is_warned_of_again_and_one_that_comes_nearer_counts_at_once() {
        let now = Instant::now();
        let away = |minutes: u32| Until { window: None, away: Some(now + MINUTE * minutes) };
        let mut limits = Limits::new(Allowed { until: away(20), ..Allowed::default() }, now);
        let Due::Warn(notice) = limits.due(now + MINUTE * 15) else { panic!("a warning") };
        assert_eq!(notice.ending, Some(Ending { code: EndCode::PolicyStale, left_s: 300 }));
        limits.allow(Until::default());
        assert_eq!(limits.next(), None, "the hub is back");
        limits.allow(away(40));
        assert_eq!(
            told(&mut limits, now),
            expected(&[(30, "600"), (35, "300"), (39, "60"), (40, "policy_stale")])
        );
        limits.allow(Until { window: Some(now + MINUTE), away: None });
        let Due::End(code, _) = limits.due(now + MINUTE * 2) else { panic!("the end") };
        assert_eq!(code, EndCode::WindowEnded);
    }

    #[test]
    fn who_comes_late_is_told_once_how_much_is_left() {
        let (mut limits, now) = limits(Some(MINUTE * 60), None);
        let late = now + MINUTE * 57 + MINUTE / 2;
        limits.came();
        let Due::Warn(notice) = limits.due(late) else { panic!("a warning") };
        assert_eq!(notice.ending, Some(Ending { code: EndCode::LongestSession, left_s: 150 }));
        assert_eq!(
            notice.message,
            "this session ends in 150 seconds: then it lasted as long as your grant allows"
        );
        assert_eq!(told(&mut limits, now), expected(&[(59, "60"), (60, "longest_session")]));
    }

    #[test]
    fn an_end_says_which_limit_it_was() {
        let (mut limits, now) = limits(Some(MINUTE * 480), None);
        let Due::End(_, message) = limits.due(now + MINUTE * 480) else { panic!("the end") };
        assert_eq!(message, "the session lasted 8 hours, the longest that your grant allows");
    }
}
