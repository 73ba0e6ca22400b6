//! Labels of targets, such as `env=production`: what a grant may name instead of a target or a zone.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// A key and a value, each of 1 to 63 characters: ASCII letters and digits and `. _ - /`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Label(String);

/// A text that is no label.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a label is key=value, each 1 to 63 ASCII letters, digits or . _ - /")]
pub struct NoLabel;

/// The longest key, and the longest value.
const MAX_CHARS: usize = 63;

impl Label {
    /// As it is written, `key=value`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `=`.
    #[must_use]
    pub fn key(&self) -> &str {
        self.0.split_once('=').map_or(self.as_str(), |(key, _)| key)
    }
}

impl FromStr for Label {
    type Err = NoLabel;

    fn from_str(text: &str) -> Result<Self, NoLabel> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
        let part = |text: &str| (1..=MAX_CHARS).contains(&text.len()) && text.chars().all(allowed);
        match text.split_once('=') {
            Some((key, value)) if part(key) && part(value) => Ok(Self(text.to_owned())),
            _ => Err(NoLabel),
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_a_key_and_a_value_of_plain_characters() {
        let label: Label = "env=production".parse().expect("a label");
        assert_eq!((label.key(), label.as_str()), ("env", "env=production"));
        let long = "x".repeat(64);
        for wrong in
            ["", "env", "env=", "=x", "a=b=c", "a b=c", "a=\u{202e}x", " a=b", "ä=b", &format!("a={long}")]
        {
            assert_eq!(wrong.parse::<Label>(), Err(NoLabel), "{wrong:?}");
        }
    }
}
