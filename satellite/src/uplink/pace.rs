//! When to dial, and when to try QUIC again. Pure: times and random numbers come in.
//!
//! A satellite with living sessions looks for a lost hub every quarter of a second for a minute, then every second; an
//! idle one backs off to half a minute with jitter, so that a hub's return is no stampede. So does one whose sessions go on through another
//! hub, after the first minute.

use std::time::Duration;

use openpam_link::backoff::Backoff;
use openpam_link::dial::Hint;
use openpam_link::tunnel::TransportKind;
use tokio::time::Instant;

const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_IDLE_WAIT: Duration = Duration::from_secs(30);
/// With living sessions.
const LIVE_WAIT: Duration = Duration::from_secs(1);
/// So long after a loss attempts follow each other without a wait.
const URGENT: Duration = Duration::from_secs(60);
/// The pause between urgent attempts that fail at once.
pub(super) const URGENT_WAIT: Duration = Duration::from_millis(250);

/// When the next dial is due.
#[derive(Debug)]
pub(super) struct Pace {
    lost_at: Instant,
    backoff: Backoff,
}

impl Pace {
    /// Nothing was lost yet.
    #[must_use]
    pub(super) const fn new(now: Instant) -> Self {
        Self { lost_at: now, backoff: Backoff::new(FIRST_WAIT, LONGEST_IDLE_WAIT) }
    }

    /// A tunnel that the hub had welcomed was lost.
    pub(super) const fn lost(&mut self, now: Instant) {
        self.lost_at = now;
        self.backoff.reset();
    }

    /// What the dialler should know.
    #[must_use]
    pub(super) fn hint(&self, now: Instant, idle: bool, trials: &QuicTrials) -> Hint {
        Hint { urgent: self.is_urgent(now, idle), ..trials.hint() }
    }

    fn is_urgent(&self, now: Instant, idle: bool) -> bool {
        !idle && now.saturating_duration_since(self.lost_at) < URGENT
    }

    /// How long to wait after an attempt that failed; `others`: sessions go on through other tunnels.
    pub(super) fn wait(&mut self, now: Instant, idle: bool, others: bool, random: f64) -> Duration {
        let backed_off = self.backoff.wait(random);
        match idle {
            true => backed_off,
            false if others && !self.is_urgent(now, idle) => backed_off,
            false if self.is_urgent(now, idle) => URGENT_WAIT,
            false => LIVE_WAIT.min(backed_off.max(URGENT_WAIT)),
        }
    }
}

/// How soon after falling back QUIC is tried again.
const FIRST_TRIAL: Duration = Duration::from_secs(5);
const LONGEST_TRIAL: Duration = Duration::from_secs(25);
/// A QUIC tunnel that is lost sooner than this after TCP served was none: a firewall lets handshakes through, not
/// tunnels.
const TOO_SHORT: Duration = Duration::from_secs(60);
/// So many in a row say the same where TCP never served.
const BROKEN: u32 = 3;
/// Then the next trial waits longer, doubling up to this.
const LONGEST_DISTRUST: Duration = Duration::from_secs(15 * 60);

/// What is known of QUIC on this line.
#[derive(Debug)]
pub(super) struct QuicTrials {
    blocked: bool,
    quic_since: Option<Instant>,
    /// QUIC tunnels in a row that broke off soon without the hub's word.
    broken: u32,
    trials: Backoff,
    distrust: Option<Duration>,
}

impl Default for QuicTrials {
    fn default() -> Self {
        Self {
            blocked: false,
            quic_since: None,
            broken: 0,
            trials: Backoff::new(FIRST_TRIAL, LONGEST_TRIAL),
            distrust: None,
        }
    }
}

impl QuicTrials {
    /// What the dialler should know of it.
    #[must_use]
    pub(super) fn hint(&self) -> Hint {
        Hint { urgent: false, udp_blocked: self.blocked, quic_distrusted: self.distrust.is_some() }
    }

    /// A tunnel stands.
    pub(super) const fn dialled(&mut self, transport: TransportKind, now: Instant) {
        match transport {
            TransportKind::Tcp => self.blocked = true,
            TransportKind::Quic | TransportKind::Memory => self.quic_since = Some(now),
        }
        self.trials.reset();
    }

    /// A tunnel is gone; `said`: the hub said why.
    pub(super) fn lost(&mut self, transport: TransportKind, said: bool, now: Instant) {
        let Some(since) = self.quic_since.take() else { return };
        let short = now.saturating_duration_since(since) < TOO_SHORT;
        if transport != TransportKind::Quic || said {
            return;
        }
        self.broken = if short { self.broken + 1 } else { 0 };
        if (self.blocked && short) || self.broken >= BROKEN {
            self.blocked = true;
            let longer = self.distrust.map_or(TOO_SHORT, |distrust| distrust * 2);
            self.distrust = Some(longer.min(LONGEST_DISTRUST));
        } else {
            (self.blocked, self.distrust) = (false, None);
        }
    }

    /// How long to wait before QUIC is tried beside TCP.
    pub(super) fn next_trial(&mut self, random: f64) -> Duration {
        let usual = self.trials.wait(random);
        self.distrust.map_or(usual, |distrust| distrust.max(usual))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn living_sessions_are_looked_after_at_once_and_idle_sites_wait() {
        let lost = Instant::now();
        let mut pace = Pace::new(lost);
        pace.lost(lost);
        assert!(pace.is_urgent(lost + Duration::from_secs(59), false));
        assert!(!pace.is_urgent(lost + Duration::from_secs(61), false));
        assert!(!pace.is_urgent(lost, true));
        assert_eq!(pace.wait(lost, false, false, 1.0), URGENT_WAIT);
        for _ in 0..20 {
            pace.wait(lost, true, false, 1.0);
        }
        assert_eq!(pace.wait(lost, true, false, 1.0), LONGEST_IDLE_WAIT);
        let later = lost + Duration::from_secs(61);
        assert_eq!(pace.wait(later, false, false, 1.0), LIVE_WAIT);
        assert_eq!(pace.wait(later, false, true, 1.0), LONGEST_IDLE_WAIT);
    }

    #[test]
    fn quic_is_tried_within_a_minute_unless_it_failed_right_after_a_trial() {
        let start = Instant::now();
        let mut trials = QuicTrials::default();
        trials.dialled(TransportKind::Tcp, start);
        assert!(trials.hint().udp_blocked);
        for _ in 0..10 {
            assert!(trials.next_trial(1.0) + Duration::from_secs(5) < Duration::from_secs(60));
        }
        trials.dialled(TransportKind::Quic, start);
        trials.lost(TransportKind::Quic, false, start + Duration::from_secs(10));
        assert!(trials.hint().udp_blocked && trials.next_trial(1.0) >= TOO_SHORT);
        assert!(trials.hint().quic_distrusted);
        trials.dialled(TransportKind::Quic, start);
        trials.lost(TransportKind::Quic, false, start + Duration::from_secs(3600));
        assert!(!trials.hint().udp_blocked && !trials.hint().quic_distrusted);
    }

    #[test]
    fn quic_that_breaks_off_three_times_in_a_row_is_distrusted_where_tcp_never_served() {
        let start = Instant::now();
        let mut trials = QuicTrials::default();
        for broken in 1..=3 {
            trials.dialled(TransportKind::Quic, start);
            trials.lost(TransportKind::Quic, false, start + Duration::from_secs(10));
            assert_eq!(trials.hint().quic_distrusted, broken == 3);
        }
        // A hub that says why is no firewall.
        let mut trials = QuicTrials::default();
        for _ in 0..9 {
            trials.dialled(TransportKind::Quic, start);
            trials.lost(TransportKind::Quic, true, start + Duration::from_secs(10));
        }
        assert!(!trials.hint().quic_distrusted);
    }
}
