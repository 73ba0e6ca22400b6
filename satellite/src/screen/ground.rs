//! Where a stream may be cut: the parser's ground state (ECMA-48 sequences, as xterm reads them).
//!
//! It finds boundaries and understands nothing.

/// Where in a sequence the stream is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Between sequences and characters.
    #[default]
    Ground,
    /// Within a UTF-8 character: so many bytes are missing.
    Character(u8),
    /// After the first byte of a C1 control written in UTF-8.
    C1,
    /// After ESC.
    Escape,
    /// After ESC and an intermediate byte.
    Intermediate,
    /// Within CSI.
    Csi,
    /// Within OSC, DCS, SOS, PM or APC.
    String,
    /// Within such a string, after ESC.
    StringEscape,
}

/// Follows a stream.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scanner {
    state: State,
}

impl Scanner {
    pub(super) fn is_ground(self) -> bool {
        self.state == State::Ground
    }

    /// Reads `bytes`; how many of them lie before the last ground state.
    pub(super) fn last_ground(&mut self, bytes: &[u8]) -> usize {
        let mut ground = 0;
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if self.state == State::Ground && byte.is_ascii() && *byte != 0x1b {
                // The common case: a run of plain bytes.
                let rest = bytes.get(at..).unwrap_or_default();
                let run = rest.iter().position(|byte| !byte.is_ascii() || *byte == 0x1b);
                at += run.unwrap_or(rest.len());
                ground = at;
                continue;
            }
            self.state = self.state.after(*byte);
            at += 1;
            if self.state == State::Ground {
                ground = at;
            }
        }
        ground
    }
}

impl State {
    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            // ESC begins anew, everywhere but in a string; CAN and SUB abort.
            (Self::String | Self::StringEscape, 0x1b) => Self::StringEscape,
            (_, 0x1b) => Self::Escape,
            (_, 0x18 | 0x1a) => Self::Ground,
            (Self::Ground, 0xc2) => Self::C1,
            (Self::Ground, 0xc3..=0xdf) => Self::Character(1),
            (Self::Ground, 0xe0..=0xef) => Self::Character(2),
            (Self::Ground, 0xf0..=0xf4) => Self::Character(3),
            (Self::Ground, _) => Self::Ground,
            (Self::C1, 0x9b) => Self::Csi,
            (Self::C1, 0x90 | 0x98 | 0x9d..=0x9f) => Self::String,
            (Self::C1, _) => Self::Ground,
            (Self::Character(missing), 0x80..=0xbf) if missing > 1 => Self::Character(missing - 1),
            (Self::Character(_), 0x80..=0xbf) => Self::Ground,
            // Not a character after all: this byte stands for itself.
            (Self::Character(_), byte) => Self::Ground.after(byte),
            (Self::Escape, b'[') => Self::Csi,
            (Self::Escape, b']' | b'P' | b'X' | b'^' | b'_') => Self::String,
            (Self::Escape | Self::Intermediate, 0x20..=0x2f) => Self::Intermediate,
            // Other controls within a sequence act at once and do not end it.
            (Self::Escape | Self::Intermediate | Self::Csi, 0x00..=0x1f | 0x7f) => self,
            (Self::Escape | Self::Intermediate, _) => Self::Ground,
            (Self::Csi, 0x40..=0x7e) => Self::Ground,
            (Self::Csi, _) => Self::Csi,
            (Self::String, 0x07) => Self::Ground,
            (Self::String, _) => Self::String,
            (Self::StringEscape, b'\\') => Self::Ground,
            (Self::StringEscape, byte) => Self::Escape.after(byte),
        }
    }
}

/// The length of `bytes` without a character that is cut at the end.
pub(super) fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Ok(_) => bytes.len(),
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => {
            let tail = bytes.iter().rev().take(3).position(|byte| *byte >= 0xc0);
            tail.map_or(bytes.len(), |from_end| bytes.len() - from_end - 1)
        }
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
}
