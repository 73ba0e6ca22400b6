//! Input offsets: every typed byte exactly once, whoever resends what.
//!
//! Input that overlaps what was taken is trimmed, a gap is refused. Acknowledging is the caller's: only after
//! the bytes were given to the target.

use bytes::Bytes;

/// Bytes between what was taken and the offered piece are missing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("input at offset {offset} leaves a gap: expected at most {expected}")]
pub struct InputGap {
    /// Where the piece begins.
    pub offset: u64,
    /// Where it had to begin at the latest.
    pub expected: u64,
}

/// The input stream of one session.
#[derive(Debug, Default)]
pub struct InputStream {
    taken: u64,
    given: u64,
}

impl InputStream {
    /// A stream at offset 0.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what is new of `bytes` at `offset`; empty if all of it was taken before.
    ///
    /// # Errors
    /// [`InputGap`] if bytes before `offset` are missing, or the end is beyond 2^64.
    pub fn take(&mut self, offset: u64, mut bytes: Bytes) -> Result<Bytes, InputGap> {
        let gap = InputGap { offset, expected: self.taken };
        let end = offset.checked_add(bytes.len() as u64).ok_or(InputGap { ..gap })?;
        if offset > self.taken {
            return Err(gap);
        }
        if end <= self.taken {
            return Ok(Bytes::new());
        }
        let fresh = bytes.split_off((self.taken - offset) as usize);
        self.taken = end;
        Ok(fresh)
    }

    /// `count` more of the taken bytes were given to the target; the offset to acknowledge.
    pub fn given(&mut self, count: usize) -> u64 {
        self.given = (self.given + count as u64).min(self.taken);
        self.given
    }

    /// Everything before this offset was given to the target.
    #[must_use]
    pub const fn acknowledged(&self) -> u64 {
        self.given
    }

    /// Taken, but not given to the target yet.
    #[must_use]
    pub const fn waiting(&self) -> u64 {
        self.taken - self.given
    }

    /// A new attachment resends from what was acknowledged; what was taken stays taken.
    #[must_use]
    pub const fn taken(&self) -> u64 {
        self.taken
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn however_a_client_resends_each_byte_is_taken_once(
            text in prop::collection::vec(any::<u8>(), 1..500),
            sends in prop::collection::vec((any::<prop::sample::Index>(), 1usize..80), 1..60),
        ) {
            let (mut stream, mut got) = (InputStream::new(), Vec::new());
            for (from, len) in sends {
                let from = from.index(text.len());
                let piece = &text[from..(from + len).min(text.len())];
                match stream.take(from as u64, Bytes::copy_from_slice(piece)) {
                    Ok(fresh) => got.extend_from_slice(&fresh),
                    Err(gap) => prop_assert!(gap.offset > got.len() as u64),
                }
            }
            prop_assert_eq!(&got[..], &text[..got.len()]);
        }
    }

    #[test]
    fn an_offset_near_the_end_of_all_numbers_is_a_gap_not_a_panic() {
        let mut stream = InputStream::new();
        assert!(stream.take(u64::MAX, Bytes::from_static(b"ab")).is_err());
    }
}
