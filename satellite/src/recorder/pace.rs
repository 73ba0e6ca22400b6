//! When everything that waits is sealed and made durable: one tick for all sessions. Pure: the clock is an argument.

use std::time::{Duration, Instant};

/// From a chunk's first event to its seal. With sealing and one fsync it stays within the second that a crash
/// may cost.
pub(super) const SEAL_AFTER: Duration = Duration::from_millis(900);
/// From a session's end to its last chunk: sessions that end together share an fsync.
pub(super) const FINISH_AFTER: Duration = Duration::from_millis(20);

/// The next tick, if anything waits for one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    due: Option<Instant>,
}

impl Pace {
    /// Something was recorded.
    pub(super) fn recorded(&mut self, now: Instant) {
        self.sooner(now + SEAL_AFTER);
    }

    /// A recording ended.
    pub(super) fn finished(&mut self, now: Instant) {
        self.sooner(now + FINISH_AFTER);
    }

    /// How long until the tick; `None` while nothing waits.
    pub(super) fn wait(&self, now: Instant) -> Option<Duration> {
        self.due.map(|due| due.saturating_duration_since(now))
    }

    /// Whether it is time; then the next tick is that of the next event.
    pub(super) fn tick(&mut self, now: Instant) -> bool {
        let due = self.due.is_some_and(|due| due <= now);
        if due {
            self.due = None;
        }
        due
    }

    fn sooner(&mut self, due: Instant) {
        self.due = Some(self.due.map_or(due, |other| other.min(due)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tick_comes_within_a_second_of_the_first_event_however_many_follow() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        assert_eq!(pace.wait(start), None);
        for ms in (0..899).step_by(10) {
            let now = start + Duration::from_millis(ms);
            pace.recorded(now);
            assert!(!pace.tick(now));
        }
        assert!(pace.tick(start + SEAL_AFTER) && SEAL_AFTER < Duration::from_secs(1));
        assert!(!pace.tick(start + SEAL_AFTER) && pace.wait(start).is_none());
    }

    #[test]
    fn the_end_of_a_session_does_not_wait_for_the_second() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        pace.recorded(start);
        pace.finished(start);
        pace.recorded(start);
        assert_eq!(pace.wait(start), Some(FINISH_AFTER));
    }
}
