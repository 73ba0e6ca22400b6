//! The `recording` channel: one session's chunks going up, in order, deleted below at the hub's receipt.
//!
//! The satellite opens it with [`RecordingHeader`]; the hub says which chunk it wants next ([`Want`]), the
//! satellite sends [`Chunk`]s from there, the hub answers each with [`ChunkReceipt`] once it is durable.

use minicbor::{Decode, Encode};
use openpam_ids::SessionId;

use crate::chunk::SealedChunk;
use crate::codec;
use crate::message::messages;

/// Whose recording goes up.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct RecordingHeader {
    /// The session.
    #[cbor(n(0), with = "codec::id")]
    pub session_id: SessionId,
}

/// What the hub has so far.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Want {
    /// The first chunk it does not have; 0 for none yet.
    #[n(0)]
    pub next_seq: u64,
}

/// A chunk.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Chunk {
    /// Sealed and chained.
    #[n(0)]
    pub chunk: SealedChunk,
}

/// Every chunk up to and including this one is durable at the hub.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct ChunkReceipt {
    /// Its sequence number.
    #[n(0)]
    pub seq: u64,
}

messages! {
    /// From the satellite to the hub on a `recording` channel.
    pub enum ToHub {
        /// A chunk.
        1 => Chunk(Chunk),
    }
}

messages! {
    /// From the hub to the satellite on a `recording` channel.
    pub enum ToSite {
        /// Where to begin.
        1 => Want(Want),
        /// Durable.
        2 => ChunkReceipt(ChunkReceipt),
    }
}
