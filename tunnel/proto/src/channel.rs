//! What a channel is for: the first message its opener writes (yamux opens lazily, so it also announces it).

use minicbor::{Decode, Encode};

use crate::attach::AttachHeader;
use crate::command::OutputHeader;
use crate::message::messages;
use crate::recording::RecordingHeader;
use crate::snapshot::SnapshotHeader;

/// The channel of control messages, one per control lane.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct ControlHeader {}

/// Bytes of NATS's protocol, as data, between the satellite and a server of the hub's.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct BusHeader {
    /// What connects is a server, as a leaf node.
    #[n(0)]
    #[cbor(default)]
    pub leaf: bool,
}

messages! {
    /// The first frame of a channel.
    pub enum ChannelHeader {
        /// Control messages; opened by the satellite in the control lane.
        1 => Control(ControlHeader),
        /// One browser on one session; opened by the hub in the session's lane.
        2 => Attach(AttachHeader),
        /// One session's recording going up; opened by the satellite in a bulk lane.
        3 => Recording(RecordingHeader),
        /// The zone's policy coming down; opened by the satellite in a bulk lane.
        4 => Snapshot(SnapshotHeader),
        /// NATS; opened by the satellite in the control lane, at most [`crate::limits::MAX_BUS_CHANNELS`] at a time.
        5 => Bus(BusHeader),
        /// What a command collected, going up; opened by the satellite in a bulk lane.
        6 => Output(OutputHeader),
    }
}
