//! Samples and what is said of them.

use std::time::Duration;

/// Three points of a distribution, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) p50: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
}

impl Spread {
    /// Of samples in milliseconds; `None` without any.
    pub(crate) fn of(samples: &[f64]) -> Option<Self> {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        Some(Self { p50: rank(&sorted, 0.50)?, p95: rank(&sorted, 0.95)?, p99: rank(&sorted, 0.99)? })
    }

    /// The medians of the rounds, point by point.
    pub(crate) fn median_of(rounds: &[Self]) -> Option<Self> {
        let of = |point: fn(&Self) -> f64| median(&rounds.iter().map(point).collect::<Vec<_>>());
        Some(Self { p50: of(|one| one.p50)?, p95: of(|one| one.p95)?, p99: of(|one| one.p99)? })
    }
}

/// The middle one, or the mean of the two in the middle.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let high = *sorted.get(sorted.len() / 2)?;
    let low = *sorted.get((sorted.len() - 1) / 2)?;
    Some(f64::midpoint(low, high))
}

/// Nearest rank: the smallest sample that `part` of all do not exceed.
fn rank(sorted: &[f64], part: f64) -> Option<f64> {
    let at = (part * sorted.len() as f64).ceil() as usize;
    sorted.get(at.saturating_sub(1)).copied()
}

pub(crate) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
