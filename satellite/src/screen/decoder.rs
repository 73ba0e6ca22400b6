//! UTF-8 to characters. What is no character is dropped, as xterm.js drops it (and a byte order mark with it).

/// A decoder of a stream.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Decoder {
    code: u32,
    /// Bytes of the character so far; 0 between characters.
    length: u8,
    missing: u8,
}

impl Decoder {
    /// Whether no character is cut.
    pub(super) const fn is_between_characters(self) -> bool {
        self.missing == 0
    }

    /// Reads a byte; the character that it ends.
    pub(super) fn read(&mut self, byte: u8) -> Option<char> {
        if self.missing > 0 {
            if byte & 0xc0 == 0x80 {
                self.code = self.code << 6 | u32::from(byte & 0x3f);
                self.missing -= 1;
                return if self.missing == 0 { self.whole() } else { None };
            }
            // Not a character after all: this byte stands for itself.
            self.missing = 0;
        }
        let (length, bits) = match byte {
            0x00..=0x7f => return Some(char::from(byte)),
            0xc0..=0xdf => (2, byte & 0x1f),
            0xe0..=0xef => (3, byte & 0x0f),
            0xf0..=0xf7 => (4, byte & 0x07),
            _ => return None,
        };
        *self = Self { code: u32::from(bits), length, missing: length - 1 };
        None
    }

    fn whole(self) -> Option<char> {
        let smallest = match self.length {
            2 => 0x80,
            3 => 0x800,
            _ => 0x1_0000,
        };
        if self.code < smallest || self.code == 0xfeff {
            return None;
        }
        char::from_u32(self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> String {
        let mut decoder = Decoder::default();
        bytes.iter().filter_map(|byte| decoder.read(*byte)).collect()
    }

    #[test]
    fn characters_come_out_and_nothing_else() {
        assert_eq!(decoded("aß漢👍".as_bytes()), "aß漢👍");
        assert_eq!(decoded(b"\xe6\xbcx\xffy\xc0\x80z\xed\xa0\x80!\xef\xbb\xbf"), "xyz!");
        assert_eq!(decoded(b"\x80\xbf\xf5\x80\x80\x80a"), "a");
    }
}
