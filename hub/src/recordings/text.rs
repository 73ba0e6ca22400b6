//! What a recording printed, as plain text: asciicast v2 lines in, text out, piece by piece.
//!
//! Escape codes and controls are left out, line feeds and tabs stay. What a program overwrote on the screen is still
//! there: a reader of the text sees everything that was printed. A damaged line is skipped.

use std::borrow::Cow;

use serde::Deserialize;
use vte::{Parser, Perform};

/// A recorder's lines stay far below this; a longer one is skipped.
const MAX_LINE_BYTES: usize = 1024 * 1024;

/// The terminal parser keeps a title or another string of an escape code in itself, in so many bytes. With vte's
/// feature `std` it would keep all of one that never ends.
const STRING_BYTES: usize = 1024;
const _: () = assert!(size_of::<Parser>() > STRING_BYTES, "vte is built with its feature `std`");

/// Turns a cast into text.
#[derive(Default)]
pub struct PlainText {
    parser: Parser,
    printed: Printed,
    /// The begin of a line whose end is still to come.
    line: Vec<u8>,
    /// The line that is still to come grew too long.
    skipping: bool,
}

#[derive(Default)]
struct Printed(String);

#[derive(Deserialize)]
struct Event<'a>(
    #[expect(dead_code, reason = "a place in the line")] f64,
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
);

impl PlainText {
    /// Takes the next bytes of the cast; the text that is complete now.
    pub fn take(&mut self, mut cast: &[u8]) -> String {
        while let Some(end) = cast.iter().position(|byte| *byte == b'\n') {
            let (rest_of_line, after) = cast.split_at(end);
            self.line.extend_from_slice(rest_of_line);
            let line = std::mem::take(&mut self.line);
            if !std::mem::take(&mut self.skipping) {
                self.event(&line);
            }
            cast = after.get(1..).unwrap_or_default();
        }
        self.line.extend_from_slice(cast);
        if self.line.len() > MAX_LINE_BYTES {
            self.line.clear();
            self.skipping = true;
        }
        std::mem::take(&mut self.printed.0)
    }

    fn event(&mut self, line: &[u8]) {
        // The header and events of other kinds print nothing.
        if let Ok(Event(_, kind, data)) = serde_json::from_slice(line)
            && kind == "o"
        {
            self.parser.advance(&mut self.printed, data.as_bytes());
        }
    }
}

impl Perform for Printed {
    fn print(&mut self, character: char) {
        self.0.push(character);
    }

    fn execute(&mut self, byte: u8) {
        if matches!(byte, b'\n' | b'\t') {
            self.0.push(byte.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAST: &str = "{\"version\":2,\"width\":80,\"height\":24}\n\
        [0.1,\"o\",\"caf\\u00e9 \\u001b[3\"]\n[0.2,\"o\",\"1mred\\u001b[0m\\r\\n\"]\n\
        [0.3,\"r\",\"100x30\"]\nnonsense\n[0.4,\"o\",\"\\u001b]0;title\\u0007a\\tb\\b!\"]\n";

    #[test]
    fn what_was_printed_comes_out_wherever_the_cast_is_cut() {
        for cut in 0..=CAST.len() {
            let mut text = PlainText::default();
            let (begin, end) = CAST.as_bytes().split_at(cut);
            assert_eq!(text.take(begin) + &text.take(end), "café red\na\tb!", "cut at {cut}");
        }
    }

    #[test]
    fn an_endless_line_is_skipped_in_bounded_memory() {
        let mut text = PlainText::default();
        for _ in 0..100 {
            assert_eq!(text.take(&[b'x'; 64 * 1024]), "");
            assert!(text.line.len() <= MAX_LINE_BYTES + 64 * 1024);
        }
        assert_eq!(text.take(b"\n[1,\"o\",\"on\"]\n"), "on");
    }
}
