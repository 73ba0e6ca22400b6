//! Text that looks like a log, made from the seed: lines of at most 79 characters, most of them alike, a number or
//! two in each. It compresses as logs do.

use std::fmt::Write;

const MESSAGES: [&str; 12] = [
    "press-4 valve closed after",
    "press-4 pressure in line 2 is back to normal, peak at",
    "plc-12 heartbeat received, round trip in ms:",
    "gateway accepted a connection from 10.20.7.31 port",
    "historian wrote a batch of values in ms:",
    "conveyor 3 stopped by operator, reason code",
    "warning: spindle 2 above limit, tenths of a degree:",
    "sensor north-east did not answer, try number",
    "backup of recipe store finished, files copied:",
    "door of cell 5 opened, badge",
    "oven 1 set point changed by schedule to",
    "error: frame from drive 7 dropped, checksum is",
];

/// At least `bytes` of whole lines. No `$` is in it, so that no line looks like a prompt.
pub(crate) fn log_lines(seed: u64, bytes: usize) -> String {
    let mut numbers = Numbers(seed);
    let mut text = String::with_capacity(bytes + 80);
    while text.len() < bytes {
        let second = text.len() / 4000;
        let (minute, second) = (second / 60 % 60, second % 60);
        let message = MESSAGES.get(numbers.below(MESSAGES.len())).unwrap_or(&"");
        let (thousandth, value) = (numbers.below(1000), numbers.below(1000));
        // Writing to a string does not fail.
        let _ = writeln!(text, "12:{minute:02}:{second:02}.{thousandth:03} {message} {value}");
    }
    text
}

/// At least `bytes` of whole lines that do not compress beyond what their alphabet of 64 characters allows.
pub(crate) fn noise_lines(seed: u64, bytes: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut numbers = Numbers(seed);
    let mut text = String::with_capacity(bytes + 80);
    while text.len() < bytes {
        text.extend(
            (0..76).filter_map(|_| ALPHABET.get(numbers.below(64)).map(|&letter| char::from(letter))),
        );
        text.push('\n');
    }
    text
}

/// `count` keys: letters, each other than the one before.
pub(crate) fn keys(seed: u64, count: usize) -> Vec<u8> {
    let mut numbers = Numbers(seed);
    let mut last = 0;
    (0..count)
        .map(|_| {
            last = (last + 1 + numbers.below(25)) % 26;
            b'a' + last as u8
        })
        .collect()
}

/// SplitMix64: the same numbers for the same seed on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}
