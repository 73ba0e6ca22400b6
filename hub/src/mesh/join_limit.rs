//! How many joins a minute: from everywhere, and from one address. Guessing tokens is hopeless anyway; this keeps
//! somebody who tries from keeping the hub busy.
//!
//! In memory, bounded by the limit itself. Time comes in as an argument.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);

/// The joins of the last minute.
#[derive(Debug)]
pub struct JoinLimit {
    total: usize,
    per_address: usize,
    recent: Mutex<VecDeque<(Instant, IpAddr)>>,
}

impl JoinLimit {
    /// At most so many a minute, from everywhere and from one address.
    #[must_use]
    pub fn new((total, per_address): (u32, u32)) -> Self {
        Self { total: total as usize, per_address: per_address as usize, recent: Mutex::default() }
    }

    /// Counts a join; `false` if it is one too many, which then does not count.
    #[must_use]
    pub fn admits(&self, address: IpAddr, now: Instant) -> bool {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        while recent.front().is_some_and(|(at, _)| now.saturating_duration_since(*at) >= MINUTE) {
            recent.pop_front();
        }
        let same = recent.iter().filter(|(_, from)| *from == address).count();
        let admitted = recent.len() < self.total && same < self.per_address;
        if admitted {
            recent.push_back((now, address));
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_past_either_limit_wait_for_the_minute_to_pass() {
        let limit = JoinLimit::new((3, 2));
        let (one, other): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        let start = Instant::now();
        assert!(limit.admits(one, start) && limit.admits(one, start) && !limit.admits(one, start));
        assert!(limit.admits(other, start) && !limit.admits(other, start), "three from everywhere");
        assert!(limit.admits(one, start + MINUTE));
    }
}
