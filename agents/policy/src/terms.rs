//! The terms of a grant: how a session on it is limited, and what its user agrees to first.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// Without the hub a grant holds for so long, where nothing else is said: a day.
pub const OFFLINE_SECONDS: u32 = 24 * 3600;
/// And no longer than this: four weeks.
pub const MAX_OFFLINE_SECONDS: u32 = 28 * 24 * 3600;

/// How a target may be used by a grant. Without any, as long as one likes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// A session lasts at most so many seconds.
    pub max_session_seconds: Option<u32>,
    /// It ends when nothing was typed for so many seconds.
    pub idle_seconds: Option<u32>,
    /// What its user must agree to before it opens.
    pub consent: Option<String>,
    /// For so many seconds it goes on at a site that has lost its hub; 0: not at all.
    pub offline_seconds: u32,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            max_session_seconds: None,
            idle_seconds: None,
            consent: None,
            offline_seconds: OFFLINE_SECONDS,
        }
    }
}

impl Terms {
    /// Whether a session on these terms has to be ended by its site.
    #[must_use]
    pub const fn limit(&self) -> bool {
        self.max_session_seconds.is_some() || self.idle_seconds.is_some()
    }

    /// Until when they allow what goes on at a site that has been without its hub since then.
    #[must_use]
    pub fn allow_away_until(&self, since: Timestamp) -> Timestamp {
        let allowed = SignedDuration::from_secs(self.offline_seconds.into());
        since.checked_add(allowed).unwrap_or(Timestamp::MAX)
    }

    /// The more generous of two is greater: first by the longest session, then by the idle time, then by the time without
    /// the hub, then the one that asks for nothing.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        let rank = |terms: &Self| {
            let longest = terms.max_session_seconds.unwrap_or(u32::MAX);
            let idle = terms.idle_seconds.unwrap_or(u32::MAX);
            (longest, idle, terms.offline_seconds, terms.consent.is_none())
        };
        rank(self).cmp(&rank(other))
    }
}
