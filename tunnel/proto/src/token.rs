//! The join token: what a field engineer pastes. `opam1_` then base64url (RFC 4648) of a CBOR map and its checksum.
//!
//! It pins the hub's root certificate, so that the secret is sent to nobody else. The checksum tells a mistyped
//! or cut token from a wrong one; it protects nothing.

use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use openpam_ids::TokenId;
use zeroize::Zeroizing;

use crate::codec;

/// How every token begins.
pub const PREFIX: &str = "opam1_";
/// Bytes of a token's secret.
pub const SECRET_BYTES: usize = 32;
/// A longer text is refused unread.
const MAX_TEXT: usize = 4096;
const CHECKSUM_BYTES: usize = 4;

/// What a join token carries.
#[derive(Clone, PartialEq)]
pub struct JoinToken {
    /// Where the hub's tunnels are: `host:port`.
    pub addresses: Vec<String>,
    /// SHA-256 of the hub's root certificate (DER).
    pub ca_sha256: [u8; 32],
    /// The token's row.
    pub id: TokenId,
    /// The secret; the hub stores only its hash.
    pub secret: Zeroizing<[u8; SECRET_BYTES]>,
}

impl std::fmt::Debug for JoinToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinToken")
            .field("id", &self.id)
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

/// Why a text is no join token.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TokenError {
    /// Something else was pasted.
    #[error("not a join token: it begins with {PREFIX}")]
    NotAToken,
    /// A character is missing or wrong.
    #[error("the join token is damaged; copy it again as a whole")]
    Damaged,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Wire {
    #[n(0)]
    addresses: Vec<String>,
    #[cbor(n(1), with = "codec::hash")]
    ca_sha256: [u8; 32],
    #[cbor(n(2), with = "codec::id")]
    id: TokenId,
    #[n(3)]
    secret: ByteVec,
}

impl JoinToken {
    /// The text to paste.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<String> {
        let wire = Wire {
            addresses: self.addresses.clone(),
            ca_sha256: self.ca_sha256,
            id: self.id,
            secret: self.secret.to_vec().into(),
        };
        let mut bytes = Zeroizing::new(Vec::with_capacity(256));
        // Writing to a Vec cannot fail.
        let _ = minicbor::encode(&wire, &mut *bytes);
        let checksum = checksum(&bytes);
        bytes.extend_from_slice(&checksum);
        Zeroizing::new(format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&bytes)))
    }

    /// The token in a pasted text; white space around it is ignored.
    ///
    /// # Errors
    /// [`TokenError`] if it is none, or not whole.
    pub fn decode(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        let body = text.strip_prefix(PREFIX).ok_or(TokenError::NotAToken)?;
        if body.len() > MAX_TEXT {
            return Err(TokenError::Damaged);
        }
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(body.as_bytes()).map_err(|_| TokenError::Damaged)?);
        let split = bytes.len().checked_sub(CHECKSUM_BYTES).ok_or(TokenError::Damaged)?;
        let (map, sum) = bytes.split_at(split);
        if checksum(map) != sum {
            return Err(TokenError::Damaged);
        }
        let wire: Wire = minicbor::decode(map).map_err(|_| TokenError::Damaged)?;
        let secret =
            <[u8; SECRET_BYTES]>::try_from(wire.secret.as_slice()).map_err(|_| TokenError::Damaged)?;
        Ok(Self {
            addresses: wire.addresses,
            ca_sha256: wire.ca_sha256,
            id: wire.id,
            secret: Zeroizing::new(secret),
        })
    }

    /// What the hub stores of the secret.
    #[must_use]
    pub fn secret_hash(secret: &[u8]) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, secret).as_ref());
        hash
    }
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut sum = [0; CHECKSUM_BYTES];
    for (to, from) in sum.iter_mut().zip(digest::digest(&digest::SHA256, bytes).as_ref()) {
        *to = *from;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> JoinToken {
        JoinToken {
            addresses: vec!["hub.example:7443".to_owned()],
            ca_sha256: [5; 32],
            id: TokenId::from_bytes([6; 16]),
            secret: Zeroizing::new([7; 32]),
        }
    }

    #[test]
    fn a_token_survives_copy_and_paste() {
        let text = format!("  {}\n", *token().encode());
        assert_eq!(JoinToken::decode(&text).expect("decodes"), token());
    }

    #[test]
    fn every_single_changed_or_missing_character_is_noticed() {
        let text = token().encode();
        for at in PREFIX.len()..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert_eq!(JoinToken::decode(&changed), Err(TokenError::Damaged), "at {at}");
            assert!(JoinToken::decode(&text[..at]).is_err());
        }
        assert_eq!(JoinToken::decode("hunter2"), Err(TokenError::NotAToken));
    }
}
