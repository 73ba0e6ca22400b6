//! Who may open which target: pure decisions, no I/O, no clock.
//!
//! Facts come in as arguments, an [`Authorization`] or a [`Denial`] goes out. Nothing else can make an
//! [`Authorization`], and nothing opens a session without one. Hub and satellite ask the same functions.

mod decision;
mod grant;
mod label;
mod role;
mod terms;

pub use decision::{Authorization, Denial, Target, User, decide};
pub use grant::{Grant, Object, Subject};
pub use label::{Label, NoLabel};
pub use role::{Role, UnknownRole};
pub use terms::Terms;
