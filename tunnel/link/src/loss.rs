//! Packets lost lately, from the counts that a tunnel keeps since its beginning.
//!
//! Pure: the caller reads the counts every ten seconds.

use std::collections::VecDeque;

use crate::tunnel::Packets;

/// Readings that count: the last minute.
const READINGS: usize = 6;

/// The losses of the last minute.
#[derive(Debug, Default)]
pub struct Losses(VecDeque<Packets>);

impl Losses {
    /// Takes a reading; of a thousand packets sent since the oldest one that counts, how many were lost.
    pub fn permille(&mut self, now: Packets) -> u32 {
        let oldest = self.0.front().copied().unwrap_or_default();
        self.0.push_back(now);
        if self.0.len() > READINGS {
            self.0.pop_front();
        }
        let (sent, lost) = (now.sent.saturating_sub(oldest.sent), now.lost.saturating_sub(oldest.lost));
        u32::try_from(lost.saturating_mul(1000) / sent.max(1)).unwrap_or(1000).min(1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_minute_counts() {
        let mut losses = Losses::default();
        assert_eq!(losses.permille(Packets { sent: 1000, lost: 20 }), 20);
        for _ in 0..6 {
            losses.permille(Packets { sent: 2000, lost: 20 });
        }
        assert_eq!(losses.permille(Packets { sent: 3000, lost: 120 }), 100);
        assert_eq!(losses.permille(Packets { sent: 3000, lost: 120 }), 100);
    }
}
