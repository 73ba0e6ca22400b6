//! What a lane is for: the one message that opens it, before its channels.

use minicbor::{Decode, Encode};
use openpam_ids::SessionId;

use crate::codec;
use crate::message::messages;

/// The lane of one session.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct SessionLane {
    /// Whose attachments it carries.
    #[cbor(n(0), with = "codec::id")]
    pub session_id: SessionId,
}

/// A lane without parameters.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Control {}

/// A lane for what may wait: recordings, files, snapshots. Lower priority.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Bulk {}

/// Over TCP alone: the flow with which the two ends of a connection watch each other.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Link {}

messages! {
    /// The first frame of a lane; over TCP, of each of its channels.
    pub enum LaneHeader {
        /// Opened by the satellite, first and once; lives as long as the tunnel.
        1 => Control(Control),
        /// Opened by the hub when a session gets its first attachment.
        2 => Session(SessionLane),
        /// Opened by the satellite.
        3 => Bulk(Bulk),
        /// Opened by the satellite, once on each TCP connection.
        4 => Link(Link),
    }
}
