//! A stretch of time in which something holds.

use jiff::Timestamp;
use serde::Serialize;

/// From `start` on, until just before `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Window {
    /// The first moment in it.
    pub start: Timestamp,
    /// The first moment behind it.
    pub end: Timestamp,
}

impl Window {
    /// Whether this moment lies in it.
    #[must_use]
    pub fn contains(&self, moment: Timestamp) -> bool {
        self.start <= moment && moment < self.end
    }
}

/// Windows in order, those that overlap or touch made one.
#[must_use]
pub fn merged(mut windows: Vec<Window>) -> Vec<Window> {
    windows.sort_unstable();
    let mut merged: Vec<Window> = Vec::with_capacity(windows.len());
    for window in windows {
        match merged.last_mut() {
            Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
            _ => merged.push(window),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(start: i64, end: i64) -> Window {
        let at = |second| Timestamp::from_second(second).expect("a time");
        Window { start: at(start), end: at(end) }
    }

    #[test]
    fn its_end_is_behind_it() {
        let contains = |second| window(10, 20).contains(Timestamp::from_second(second).expect("a time"));
        assert_eq!([9, 10, 19, 20].map(contains), [false, true, true, false]);
    }

    #[test]
    fn what_overlaps_or_touches_becomes_one() {
        let apart = vec![window(30, 40), window(10, 20)];
        assert_eq!(merged(apart), [window(10, 20), window(30, 40)]);
        let together = vec![window(30, 40), window(10, 20), window(12, 15), window(20, 30)];
        assert_eq!(merged(together), [window(10, 40)]);
        assert_eq!(merged(Vec::new()), []);
    }
}
