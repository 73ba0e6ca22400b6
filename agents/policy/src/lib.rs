//! Who may open which target: pure decisions, no I/O, no clock.
//!
//! Facts come in as arguments, an [`Authorization`] or a [`Denial`] goes out. Nothing else can make an
//! [`Authorization`], and nothing opens a session without one. Hub and satellite ask the same functions.

mod decision;
mod grant;
mod label;
mod role;
mod schedule;
mod terms;
mod when;
mod window;

pub use decision::{Authorization, Denial, Target, User, decide};
pub use grant::{Grant, Object, Subject};
pub use label::{Label, NoLabel};
pub use role::{Role, UnknownRole};
pub use schedule::{MAX_EXCEPTIONS, MAX_RULE_CHARS, MAX_WINDOW, Said, Schedule, ScheduleError};
pub use terms::Terms;
pub use when::{Standing, When};
pub use window::{Window, merged};
