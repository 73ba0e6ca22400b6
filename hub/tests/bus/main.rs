//! The bus with a real nats-server: what a site's credentials reach, and what they do not.

#![expect(clippy::indexing_slicing, reason = "a wrong index fails the test, as it should")]

mod leaf;
mod place;
mod zones;
