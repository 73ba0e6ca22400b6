//! Private keys as they come in: read as the satellite will read them, and kept in one form, without a passphrase.
//!
//! The store seals them; a passphrase beside them there would protect nothing.

use russh::keys::ssh_key::{self, LineEnding};
use russh::keys::{Algorithm, PrivateKey, decode_secret_key};
use zeroize::Zeroizing;

use super::Secret;

/// Why a key is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It has a passphrase, and none was given.
    #[error("this key is encrypted: give its passphrase too")]
    NeedsPassphrase,
    /// The passphrase does not open it.
    #[error("this passphrase does not open the key")]
    WrongPassphrase,
    /// To try a passphrase would take too long.
    #[error("this key is encrypted with too many rounds; encrypt it anew with at most 256")]
    TooManyRounds,
    /// It is none.
    #[error("this is no private key in OpenSSH, PEM or PuTTY form; a public key (.pub) is not meant")]
    NoKey,
    /// Its kind is not spoken.
    #[error("a key is Ed25519, ECDSA (NIST) or RSA")]
    Kind,
    /// It is too short to protect anything.
    #[error("an RSA key has at least 2048 bits")]
    TooShort,
}

/// bcrypt's rounds of a key that is still tried; ssh-keygen's default is 24.
const MAX_ROUNDS: u32 = 256;
/// Bits of the shortest RSA key that is taken.
const MIN_RSA_BITS: u32 = 2048;

/// The key in OpenSSH's form, without a passphrase. Takes a moment of the processor's time where it has one.
///
/// # Errors
/// [`KeyError`].
pub fn open(pem: &Secret, passphrase: Option<&Secret>) -> Result<Secret, KeyError> {
    let text = pem.expose().trim();
    let sealed = is_encrypted(text)?;
    let passphrase = passphrase.map(Secret::expose).filter(|passphrase| !passphrase.is_empty());
    if sealed && passphrase.is_none() {
        return Err(KeyError::NeedsPassphrase);
    }
    let key = decode_secret_key(text, passphrase.filter(|_| sealed));
    let key = key.map_err(|_| if sealed { KeyError::WrongPassphrase } else { KeyError::NoKey })?;
    check(&key)?;
    let plain: Zeroizing<String> = key.to_openssh(LineEnding::LF).map_err(|_| KeyError::NoKey)?;
    Ok(Secret::new(plain.as_str().to_owned()))
}

fn is_encrypted(text: &str) -> Result<bool, KeyError> {
    if text.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----") {
        let key = ssh_key::PrivateKey::from_openssh(text).map_err(|_| KeyError::NoKey)?;
        if let ssh_key::Kdf::Bcrypt { rounds, .. } = key.kdf()
            && *rounds > MAX_ROUNDS
        {
            return Err(KeyError::TooManyRounds);
        }
        return Ok(key.is_encrypted());
    }
    let putty = text.starts_with("PuTTY-User-Key-File-");
    Ok(text.contains("ENCRYPTED") || putty && !text.contains("Encryption: none"))
}

fn check(key: &PrivateKey) -> Result<(), KeyError> {
    match (key.algorithm(), key.key_data().rsa()) {
        (Algorithm::Ed25519 | Algorithm::Ecdsa { .. }, _) => Ok(()),
        (Algorithm::Rsa { .. }, Some(rsa)) if rsa.key_size() >= MIN_RSA_BITS => Ok(()),
        (Algorithm::Rsa { .. }, _) => Err(KeyError::TooShort),
        _ => Err(KeyError::Kind),
    }
}
