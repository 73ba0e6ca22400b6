//! The terminal model of a session: what its screen looked like at the ring's tail.
//!
//! Fed with the bytes that leave the ring, it can say its state as escape codes, so that a fresh terminal fed
//! [`ScreenModel::dump`] and then the ring ends as one fed the whole stream. It keeps no scrollback, answers
//! nothing to the target, and is driven off the byte path by `session::screen_keeper`.
//!
//! The model is the crate `avt`; it says both screens, margins, charsets, tabs and saved cursors. What it does not
//! know (mouse, paste and focus modes, keypad, cursor shape, title) is kept by [`modes`].

mod flood;
mod ground;
mod modes;

use avt::Terminal;

use ground::Scanner;
use modes::Modes;

/// A string sequence (OSC, DCS …) longer than this no longer keeps bytes in the ring.
const MAX_STRING_BYTES: usize = 64 * 1024;

/// A terminal without scrollback.
pub struct ScreenModel {
    terminal: Terminal,
    modes: Modes,
    rows: usize,
    /// A sequence that was cut because it does not end: the parser's place in it.
    scanner: Scanner,
}

impl std::fmt::Debug for ScreenModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ScreenModel({:?})", self.terminal.size())
    }
}

impl ScreenModel {
    /// An empty screen; sizes of 0 count as 1.
    #[must_use]
    pub fn new(cols: u16, rows: u16) -> Self {
        let (cols, rows) = (usize::from(cols.max(1)), usize::from(rows.max(1)));
        // Sizes are positive, the only thing that is refused; a one-cell terminal is the smallest.
        let terminal = Terminal::new(cols, rows).or_else(|_| Terminal::new(1, 1));
        let terminal = terminal.unwrap_or_else(|_| unreachable!("a terminal of one cell is always possible"));
        Self { terminal, modes: Modes::default(), rows, scanner: Scanner::default() }
    }

    /// The terminal has another size.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        let size = (usize::from(cols.max(1)), usize::from(rows.max(1)));
        if self.terminal.size() != size {
            self.terminal.resize(size.0, size.1);
            self.rows = size.1;
        }
    }

    /// How many of `bytes` may leave the ring now: up to the last point where no sequence and no character is cut.
    ///
    /// 0 if there is no such point; then more bytes are needed, unless a string sequence has grown past
    /// [`MAX_STRING_BYTES`]: then everything but an unfinished character may leave.
    #[must_use]
    pub fn ground_prefix(&self, bytes: &[u8]) -> usize {
        let mut scanner = self.scanner;
        let ground = scanner.last_ground(bytes);
        if ground == 0 && bytes.len() > MAX_STRING_BYTES {
            return ground::whole_characters(bytes);
        }
        ground
    }

    /// Takes bytes that leave the ring, cut where [`ScreenModel::ground_prefix`] said.
    pub fn advance(&mut self, bytes: &[u8]) {
        let in_ground = self.scanner.is_ground();
        self.scanner.last_ground(bytes);
        let kept = if in_ground && self.modes.scrolls_whole_screen() {
            flood::tail(bytes, self.rows)
        } else {
            None
        };
        match kept {
            Some(flood::Tail { before, colours, rest }) => {
                self.feed(before);
                self.feed(b"\r");
                self.feed(&colours);
                self.feed(rest);
            }
            None => self.feed(bytes),
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.modes.watch(bytes, self.rows);
        match std::str::from_utf8(bytes) {
            Ok(text) => self.terminal.feed(text),
            Err(_) => self.terminal.feed(&*String::from_utf8_lossy(bytes)),
        }
    }

    /// Bounded.
    #[must_use]
    pub fn dump_within(&self, limit: usize) -> Vec<u8> {
        let dump = self.dump();
        if dump.len() <= limit {
            return dump;
        }
        let mut text = self.terminal.screen().visible_lines().map(avt::Line::text).collect::<Vec<_>>().join("\r\n");
        text.truncate(text.floor_char_boundary(limit));
        text.into_bytes()
    }

    /// Escape codes that bring a reset terminal of this size to this state.
    #[must_use]
    pub fn dump(&self) -> Vec<u8> {
        let mut out = self.terminal.dump().into_bytes();
        // Modes first: an unfinished string sequence, if there is one, must stay last.
        let mut dump = self.modes.dump();
        dump.append(&mut out);
        dump
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(model: &mut ScreenModel, bytes: &[u8]) {
        model.feed(bytes);
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            4 => "[ -~]{0,120}\r\n",
            2 => "[ -~äß漢字]{0,40}",
            2 => Just("\x1b[1;31m".to_owned()),
            2 => Just("\x1b[0m".to_owned()),
            1 => Just("\x1b[44m".to_owned()),
            1 => Just("\n".to_owned()),
            1 => Just("\t".to_owned()),
            1 => Just("\r".to_owned()),
            1 => Just("\x1b[2;5r".to_owned()),
            1 => Just("\x1b[r".to_owned()),
            1 => Just("\x1b[?1049h".to_owned()),
            1 => Just("\x1b[?1049l".to_owned()),
            1 => Just("\x1b[3;7H".to_owned()),
            1 => Just("\x1b(0".to_owned()),
            1 => Just("\x1b(B".to_owned()),
            1 => Just("\x08".to_owned()),
        ];
        prop::collection::vec(piece, 0..120).prop_map(|pieces| pieces.concat().into_bytes())
    }

    proptest! {
        #[test]
        fn skipping_a_flood_changes_nothing(bytes in stream()) {
            let mut skipping = ScreenModel::new(20, 6);
            let mut feeding = ScreenModel::new(20, 6);
            for batch in bytes.chunks(700) {
                // Cuts inside a sequence are the caller's business: feed whole ones.
                let _ = batch;
            }
            let cut = skipping.ground_prefix(&bytes);
            skipping.advance(&bytes[..cut]);
            plain(&mut feeding, &bytes[..cut]);
            prop_assert_eq!(
                String::from_utf8_lossy(&skipping.dump()).into_owned(),
                String::from_utf8_lossy(&feeding.dump()).into_owned()
            );
        }

        #[test]
        fn hostile_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let mut model = ScreenModel::new(10, 4);
            let cut = model.ground_prefix(&bytes);
            model.advance(&bytes[..cut]);
            prop_assert!(model.dump().len() < 100_000);
        }
    }

    #[test]
    fn an_endless_string_leaves_in_the_end_and_its_end_is_still_found() {
        let mut model = ScreenModel::new(10, 4);
        let mut bytes = b"a\x1b]0;".to_vec();
        assert_eq!(model.ground_prefix(&bytes), 1);
        model.advance(b"a");
        bytes.remove(0);
        bytes.extend(std::iter::repeat_n(b'x', 2 * MAX_STRING_BYTES));
        assert_eq!(model.ground_prefix(&bytes), bytes.len());
        model.advance(&bytes);
        assert_eq!(model.ground_prefix(b"y\x07z"), 3);
    }

    #[test]
    fn a_dump_brings_both_screens_and_modes_back() {
        let mut model = ScreenModel::new(20, 5);
        model.advance(b"shell$ vim\r\n\x1b[?1049h\x1b[?2004h\x1b[?1000h\x1b=\x1b[4 qfile\x1b[3;2H");
        let mut copy = ScreenModel::new(20, 5);
        copy.advance(&model.dump());
        assert_eq!(copy.dump(), model.dump());
        let dump = String::from_utf8(model.dump()).expect("text");
        for code in ["\x1b[?2004h", "\x1b[?1000h", "\x1b=", "\x1b[4 q", "shell$ vim", "file"] {
            assert!(dump.contains(code), "{code:?} in {dump:?}");
        }
    }
}
