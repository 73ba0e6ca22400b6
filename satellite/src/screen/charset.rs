//! Character sets that replace some ASCII characters (ISO 2022, DEC and national), as xterm.js knows them.

/// A set other than plain ASCII, by the final byte of its designation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Charset(u8);

impl Charset {
    /// The set that `ESC (` and this byte choose; `None` for a byte that is no set. Plain ASCII is `Some(None)`.
    pub(super) fn designated(byte: u8) -> Option<Option<Self>> {
        match byte {
            b'B' => Some(None),
            _ => tables(byte).is_some().then_some(Some(Self(byte))),
        }
    }

    /// What the character is drawn as.
    pub(super) fn translate(self, char: char) -> char {
        let Some((from, to)) = tables(self.0) else { return char };
        from.chars()
            .zip(to.chars())
            .find_map(|(plain, drawn)| (plain == char).then_some(drawn))
            .unwrap_or(char)
    }

    /// The final byte of a designation.
    pub(super) const fn byte(self) -> u8 {
        self.0
    }
}

/// Which characters a set replaces, and with which.
const fn tables(byte: u8) -> Option<(&'static str, &'static str)> {
    Some(match byte {
        b'0' => ("`abcdefghijklmnopqrstuvwxyz{|}~", "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·"),
        b'A' => ("#", "£"),
        b'4' => ("#@[\\]{|}~", "£¾i½|¨f¼´"),
        b'C' | b'5' => ("[\\]^`{|}~", "ÄÖÅÜéäöåü"),
        b'R' => ("#@[\\]{|}~", "£à°ç§éùè¨"),
        b'Q' => ("@[\\]^`{|}~", "àâçêîôéùèû"),
        b'K' => ("@[\\]{|}~", "§ÄÖÜäöüß"),
        b'Y' => ("#@[\\]`{|}~", "£§°çéùàòèì"),
        b'E' | b'6' => ("@[\\]^`{|}~", "ÄÆØÅÜäæøåü"),
        b'Z' => ("#@[\\]{|}", "£§¡Ñ¿°ñç"),
        b'H' | b'7' => ("@[\\]^`{|}~", "ÉÄÖÅÜéäöåü"),
        b'=' => ("#@[\\]^_`{|}~", "ùàéçêîèôäöüû"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_replace_one_character_with_one() {
        for byte in b'0'..=b'z' {
            let Some((from, to)) = tables(byte) else { continue };
            assert_eq!(from.chars().count(), to.chars().count(), "{}", char::from(byte));
        }
        let drawing = Charset::designated(b'0').flatten().expect("line drawing");
        assert_eq!(drawing.translate('q'), '─');
        assert_eq!(drawing.translate('A'), 'A');
        assert_eq!(Charset::designated(b'B'), Some(None));
        assert_eq!(Charset::designated(b'!'), None);
    }
}
