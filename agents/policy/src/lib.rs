//! Who may open which target: pure decisions, no I/O, no clock.
//!
//! Facts come in as arguments, an [`Authorization`] or a [`Denial`] goes out. Nothing else can make an
//! [`Authorization`], and nothing opens a session without one. Hub and satellite ask the same functions.

mod books;
mod decision;
mod explain;
mod grant;
mod label;
mod moment;
mod policy;
mod record;
mod records;
mod role;
mod schedule;
mod snapshot;
mod terms;
mod when;
mod window;

pub use books::Books;
pub use decision::{Authorization, Denial, Target, User, decide};
pub use explain::{Explanation, Stands, Weighed, explain};
pub use grant::{Grant, Object, Subject};
pub use label::{Label, NoLabel};
pub use moment::Moment;
pub use policy::{Opening, Policy};
pub use record::{Key, Machine, Person, Record};
pub use records::{Delta, MAX_SNAPSHOT_BYTES, Malformed, Records};
pub use role::{Role, UnknownRole};
pub use schedule::{MAX_EXCEPTIONS, MAX_RULE_CHARS, MAX_WINDOW, Said, Schedule, ScheduleError};
pub use snapshot::{PolicyKey, Refusal, Signed, Snapshot, Statement, Update};
pub use terms::{MAX_OFFLINE_SECONDS, OFFLINE_SECONDS, Terms, Transfer};
pub use when::{Standing, When};
pub use window::{Window, merged};
