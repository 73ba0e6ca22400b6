//! One direction of the wire: which packets get through, and when. No interface, no clock, no thread.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use super::packet::{Flow, Packet, Protocol};

/// What waits longer than this for a slow line is dropped at its tail, as a router does.
const LONGEST_QUEUE: Duration = Duration::from_millis(100);

/// How a line treats packets, the same both ways.
#[derive(Clone, Debug, Default)]
pub(crate) struct Manners {
    /// One way; no packet overtakes another.
    pub(crate) delay: Duration,
    /// The share lost, each way.
    pub(crate) loss: f64,
    /// Each way; `None`: as fast as we are.
    pub(crate) rate_kbit_s: Option<u32>,
    /// Larger packets vanish, and nobody is told.
    pub(crate) largest_bytes: Option<usize>,
    /// Everything vanishes, also what is on its way.
    pub(crate) down: bool,
    /// UDP vanishes.
    pub(crate) udp_blocked: bool,
    /// TCP vanishes.
    pub(crate) tcp_blocked: bool,
    /// Only TCP to and from this port gets through.
    pub(crate) only_tcp_port: Option<u16>,
}

impl Manners {
    fn refuse(&self, packet: &Packet) -> bool {
        match packet.protocol {
            Protocol::Udp => self.udp_blocked || self.only_tcp_port.is_some(),
            Protocol::Tcp => {
                let ports = [packet.flow.from.1, packet.flow.to.1];
                self.tcp_blocked || self.only_tcp_port.is_some_and(|port| !ports.contains(&port))
            }
            Protocol::Other => self.only_tcp_port.is_some(),
        }
    }
}

/// The packets on their way in one direction.
pub(crate) struct Crossing {
    manners: Manners,
    /// In the order in which they leave.
    on_the_way: VecDeque<(Instant, Vec<u8>)>,
    /// When the last byte so far is through a slow line.
    busy_until: Option<Instant>,
    /// The connections opened since all were forgotten; `None` if they never were.
    known: Option<HashSet<Flow>>,
    random: u64,
}

impl Crossing {
    /// `seed` decides, with the order of packets, which are lost.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            manners: Manners::default(),
            on_the_way: VecDeque::new(),
            busy_until: None,
            known: None,
            random: seed | 1,
        }
    }

    pub(crate) fn set(&mut self, manners: Manners) {
        if manners.down {
            self.on_the_way.clear();
        }
        self.manners = manners;
    }

    pub(crate) fn forget_connections(&mut self) {
        self.known = Some(HashSet::new());
    }

    /// A packet comes to the wire.
    pub(crate) fn enter(&mut self, bytes: &[u8], now: Instant) {
        if self.manners.down || self.manners.largest_bytes.is_some_and(|most| bytes.len() > most) {
            return;
        }
        let Some(packet) = Packet::read(bytes).filter(|packet| !self.manners.refuse(packet)) else { return };
        if !self.is_known(&packet) || self.is_lost() {
            return;
        }
        let Some(through) = self.through(bytes.len(), now) else { return };
        let last = self.on_the_way.back().map_or(now, |(leaves, _)| *leaves);
        self.on_the_way.push_back(((through + self.manners.delay).max(last), bytes.to_vec()));
    }

    /// The next packet that has arrived by `now`.
    pub(crate) fn leave(&mut self, now: Instant) -> Option<Vec<u8>> {
        self.next_leaves().filter(|at| *at <= now)?;
        self.on_the_way.pop_front().map(|(_, bytes)| bytes)
    }

    /// When the next packet arrives.
    pub(crate) fn next_leaves(&self) -> Option<Instant> {
        self.on_the_way.front().map(|(at, _)| *at)
    }

    fn is_known(&mut self, packet: &Packet) -> bool {
        match &mut self.known {
            Some(known) if packet.protocol == Protocol::Tcp => {
                if packet.opens {
                    known.insert(packet.flow);
                }
                known.contains(&packet.flow)
            }
            _ => true,
        }
    }

    /// When the last byte is through; `None` if the queue is full.
    fn through(&mut self, bytes: usize, now: Instant) -> Option<Instant> {
        let Some(rate_kbit_s) = self.manners.rate_kbit_s else { return Some(now) };
        let begins = self.busy_until.map_or(now, |until| until.max(now));
        if begins - now > LONGEST_QUEUE {
            return None;
        }
        let ends = begins + Duration::from_nanos(bytes as u64 * 8_000_000 / u64::from(rate_kbit_s));
        self.busy_until = Some(ends);
        Some(ends)
    }

    /// Xorshift: the same seed loses the same packets.
    fn is_lost(&mut self) -> bool {
        if self.manners.loss <= 0.0 {
            return false;
        }
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        ((self.random >> 11) as f64 / (1u64 << 53) as f64) < self.manners.loss
    }
}
