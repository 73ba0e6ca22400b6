//! When a decision is made: the time, and whether the site has its hub.

use jiff::Timestamp;

/// The moment of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The time.
    pub now: Timestamp,
    /// Since when the site has been without its hub; `None`: it has it, or the hub itself decides.
    pub away_since: Option<Timestamp>,
}

impl From<Timestamp> for Moment {
    fn from(now: Timestamp) -> Self {
        Self { now, away_since: None }
    }
}
