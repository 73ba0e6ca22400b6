//! How far output may run ahead of what the browser acknowledged: enough to fill the line, not more, so that Ctrl-C in
//! a flood still answers within about a round trip.
//!
//! Pure: times come in. The window follows twice the measured rate times the shortest round trip, doubles at most once
//! a round trip and only while it is what holds output back, and falls back after a rest.

use std::collections::VecDeque;
use std::time::Duration;

use openpam_proto::limits::OUTPUT_WINDOW_BYTES;
use tokio::time::Instant;

/// Sends whose acknowledgement is awaited to measure the round trip; more are not measured.
const MAX_MARKS: usize = 64;
/// The rate is measured over at least this.
const SHORTEST_EPOCH: Duration = Duration::from_millis(20);
/// A shortest round trip is believed this long: lines change.
const ROUND_TRIP_MEMORY: Duration = Duration::from_secs(10);
/// After a rest like this nothing is known any more.
const REST: Duration = Duration::from_secs(5);

/// The window of one attachment.
#[derive(Debug)]
pub struct Window {
    bytes: u64,
    most: u64,
    marks: VecDeque<(u64, Instant)>,
    shortest: Option<(Duration, Instant)>,
    epoch: Option<Epoch>,
    last_sent: Option<Instant>,
}

/// A stretch of time over which the rate is measured.
#[derive(Clone, Copy, Debug)]
struct Epoch {
    begun: Instant,
    acknowledged: u64,
    /// Whether the window held output back meanwhile.
    limited: bool,
}

impl Window {
    /// As small as a window gets; it never exceeds `most`.
    #[must_use]
    pub fn new(most: u64) -> Self {
        Self {
            bytes: OUTPUT_WINDOW_BYTES,
            most: most.max(OUTPUT_WINDOW_BYTES),
            marks: VecDeque::new(),
            shortest: None,
            epoch: None,
            last_sent: None,
        }
    }

    /// How many bytes may be unacknowledged.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Output before `end` was sent; `limited`: there was more, and the window held it back.
    pub fn sent(&mut self, end: u64, limited: bool, now: Instant) {
        if self.last_sent.is_some_and(|last| now.saturating_duration_since(last) >= REST) {
            *self = Self::new(self.most);
        }
        self.last_sent = Some(now);
        if self.marks.len() < MAX_MARKS {
            self.marks.push_back((end, now));
        }
        if let Some(epoch) = &mut self.epoch {
            epoch.limited |= limited;
        }
    }

    /// The browser consumed the output before `offset`.
    pub fn acknowledged(&mut self, offset: u64, now: Instant) {
        let mut newest = None;
        while let Some((_, sent_at)) = self.marks.pop_front_if(|(end, _)| *end <= offset) {
            newest = Some(sent_at);
        }
        if let Some(sent_at) = newest {
            self.measured(now.saturating_duration_since(sent_at), now);
        }
        let Some((round_trip, _)) = self.shortest else { return };
        let epoch = *self.epoch.get_or_insert(Epoch { begun: now, acknowledged: offset, limited: false });
        let elapsed = now.saturating_duration_since(epoch.begun);
        if elapsed < round_trip.max(SHORTEST_EPOCH) {
            return;
        }
        if epoch.limited {
            let rate = offset.saturating_sub(epoch.acknowledged) as f64 / elapsed.as_secs_f64();
            let wanted = (2.0 * rate * round_trip.as_secs_f64()) as u64;
            self.bytes = wanted.min(2 * self.bytes).clamp(self.bytes, self.most);
        }
        self.epoch = Some(Epoch { begun: now, acknowledged: offset, limited: false });
    }

    fn measured(&mut self, round_trip: Duration, now: Instant) {
        let stale = |at| now.saturating_duration_since(at) >= ROUND_TRIP_MEMORY;
        match self.shortest {
            Some((shortest, at)) if shortest <= round_trip && !stale(at) => {}
            _ => self.shortest = Some((round_trip, now)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: u64 = 4 * 1024 * 1024;

    /// A flood over a line of that round trip that takes at most so many bytes a second: the window after two seconds.
    fn flood(round_trip: Duration, bytes_per_s: u64) -> u64 {
        let (mut window, start) = (Window::new(MOST), Instant::now());
        let (mut now, mut sent, mut acknowledged) = (start, 0, 0);
        let mut line_free = start;
        let mut under_way = VecDeque::new();
        while now < start + Duration::from_secs(2) {
            while sent - acknowledged + 49_152 <= window.bytes() {
                sent += 49_152;
                // The line serializes, then the acknowledgement takes a round trip.
                line_free = line_free.max(now) + Duration::from_secs_f64(49_152.0 / bytes_per_s as f64);
                under_way.push_back((sent, line_free + round_trip));
                window.sent(sent, sent - acknowledged + 49_152 > window.bytes(), now);
            }
            let Some((offset, at)) = under_way.pop_front() else { break };
            now = at;
            acknowledged = offset;
            window.acknowledged(offset, now);
        }
        window.bytes()
    }

    #[test]
    fn a_long_fast_line_is_filled_and_a_short_one_keeps_the_small_window() {
        assert_eq!(flood(Duration::from_micros(300), 60_000_000), OUTPUT_WINDOW_BYTES);
        // 40 ms at 30 MB/s: 1.2 MB are under way.
        let long = flood(Duration::from_millis(40), 30_000_000);
        assert!((1_200_000..=MOST).contains(&long), "{long}");
        assert_eq!(flood(Duration::from_millis(200), 1_000_000_000), MOST);
        // A slow line: what is under way is less than the smallest window.
        assert_eq!(flood(Duration::from_millis(40), 1_000_000), OUTPUT_WINDOW_BYTES);
    }

    #[test]
    fn a_rest_forgets_everything() {
        let (mut window, start) = (Window::new(MOST), Instant::now());
        window.bytes = MOST;
        window.sent(10, false, start);
        window.acknowledged(10, start + Duration::from_millis(40));
        assert_eq!(window.bytes(), MOST);
        window.sent(20, false, start + Duration::from_secs(6));
        assert_eq!(window.bytes(), OUTPUT_WINDOW_BYTES);
    }

    #[test]
    fn typing_never_grows_it() {
        let (mut window, mut now) = (Window::new(MOST), Instant::now());
        for offset in 1..1000 {
            window.sent(offset, false, now);
            now += Duration::from_millis(40);
            window.acknowledged(offset, now);
        }
        assert_eq!(window.bytes(), OUTPUT_WINDOW_BYTES);
    }
}
