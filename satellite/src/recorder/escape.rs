//! JSON string escaping (RFC 8259) of terminal text: runs without special characters are copied whole.
//!
//! A terminal's escape characters become `\u001b`. The input is valid UTF-8 and stays so.

/// Appends `text` to `out`, escaped for inside a JSON string.
pub(super) fn push(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    out.reserve(rest.len() + rest.len() / 8 + 8);
    // Eight bytes at a time, taken back from the first one that is special.
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        out.extend_from_slice(word);
        let found = specials(u64::from_le_bytes(*word));
        if found == 0 {
            rest = after;
            continue;
        }
        let plain = (found.trailing_zeros() / 8) as usize;
        out.truncate(out.len() - word.len() + plain);
        rest = push_special(out, rest.get(plain..).unwrap_or_default());
    }
    while let Some((byte, after)) = rest.split_first() {
        if *byte < 0x20 || *byte == b'"' || *byte == b'\\' {
            rest = push_special(out, rest);
        } else {
            out.push(*byte);
            rest = after;
        }
    }
}

/// Escapes the first byte, or an end of line, and returns what is behind it.
fn push_special<'a>(out: &mut Vec<u8>, bytes: &'a [u8]) -> &'a [u8] {
    if let [b'\r', b'\n', after @ ..] = bytes {
        out.extend_from_slice(b"\\r\\n");
        return after;
    }
    let Some((byte, after)) = bytes.split_first() else { return bytes };
    push_byte(out, *byte);
    after
}

fn push_byte(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' => b'"',
        b'\\' => b'\\',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            let low = HEX.get(usize::from(byte & 15)).copied().unwrap_or(b'0');
            let high = HEX.get(usize::from(byte >> 4)).copied().unwrap_or(b'0');
            return out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// The high bit of each byte that is a control character, a quote or a backslash. Exact up to the first one.
const fn specials(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES * 0x80;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = zero_bytes(word ^ (ONES * b'"' as u64));
    let backslash = zero_bytes(word ^ (ONES * b'\\' as u64));
    (control | quote | backslash) & HIGH
}

const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(0x0101_0101_0101_0101) & !word
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn escaped(text: &str) -> String {
        let mut out = vec![b'"'];
        push(&mut out, text);
        out.push(b'"');
        String::from_utf8(out).expect("stays UTF-8")
    }

    #[test]
    fn a_terminals_bytes_are_valid_json() {
        assert_eq!(escaped("a\"b\\c\r\n\u{1b}[0m\t\u{7f}ü"), "\"a\\\"b\\\\c\\r\\n\\u001b[0m\\t\u{7f}ü\"");
    }

    proptest! {
        #[test]
        fn any_text_reads_back_as_it_was(text in "[\\x00-\\x7f\u{80}-\u{2ff}🦀]{0,100}") {
            prop_assert_eq!(serde_json::from_str::<String>(&escaped(&text)).expect("is JSON"), text);
        }
    }
}
