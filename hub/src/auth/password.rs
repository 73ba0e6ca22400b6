//! Passwords: Argon2id (RFC 9106), off the async threads, a bounded number at once.
//!
//! Verifying against nothing takes as long as against a hash, so that the time tells nobody who exists.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::secrets::Secret;

/// Shorter passwords are refused when they are set.
pub const MIN_CHARS: usize = 12;
/// Longer ones are refused unread: hashing them would be a cheap way to keep the hub busy.
pub const MAX_BYTES: usize = 1024;
/// Each takes 19 MiB and a core for some tens of milliseconds; the others wait.
const AT_ONCE: usize = 4;
/// More than this waiting are turned away.
const MAX_WAITING: usize = 64;

/// The password checker. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Passwords {
    at_once: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    nobody: Arc<str>,
}

/// Why a password was not hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many at once.
    #[error("too many sign-ins at once")]
    Busy,
    /// Hashing failed.
    #[error("cannot hash a password")]
    Failed,
}

impl Passwords {
    /// Makes the checker, with the hash that stands in for people who do not exist.
    ///
    /// # Errors
    /// [`PasswordError::Failed`] if the system gives no randomness.
    pub fn new() -> Result<Self, PasswordError> {
        Ok(Self {
            at_once: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Arc::new(Semaphore::new(MAX_WAITING)),
            nobody: hash_now(&Secret::new("nobody has this password".to_owned()))?.into(),
        })
    }

    /// The PHC string to store for a password.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn hash(&self, password: Secret) -> Result<String, PasswordError> {
        self.off_thread(move || hash_now(&password)).await
    }

    /// Whether the password is the one behind `hash`; without a hash `false`, after the same work.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn verify(&self, hash: Option<String>, password: Secret) -> Result<bool, PasswordError> {
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.to_string());
        let fits = self
            .off_thread(move || {
                let parsed = PasswordHash::new(&hash).map_err(|_| PasswordError::Failed)?;
                Ok(Argon2::default().verify_password(password.expose().as_bytes(), &parsed).is_ok())
            })
            .await?;
        Ok(exists && fits)
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _waiting = self.waiting.try_acquire().map_err(|_| PasswordError::Busy)?;
        let turn = Arc::clone(&self.at_once).acquire_owned().await.map_err(|_| PasswordError::Failed)?;
        // The permit goes with the work: a caller that gives up does not free a core that is still busy.
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        })
        .await
        .map_err(|_| PasswordError::Failed)?
    }
}

/// Hashes on this thread, for the command line.
///
/// # Errors
/// [`PasswordError::Failed`] if the system gives no randomness.
pub fn hash_now(password: &Secret) -> Result<String, PasswordError> {
    Argon2::default()
        .hash_password(password.expose().as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|_| PasswordError::Failed)
}

/// Why a password may not be set; `None`: it may.
#[must_use]
pub fn objection(password: &Secret) -> Option<String> {
    let text = password.expose();
    if text.chars().count() < MIN_CHARS {
        return Some(format!("a password has at least {MIN_CHARS} characters"));
    }
    (text.len() > MAX_BYTES).then(|| format!("a password has at most {MAX_BYTES} bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn only_the_right_password_of_somebody_who_exists_fits() {
        let passwords = Passwords::new().expect("makes");
        let hash = passwords.hash(secret("correct horse")).await.expect("hashes");
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.verify(Some(hash.clone()), secret("correct horse")).await.expect("checks"));
        assert!(!passwords.verify(Some(hash), secret("wrong horse")).await.expect("checks"));
        assert!(!passwords.verify(None, secret("nobody has this password")).await.expect("checks"));
    }

    #[test]
    fn short_and_huge_passwords_may_not_be_set() {
        assert!(objection(&secret("short")).is_some() && objection(&secret(&"x".repeat(2000))).is_some());
        assert!(objection(&secret("twelve chars")).is_none());
    }
}
