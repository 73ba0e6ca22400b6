//! A site behind a bad line: blocked UDP, proxies, half-open connections, small packets, loss.
//!
//! The hub stands in this machine's own network, satellite and target in another (`site`); between the two lies a
//! line that the test rules (`line`). Real programs throughout. It needs root and /dev/net/tun, and says so.

#![expect(clippy::indexing_slicing, reason = "a wrong index fails the test, as it should")]

mod beside;
mod blocked_udp;
mod both_ways;
mod counting;
mod cut;
mod faults;
mod half_open;
mod line;
mod lossy;
mod lost_answer;
mod manners;
mod moved;
mod narrow;
mod page;
mod proxies;
mod proxy;
mod site;
#[path = "../system/mod.rs"]
mod system;
mod through;
mod typist;
mod vim;
mod watched;
mod whole;
