//! The terms of a grant: how a session on it is limited, and what its user agrees to first.

use std::cmp::Ordering;

use serde::Serialize;

/// How a target may be used by a grant. Without any, as long as one likes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// A session lasts at most so many seconds.
    pub max_session_seconds: Option<u32>,
    /// It ends when nothing was typed for so many seconds.
    pub idle_seconds: Option<u32>,
    /// What its user must agree to before it opens.
    pub consent: Option<String>,
}

impl Terms {
    /// Whether a session on these terms has to be ended by its site.
    #[must_use]
    pub const fn limit(&self) -> bool {
        self.max_session_seconds.is_some() || self.idle_seconds.is_some()
    }

    /// The more generous of two is greater: first by the longest session, then by the idle time, then the one that
    /// asks for nothing.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        let rank = |terms: &Self| {
            let longest = terms.max_session_seconds.unwrap_or(u32::MAX);
            (longest, terms.idle_seconds.unwrap_or(u32::MAX), terms.consent.is_none())
        };
        rank(self).cmp(&rank(other))
    }
}
