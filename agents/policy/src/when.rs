//! When a grant holds, as a decision needs it: always, or in windows that somebody has worked out.

use jiff::{SignedDuration, Timestamp};

use crate::{Schedule, Window, merged};

/// Windows are worked out for so long ahead.
const AHEAD: SignedDuration = SignedDuration::from_hours(100 * 24);
/// And at most so many.
const MOST: usize = 2000;

/// In whole milliseconds, as snapshots have them; what is shorter is none.
fn whole(window: Window) -> Option<Window> {
    let cut = |time: Timestamp| Timestamp::from_millisecond(time.as_millisecond()).ok();
    let window = Window { start: cut(window.start)?, end: cut(window.end)? };
    (window.start < window.end).then_some(window)
}

/// When a grant holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// As long as it stands.
    #[default]
    Always,
    /// In these windows alone; in order, apart from each other.
    Within(Vec<Window>),
}

impl When {
    /// The windows of `schedule` that a decision at `moment` or in the hundred days behind it needs.
    #[must_use]
    pub fn of(schedule: &Schedule, moment: Timestamp) -> Self {
        Self::ahead(schedule, moment, AHEAD)
    }

    /// The windows of `schedule` that are not over at `moment`, for so long ahead, and the one behind these.
    #[must_use]
    pub fn ahead(schedule: &Schedule, moment: Timestamp, ahead: SignedDuration) -> Self {
        let last = moment.checked_add(ahead).unwrap_or(Timestamp::MAX);
        // Somebody may ask when it opens, however late that is.
        let mut beyond = false;
        let windows = schedule
            .windows(moment)
            .take_while(|window| !std::mem::replace(&mut beyond, window.start > last));
        Self::Within(merged(windows.filter_map(whole).take(MOST).collect()))
    }

    /// Whether it holds then.
    #[must_use]
    pub fn holds(&self, moment: Timestamp) -> bool {
        match self {
            Self::Always => true,
            Self::Within(_) => self.window(moment).is_some(),
        }
    }

    /// The window that is open then.
    #[must_use]
    pub fn window(&self, moment: Timestamp) -> Option<Window> {
        let Self::Within(windows) = self else { return None };
        // They are in order, and apart from each other.
        let behind = windows.partition_point(|window| window.end <= moment);
        windows.get(behind).filter(|window| window.contains(moment)).copied()
    }

    /// When it holds next, after `moment`; `None`: never, or it always does.
    #[must_use]
    pub fn opens(&self, moment: Timestamp) -> Option<Timestamp> {
        let Self::Within(windows) = self else { return None };
        windows.get(windows.partition_point(|window| window.start <= moment)).map(|window| window.start)
    }
}

/// Whether any of several holds, and until when or from when on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// One holds.
    Open {
        /// The first moment at which none does any more; `None`: one always does.
        ends: Option<Timestamp>,
    },
    /// None holds.
    Closed {
        /// When one does next; `None`: never.
        opens: Option<Timestamp>,
    },
}

impl Standing {
    /// How they stand together at `now`.
    #[must_use]
    pub fn of<'a>(whens: impl Iterator<Item = &'a When> + Clone, now: Timestamp) -> Self {
        if whens.clone().any(|when| *when == When::Always) {
            return Self::Open { ends: None };
        }
        let mut end = now;
        // Where one ends another may go on.
        while let Some(later) =
            whens.clone().filter_map(|when| when.window(end)).map(|window| window.end).max()
        {
            end = later;
        }
        if end == now {
            return Self::Closed { opens: whens.filter_map(|when| when.opens(now)).min() };
        }
        Self::Open { ends: Some(end) }
    }

    /// Until when one of several holds without a break from `now` on, each of which holds until its own moment at most;
    /// `None`: none does now.
    #[must_use]
    pub fn until<'a>(
        whens: impl Iterator<Item = (&'a When, Timestamp)> + Clone,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let mut end = now;
        let holds_on = |when: &When, until: Timestamp, from: Timestamp| match when {
            When::Always => Some(until),
            When::Within(_) => Some(when.window(from)?.end.min(until)),
        };
        while let Some(later) = whens
            .clone()
            .filter_map(|(when, until)| holds_on(when, until, end))
            .filter(|later| *later > end)
            .max()
        {
            end = later;
        }
        (end > now).then_some(end)
    }
}
