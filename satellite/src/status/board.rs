//! Where the uplinks write how their lines are, and whether the site is alone: it is while no tunnel to any hub stands, and
//! while the policy that a hub has does not get here.

use openpam_proto::snapshot::PolicyVersion;
use tokio::sync::watch;

use super::{Line, Trouble};
use crate::hubs::Aim;

/// A policy that a hub has while its site follows it comes this soon, or the site counts as alone.
const ON_ITS_WAY_MS: i64 = 30_000;

/// Where the uplinks write. Clones are cheap and mean the same one.
#[derive(Clone, Debug)]
pub struct LineBoard(watch::Sender<Lines>);

/// What the board says.
#[derive(Clone, Debug)]
pub struct Lines {
    rows: Vec<Row>,
    /// Since when the best one is up, or all are down: milliseconds since 1970 UTC.
    since_ms: i64,
    /// Since when the site has been without any hub.
    away_since_ms: Option<i64>,
    /// Since when the site has waited for the policy that a hub has.
    waits_since_ms: Option<i64>,
}

#[derive(Clone, Debug)]
struct Row {
    aim: Aim,
    line: Line,
    /// The policy that the hub has: it is there for the site from this one on.
    awaited: Option<PolicyVersion>,
    /// Whether the site held that since.
    settled: bool,
}

impl Lines {
    /// Whether a tunnel to any hub stands.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.up().next().is_some()
    }

    fn up(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.line.up)
    }

    /// The policy that the hubs have.
    fn awaited(&self) -> Option<PolicyVersion> {
        self.up().filter_map(|row| row.awaited).max()
    }

    fn alone_since_ms(&self, now_ms: i64) -> Option<i64> {
        let waits_in_vain = |since_ms: &i64| now_ms.saturating_sub(*since_ms) >= ON_ITS_WAY_MS;
        self.away_since_ms.or(self.waits_since_ms.filter(waits_in_vain))
    }

    /// The one that has been up for longest, else one that is down.
    fn best(&self) -> Line {
        let up = self.up().min_by_key(|row| row.line.since_ms);
        // What the configured addresses say of it is what people know.
        let down = || self.rows.iter().min_by_key(|row| row.aim != Aim::Any);
        let away_since_ms = self.away_since_ms;
        match up.or_else(down) {
            Some(Row { line, .. }) if line.up => Line { away_since_ms, ..line.clone() },
            Some(Row { line, .. }) => Line { away_since_ms, since_ms: self.since_ms, ..line.clone() },
            None => Line { away_since_ms, since_ms: self.since_ms, ..Line::default() },
        }
    }

    /// Every hub that stands has the policy here that it had: the site is not alone any more. Returns since when it was.
    fn settle(&mut self, now_ms: i64) -> Option<i64> {
        if !self.is_up() || self.up().any(|row| !row.settled) {
            return None;
        }
        let since_ms = self.alone_since_ms(now_ms);
        (self.away_since_ms, self.waits_since_ms) = (None, None);
        since_ms
    }

    fn put(&mut self, row: Row) {
        self.rows.retain(|other| other.aim != row.aim);
        self.rows.push(row);
    }

    fn row(&self, aim: Aim) -> Option<&Row> {
        self.rows.iter().find(|row| row.aim == aim)
    }

    /// A line is not up any more, or was not. Returns since when it is down.
    fn drop_up(&mut self, aim: Aim, now_ms: i64) -> i64 {
        let before = self.row(aim).map(|row| (row.line.up, row.line.since_ms));
        let was_up = self.is_up();
        self.rows.retain(|row| row.aim != aim);
        if was_up && !self.is_up() {
            self.since_ms = now_ms;
        }
        if !self.is_up() {
            self.away_since_ms = self.away_since_ms.or(self.waits_since_ms).or(Some(now_ms));
            self.waits_since_ms = None;
        }
        match before {
            Some((false, since_ms)) => since_ms,
            Some((true, _)) => now_ms,
            // Never up: for as long as there was none.
            None if self.is_up() => now_ms,
            None => self.since_ms,
        }
    }
}

impl LineBoard {
    /// Down since `now_ms`.
    #[must_use]
    pub fn new(now_ms: i64) -> Self {
        Self(watch::Sender::new(Lines {
            rows: Vec::new(),
            since_ms: now_ms,
            away_since_ms: Some(now_ms),
            waits_since_ms: None,
        }))
    }

    /// The best line.
    #[must_use]
    pub fn read(&self) -> Line {
        self.0.borrow().best()
    }

    /// Every line, in the order of the hubs' ids.
    #[must_use]
    pub fn read_all(&self) -> Vec<Line> {
        let lines = self.0.borrow();
        let mut all: Vec<_> = lines.rows.iter().map(|row| row.line.clone()).collect();
        // One that nobody knows whose it is says nothing beside others.
        if all.iter().any(|line| line.hub_id.is_some()) {
            all.retain(|line| line.hub_id.is_some());
        }
        all.iter_mut().for_each(|line| line.away_since_ms = lines.away_since_ms);
        all.sort_by(|one, other| one.hub_id.cmp(&other.hub_id));
        all
    }

    /// Changes whenever it says something else.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Lines> {
        self.0.subscribe()
    }

    /// Since when a site that holds this policy has been without any hub: milliseconds since 1970 UTC; `None`: it is not.
    ///
    /// A hub whose policy does not get here is as good as none: whoever holds it up would let old rights go on for ever.
    #[must_use]
    pub fn away_since_ms(&self, held: Option<PolicyVersion>, now_ms: i64) -> Option<i64> {
        let lines = self.0.borrow();
        lines.alone_since_ms(now_ms).filter(|_| !lines.is_up() || held < lines.awaited())
    }

    /// A tunnel stands to a hub that has that policy; whether the site follows it already is for [`Self::back`] to say.
    pub fn up(
        &self,
        aim: Aim,
        now_ms: i64,
        transport: &str,
        note: Option<String>,
        hub_id: String,
        awaited: Option<PolicyVersion>,
    ) {
        self.0.send_modify(|lines| {
            if !lines.is_up() {
                lines.since_ms = now_ms;
            }
            let line = Line {
                up: true,
                transport: Some(transport.to_owned()),
                note,
                since_ms: now_ms,
                hub_id: Some(hub_id),
                error: None,
                away_since_ms: None,
            };
            lines.put(Row { aim, line, awaited, settled: false });
            lines.waits_since_ms = lines.waits_since_ms.or(Some(now_ms));
        });
    }

    /// The site holds what that hub has. Returns since when it had been without any, if it is not any more.
    pub fn back(&self, aim: Aim, now_ms: i64) -> Option<i64> {
        let mut since_ms = None;
        self.0.send_if_modified(|lines| {
            lines.rows.iter_mut().filter(|row| row.aim == aim).for_each(|row| row.settled = true);
            since_ms = lines.settle(now_ms);
            since_ms.is_some()
        });
        since_ms
    }

    /// There is none, because of that. Returns as [`Self::back`] does: a hub that the site waited for may be gone.
    pub fn down(&self, aim: Aim, now_ms: i64, code: &str, message: String) -> Option<i64> {
        let mut settled = None;
        self.0.send_modify(|lines| {
            let since_ms = lines.drop_up(aim, now_ms);
            let hub_id = match aim {
                Aim::Any => None,
                Aim::Hub(hub_id) => Some(hub_id.to_string()),
            };
            let error = Some(Trouble { code: code.to_owned(), message });
            let line = Line { since_ms, hub_id, error, ..Line::default() };
            lines.put(Row { aim, line, awaited: None, settled: false });
            settled = lines.settle(now_ms);
        });
        settled
    }

    /// There is none, and none is missing. Returns as [`Self::down`].
    pub fn stand_by(&self, aim: Aim, now_ms: i64) -> Option<i64> {
        let mut settled = None;
        self.0.send_if_modified(|lines| {
            let was_there = lines.row(aim).is_some();
            if was_there {
                lines.drop_up(aim, now_ms);
                settled = lines.settle(now_ms);
            }
            was_there
        });
        settled
    }
}

#[cfg(test)]
mod tests {
    use openpam_ids::HubId;

    use super::*;

    fn version(version: u64) -> Option<PolicyVersion> {
        Some(PolicyVersion { epoch: 1, version })
    }

    fn up(board: &LineBoard, now_ms: i64, awaited: Option<PolicyVersion>) {
        board.up(Aim::Any, now_ms, "quic", None, "hub".to_owned(), awaited);
    }

    #[test]
    fn a_hub_whose_policy_does_not_come_is_as_good_as_none() {
        let board = LineBoard::new(100);
        for now_ms in [200, 300, 400] {
            up(&board, now_ms, version(8));
            assert_eq!((board.read().up, board.away_since_ms(version(7), now_ms)), (true, Some(100)));
            assert_eq!(board.away_since_ms(None, now_ms), Some(100));
            assert_eq!(board.away_since_ms(version(8), now_ms), None, "it is here");
            board.down(Aim::Any, now_ms + 50, "link_lost", String::new());
            assert_eq!(board.away_since_ms(version(7), now_ms), Some(100));
        }
        up(&board, 500, version(8));
        assert_eq!((board.back(Aim::Any, 500), board.back(Aim::Any, 500)), (Some(100), None));
        assert_eq!(board.away_since_ms(version(8), 500), None);
    }

    #[test]
    fn a_policy_may_be_on_its_way_while_another_tunnel_takes_over_but_not_for_long() {
        let board = LineBoard::new(100);
        up(&board, 100, version(8));
        assert_eq!(board.back(Aim::Any, 100), Some(100));
        for now_ms in [600, 700, 20_000] {
            up(&board, now_ms, version(9));
            assert_eq!(board.away_since_ms(version(8), now_ms), None);
        }
        assert_eq!(board.away_since_ms(version(8), 600 + ON_ITS_WAY_MS), Some(600));
        assert_eq!(board.away_since_ms(version(9), 600 + ON_ITS_WAY_MS), None);
        board.down(Aim::Any, 21_000, "link_lost", String::new());
        assert_eq!(
            (board.away_since_ms(version(8), 21_000), board.back(Aim::Any, 21_000)),
            (Some(600), None)
        );
    }

    #[test]
    fn a_hub_without_a_policy_is_there_at_once() {
        let board = LineBoard::new(100);
        up(&board, 200, None);
        assert_eq!(board.away_since_ms(None, 200), None);
        assert_eq!(board.back(Aim::Any, 200), Some(100));
        board.down(Aim::Any, 300, "link_lost", String::new());
        assert_eq!(board.away_since_ms(version(1), 300), Some(300));
    }

    #[test]
    fn the_site_is_alone_only_while_no_hub_is_there() {
        let board = LineBoard::new(100);
        let hubs = [Aim::Any, Aim::Hub(HubId::generate())];
        for (at_ms, aim) in [(200, hubs[0]), (300, hubs[1])] {
            board.up(aim, at_ms, "quic", None, format!("{aim:?}"), version(8));
        }
        assert_eq!((board.back(hubs[0], 400), board.back(hubs[1], 400)), (None, Some(100)));
        assert_eq!(board.down(hubs[0], 500, "link_lost", String::new()), None);
        assert_eq!((board.read().up, board.read().since_ms), (true, 300));
        assert_eq!(board.away_since_ms(version(7), 90_000), None);
        assert_eq!(board.read_all().len(), 1, "nobody knows whose the lost line will be");
        assert_eq!(board.down(hubs[1], 600, "link_lost", String::new()), None);
        assert_eq!((board.read().up, board.read().since_ms), (false, 600));
        assert_eq!(board.away_since_ms(version(8), 700), Some(600));
        assert_eq!(board.read_all().len(), 1);
        board.up(hubs[1], 800, "tcp", None, "hub".to_owned(), version(8));
        assert_eq!(board.back(hubs[1], 800), Some(600));
        assert!(board.watch().borrow().is_up());
    }

    #[test]
    fn a_hub_with_a_newer_policy_that_went_again_is_not_waited_for() {
        let board = LineBoard::new(100);
        let hubs = [HubId::generate(), HubId::generate()].map(Aim::Hub);
        board.up(hubs[0], 200, "quic", None, "one".to_owned(), version(8));
        assert_eq!(board.back(hubs[0], 200), Some(100));
        board.up(hubs[1], 300, "quic", None, "other".to_owned(), version(9));
        assert_eq!(board.away_since_ms(version(8), 300 + ON_ITS_WAY_MS), Some(300));
        assert_eq!(board.down(hubs[1], 40_000, "link_lost", String::new()), Some(300));
        assert_eq!(board.away_since_ms(version(8), 90_000), None);
        let all: Vec<_> = board.read_all().iter().map(|line| line.up).collect();
        assert_eq!(all.len(), 2);
        assert_eq!(board.stand_by(hubs[1], 50_000), None);
        assert_eq!(board.read_all().len(), 1);
    }
}
