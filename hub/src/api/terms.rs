//! The terms of whatever gives access, as they come in: read alike for grants and schedules.

use openpam_policy::{Terms, Transfer};

use super::input;
use super::problem::Problem;

/// What is to be different: absent, it stays; `Some(None)`, there is none any more.
#[derive(Debug)]
pub struct Wanted {
    /// In seconds.
    pub longest: Option<Option<u32>>,
    /// In seconds.
    pub idle: Option<Option<u32>>,
    /// A text.
    pub consent: Option<Option<String>>,
    /// In seconds.
    pub offline: Option<u32>,
    /// What may pass between a desktop and its user's computer.
    pub transfer: WantedTransfer,
}

/// Which ways are to be open or shut; absent, it stays.
#[derive(Debug)]
pub struct WantedTransfer {
    /// Text from the desktop.
    pub copy: Option<bool>,
    /// Text to it.
    pub paste: Option<bool>,
    /// Files from it.
    pub download: Option<bool>,
    /// Files to it.
    pub upload: Option<bool>,
}

impl WantedTransfer {
    fn put_into(&self, transfer: Transfer) -> Transfer {
        Transfer {
            copy: self.copy.unwrap_or(transfer.copy),
            paste: self.paste.unwrap_or(transfer.paste),
            download: self.download.unwrap_or(transfer.download),
            upload: self.upload.unwrap_or(transfer.upload),
        }
    }
}

impl Wanted {
    /// The terms with it.
    ///
    /// # Errors
    /// 400 that names the field.
    pub fn put_into(self, mut terms: Terms) -> Result<Terms, Problem> {
        if let Some(longest) = self.longest {
            terms.max_session_seconds = input::limit("max_session_seconds", longest)?;
        }
        if let Some(idle) = self.idle {
            terms.idle_seconds = input::limit("idle_seconds", idle)?;
        }
        if let Some(consent) = self.consent {
            terms.consent = input::consent(consent.as_deref())?;
        }
        if let Some(offline) = input::offline(self.offline)? {
            terms.offline_seconds = offline;
        }
        terms.transfer = self.transfer.put_into(terms.transfer);
        Ok(terms)
    }
}
