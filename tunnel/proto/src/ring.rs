//! The ring: a session's recent output, addressed by 64-bit offsets.
//!
//! It appends at the end and gives up bytes at the tail only when told to, so nothing leaves unseen. Segments are
//! shared ([`Bytes`]); small ones are gathered, so that a keystroke's echo does not pin a whole packet.
//! It refuses nothing and bounds nothing: the session reads its target only while [`Ring::unacknowledged`] is small.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// Pieces shorter than this are copied together.
const GATHER_BELOW: usize = 4 * 1024;
/// Size of a gathering block.
const BLOCK: usize = 16 * 1024;

/// Recent output between two offsets.
#[derive(Debug, Default)]
pub struct Ring {
    segments: VecDeque<Bytes>,
    /// The newest bytes, still being gathered; behind all segments.
    gathering: BytesMut,
    tail: u64,
    end: u64,
    acknowledged: u64,
}

impl Ring {
    /// An empty ring at offset 0.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The offset of the oldest byte held.
    #[must_use]
    pub const fn tail(&self) -> u64 {
        self.tail
    }

    /// The offset after the newest byte.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.end
    }

    /// The offset up to which the owner consumed the output.
    #[must_use]
    pub const fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// Bytes the owner has not consumed yet.
    #[must_use]
    pub const fn unacknowledged(&self) -> u64 {
        self.end - self.acknowledged
    }

    /// Bytes held.
    #[must_use]
    pub const fn len(&self) -> usize {
        (self.end - self.tail) as usize
    }

    /// Whether no byte is held.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.end == self.tail
    }

    /// Appends output.
    pub fn append(&mut self, bytes: Bytes) {
        self.end += bytes.len() as u64;
        if bytes.len() < GATHER_BELOW {
            if self.gathering.len() + bytes.len() > BLOCK {
                self.seal_gathering();
            }
            if self.gathering.capacity() == 0 {
                // Grows by doubling up to a block, so that a quiet session stays small.
                self.gathering.reserve(bytes.len().max(256));
            }
            self.gathering.extend_from_slice(&bytes);
        } else {
            self.seal_gathering();
            self.segments.push_back(bytes);
        }
    }

    fn seal_gathering(&mut self) {
        if !self.gathering.is_empty() {
            let block = std::mem::take(&mut self.gathering);
            self.segments.push_back(block.freeze());
        }
    }

    /// The owner consumed everything before `offset`. Offsets never step back; `false` if it is beyond the end.
    #[must_use]
    pub fn acknowledge(&mut self, offset: u64) -> bool {
        if offset > self.end {
            return false;
        }
        self.acknowledged = self.acknowledged.max(offset);
        true
    }

    /// A new owner begins at `offset`, which must lie in the ring: nothing after it counts as consumed any more.
    pub fn begin_at(&mut self, offset: u64) {
        self.acknowledged = offset.clamp(self.tail, self.end);
    }

    /// How many bytes at the tail may leave: acknowledged, and older than the newest `keep`.
    #[must_use]
    pub fn leavable(&self, keep: usize) -> usize {
        let by_age = self.len().saturating_sub(keep);
        let by_ack = self.acknowledged.saturating_sub(self.tail) as usize;
        by_age.min(by_ack)
    }

    /// Copies up to `max` bytes from `offset` on into `out`; how many there were. `offset` must lie in the ring.
    pub fn copy_from(&self, offset: u64, max: usize, out: &mut BytesMut) -> usize {
        let mut skip = offset.saturating_sub(self.tail) as usize;
        let mut left = max;
        for piece in self.segments.iter().map(|segment| &segment[..]).chain([&self.gathering[..]]) {
            if left == 0 {
                break;
            }
            let Some(piece) = piece.get(skip..) else {
                skip -= piece.len();
                continue;
            };
            skip = 0;
            let piece = piece.get(..left).unwrap_or(piece);
            out.extend_from_slice(piece);
            left -= piece.len();
        }
        max - left
    }

    /// Removes `count` bytes from the tail.
    pub fn release(&mut self, count: usize) {
        let mut left = count.min(self.len());
        self.tail += left as u64;
        while left > 0 {
            let Some(segment) = self.segments.front_mut() else {
                let _ = self.gathering.split_to(left);
                return;
            };
            if segment.len() > left {
                let _ = segment.split_to(left);
                return;
            }
            left -= segment.len();
            self.segments.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_ring_gives_back_what_a_plain_vector_would(
            pieces in prop::collection::vec((0usize..9_000, 0usize..6_000), 1..40),
            probe in any::<prop::sample::Index>(),
            max in 1usize..70_000,
        ) {
            let (mut ring, mut all, mut left) = (Ring::new(), Vec::new(), 0usize);
            for (append, release) in pieces {
                let piece: Vec<u8> = (0..append).map(|i| (all.len() + i) as u8).collect();
                all.extend_from_slice(&piece);
                ring.append(Bytes::from(piece));
                let release = release.min(ring.len());
                ring.release(release);
                left += release;
                prop_assert_eq!((ring.tail(), ring.end()), (left as u64, all.len() as u64));
                let offset = left + probe.index(all.len() - left + 1);
                let mut out = BytesMut::new();
                let count = ring.copy_from(offset as u64, max, &mut out);
                prop_assert_eq!(&out[..], &all[offset..(offset + max).min(all.len())]);
                prop_assert_eq!(count, out.len());
            }
        }
    }

    #[test]
    fn only_acknowledged_bytes_older_than_what_is_kept_may_leave() {
        let mut ring = Ring::new();
        ring.append(Bytes::from(vec![0; 100]));
        assert_eq!(ring.leavable(10), 0);
        assert!(ring.acknowledge(50));
        assert_eq!(ring.leavable(10), 50);
        assert!(ring.acknowledge(100));
        assert_eq!(ring.leavable(10), 90);
        assert!(!ring.acknowledge(101));
        assert!(ring.acknowledge(3));
        assert_eq!(ring.acknowledged(), 100);
    }
}
