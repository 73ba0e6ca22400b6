//! The key that countersigns the chains of events.

use std::fs;
use std::path::Path;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use openpam_link::seal::SealError;
use openpam_proto::witness::Countersigned;
use zeroize::Zeroizing;

use super::{KeysError, at, write};

const FILE: &str = "witness.key";

/// An Ed25519 key, shared by all instances of an installation.
pub struct WitnessKey(Ed25519KeyPair);

impl WitnessKey {
    /// An installation from before there was one gets it at its next start: there is nothing yet that it signed.
    pub(super) fn make(folder: &Path) -> Result<(), KeysError> {
        let path = folder.join(FILE);
        if path.exists() {
            return Ok(());
        }
        let key = Ed25519KeyPair::generate().and_then(|key| key.to_pkcs8());
        let key = key.map_err(|_| KeysError::Seal(SealError::Generate))?;
        write(&path, key.as_ref())
    }

    pub(super) fn read(folder: &Path) -> Result<Self, KeysError> {
        let path = folder.join(FILE);
        let bytes = Zeroizing::new(fs::read(&path).map_err(at(&path))?);
        Ed25519KeyPair::from_pkcs8(&bytes).map(Self).map_err(|_| KeysError::Damaged(path))
    }

    /// The signature, 64 bytes.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.sign(bytes).as_ref().to_vec()
    }

    /// Whether an instance of this installation signed it.
    #[must_use]
    pub fn has_signed(&self, countersigned: &Countersigned) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, self.0.public_key().as_ref());
        key.verify(&countersigned.signed_bytes(), &countersigned.signature).is_ok()
    }
}
