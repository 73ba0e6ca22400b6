//! Where a stream may be cut: between characters, where the parser is in its ground state.
//!
//! It finds boundaries and understands nothing.

use super::decoder::Decoder;
use super::scan;
use super::state::State;

/// Follows a stream.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scanner {
    decoder: Decoder,
    state: State,
}

impl Scanner {
    pub(super) fn is_ground(self) -> bool {
        self.state == State::Ground && self.decoder.is_between_characters()
    }

    /// Reads `bytes`; how many of them lie before the last place where it may be cut.
    pub(super) fn last_ground(&mut self, bytes: &[u8]) -> usize {
        let mut ground = 0;
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if self.is_ground() && byte.is_ascii() && *byte != 0x1b {
                // The common case: a run of plain bytes.
                let rest = bytes.get(at..).unwrap_or_default();
                let run = scan::first(rest, |byte| (byte >= 0x80) | (byte == 0x1b));
                at += run.unwrap_or(rest.len());
                ground = at;
                continue;
            }
            if let Some(char) = self.decoder.read(*byte) {
                self.state = self.state.on(char).1;
            }
            at += 1;
            if self.is_ground() {
                ground = at;
            }
        }
        ground
    }

    /// Where a string that does not end may be cut: how many of `bytes` lie before a character that is cut at their
    /// end; 0 if no string is under way there.
    pub(super) fn last_in_string(mut self, bytes: &[u8]) -> usize {
        let mut cut = 0;
        for (at, byte) in bytes.iter().enumerate() {
            if let Some(char) = self.decoder.read(*byte) {
                self.state = self.state.on(char).1;
            }
            if self.state.is_string() && self.decoder.is_between_characters() {
                cut = at + 1;
            }
        }
        cut
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_fall_between_sequences_and_characters() {
        let ground = |text: &[u8]| Scanner::default().last_ground(text);
        assert_eq!(ground(b"abc"), 3);
        assert_eq!(ground(b"abc\x1b[3"), 3);
        assert_eq!(ground(b"abc\x1b[31m"), 8);
        assert_eq!(ground("ab\u{6f22}".as_bytes()), 5);
        assert_eq!(ground(&"ab\u{6f22}".as_bytes()[..4]), 2);
        assert_eq!(ground(b"a\x1b]0;title"), 1);
        assert_eq!(ground(b"a\x1b]0;title\x07"), 11);
        assert_eq!(ground(b"a\x1bP1$r\x1b\\"), 8);
        assert_eq!(ground(b"a\x1b(0"), 4);
        assert_eq!(ground(b"a\x1b("), 1);
    }

    #[test]
    fn a_bell_ends_an_osc_and_no_other_string() {
        let ground = |text: &[u8]| Scanner::default().last_ground(text);
        assert_eq!(ground(b"a\x1b]0;t\x07b"), 8);
        assert_eq!(ground(b"a\x1bPq\x07bell within"), 1);
        assert_eq!(ground(b"a\x1b_x\x07y"), 1);
        assert_eq!(ground("a\x1b]0;t\u{9c}b".as_bytes()), 9);
    }
}
