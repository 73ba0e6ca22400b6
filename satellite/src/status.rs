//! What this satellite says of itself to people: `status` and `doctor`, and the socket in its state folder.
//!
//! The uplink writes the part about the line; the rest is read when somebody asks.

use openpam_ids::SatelliteId;
use openpam_proto::snapshot::PolicyVersion;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// A policy that the hub has while its site follows it comes this soon, or the site counts as alone.
const ON_ITS_WAY_MS: i64 = 30_000;

/// The line to the hub.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Whether a tunnel stands.
    pub up: bool,
    /// `quic` or `tcp`, while one stands.
    pub transport: Option<String>,
    /// Why it does not use QUIC.
    pub note: Option<String>,
    /// Since when it is up or down: milliseconds since 1970 UTC.
    pub since_ms: i64,
    /// The hub instance, while one stands.
    pub hub_id: Option<String>,
    /// What the last attempt failed of; none while it is up.
    pub error: Option<Trouble>,
    /// Since when the site has been without its hub: milliseconds since 1970 UTC. A hub that is there ends it once the site
    /// holds its policy.
    #[serde(default)]
    pub away_since_ms: Option<i64>,
    /// The policy that the hub has: it is there for the site from this one on.
    #[serde(skip)]
    awaited: Option<PolicyVersion>,
    /// Since when the site has waited for that.
    #[serde(skip)]
    waits_since_ms: Option<i64>,
}

impl Line {
    fn alone_since_ms(&self, now_ms: i64) -> Option<i64> {
        let waits_in_vain = |since_ms: &i64| now_ms.saturating_sub(*since_ms) >= ON_ITS_WAY_MS;
        self.away_since_ms.or(self.waits_since_ms.filter(waits_in_vain))
    }
}

/// Why there is no tunnel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Stable code.
    pub code: String,
    /// For people.
    pub message: String,
}

/// Everything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The program's version.
    pub version: String,
    /// Who this is.
    pub satellite_id: SatelliteId,
    /// Its zone's name.
    pub zone: String,
    /// Where its hub is.
    pub addresses: Vec<String>,
    /// Since when the program runs: milliseconds since 1970 UTC.
    pub running_since_ms: i64,
    /// The line.
    pub line: Line,
    /// When its certificate runs out: milliseconds since 1970 UTC.
    pub certificate_expires_ms: i64,
    /// When it is renewed.
    pub certificate_renewal_ms: i64,
    /// Which renewal it is of.
    pub certificate_generation: u64,
    /// `sound`, `unknown` or `jumped`.
    pub clock: String,
    /// How far the machine's clock is ahead of the time that counts, in milliseconds.
    pub clock_skew_ms: i64,
    /// Living sessions.
    pub sessions: usize,
    /// As many there may be.
    pub max_sessions: usize,
    /// Whether new sessions are refused because the program is about to stop.
    pub draining: bool,
    /// Audit events that wait for the hub.
    pub events_waiting: u64,
    /// Recorded bytes that wait for the hub.
    pub spool_bytes: u64,
    /// Free space of the disk.
    pub disk_free_bytes: Option<u64>,
    /// Its size.
    pub disk_bytes: Option<u64>,
    /// The disk is so full that new sessions are refused.
    pub disk_full: bool,
    /// As many recordings wait for the hub as may: new sessions are refused.
    #[serde(default)]
    pub spool_full: bool,
    /// By what the site decides; none: it opens no session.
    #[serde(default)]
    pub policy: Option<PolicyStatus>,
    /// Why the hub's newest policy was refused.
    #[serde(default)]
    pub policy_refused: Option<String>,
}

/// The policy that a site decides by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyStatus {
    /// Which.
    pub version: u64,
    /// Raised when the hub is restored from a backup.
    pub epoch: u64,
    /// When the hub issued it: milliseconds since 1970 UTC.
    pub issued_ms: i64,
    /// While there is no hub: until when it lets sessions open, in milliseconds since 1970 UTC.
    pub opens_until_ms: Option<i64>,
}

/// Where the uplink writes.
#[derive(Clone, Debug)]
pub struct LineBoard(watch::Sender<Line>);

impl LineBoard {
    /// Down since `now_ms`.
    #[must_use]
    pub fn new(now_ms: i64) -> Self {
        Self(watch::Sender::new(Line { since_ms: now_ms, away_since_ms: Some(now_ms), ..Line::default() }))
    }

    /// What it says now.
    #[must_use]
    pub fn read(&self) -> Line {
        self.0.borrow().clone()
    }

    /// Changes whenever it says something else.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Line> {
        self.0.subscribe()
    }

    /// Since when a site that holds this policy has been without its hub: milliseconds since 1970 UTC; `None`: it is not.
    ///
    /// A hub whose policy does not get here is as good as none: whoever holds it up would let old rights go on for ever.
    #[must_use]
    pub fn away_since_ms(&self, held: Option<PolicyVersion>, now_ms: i64) -> Option<i64> {
        let line = self.0.borrow();
        line.alone_since_ms(now_ms).filter(|_| !line.up || held < line.awaited)
    }

    /// A tunnel stands to a hub that has that policy; whether the site follows it already is for [`Self::back`] to say.
    pub fn up(
        &self,
        now_ms: i64,
        transport: &str,
        note: Option<String>,
        hub_id: String,
        awaited: Option<PolicyVersion>,
    ) {
        self.0.send_modify(|line| {
            *line = Line {
                up: true,
                transport: Some(transport.to_owned()),
                note,
                since_ms: now_ms,
                hub_id: Some(hub_id),
                error: None,
                away_since_ms: line.away_since_ms,
                awaited,
                waits_since_ms: line.waits_since_ms.or(Some(now_ms)),
            };
        });
    }

    /// The site holds what the hub has. Returns since when it had been without.
    pub fn back(&self, now_ms: i64) -> Option<i64> {
        let mut since_ms = None;
        self.0.send_if_modified(|line| {
            since_ms = line.alone_since_ms(now_ms).filter(|_| line.up);
            if line.up {
                (line.away_since_ms, line.waits_since_ms) = (None, None);
            }
            since_ms.is_some()
        });
        since_ms
    }

    /// There is none, because of that.
    pub fn down(&self, now_ms: i64, code: &str, message: String) {
        self.0.send_modify(|line| {
            let since_ms = if line.up { now_ms } else { line.since_ms };
            let away_since_ms = line.away_since_ms.or(line.waits_since_ms).or(Some(now_ms));
            let error = Some(Trouble { code: code.to_owned(), message });
            *line = Line { since_ms, error, away_since_ms, ..Line::default() };
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(version: u64) -> Option<PolicyVersion> {
        Some(PolicyVersion { epoch: 1, version })
    }

    fn up(board: &LineBoard, now_ms: i64, awaited: Option<PolicyVersion>) {
        board.up(now_ms, "quic", None, "hub".to_owned(), awaited);
    }

    #[test]
    fn a_hub_whose_policy_does_not_come_is_as_good_as_none() {
        let board = LineBoard::new(100);
        for now_ms in [200, 300, 400] {
            up(&board, now_ms, version(8));
            assert_eq!((board.read().up, board.away_since_ms(version(7), now_ms)), (true, Some(100)));
            assert_eq!(board.away_since_ms(None, now_ms), Some(100));
            assert_eq!(board.away_since_ms(version(8), now_ms), None, "it is here");
            board.down(now_ms + 50, "link_lost", String::new());
            assert_eq!(board.away_since_ms(version(7), now_ms), Some(100));
        }
        up(&board, 500, version(8));
        assert_eq!((board.back(500), board.back(500)), (Some(100), None));
        assert_eq!(board.away_since_ms(version(8), 500), None);
    }

    #[test]
    fn a_policy_may_be_on_its_way_while_another_tunnel_takes_over_but_not_for_long() {
        let board = LineBoard::new(100);
        up(&board, 100, version(8));
        assert_eq!(board.back(100), Some(100));
        for now_ms in [600, 700, 20_000] {
            up(&board, now_ms, version(9));
            assert_eq!(board.away_since_ms(version(8), now_ms), None);
        }
        assert_eq!(board.away_since_ms(version(8), 600 + ON_ITS_WAY_MS), Some(600));
        assert_eq!(board.away_since_ms(version(9), 600 + ON_ITS_WAY_MS), None);
        board.down(21_000, "link_lost", String::new());
        assert_eq!((board.away_since_ms(version(8), 21_000), board.back(21_000)), (Some(600), None));
    }

    #[test]
    fn a_hub_without_a_policy_is_there_at_once() {
        let board = LineBoard::new(100);
        up(&board, 200, None);
        assert_eq!(board.away_since_ms(None, 200), None);
        assert_eq!(board.back(200), Some(100));
        board.down(300, "link_lost", String::new());
        assert_eq!(board.away_since_ms(version(1), 300), Some(300));
    }
}
