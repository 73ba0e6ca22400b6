//! The books half of the hub against a real PostgreSQL: every endpoint as everybody, sign-in, evidence, the program.

#![expect(clippy::indexing_slicing, reason = "a wrong index fails the test, as it should")]

mod account;
mod alike;
mod audit;
mod changes;
mod configuration;
mod desktops;
mod endpoints;
mod evidence;
mod explained;
mod given_up;
#[path = "../harness/mod.rs"]
mod harness;
mod input;
mod instances;
mod issued;
mod joining;
mod outages;
mod profiles;
mod program;
#[path = "../system/random.rs"]
mod random;
mod retention;
mod roles;
mod schedules;
mod sign_in;
mod verify;
