//! The terms of whatever gives access, as they come in: read alike for grants and schedules.

use openpam_policy::Terms;

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
        Ok(terms)
    }
}
