//! What of a flood still matters: the last lines. Exact, not a guess.
//!
//! Where the whole screen scrolls and nothing but text, line ends, tabs and colours (SGR) came, line feeds bring the
//! cursor to the last row, and as many again as the screen has rows scroll everything away that was there before. So
//! only the last lines are fed, twice as many as the screen has rows, after the colours of what is left out.

use super::scan;

/// Screens of line feeds that must follow what is left out.
const SCREENS: usize = 2;
/// Shorter stretches are fed as they are.
const WORTHWHILE: usize = 2 * 1024;

/// What is to be fed of a flood.
#[derive(Debug)]
pub(super) struct Tail<'a> {
    /// The colours that were set in what is left out.
    pub(super) colours: Vec<u8>,
    /// The last lines, from the begin of a line.
    pub(super) rest: &'a [u8],
}

/// A batch, cut before the flood at its end. `bytes` begins and ends in ground state.
pub(super) fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at_checked(flood_begin(bytes)).unwrap_or((bytes, b""))
}

/// The part of a flood that decides the screen; `None` if all of it does. The whole screen must scroll.
pub(super) fn tail(flood: &[u8], rows: usize) -> Option<Tail<'_>> {
    let cut = line_begin(flood, SCREENS * rows)?;
    if cut < WORTHWHILE {
        return None;
    }
    let (left_out, rest) = flood.split_at_checked(cut)?;
    Some(Tail { colours: colours(left_out), rest })
}

/// Where the trailing stretch of text, line ends, tabs and colours begins.
fn flood_begin(bytes: &[u8]) -> usize {
    // Without short cuts, so that blocks of bytes are tested at once.
    let is_control = |byte: u8| {
        (byte < 0x20) & (byte != b'\n') & (byte != b'\r') & (byte != b'\t') | (byte == 0x7f) | (byte == 0xc2)
    };
    let mut end = bytes.len();
    // Backwards from one control to the next: an SGR sequence is passed, anything else ends the stretch.
    while let Some(control) = bytes.get(..end).and_then(|bytes| scan::last(bytes, is_control)) {
        let rest = bytes.get(control..).unwrap_or_default();
        match sgr_length(rest) {
            Some(_) => end = control,
            // A no-break space and other Latin-1 characters begin with C2 too: only the C1 controls matter.
            None if rest.first() == Some(&0xc2) && rest.get(1).is_some_and(|byte| *byte >= 0xa0) => {
                end = control
            }
            None => return control + sequence_length(rest),
        }
    }
    0
}

/// The length of the SGR sequence at the begin of `bytes`.
fn sgr_length(bytes: &[u8]) -> Option<usize> {
    let parameters = bytes.strip_prefix(b"\x1b[")?;
    let length = parameters.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b';' | b':'))?;
    (parameters.get(length) == Some(&b'm')).then_some(length + 3)
}

/// The length of whatever sequence is at the begin of `bytes`.
fn sequence_length(bytes: &[u8]) -> usize {
    let mut scanner = super::Scanner::default();
    (1..=bytes.len())
        .find(|length| {
            let byte = bytes.get(length - 1..*length).unwrap_or_default();
            scanner.last_ground(byte);
            scanner.is_ground()
        })
        .unwrap_or(bytes.len())
}

/// Where the line begins after which exactly `count` line feeds follow; it must begin behind CR LF.
fn line_begin(flood: &[u8], count: usize) -> Option<usize> {
    let mut end = flood.len();
    for _ in 0..count {
        end = scan::last(flood.get(..end)?, |byte| byte == b'\n')?;
    }
    // The line that the next line feed ends begins behind the one before it.
    loop {
        end = scan::last(flood.get(..end)?, |byte| byte == b'\n')?;
        if end > 0 && flood.get(end - 1) == Some(&b'\r') {
            return Some(end + 1);
        }
    }
}

/// The SGR sequences of what is left out, from the last full reset on.
fn colours(left_out: &[u8]) -> Vec<u8> {
    let mut colours = Vec::new();
    let mut rest = left_out;
    while let Some(at) = scan::first(rest, |byte| byte == 0x1b) {
        rest = rest.get(at..).unwrap_or_default();
        let length = sgr_length(rest).unwrap_or(1);
        let sequence = rest.get(..length).unwrap_or_default();
        if matches!(sequence, b"\x1b[m" | b"\x1b[0m") {
            colours.clear();
        }
        colours.extend_from_slice(sequence);
        rest = rest.get(length..).unwrap_or_default();
    }
    colours
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_lines_of_a_flood_are_kept_with_their_colours() {
        let mut bytes = b"\x1b[2J".to_vec();
        for line in 0..1000 {
            bytes.extend_from_slice(format!("\x1b[31mline {line}\x1b[0m\r\n").as_bytes());
        }
        let (before, flood) = split(&bytes);
        assert_eq!(before, b"\x1b[2J");
        let kept = tail(flood, 4).expect("worth it");
        assert_eq!(kept.colours, b"\x1b[0m");
        assert_eq!(kept.rest.iter().filter(|byte| **byte == b'\n').count(), 8);
        assert!(kept.rest.starts_with(b"\x1b[31mline 992"));
    }

    #[test]
    fn a_stretch_that_ends_with_anything_else_is_no_flood() {
        let mut bytes = vec![b'x'; 5000];
        bytes.extend_from_slice(b"\r\n\r\n\x1b[5A");
        assert_eq!(split(&bytes), (&bytes[..], &b""[..]));
    }
}
