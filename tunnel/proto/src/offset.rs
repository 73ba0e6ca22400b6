//! Input offsets: every typed byte exactly once, whoever resends what.
//!
//! Input that overlaps what was taken is trimmed, a gap or more than may wait is refused. Acknowledging is the
//! caller's: only after the bytes were given to the target.

use bytes::Bytes;

use crate::limits::INPUT_QUEUE_BYTES;

/// Why a piece of input is refused; nothing of it was taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InputError {
    /// Bytes between what was taken and the offered piece are missing.
    #[error("input at offset {offset} leaves a gap: expected at most {expected}")]
    Gap {
        /// Where the piece begins.
        offset: u64,
        /// Where it had to begin at the latest.
        expected: u64,
    },
    /// The sender did not wait for acknowledgements.
    #[error("more than {INPUT_QUEUE_BYTES} bytes of input are not acknowledged")]
    TooMuch,
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
    /// [`InputError::Gap`] if bytes before `offset` are missing, or the end is beyond 2^64; [`InputError::TooMuch`]
    /// if more than [`INPUT_QUEUE_BYTES`] would wait.
    pub fn take(&mut self, offset: u64, mut bytes: Bytes) -> Result<Bytes, InputError> {
        let gap = InputError::Gap { offset, expected: self.taken };
        let Some(end) = offset.checked_add(bytes.len() as u64).filter(|_| offset <= self.taken) else {
            return Err(gap);
        };
        if end <= self.taken {
            return Ok(Bytes::new());
        }
        if end - self.given > INPUT_QUEUE_BYTES as u64 {
            return Err(InputError::TooMuch);
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

    /// Forgets what was taken and not given: whoever speaks next says it again.
    pub const fn rewind(&mut self) {
        self.taken = self.given;
    }

    /// Everything before this offset was given to the target.
    #[must_use]
    pub const fn acknowledged(&self) -> u64 {
        self.given
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
                    Err(InputError::Gap { offset, .. }) => prop_assert!(offset > got.len() as u64),
                    Err(InputError::TooMuch) => prop_assert!(false, "all of it fits"),
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

    #[test]
    fn a_piece_that_does_not_fit_is_refused_whole_and_fits_after_an_acknowledgement() {
        let mut stream = InputStream::new();
        let full = Bytes::from(vec![b'x'; INPUT_QUEUE_BYTES]);
        assert_eq!(stream.take(0, full.clone()).map(|fresh| fresh.len()), Ok(INPUT_QUEUE_BYTES));
        let next = INPUT_QUEUE_BYTES as u64;
        assert_eq!(stream.take(next, Bytes::from_static(b"y")), Err(InputError::TooMuch));
        assert_eq!(stream.take(0, full), Ok(Bytes::new()), "what was taken may come again");
        stream.given(1);
        assert_eq!(stream.take(next, Bytes::from_static(b"y")), Ok(Bytes::from_static(b"y")));
    }
}
