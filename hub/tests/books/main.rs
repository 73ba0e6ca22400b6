//! The books half of the hub against a real PostgreSQL: every endpoint as everybody, sign-in, evidence, the program.

mod endpoints;
mod evidence;
#[path = "../harness/mod.rs"]
mod harness;
mod input;
mod joining;
mod program;
mod sign_in;
