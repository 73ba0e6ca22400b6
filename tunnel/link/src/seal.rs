//! Sealing to a public key: HPKE (RFC 9180), base mode, X25519 / HKDF-SHA256 / ChaCha20-Poly1305.
//!
//! Used for a dial's secret and for recording chunks. It keeps no key: callers own them.

use aws_lc_rs::digest;
use rustls::crypto::aws_lc_rs::hpke::DH_KEM_X25519_HKDF_SHA256_CHACHA20_POLY1305 as SUITE;
use rustls::crypto::hpke::{EncapsulatedSecret, Hpke, HpkePrivateKey, HpkePublicKey};
use zeroize::Zeroizing;

/// HPKE `info` of a dial's secret.
pub const DIAL_INFO: &[u8] = b"openpam dial v1";

/// Why sealing or opening failed. Deliberately says no more.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// No key pair could be made.
    #[error("no key could be generated")]
    Generate,
    /// The public key is none.
    #[error("not a key to seal to")]
    Seal,
    /// Another key, other additional data, or damaged bytes.
    #[error("cannot be opened with this key in this place")]
    Open,
}

/// A private key and its public half. The private half wipes itself.
pub struct SealKey {
    public: Vec<u8>,
    private: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(…)")
    }
}

impl SealKey {
    /// A new key pair.
    ///
    /// # Errors
    /// [`SealError::Generate`] if the system gives no randomness.
    pub fn generate() -> Result<Self, SealError> {
        let (public, private) = SUITE.generate_key_pair().map_err(|_| SealError::Generate)?;
        Ok(Self { public: public.0, private: Zeroizing::new(private.secret_bytes().to_vec()) })
    }

    /// A stored key pair.
    #[must_use]
    pub fn from_parts(public: Vec<u8>, private: Zeroizing<Vec<u8>>) -> Self {
        Self { public, private }
    }

    /// The public half (32 bytes).
    #[must_use]
    pub fn public(&self) -> &[u8] {
        &self.public
    }

    /// The private half (32 bytes), for a key file.
    #[must_use]
    pub fn private(&self) -> &Zeroizing<Vec<u8>> {
        &self.private
    }

    /// A short name of the public half: the first 8 bytes of its SHA-256, in hex.
    #[must_use]
    pub fn id(&self) -> String {
        let hash = digest::digest(&digest::SHA256, &self.public);
        data_encoding::HEXLOWER.encode(hash.as_ref().get(..8).unwrap_or_default())
    }

    /// Opens what [`seal`] made for this key, with the same `info` and `aad`.
    ///
    /// # Errors
    /// [`SealError::Open`].
    pub fn open(
        &self,
        info: &[u8],
        aad: &[u8],
        enc: &[u8],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let private = HpkePrivateKey::from(self.private.to_vec());
        SUITE
            .open(&EncapsulatedSecret(enc.to_vec()), info, aad, ciphertext, &private)
            .map(Zeroizing::new)
            .map_err(|_| SealError::Open)
    }
}

/// What [`seal`] makes.
#[derive(Debug)]
pub struct Sealed {
    /// The encapsulated key (32 bytes).
    pub enc: Vec<u8>,
    /// The ciphertext: 16 bytes longer than what was sealed.
    pub ciphertext: Vec<u8>,
}

/// Seals `plain` to `public`, bound to `info` and `aad`.
///
/// # Errors
/// [`SealError::Seal`] if `public` is no X25519 public key.
pub fn seal(public: &[u8], info: &[u8], aad: &[u8], plain: &[u8]) -> Result<Sealed, SealError> {
    let (enc, ciphertext) =
        SUITE.seal(info, aad, plain, &HpkePublicKey(public.to_vec())).map_err(|_| SealError::Seal)?;
    Ok(Sealed { enc: enc.0, ciphertext })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_key_in_the_right_place_opens() {
        let key = SealKey::generate().expect("generates");
        let other = SealKey::generate().expect("generates");
        let sealed = seal(key.public(), DIAL_INFO, b"session", b"secret").expect("seals");
        let open = |key: &SealKey, aad: &[u8]| key.open(DIAL_INFO, aad, &sealed.enc, &sealed.ciphertext);
        assert_eq!(open(&key, b"session").expect("opens").as_slice(), b"secret");
        assert!(open(&key, b"another").is_err());
        assert!(open(&other, b"session").is_err());
    }
}
