//! The key that sealed seeds are sealed to. It is published here and seals nothing else.

use openpam_link::seal::SealKey;
use zeroize::Zeroizing;

const PRIVATE: [u8; 32] = [7; 32];
/// X25519 (RFC 7748) of [`PRIVATE`] and the base point.
const PUBLIC: &[u8] = b"13be4feaeaf204c7fd3358fc9c00721881d174278128227ec674f37f7fe97b6d";

/// The key.
#[must_use]
pub fn key() -> SealKey {
    let public = data_encoding::HEXLOWER.decode(PUBLIC).unwrap_or_default();
    SealKey::from_parts(public, Zeroizing::new(PRIVATE.to_vec()))
}
