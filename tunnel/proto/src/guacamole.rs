//! Guacamole's protocol: instructions as text, such as `4.sync,8.12345678;`. Streaming and bounded; nothing is copied.
//!
//! An element is its length in Unicode code points, a point, and its text; the first one is the opcode. As
//! guacamole-server 1.3 to 1.6 and guacamole-common-js speak it. What an instruction means is its reader's.

use std::fmt::Write;

/// Longest instruction: guacd reads none that is longer, and sends pictures in pieces that fit.
pub const MAX_INSTRUCTION_BYTES: usize = 8 * 1024;
/// Most elements of an instruction, as in guacd.
pub const MAX_ELEMENTS: usize = 128;
/// Most digits of an element's length.
const MAX_DIGITS: usize = 5;

/// Bytes that are no instruction, nor the begin of one. There is no way on behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// An element does not begin with its length and a point.
    #[error("an element of an instruction has no length")]
    Length,
    /// Neither a comma nor a semicolon stands behind an element.
    #[error("an element of an instruction does not end where its length says")]
    Terminator,
    /// More than [`MAX_INSTRUCTION_BYTES`].
    #[error("an instruction is longer than {MAX_INSTRUCTION_BYTES} bytes")]
    TooLong,
    /// More than [`MAX_ELEMENTS`].
    #[error("an instruction has more than {MAX_ELEMENTS} elements")]
    TooMany,
    /// Not UTF-8.
    #[error("an instruction is not UTF-8")]
    Text,
}

/// One whole instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction<'a>(&'a str);

impl<'a> Instruction<'a> {
    /// The first instruction in `bytes`; `None`: it is not whole yet.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn first(bytes: &'a [u8]) -> Result<Option<Self>, Malformed> {
        let mut at = 0;
        for _ in 0..MAX_ELEMENTS {
            let rest = bytes.get(at..).unwrap_or_default();
            let Some((digits, length)) = length(rest)? else { return unfinished(bytes) };
            let text = rest.get(digits + 1..).unwrap_or_default();
            let Some(count) = code_points(text, length) else { return unfinished(bytes) };
            at += digits + 1 + count + 1;
            if at > MAX_INSTRUCTION_BYTES {
                return Err(Malformed::TooLong);
            }
            match text.get(count) {
                None => return unfinished(bytes),
                Some(b',') => {}
                Some(b';') => {
                    let whole = bytes.get(..at).unwrap_or_default();
                    return std::str::from_utf8(whole)
                        .map(|text| Some(Self(text)))
                        .map_err(|_| Malformed::Text);
                }
                Some(_) => return Err(Malformed::Terminator),
            }
        }
        Err(Malformed::TooMany)
    }

    /// As it travels, with its semicolon.
    #[must_use]
    pub const fn text(self) -> &'a str {
        self.0
    }

    /// The first element. Empty: it is between the tunnel's ends, and none of guacd's.
    #[must_use]
    pub fn opcode(self) -> &'a str {
        self.elements().next().unwrap_or_default()
    }

    /// The elements behind the opcode.
    pub fn arguments(self) -> impl Iterator<Item = &'a str> {
        self.elements().skip(1)
    }

    /// One of them; empty if there are not so many.
    #[must_use]
    pub fn argument(self, index: usize) -> &'a str {
        self.arguments().nth(index).unwrap_or_default()
    }

    /// All elements.
    fn elements(self) -> Elements<'a> {
        Elements(self.0)
    }
}

/// Of a whole instruction, whose lengths hold.
struct Elements<'a>(&'a str);

impl<'a> Iterator for Elements<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let (length, text) = self.0.split_once('.')?;
        let count = code_points(text.as_bytes(), length.parse().ok()?)?;
        let element = text.get(..count)?;
        self.0 = text.get(count + 1..).unwrap_or_default();
        Some(element)
    }
}

/// Not whole yet, if it still can become one.
const fn unfinished<'a>(bytes: &[u8]) -> Result<Option<Instruction<'a>>, Malformed> {
    if bytes.len() > MAX_INSTRUCTION_BYTES { Err(Malformed::TooLong) } else { Ok(None) }
}

/// How many digits there are before the point, and the number they are.
fn length(bytes: &[u8]) -> Result<Option<(usize, usize)>, Malformed> {
    let mut length = 0;
    for (digits, byte) in bytes.iter().take(MAX_DIGITS + 1).enumerate() {
        match byte {
            b'0'..=b'9' if digits < MAX_DIGITS => length = length * 10 + usize::from(byte - b'0'),
            b'.' if digits > 0 => return Ok(Some((digits, length))),
            _ => return Err(Malformed::Length),
        }
    }
    Ok(None)
}

/// How many bytes the first `count` code points take; `None`: there are not so many.
fn code_points(bytes: &[u8], count: usize) -> Option<usize> {
    let most = bytes.get(..count)?;
    // Pictures are Base64: nothing is to be counted.
    if most.is_ascii() {
        return Some(count);
    }
    let mut left = count;
    for (at, byte) in bytes.iter().enumerate() {
        let begins = byte & 0xc0 != 0x80;
        if begins && left == 0 {
            return Some(at);
        }
        left -= usize::from(begins);
    }
    // Whether the last one is whole shows when something follows.
    None
}

/// Appends one instruction.
pub fn push(out: &mut String, elements: &[&str]) {
    for (index, element) in elements.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let count = element.chars().count();
        // Writing to a String cannot fail.
        let _ = write!(out, "{count}.{element}");
    }
    out.push(';');
}

/// One instruction.
#[must_use]
pub fn instruction(elements: &[&str]) -> String {
    let mut out = String::new();
    push(&mut out, elements);
    out
}

/// How many of `bytes` are whole instructions, counted up to `most` bytes; each is shown to `see` in order.
///
/// # Errors
/// [`Malformed`].
pub fn whole(bytes: &[u8], most: usize, mut see: impl FnMut(Instruction<'_>)) -> Result<usize, Malformed> {
    let mut at = 0;
    while let Some(next) = Instruction::first(bytes.get(at..).unwrap_or_default())? {
        let end = at + next.text().len();
        if end > most {
            break;
        }
        see(next);
        at = end;
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn first(text: &str) -> Result<Option<Instruction<'_>>, Malformed> {
        Instruction::first(text.as_bytes())
    }

    fn elements() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec(prop_oneof!["[a-z]{0,8}", "\\PC{0,20}", "[é€😀.,;0-9]{0,9}"], 1..12)
    }

    fn written(elements: &[String]) -> String {
        instruction(&elements.iter().map(String::as_str).collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn what_was_written_reads_back_and_cut_anywhere_it_is_not_whole(elements in elements(), behind in ".{0,9}") {
            let text = written(&elements);
            let followed = format!("{text}{behind}");
            let read = first(&followed).expect("well-formed").expect("whole");
            prop_assert_eq!(read.text(), &text);
            prop_assert_eq!(read.elements().collect::<Vec<_>>(), elements);
            for cut in 0..text.len() {
                prop_assert_eq!(Instruction::first(&text.as_bytes()[..cut]), Ok(None), "cut at {}", cut);
            }
        }

        #[test]
        fn a_stream_in_any_pieces_is_the_same_instructions(
            stream in prop::collection::vec(elements(), 1..8),
            pieces in prop::collection::vec(1usize..40, 1..60),
        ) {
            let text = stream.iter().map(|elements| written(elements)).collect::<String>();
            let (mut seen, mut buffer, mut rest) = (Vec::new(), Vec::new(), text.as_bytes());
            for piece in pieces.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (now, later) = rest.split_at((*piece).min(rest.len()));
                buffer.extend_from_slice(now);
                rest = later;
                let done = whole(&buffer, usize::MAX, |next| seen.push(next.text().to_owned()));
                buffer.drain(..done.expect("well-formed"));
            }
            prop_assert!(buffer.is_empty());
            prop_assert_eq!(seen, stream.iter().map(|elements| written(elements)).collect::<Vec<_>>());
        }

        #[test]
        fn no_bytes_break_it(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'1'), Just(b'.'), Just(b','), Just(b';'), Just(0xe2)], 0..300)) {
            if let Ok(Some(read)) = Instruction::first(&bytes) {
                prop_assert!(bytes.starts_with(read.text().as_bytes()));
                prop_assert!(read.elements().count() <= MAX_ELEMENTS);
            }
        }
    }

    #[test]
    fn lengths_count_code_points() {
        let read = first("3.key,4.né€😀;").expect("well-formed").expect("whole");
        assert_eq!((read.opcode(), read.argument(0), read.argument(1)), ("key", "né€😀", ""));
    }

    #[test]
    fn an_empty_opcode_is_the_tunnels_own() {
        let read = first("0.,4.ping,2.17;").expect("well-formed").expect("whole");
        assert_eq!((read.opcode(), read.argument(0), read.argument(1)), ("", "ping", "17"));
    }

    #[test]
    fn what_can_never_become_one_is_said_at_once() {
        for text in ["x", ";", ".a;", "-1.a;", "123456", "1:a;"] {
            assert_eq!(first(text), Err(Malformed::Length), "{text}");
        }
        assert_eq!(first("1.ab;"), Err(Malformed::Terminator));
        assert_eq!(Instruction::first(b"1.\xff;"), Err(Malformed::Text));
        let long = format!("4.blob,{}", "5.12345,".repeat(2));
        assert_eq!(first(&long), Ok(None));
    }

    #[test]
    fn the_bounds_hold() {
        let most = MAX_INSTRUCTION_BYTES - "8187.;".len();
        let largest = instruction(&[&"a".repeat(most)]);
        assert_eq!(largest.len(), MAX_INSTRUCTION_BYTES);
        assert_eq!(
            first(&largest).map(|read| read.map(|read| read.text().len())),
            Ok(Some(MAX_INSTRUCTION_BYTES))
        );
        assert_eq!(first(&instruction(&[&"a".repeat(most + 1)])), Err(Malformed::TooLong));
        assert_eq!(first(&format!("99999.{}", "a".repeat(MAX_INSTRUCTION_BYTES))), Err(Malformed::TooLong));
        assert_eq!(first(&instruction(&["a"; MAX_ELEMENTS + 1])), Err(Malformed::TooMany));
        assert!(first(&instruction(&["a"; MAX_ELEMENTS])).is_ok());
    }

    #[test]
    fn whole_instructions_are_counted_up_to_a_bound() {
        let text = "3.nop;4.sync,1.7;3.no";
        let mut seen = Vec::new();
        assert_eq!(whole(text.as_bytes(), 100, |next| seen.push(next.opcode().to_owned())), Ok(17));
        assert_eq!(seen, ["nop", "sync"]);
        assert_eq!(whole(text.as_bytes(), 10, |_| {}), Ok(6));
    }
}
