//! The bus at the site: NATS, as the second carrier of what this satellite and its hubs tell each other.
//!
//! The only way to it are `bus` channels of the tunnel. What goes through them is this satellite's own client, or, where
//! nats-server is installed, that server as a leaf node, with the client behind it.

pub mod carrier;
mod door;
mod leaf;
pub mod site;
