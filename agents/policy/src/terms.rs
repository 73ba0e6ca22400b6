//! The terms of a grant: how a session on it is limited, and what its user agrees to first.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// Without the hub a grant holds for so long, where nothing else is said: a day.
pub const OFFLINE_SECONDS: u32 = 24 * 3600;
/// And no longer than this: four weeks.
pub const MAX_OFFLINE_SECONDS: u32 = 28 * 24 * 3600;

/// What may pass between a desktop and the computer of whoever uses it. Where nothing is said: text, and no files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Transfer {
    /// What is copied on the desktop goes into the browser's clipboard.
    #[serde(rename = "clipboard_copy")]
    pub copy: bool,
    /// What the browser's clipboard has can be pasted on the desktop.
    #[serde(rename = "clipboard_paste")]
    pub paste: bool,
    /// Files come from the desktop.
    #[serde(rename = "file_download")]
    pub download: bool,
    /// Files go to the desktop.
    #[serde(rename = "file_upload")]
    pub upload: bool,
}

impl Transfer {
    /// Where nothing is said.
    pub const USUAL: Self = Self { copy: true, paste: true, download: false, upload: false };
    /// Nothing passes.
    pub const NONE: Self = Self { copy: false, paste: false, download: false, upload: false };

    /// Of two the one that lets more pass is greater: first by how many ways are open, then the one that is open for files,
    /// of these for those that come from the desktop.
    fn rank(self) -> (u8, [bool; 4]) {
        let ways = [self.download, self.upload, self.copy, self.paste];
        (ways.into_iter().map(u8::from).sum(), ways)
    }
}

impl Default for Transfer {
    fn default() -> Self {
        Self::USUAL
    }
}

/// How a target may be used by a grant. Without any, as long as one likes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// A session lasts at most so many seconds.
    pub max_session_seconds: Option<u32>,
    /// It ends when nothing was typed for so many seconds.
    pub idle_seconds: Option<u32>,
    /// What its user must agree to before it opens.
    pub consent: Option<String>,
    /// For so many seconds it goes on at a site that has lost its hub; 0: not at all.
    pub offline_seconds: u32,
    /// What may pass between a desktop and its user's computer. A shell knows none of it.
    #[serde(flatten)]
    pub transfer: Transfer,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            max_session_seconds: None,
            idle_seconds: None,
            consent: None,
            offline_seconds: OFFLINE_SECONDS,
            transfer: Transfer::USUAL,
        }
    }
}

impl Terms {
    /// Whether a session on these terms has to be ended by its site.
    #[must_use]
    pub const fn limit(&self) -> bool {
        self.max_session_seconds.is_some() || self.idle_seconds.is_some()
    }

    /// Until when they allow what goes on at a site that has been without its hub since then.
    #[must_use]
    pub fn allow_away_until(&self, since: Timestamp) -> Timestamp {
        let allowed = SignedDuration::from_secs(self.offline_seconds.into());
        since.checked_add(allowed).unwrap_or(Timestamp::MAX)
    }

    /// The more generous of two is greater: first by the longest session, then by the idle time, then by the time without
    /// the hub, then by what may pass between a desktop and its user's computer (more ways before fewer, files before text,
    /// from the desktop before to it), then the one that asks for nothing.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        let rank = |terms: &Self| {
            let longest = terms.max_session_seconds.unwrap_or(u32::MAX);
            let idle = terms.idle_seconds.unwrap_or(u32::MAX);
            (longest, idle, terms.offline_seconds, terms.transfer.rank(), terms.consent.is_none())
        };
        rank(self).cmp(&rank(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_that_are_alike_the_one_that_lets_more_pass_is_the_more_generous() {
        let terms = |transfer, consent: Option<&str>| Terms {
            transfer,
            consent: consent.map(str::to_owned),
            ..Terms::default()
        };
        let usual = Transfer::USUAL;
        let ordered = [
            Transfer::NONE,
            Transfer { paste: true, ..Transfer::NONE },
            Transfer { copy: true, ..Transfer::NONE },
            Transfer { upload: true, ..Transfer::NONE },
            Transfer { download: true, ..Transfer::NONE },
            usual,
            Transfer { upload: true, paste: true, ..Transfer::NONE },
            Transfer { download: true, upload: true, ..Transfer::NONE },
            Transfer { upload: true, ..usual },
            Transfer { download: true, ..usual },
            Transfer { download: true, upload: true, ..usual },
        ];
        for pair in ordered.windows(2) {
            let (less, more) = (terms(pair[0], None), terms(pair[1], Some("be careful")));
            assert_eq!(less.compare(&more), Ordering::Less, "{less:?} {more:?}");
            assert_eq!(more.compare(&less), Ordering::Greater);
        }
        assert_eq!(terms(usual, None).compare(&terms(usual, Some("be careful"))), Ordering::Greater);
        let long = Terms { max_session_seconds: Some(60), ..terms(Transfer::NONE, None) };
        assert_eq!(long.compare(&terms(Transfer::NONE, None)), Ordering::Less, "limits come first");
    }

    #[test]
    fn events_name_each_way_as_the_books_do() {
        let said = serde_json::to_value(Terms::default()).expect("JSON");
        let expected = serde_json::json!({
            "max_session_seconds": null, "idle_seconds": null, "consent": null, "offline_seconds": 86_400,
            "clipboard_copy": true, "clipboard_paste": true, "file_download": false, "file_upload": false,
        });
        assert_eq!(said, expected);
    }
}
