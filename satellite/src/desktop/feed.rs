//! What waits for one view: whole instructions at 64-bit offsets, until they were sent.
//!
//! Pure. Bounded by whoever fills it: a view that falls behind gets a new picture instead.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use openpam_proto::guacamole;

use crate::session::output::Output;

/// The instructions that one view was not sent yet.
#[derive(Debug)]
pub struct Feed {
    pieces: VecDeque<Piece>,
    /// What was sent and lasts, until it is known to have been passed on.
    lasting: Lasting,
    tail: u64,
    end: u64,
}

/// Instructions that are of no picture: where each ends, and the instruction. What was not sent ends at `u64::MAX`.
pub type Lasting = VecDeque<(u64, Bytes)>;

#[derive(Debug)]
struct Piece {
    /// Whole instructions, at most a frame; one that lasts is a single one.
    bytes: Bytes,
    lasts: bool,
}

impl Feed {
    /// One that begins at an offset.
    #[must_use]
    pub const fn new(offset: u64) -> Self {
        Self { pieces: VecDeque::new(), lasting: VecDeque::new(), tail: offset, end: offset }
    }

    /// How many bytes wait.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.end - self.tail
    }

    /// Whether nothing waits.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.end == self.tail
    }

    /// Further instructions.
    pub fn push(&mut self, bytes: Bytes) {
        self.put(Piece { bytes, lasts: false });
    }

    /// An instruction that is of no picture.
    pub fn push_lasting(&mut self, bytes: Bytes) {
        self.put(Piece { bytes, lasts: true });
    }

    fn put(&mut self, piece: Piece) {
        self.end += piece.bytes.len() as u64;
        self.pieces.push_back(piece);
    }

    /// Everything before `offset` was passed on.
    pub fn passed_on(&mut self, offset: u64) {
        while self.lasting.front().is_some_and(|(end, _)| *end <= offset) {
            self.lasting.pop_front();
        }
    }

    /// What lasts and is not known to have been passed on.
    #[must_use]
    pub fn rest(self) -> Lasting {
        let waiting = self.pieces.into_iter().filter(|piece| piece.lasts);
        self.lasting.into_iter().chain(waiting.map(|piece| (u64::MAX, piece.bytes))).collect()
    }

    /// Everything before `offset` was sent.
    pub fn sent(&mut self, offset: u64) {
        let mut left = offset.saturating_sub(self.tail).min(self.len()) as usize;
        self.tail += left as u64;
        while left > 0
            && let Some(piece) = self.pieces.front_mut()
        {
            if piece.bytes.len() > left {
                let _ = piece.bytes.split_to(left);
                return;
            }
            left -= piece.bytes.len();
            if let Some(piece) = self.pieces.pop_front()
                && piece.lasts
            {
                self.lasting.push_back((self.tail - left as u64, piece.bytes));
            }
        }
    }

    /// Forgets what waits of the picture: it was never sent.
    pub fn clear(&mut self) {
        self.pieces.retain(|piece| piece.lasts);
        self.end = self.tail + self.pieces.iter().map(|piece| piece.bytes.len() as u64).sum::<u64>();
    }
}

impl Output for Feed {
    fn tail(&self) -> u64 {
        self.tail
    }

    fn end(&self) -> u64 {
        self.end
    }

    /// Whole instructions, and at least one.
    fn copy_from(&self, _: u64, most: usize, out: &mut BytesMut) -> usize {
        for Piece { bytes: piece, .. } in &self.pieces {
            let left = most.saturating_sub(out.len());
            if piece.len() <= left {
                out.extend_from_slice(piece);
                continue;
            }
            // What waits was read as whole instructions before.
            let mut fits = guacamole::whole(piece, left, |_| {}).unwrap_or_default();
            if fits == 0 && out.is_empty() {
                let first = guacamole::Instruction::first(piece).ok().flatten();
                fits = first.map_or(piece.len(), |first| first.text().len());
            }
            out.extend_from_slice(piece.get(..fits).unwrap_or_default());
            break;
        }
        out.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(feed: &mut Feed, most: usize) -> String {
        let mut out = BytesMut::new();
        let count = feed.copy_from(feed.tail, most, &mut out);
        feed.sent(feed.tail + count as u64);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn frames_hold_whole_instructions_and_at_least_one() {
        let mut feed = Feed::new(100);
        feed.push(Bytes::from_static(b"3.nop;4.sync,1.1;"));
        feed.push(Bytes::from_static(b"3.nop;"));
        assert_eq!(take(&mut feed, 1), "3.nop;", "more than may be, rather than nothing");
        assert_eq!(take(&mut feed, 100), "4.sync,1.1;3.nop;");
        assert!(feed.is_empty());
        assert_eq!((feed.tail(), feed.end()), (123, 123));
        feed.push(Bytes::from_static(b"3.nop;4.sync,1.1;"));
        assert_eq!(take(&mut feed, 10), "3.nop;");
        feed.clear();
        assert_eq!((feed.tail(), feed.end()), (129, 129), "what was never sent takes no offsets");
    }

    #[test]
    fn what_lasts_is_kept_until_it_was_passed_on_whatever_becomes_of_the_picture() {
        let mut feed = Feed::new(0);
        feed.push(Bytes::from_static(b"3.nop;"));
        feed.push_lasting(Bytes::from_static(b"3.end,1.1;"));
        feed.push(Bytes::from_static(b"3.nop;"));
        assert_eq!(take(&mut feed, 100), "3.nop;3.end,1.1;3.nop;");
        feed.push(Bytes::from_static(b"3.nop;"));
        feed.push_lasting(Bytes::from_static(b"3.end,1.2;"));
        feed.clear();
        assert_eq!((feed.tail(), feed.end()), (22, 32));
        feed.passed_on(15);
        let rest = [(16, Bytes::from_static(b"3.end,1.1;")), (u64::MAX, Bytes::from_static(b"3.end,1.2;"))];
        assert_eq!(feed.rest(), rest);
        let mut feed = Feed::new(0);
        feed.push_lasting(Bytes::from_static(b"3.end,1.1;"));
        assert_eq!(take(&mut feed, 100), "3.end,1.1;");
        feed.passed_on(10);
        assert!(feed.rest().is_empty());
    }
}
