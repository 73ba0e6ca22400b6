//! The terminal model of a session: what its screen looked like at the ring's tail.
//!
//! Fed with the bytes that leave the ring, it can say its state as escape codes, so that a fresh terminal fed
//! [`ScreenModel::dump`] and then the ring ends as one fed the whole stream. It keeps no scrollback, answers
//! nothing to the target, and is driven off the byte path by `session::screen_keeper`.
//!
//! The terminal fed is the browser's, xterm.js: the model has its rules (widths of characters, what belongs to which
//! screen, its quirks), and `tests/screen.rs` compares the two at every byte of recorded sessions. It is our own because
//! of that comparison: with the kept crate `avt` 0.19 the screens differed at 431 of 432 sampled cuts of the features
//! file, and at 10 to 98 % of those of bash, vim, less, top, htop and tmux.
//!
//! Not kept: colours of the palette (OSC 4, 10 to 12), the stack of titles, what a title has beyond 1,024 characters,
//! a link's address beyond 4 KiB, links beyond 256 KiB in all, joining characters beyond 64 bytes. Another width cuts
//! lines, it does not fold them anew.

mod buffer;
mod cell;
mod charset;
mod decoder;
mod dump;
mod editing;
mod flood;
mod ground;
mod line;
mod link;
mod modes;
mod moving;
mod parameters;
mod parser;
mod scan;
mod sequences;
mod sgr;
mod state;
mod terminal;
mod width;

use dump::Detail;
use ground::Scanner;
use parser::Parser;
use state::State;
use terminal::Terminal;

/// A string sequence (OSC, DCS …) longer than this no longer keeps bytes in the ring.
const MAX_STRING_BYTES: usize = 64 * 1024;

/// A terminal without scrollback.
pub struct ScreenModel {
    terminal: Terminal,
    parser: Parser,
    /// Where in a sequence the stream was left: in ground state, but for a string that does not end.
    scanner: Scanner,
}

impl std::fmt::Debug for ScreenModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ScreenModel({}x{})", self.terminal.columns, self.terminal.rows)
    }
}

impl ScreenModel {
    /// An empty screen; sizes of 0 count as 1.
    #[must_use]
    pub fn new(cols: u16, rows: u16) -> Self {
        let terminal = Terminal::new(usize::from(cols.max(1)), usize::from(rows.max(1)));
        Self { terminal, parser: Parser::default(), scanner: Scanner::default() }
    }

    /// The terminal has another size.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        let (columns, rows) = (usize::from(cols.max(1)), usize::from(rows.max(1)));
        if (self.terminal.columns, self.terminal.rows) != (columns, rows) {
            self.terminal.resize(columns, rows);
        }
    }

    /// How many of `bytes` may leave the ring now: up to the last point where no sequence and no character is cut.
    ///
    /// 0 if there is no such point; then more bytes are needed, unless a string sequence has grown past
    /// 64 KiB: then everything but an unfinished character may leave.
    #[must_use]
    pub fn ground_prefix(&self, bytes: &[u8]) -> usize {
        let mut scanner = self.scanner;
        let ground = scanner.last_ground(bytes);
        if ground == 0 && bytes.len() > MAX_STRING_BYTES {
            return self.scanner.last_in_string(bytes);
        }
        ground
    }

    /// Takes bytes that leave the ring, cut where [`ScreenModel::ground_prefix`] said.
    pub fn advance(&mut self, bytes: &[u8]) {
        if !self.scanner.is_ground() {
            // Within a string that does not end.
            self.scanner.last_ground(bytes);
            self.feed(bytes);
            return;
        }
        self.scanner.last_ground(bytes);
        let (before, flood) = flood::split(bytes);
        self.feed(before);
        let scrolls = self.terminal.scrolls_whole_screen();
        match flood::tail(flood, self.terminal.rows).filter(|_| scrolls) {
            Some(flood::Tail { colours, rest }) => {
                self.feed(b"\r");
                self.feed(&colours);
                self.feed(rest);
            }
            None => self.feed(flood),
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.parser.advance(bytes, &mut self.terminal);
    }

    /// Escape codes that bring a reset terminal of this size to this state.
    #[must_use]
    pub fn dump(&self) -> Vec<u8> {
        self.dump_in(Detail::Full, usize::MAX).unwrap_or_default()
    }

    /// [`ScreenModel::dump`], or only the text of what is shown where that would be longer than `limit` bytes (a large
    /// screen of nothing but colours), and not even that where it is too long still.
    #[must_use]
    pub fn dump_within(&self, limit: usize) -> Vec<u8> {
        let details = [(Detail::Full, limit), (Detail::Text, limit), (Detail::Nothing, usize::MAX)];
        details.into_iter().find_map(|(detail, limit)| self.dump_in(detail, limit)).unwrap_or_default()
    }

    fn dump_in(&self, detail: Detail, limit: usize) -> Option<Vec<u8>> {
        let mut dump = dump::dump(&self.terminal, detail, limit)?;
        // A string that was cut goes on as one that nothing comes of.
        dump.push_str(match self.parser.state() {
            State::Osc => "\x1b]999;",
            State::DcsIgnore | State::DcsPassthrough => "\x1bPz",
            State::OtherString => "\x1b_",
            _ => "",
        });
        (dump.len() <= limit).then(|| dump.into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let lines = prop::collection::vec("[ -~]{0,40}\r\n", 0..160).prop_map(|lines| lines.concat());
        let piece = prop_oneof![
            4 => "[ -~]{0,120}\r\n",
            2 => "[ -~äß漢字]{0,40}",
            2 => lines,
            2 => Just("\x1b[1;31m".to_owned()),
            2 => Just("\x1b[0m".to_owned()),
            1 => Just("\x1b[44m".to_owned()),
            1 => Just("\n".to_owned()),
            1 => Just("\t".to_owned()),
            1 => Just("\r".to_owned()),
            1 => Just("\x1b[2;5r".to_owned()),
            1 => Just("\x1b[r".to_owned()),
            1 => Just("\x1b[H".to_owned()),
            1 => Just("\x1b7".to_owned()),
            1 => Just("\x1b[?1049h".to_owned()),
            1 => Just("\x1b[?1049l".to_owned()),
            1 => Just("\x1b[3;7H".to_owned()),
            1 => Just("\x1b(0".to_owned()),
            1 => Just("\x1b(B".to_owned()),
            1 => Just("\x08".to_owned()),
        ];
        prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes())
    }

    proptest! {
        #[test]
        fn skipping_a_flood_changes_nothing(
            bytes in stream(),
            batches in prop::collection::vec(1_usize..12_000, 1..8),
        ) {
            let mut skipping = ScreenModel::new(20, 6);
            let mut feeding = ScreenModel::new(20, 6);
            let (mut tail, mut wanted) = (0, 0);
            for batch in batches.iter().cycle() {
                wanted = bytes.len().min(wanted + batch);
                let count = skipping.ground_prefix(&bytes[tail..wanted]);
                skipping.advance(&bytes[tail..tail + count]);
                feeding.feed(&bytes[tail..tail + count]);
                tail += count;
                prop_assert_eq!(
                    String::from_utf8_lossy(&skipping.dump()).into_owned(),
                    String::from_utf8_lossy(&feeding.dump()).into_owned()
                );
                if wanted == bytes.len() {
                    break;
                }
            }
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
        assert!(model.dump().ends_with(b"\x1b]999;"));
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

    #[test]
    fn a_screen_that_is_too_long_comes_without_colours() {
        let mut model = ScreenModel::new(40, 5);
        model.advance(
            "shell$\r\n\x1b[?1049h\x1b[?2004h\x1b[31mred \x1b[44m漢字\x1b[3;2Hcafé\x1b[5;9H".as_bytes(),
        );
        let whole = model.dump();
        assert_eq!(model.dump_within(whole.len()), whole);
        let text = String::from_utf8(model.dump_within(whole.len() - 1)).expect("text");
        assert!(
            text.contains("red 漢字") && text.contains(" café") && text.contains("\x1b[?2004h"),
            "{text:?}"
        );
        assert!(!text.contains("shell$"), "{text:?}");
        let nothing = String::from_utf8(model.dump_within(10)).expect("text");
        assert!(!nothing.contains("red") && nothing.contains("\x1b[5;9H"), "{nothing:?}");
    }

    #[test]
    fn another_size_keeps_what_fits() {
        let mut model = ScreenModel::new(20, 5);
        model.advance("one\r\ntwo\r\nthree\r\nfour 漢字\r\nfive".as_bytes());
        model.resize(6, 3);
        let dump = String::from_utf8(model.dump()).expect("text");
        assert!(dump.contains("three") && dump.contains("four ") && dump.contains("five"), "{dump:?}");
        assert!(!dump.contains("two") && !dump.contains('漢'), "{dump:?}");
        model.resize(1, 1);
        model.resize(30, 40);
        model.advance(b"\x1b[40;30Hend\r\n");
    }
}
