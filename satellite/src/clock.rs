//! The satellite's wall clock, in the one form the wire uses.

use jiff::Timestamp;

/// Milliseconds since 1970 UTC, by the machine's clock.
#[must_use]
pub fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}
