//! The words of a text as keyed hashes, so that recordings can be found by what they printed while they stay sealed.
//!
//! A word is a run of letters and digits, without regard to case. Who has the hashes but not the hub's recording key can
//! neither read a word nor try one.

use std::collections::HashSet;

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use openpam_link::seal::SealKey;

/// Longer runs are no words but data.
const MAX_WORD_CHARS: usize = 64;
/// More words than this are not kept of one recording.
const MAX_WORDS: usize = 50_000;

/// Hashes words. Derived from the recording key.
#[derive(Debug)]
pub struct WordKey(hmac::Key);

impl WordKey {
    /// Of this recording key.
    #[must_use]
    pub fn new(recording: &SealKey) -> Self {
        let root = hmac::Key::new(HMAC_SHA256, recording.private());
        Self(hmac::Key::new(HMAC_SHA256, hmac::sign(&root, b"openpam words of recordings").as_ref()))
    }

    fn hash(&self, word: &str) -> i64 {
        let tag = hmac::sign(&self.0, word.as_bytes());
        let first = tag.as_ref().first_chunk().copied().unwrap_or_default();
        i64::from_be_bytes(first)
    }

    /// The words that are looked for, in no order.
    #[must_use]
    pub fn of(&self, text: &str) -> Vec<i64> {
        let mut words = Words::default();
        words.take(self, text);
        words.finish(self).0
    }
}

/// The words of one text that comes piece by piece.
#[derive(Debug, Default)]
pub struct Words {
    found: HashSet<i64>,
    /// The begin of a word whose end is still to come.
    word: String,
    chars: usize,
    left_out: bool,
}

impl Words {
    /// Takes the next piece.
    pub fn take(&mut self, key: &WordKey, text: &str) {
        for character in text.chars() {
            if !character.is_alphanumeric() {
                self.end(key);
                continue;
            }
            self.chars += 1;
            if self.chars <= MAX_WORD_CHARS {
                self.word.extend(character.to_lowercase());
            }
        }
    }

    fn end(&mut self, key: &WordKey) {
        if (1..=MAX_WORD_CHARS).contains(&self.chars) {
            let hash = key.hash(&self.word);
            if self.found.len() < MAX_WORDS {
                self.found.insert(hash);
            } else if !self.found.contains(&hash) {
                self.left_out = true;
            }
        }
        self.word.clear();
        self.chars = 0;
    }

    /// All words, and whether none was left out.
    #[must_use]
    pub fn finish(mut self, key: &WordKey) -> (Vec<i64>, bool) {
        self.end(key);
        (self.found.into_iter().collect(), !self.left_out)
    }
}

/// Whether a line holds all of these words, given in lower case; as they stand, also within longer ones.
#[must_use]
pub fn holds(line: &str, wanted: &[String]) -> bool {
    let line = line.to_lowercase();
    wanted.iter().all(|word| line.contains(word))
}

/// The words of a search, in lower case.
#[must_use]
pub fn wanted(text: &str) -> Vec<String> {
    let words = text.split(|character: char| !character.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> WordKey {
        WordKey::new(&SealKey::generate().expect("a key"))
    }

    fn sorted(mut words: Vec<i64>) -> Vec<i64> {
        words.sort_unstable();
        words
    }

    #[test]
    fn words_are_the_same_wherever_a_text_is_cut_and_whatever_their_case() {
        let (key, text) = (key(), "Größe: 42\nrm -rf /var/log; größe");
        let expected = sorted(key.of("GRÖSSE größe 42 rm rf var log").into_iter().collect());
        for (cut, _) in text.char_indices() {
            let (begin, end) = text.split_at(cut);
            let mut words = Words::default();
            words.take(&key, begin);
            words.take(&key, end);
            let (found, whole) = words.finish(&key);
            assert!(whole && found.iter().all(|word| expected.contains(word)), "cut at {cut}");
            assert_eq!(found.len(), 6);
        }
    }

    #[test]
    fn without_the_key_nothing_is_found() {
        assert_eq!(sorted(key().of("password")).len(), 1);
        assert_ne!(key().of("password"), key().of("password"));
    }

    #[test]
    fn memory_is_bounded_and_what_is_left_out_is_said() {
        let (key, mut words) = (key(), Words::default());
        for number in 0..MAX_WORDS + 10 {
            words.take(&key, &format!("{number} "));
        }
        words.take(&key, &"x".repeat(10 * 1024 * 1024));
        assert!(words.word.len() <= MAX_WORD_CHARS * 4);
        let (found, whole) = words.finish(&key);
        assert_eq!((found.len(), whole), (MAX_WORDS, false));
    }

    #[test]
    fn a_line_holds_what_is_looked_for_in_any_order() {
        let words = wanted("Bind  failed: 10.0");
        assert_eq!(words, ["bind", "failed", "10", "0"]);
        assert!(holds("ERROR failed to BIND 10.0.0.7", &words));
        assert!(!holds("failed to bind", &words));
    }
}
