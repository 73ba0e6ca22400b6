//! Schedules: one user on one target, in windows alone. Their rows in the books, and what comes of them.
//!
//! Each row that was not cancelled is a grant to the policy, beside the grants of `grants`. Nothing here decides who may
//! read or change one, and nothing here opens a target: callers have asked before, and the policy decides.

mod books;
mod calendar;
mod cancel;
mod fields;
mod outlook;
mod rights;
mod settle;

pub use books::{Filter, Held, Row, change, create, find, hold, list};
pub use calendar::{Calendar, Entry, MAX_SPAN, MAX_WINDOWS, Scheduled, expand, within};
pub use cancel::{cancel, cancel_all_of, cancel_all_on};
pub use fields::Fields;
pub use outlook::{Outlook, Status};
pub use rights::{Right, all, of};
pub use settle::settle;
