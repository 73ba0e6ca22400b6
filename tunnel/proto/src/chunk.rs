//! A recording's chunks: compressed, sealed to the hub's recording key, hash-chained.
//!
//! The plain content is a run of asciicast v2 lines, zstd-compressed; the first chunk begins with the header
//! line. Sealing is HPKE (RFC 9180) with [`Place::aad`] as additional data, so that a chunk opens only in
//! its own place. `hash = SHA-256("openpam-chunk-v1" ‖ session ‖ seq ‖ last ‖ previous hash ‖ enc ‖ ciphertext)`:
//! the chain can be checked without the key. Sealing itself is done by the caller; here is no key.

use aws_lc_rs::digest;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use openpam_ids::SessionId;

use crate::codec;

/// HPKE `info` of recording chunks.
pub const SEAL_INFO: &[u8] = b"openpam recording v1";

/// Where a chunk stands: everything that is bound into its seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The session.
    pub session_id: SessionId,
    /// 0 for the first chunk, then without a hole.
    pub seq: u64,
    /// The hash of the chunk before; zeros for the first.
    pub previous: [u8; 32],
    /// Whether the recording is complete with it.
    pub last: bool,
}

impl Place {
    /// Additional data of the seal: session (16 bytes), sequence number (8, big-endian), last (1), previous hash (32).
    #[must_use]
    pub fn aad(&self) -> Vec<u8> {
        let mut aad = Vec::with_capacity(57);
        aad.extend_from_slice(self.session_id.as_bytes());
        aad.extend_from_slice(&self.seq.to_be_bytes());
        aad.push(u8::from(self.last));
        aad.extend_from_slice(&self.previous);
        aad
    }
}

/// A chunk as stored and sent.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct SealedChunk {
    /// The session.
    #[cbor(n(0), with = "codec::id")]
    pub session_id: SessionId,
    /// 0 for the first chunk.
    #[n(1)]
    pub seq: u64,
    /// The hash of the chunk before.
    #[cbor(n(2), with = "codec::hash")]
    pub previous: [u8; 32],
    /// This chunk's hash.
    #[cbor(n(3), with = "codec::hash")]
    pub hash: [u8; 32],
    /// HPKE encapsulated key.
    #[n(4)]
    pub enc: ByteVec,
    /// HPKE ciphertext of the compressed lines.
    #[n(5)]
    pub ciphertext: ByteVec,
    /// Whether the recording is complete with it.
    #[n(6)]
    pub last: bool,
    /// Milliseconds since the recording's begin at its last event.
    #[n(7)]
    pub until_ms: u64,
}

impl SealedChunk {
    /// Puts sealed content in its place and computes the hash.
    #[must_use]
    pub fn new(place: Place, until_ms: u64, enc: Vec<u8>, ciphertext: Vec<u8>) -> Self {
        let Place { session_id, seq, previous, last } = place;
        let hash = chain_hash(&place, &enc, &ciphertext);
        Self {
            session_id,
            seq,
            previous,
            hash,
            enc: enc.into(),
            ciphertext: ciphertext.into(),
            last,
            until_ms,
        }
    }

    /// Its place, for opening.
    #[must_use]
    pub const fn place(&self) -> Place {
        Place { session_id: self.session_id, seq: self.seq, previous: self.previous, last: self.last }
    }

    /// Whether the hash is that of the content and the chunk follows the one with `previous` hash.
    #[must_use]
    pub fn follows(&self, seq: u64, previous: &[u8; 32]) -> bool {
        self.seq == seq
            && self.previous == *previous
            && self.hash == chain_hash(&self.place(), &self.enc, &self.ciphertext)
    }

    /// The bytes that are stored.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.ciphertext.len() + 256);
        // Writing to a Vec cannot fail.
        let _ = minicbor::encode(self, &mut out);
        out
    }

    /// The chunk in stored bytes.
    ///
    /// # Errors
    /// [`crate::message::Malformed`] if they hold none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, crate::message::Malformed> {
        minicbor::decode(bytes).map_err(Into::into)
    }
}

fn chain_hash(place: &Place, enc: &[u8], ciphertext: &[u8]) -> [u8; 32] {
    let mut hasher = digest::Context::new(&digest::SHA256);
    hasher.update(b"openpam-chunk-v1");
    hasher.update(place.session_id.as_bytes());
    hasher.update(&place.seq.to_be_bytes());
    hasher.update(&[u8::from(place.last)]);
    hasher.update(&place.previous);
    hasher.update(enc);
    hasher.update(ciphertext);
    let mut hash = [0; 32];
    hash.copy_from_slice(hasher.finish().as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(seq: u64, previous: [u8; 32]) -> SealedChunk {
        let place = Place { session_id: SessionId::from_bytes([7; 16]), seq, previous, last: false };
        SealedChunk::new(place, 10, vec![1; 32], vec![2; 100])
    }

    #[test]
    fn a_chunk_follows_only_the_one_before_it() {
        let first = chunk(0, [0; 32]);
        let second = chunk(1, first.hash);
        assert!(first.follows(0, &[0; 32]) && second.follows(1, &first.hash));
        assert!(!second.follows(1, &[0; 32]));
        assert!(!SealedChunk { last: true, ..second }.follows(1, &first.hash));
    }

    #[test]
    fn a_chunk_reads_back_from_its_stored_bytes() {
        let chunk = chunk(3, [9; 32]);
        assert_eq!(SealedChunk::from_bytes(&chunk.to_bytes()).expect("reads back"), chunk);
    }
}
