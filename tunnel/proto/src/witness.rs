//! Countersignatures: what a hub has seen of every chain of events, signed, and held by satellites too.
//!
//! A hub's statements are a chain of their own, linked like events ([`ChainedEvent`]) with an encoded [`Statement`] as
//! body. The signature is Ed25519 (RFC 8032) over [`Countersigned::signed_bytes`]. Satellites keep the newest of each hub and
//! show it at every hello, so that a hub's books cannot be set back behind it without being noticed.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use openpam_ids::{HubId, Uuid};

use crate::codec;
use crate::event::ChainedEvent;

/// A satellite holds the newest countersignature of so many hubs.
pub const MAX_HELD: usize = 8;

/// How far a chain was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Head {
    /// The hub instance or satellite.
    #[cbor(n(0), with = "codec::id")]
    pub node_id: Uuid,
    /// Its newest event.
    #[n(1)]
    pub seq: u64,
    /// That event's hash.
    #[cbor(n(2), with = "codec::hash")]
    pub hash: [u8; 32],
}

/// What a hub had in its books at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Statement {
    /// When, by the hub's clock: milliseconds since 1970 UTC.
    #[n(0)]
    pub at_ms: i64,
    /// The installation's epoch.
    #[n(1)]
    pub epoch: u64,
    /// The chains that went on since the statement before; now and then all.
    #[n(2)]
    pub heads: Vec<Head>,
}

impl Statement {
    /// As it is hashed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).unwrap_or_default()
    }

    /// Absent: it is none.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        minicbor::decode(bytes).ok()
    }
}

/// A signed statement, without what it says.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Countersigned {
    /// Whose.
    #[cbor(n(0), with = "codec::id")]
    pub hub_id: HubId,
    /// The statement's place in the hub's chain of statements.
    #[n(1)]
    pub seq: u64,
    /// Its hash.
    #[cbor(n(2), with = "codec::hash")]
    pub hash: [u8; 32],
    /// As in the statement.
    #[n(3)]
    pub at_ms: i64,
    /// As in the statement.
    #[n(4)]
    pub epoch: u64,
    /// 64 bytes.
    #[n(5)]
    pub signature: ByteVec,
}

impl Countersigned {
    /// A statement in its chain; `sign` is given the bytes to sign.
    #[must_use]
    pub fn new(
        hub_id: HubId,
        link: &ChainedEvent,
        statement: &Statement,
        sign: impl FnOnce(&[u8]) -> Vec<u8>,
    ) -> Self {
        let mut countersigned = Self {
            hub_id,
            seq: link.seq,
            hash: link.hash,
            at_ms: statement.at_ms,
            epoch: statement.epoch,
            signature: Vec::new().into(),
        };
        countersigned.signature = sign(&countersigned.signed_bytes()).into();
        countersigned
    }

    /// `"openpam-witness-v1" ‖ hub id (16 bytes) ‖ seq ‖ at_ms ‖ epoch (8 bytes each, big-endian) ‖ hash`.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = b"openpam-witness-v1".to_vec();
        bytes.extend_from_slice(self.hub_id.uuid().as_bytes());
        bytes.extend_from_slice(&self.seq.to_be_bytes());
        bytes.extend_from_slice(&self.at_ms.to_be_bytes());
        bytes.extend_from_slice(&self.epoch.to_be_bytes());
        bytes.extend_from_slice(&self.hash);
        bytes
    }

    /// As a satellite keeps it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).unwrap_or_default()
    }

    /// Absent: it is none.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        minicbor::decode(bytes).ok()
    }

    /// Whether this one goes further than `other` of the same hub. What a hub said before it was restored from a backup is
    /// behind everything that it says afterwards.
    #[must_use]
    pub const fn is_after(&self, other: &Self) -> bool {
        self.epoch > other.epoch || (self.epoch == other.epoch && self.seq > other.seq)
    }
}
