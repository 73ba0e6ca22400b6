//! Writes one session as asciicast v2: a header line, then one line per event. Pure: time comes in.
//!
//! Bytes become UTF-8 text: a sequence cut between two outputs is kept until it is whole, what can never become
//! one is U+FFFD. Output that follows within a few milliseconds shares a line.

use super::escape;

/// Output this close to the line's begin goes into the same line.
const COALESCE_MS: u64 = 4;
/// Most bytes of output in one line. Escaped, a line is at most six times as long.
pub(super) const LINE_BYTES: usize = 8 * 1024;

/// What the header says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header<'a> {
    pub(super) cols: u16,
    pub(super) rows: u16,
    pub(super) begun_ms: i64,
    pub(super) title: &'a str,
    pub(super) term: &'a str,
}

/// The writer's state between events; lines go to the buffer that each call names.
#[derive(Debug, Default)]
pub struct CastWriter {
    /// An unfinished UTF-8 sequence: at most three bytes.
    carry: Vec<u8>,
    /// The open line: when it began, and how many bytes of output it holds.
    line: Option<(u64, usize)>,
    /// The newest event's time. Times never go back.
    until_ms: u64,
}

impl CastWriter {
    /// Writes the header line.
    pub(super) fn header(out: &mut Vec<u8>, header: Header<'_>) {
        let line = serde_json::json!({
            "version": 2,
            "width": header.cols,
            "height": header.rows,
            "timestamp": header.begun_ms.div_euclid(1000),
            "title": header.title,
            "env": { "TERM": header.term },
        });
        out.extend_from_slice(line.to_string().as_bytes());
        out.push(b'\n');
    }

    /// Milliseconds since the begin at the newest event.
    pub(super) const fn until_ms(&self) -> u64 {
        self.until_ms
    }

    /// The target printed `bytes`.
    pub fn output(&mut self, out: &mut Vec<u8>, at_ms: u64, bytes: &[u8]) {
        self.line_room(out, at_ms);
        let mut rest = self.complete(out, at_ms, bytes);
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.len().min(self.line_room(out, at_ms)));
            rest = after;
            match std::str::from_utf8(piece) {
                Ok(text) => self.text(out, at_ms, text),
                Err(error) => {
                    let (valid, other) = piece.split_at(error.valid_up_to());
                    self.text(out, at_ms, std::str::from_utf8(valid).unwrap_or_default());
                    match error.error_len() {
                        Some(invalid) => {
                            self.text(out, at_ms, "\u{fffd}");
                            rest = bytes
                                .get(bytes.len() - rest.len() - other.len() + invalid..)
                                .unwrap_or_default();
                        }
                        None => rest = self.incomplete(out, at_ms, other, rest),
                    }
                }
            }
        }
    }

    /// The terminal has another size.
    pub fn resize(&mut self, out: &mut Vec<u8>, at_ms: u64, cols: u16, rows: u16) {
        self.close_line(out);
        self.begin(out, at_ms, "r");
        out.extend_from_slice(format!("{cols}x{rows}\"]\n").as_bytes());
    }

    /// No more output: what was kept of a sequence never became one.
    pub fn finish(&mut self, out: &mut Vec<u8>, at_ms: u64) {
        if !self.carry.is_empty() {
            self.carry.clear();
            self.text(out, at_ms, "\u{fffd}");
        }
        self.close_line(out);
        self.until_ms = self.until_ms.max(at_ms);
    }

    /// Ends the open line, so that the buffer holds whole lines.
    pub(super) fn close_line(&mut self, out: &mut Vec<u8>) {
        if self.line.take().is_some() {
            out.extend_from_slice(b"\"]\n");
        }
    }

    /// Completes a kept sequence with the first of `bytes`; returns the bytes behind it.
    fn complete<'a>(&mut self, out: &mut Vec<u8>, at_ms: u64, bytes: &'a [u8]) -> &'a [u8] {
        let mut rest = bytes;
        while !self.carry.is_empty() {
            let Some((byte, after)) = rest.split_first() else { return rest };
            let mut sequence = std::mem::take(&mut self.carry);
            sequence.push(*byte);
            match std::str::from_utf8(&sequence) {
                Ok(text) => {
                    self.text(out, at_ms, text);
                    return after;
                }
                Err(error) if error.error_len().is_none() => {
                    self.carry = sequence;
                    rest = after;
                }
                // The new byte does not belong to it: it is looked at by itself.
                Err(_) => {
                    self.text(out, at_ms, "\u{fffd}");
                    return rest;
                }
            }
        }
        rest
    }

    /// A piece ended inside a sequence: with bytes behind it the cut was ours, else it is kept.
    fn incomplete<'a>(&mut self, out: &mut Vec<u8>, at_ms: u64, tail: &[u8], rest: &'a [u8]) -> &'a [u8] {
        self.carry = tail.to_vec();
        self.complete(out, at_ms, rest)
    }

    fn text(&mut self, out: &mut Vec<u8>, at_ms: u64, text: &str) {
        if text.is_empty() {
            return;
        }
        let held = match self.line {
            Some((_, held)) => held,
            None => {
                self.begin(out, at_ms, "o");
                0
            }
        };
        escape::push(out, text);
        self.line = Some((self.line.map_or(at_ms, |(begun, _)| begun), held + text.len()));
        self.until_ms = self.until_ms.max(at_ms);
    }

    /// Room in the line that output at `at_ms` goes to, after closing one that is full or too old.
    fn line_room(&mut self, out: &mut Vec<u8>, at_ms: u64) -> usize {
        match self.line {
            Some((begun, held)) if held < LINE_BYTES && at_ms.saturating_sub(begun) <= COALESCE_MS => {
                LINE_BYTES - held
            }
            Some(_) => {
                self.close_line(out);
                LINE_BYTES
            }
            None => LINE_BYTES,
        }
    }

    fn begin(&mut self, out: &mut Vec<u8>, at_ms: u64, kind: &str) {
        self.until_ms = self.until_ms.max(at_ms);
        let at = self.until_ms;
        out.extend_from_slice(format!("[{}.{:03},\"{kind}\",\"", at / 1000, at % 1000).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Line = (f64, String, String);

    fn lines(out: &[u8]) -> Vec<Line> {
        let text = std::str::from_utf8(out).expect("is UTF-8");
        text.lines().map(|line| serde_json::from_str(line).expect("is JSON")).collect()
    }

    fn printed(out: &[u8]) -> String {
        lines(out).into_iter().filter(|line| line.1 == "o").map(|line| line.2).collect()
    }

    fn write(outputs: &[(u64, &[u8])]) -> Vec<u8> {
        let (mut writer, mut out) = (CastWriter::default(), Vec::new());
        for (at, bytes) in outputs {
            writer.output(&mut out, *at, bytes);
        }
        writer.finish(&mut out, outputs.last().map_or(0, |last| last.0));
        out
    }

    #[test]
    fn output_within_a_few_milliseconds_shares_a_line() {
        let out = write(&[(1000, b"a"), (1004, b"b"), (1005, b"c")]);
        assert_eq!(lines(&out), [(1.0, "o".into(), "ab".into()), (1.005, "o".into(), "c".into())]);
    }

    #[test]
    fn a_resize_is_a_line_of_its_own_in_its_place() {
        let (mut writer, mut out) = (CastWriter::default(), Vec::new());
        writer.output(&mut out, 1, b"a");
        writer.resize(&mut out, 2, 132, 43);
        writer.output(&mut out, 3, b"b");
        writer.finish(&mut out, 4);
        let kinds = lines(&out).into_iter().map(|line| (line.1, line.2)).collect::<Vec<_>>();
        let expected =
            [("o", "a"), ("r", "132x43"), ("o", "b")].map(|(kind, text)| (kind.into(), text.into()));
        assert_eq!(kinds, expected);
    }

    #[test]
    fn a_sequence_cut_between_outputs_is_whole_again() {
        assert_eq!(printed(&write(&[(0, &[0xe2]), (50, &[0x82]), (90, b"\xac!")])), "€!");
    }

    #[test]
    fn what_can_never_be_text_is_replaced_and_nothing_around_it_lost() {
        assert_eq!(
            printed(&write(&[(0, b"a\xffb\xe2\x28c"), (9, b"d\xe2")])),
            "a\u{fffd}b\u{fffd}(cd\u{fffd}"
        );
    }

    #[test]
    fn a_long_output_is_many_lines_none_too_long() {
        let bytes = "ü\u{1b}".repeat(20_000);
        let out = write(&[(0, bytes.as_bytes())]);
        assert_eq!(printed(&out), bytes);
        assert!(lines(&out).iter().all(|line| line.2.len() <= LINE_BYTES + 4));
    }

    #[test]
    fn times_never_go_back() {
        let out = write(&[(5000, b"a"), (10, b"b"), (6000, b"c")]);
        let times = lines(&out).into_iter().map(|line| line.0).collect::<Vec<_>>();
        assert!(times.is_sorted(), "{times:?}");
    }

    proptest! {
        #[test]
        fn any_bytes_cut_anywhere_print_what_the_standard_replacement_prints(
            bytes in prop::collection::vec(prop_oneof![Just(0xe2u8), Just(0x82), Just(0xac), Just(0xf0), any::<u8>()], 0..200),
            cuts in prop::collection::vec(0usize..200, 0..8),
        ) {
            let mut cuts = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect::<Vec<_>>();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let outputs = cuts.windows(2).map(|pair| (0, &bytes[pair[0]..pair[1]])).collect::<Vec<_>>();
            prop_assert_eq!(printed(&write(&outputs)), String::from_utf8_lossy(&bytes));
        }
    }
}
