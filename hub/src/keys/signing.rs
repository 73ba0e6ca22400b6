//! Ed25519 keys in `secrets_dir` that sign what others hold: shared by all instances of an installation.

use std::fs;
use std::path::Path;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use openpam_link::seal::SealError;
use zeroize::Zeroizing;

use super::{KeysError, at, write};

/// An Ed25519 key.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// An installation from before there was such a key gets it at its next start: there is nothing yet that it signed.
    pub(super) fn make(folder: &Path, file: &str) -> Result<(), KeysError> {
        if folder.join(file).exists() {
            return Ok(());
        }
        Self::replace(folder, file)
    }

    /// Puts another key there.
    pub(super) fn replace(folder: &Path, file: &str) -> Result<(), KeysError> {
        let key = Ed25519KeyPair::generate().and_then(|key| key.to_pkcs8());
        let key = key.map_err(|_| KeysError::Seal(SealError::Generate))?;
        write(&folder.join(file), key.as_ref())
    }

    pub(super) fn read(folder: &Path, file: &str) -> Result<Self, KeysError> {
        let path = folder.join(file);
        let bytes = Zeroizing::new(fs::read(&path).map_err(at(&path))?);
        Ed25519KeyPair::from_pkcs8(&bytes).map(Self).map_err(|_| KeysError::Damaged(path))
    }

    /// The signature, 64 bytes.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.sign(bytes).as_ref().to_vec()
    }

    /// Who verifies needs this.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.0.public_key().as_ref().try_into().unwrap_or_default()
    }

    /// Whether an instance of this installation signed these bytes.
    #[must_use]
    pub fn has_signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.public()).verify(bytes, signature).is_ok()
    }
}
