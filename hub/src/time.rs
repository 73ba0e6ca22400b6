//! An instant as the books and the API have it: UTC, RFC 3339 in text, TIMESTAMPTZ in PostgreSQL.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A point in time. PostgreSQL keeps microseconds of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type, ToSchema)]
#[sqlx(transparent)]
#[schema(value_type = String, format = DateTime, examples("2026-01-31T12:00:00.5Z"))]
pub struct Time(jiff_sqlx::Timestamp);

impl Time {
    /// The present, by this machine's clock.
    #[must_use]
    pub fn now() -> Self {
        jiff::Timestamp::now().into()
    }

    /// The instant itself.
    #[must_use]
    pub fn timestamp(self) -> jiff::Timestamp {
        self.0.into()
    }

    /// From milliseconds since 1970 UTC, as the tunnel has it; out of range reads as 1970.
    #[must_use]
    pub fn from_ms(ms: i64) -> Self {
        jiff::Timestamp::from_millisecond(ms).unwrap_or_default().into()
    }

    /// Milliseconds since 1970 UTC.
    #[must_use]
    pub fn as_ms(self) -> i64 {
        self.timestamp().as_millisecond()
    }

    /// So much earlier; saturates at the begin of time.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        jiff::SignedDuration::try_from(duration)
            .ok()
            .and_then(|duration| self.timestamp().checked_sub(duration).ok())
            .unwrap_or(jiff::Timestamp::MIN)
            .into()
    }

    /// So much later; saturates at the end of time.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        jiff::SignedDuration::try_from(duration)
            .ok()
            .and_then(|duration| self.timestamp().checked_add(duration).ok())
            .unwrap_or(jiff::Timestamp::MAX)
            .into()
    }
}

impl From<jiff::Timestamp> for Time {
    fn from(timestamp: jiff::Timestamp) -> Self {
        Self(timestamp.into())
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

impl Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.timestamp().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        jiff::Timestamp::deserialize(deserializer).map(Into::into)
    }
}
