//! Schedules: one user on one target, in windows alone; and what grants and schedules have in common: when they hold.

pub mod access;
pub mod calendar;
pub mod rows;
pub mod wanted;
pub mod when;

pub use when::Schedule;
