//! What a person may do in the console. A role opens no target: only a grant does.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One per user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Keeps zones, targets, users and grants; reads everything.
    Admin,
    /// Reads all sessions, recordings and the audit; changes nothing.
    Auditor,
    /// Opens what was granted and sees their own.
    User,
}

/// A text that names no role.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a role: admin, auditor or user")]
pub struct UnknownRole;

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Auditor, Self::User];

    /// The name in the books and on the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Auditor => "auditor",
            Self::User => "user",
        }
    }

    /// Whether other people's sessions, recordings and the audit may be read.
    #[must_use]
    pub const fn reads_all(self) -> bool {
        matches!(self, Self::Admin | Self::Auditor)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}
