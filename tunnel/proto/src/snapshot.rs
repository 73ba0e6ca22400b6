//! The `snapshot` channel: a zone's policy going down, whole or as a delta, from where it was cut off.
//!
//! The satellite opens it with [`SnapshotHeader`]; the hub answers [`Offer`], then data frames from the offset that it names on,
//! and closes its half behind the last byte; or it answers [`Current`]. What the bytes are, this crate does not know.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use crate::codec;
use crate::message::messages;

/// A body is no larger than this, compressed as it travels.
pub const MAX_BODY_BYTES: u64 = 24 * 1024 * 1024;

/// Which snapshot of its zone: a later epoch is newer whatever the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(map)]
pub struct PolicyVersion {
    /// Raised when a hub is restored from a backup.
    #[n(0)]
    pub epoch: u64,
    /// Counts the snapshots of the zone.
    #[n(1)]
    pub version: u64,
}

/// What the satellite has of its zone's policy.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct SnapshotHeader {
    /// SHA-256 of the records that it holds; absent: none.
    #[n(0)]
    pub held: Option<ByteArray<32>>,
    /// A body of which it has the beginning.
    #[n(1)]
    pub part: Option<Part>,
}

/// The beginning of a body.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Part {
    /// SHA-256 of the whole body.
    #[cbor(n(0), with = "codec::hash")]
    pub sha256: [u8; 32],
    /// How much of it is there.
    #[n(1)]
    pub bytes: u64,
}

/// What comes.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Offer {
    /// Which snapshot comes of it.
    #[n(0)]
    pub policy: PolicyVersion,
    /// SHA-256 of the whole body.
    #[cbor(n(1), with = "codec::hash")]
    pub sha256: [u8; 32],
    /// Its length, at most [`MAX_BODY_BYTES`].
    #[n(2)]
    pub bytes: u64,
    /// From which byte on it comes.
    #[n(3)]
    pub from: u64,
}

/// What the satellite holds is the newest there is.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Current {}

messages! {
    /// From the hub to the satellite on a `snapshot` channel.
    pub enum ToSite {
        /// A body follows.
        1 => Offer(Offer),
        /// Nothing does.
        2 => Current(Current),
    }
}
