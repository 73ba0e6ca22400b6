//! How a tunnel over TLS and TCP begins: one frame each way on every connection, before its yamux.
//!
//! A tunnel is two connections, interactive and bulk. The second one names the tunnel that the hub gave over the
//! first; the hub takes it only from the holder of the same certificate.

use minicbor::{Decode, Encode};
use openpam_ids::TunnelId;

use crate::codec;
use crate::message::messages;

/// This connection is the interactive one of a new tunnel.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Open {}

/// This connection is the bulk one of a tunnel that was opened before.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Pair {
    /// As the hub said in [`Opened`].
    #[cbor(n(0), with = "codec::id")]
    pub tunnel_id: TunnelId,
}

/// The hub has taken the connection.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Opened {
    /// The tunnel that it belongs to.
    #[cbor(n(0), with = "codec::id")]
    pub tunnel_id: TunnelId,
}

/// The end of a connection or of a tunnel, and why: what QUIC's application error code says there.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Close {
    /// A number of [`crate::close::CloseCode`].
    #[n(0)]
    pub code: u32,
}

/// Nothing to say, but here. Sent every two seconds on the link channel of each connection.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Beat {}

messages! {
    /// The first frame from the satellite.
    pub enum ToHub {
        /// A new tunnel.
        1 => Open(Open),
        /// The second connection of one.
        2 => Pair(Pair),
    }
}

messages! {
    /// The first frame from the hub.
    pub enum ToSite {
        /// Taken.
        1 => Opened(Opened),
        /// Refused.
        2 => Close(Close),
    }
}

messages! {
    /// Either way on the link channel.
    pub enum Link {
        /// Alive.
        1 => Beat(Beat),
        /// The tunnel ends.
        2 => Close(Close),
    }
}
