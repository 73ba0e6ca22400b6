//! How long to wait before dialling again: doubling with jitter, so that a hub's return is no stampede.
//!
//! Pure: the caller brings the random number and does the waiting.

use std::time::Duration;

/// Waiting times between dials.
#[derive(Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    /// Begins at `first`, doubles up to `longest`.
    #[must_use]
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, next: first }
    }

    /// The next wait: between half of the step and the whole of it. `random` is uniform in 0.0 to 1.0.
    pub fn wait(&mut self, random: f64) -> Duration {
        let step = self.next;
        self.next = self.longest.min(step * 2);
        step.mul_f64(0.5 + 0.5 * random.clamp(0.0, 1.0))
    }

    /// A dial succeeded: begin anew.
    pub const fn reset(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_begin_anew_after_success() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_millis(300));
        let waits: Vec<_> = (0..4).map(|_| backoff.wait(1.0).as_millis()).collect();
        assert_eq!(waits, [100, 200, 300, 300]);
        assert_eq!(backoff.wait(0.0).as_millis(), 150);
        backoff.reset();
        assert_eq!(backoff.wait(1.0).as_millis(), 100);
    }
}
