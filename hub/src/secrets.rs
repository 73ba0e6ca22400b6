//! Secrets: the type that never prints, and where they are kept.
//!
//! [`SecretStore`] is the one place that knows whether a secret lives in the embedded sealed store or, later, in
//! Vault. It never gives a secret to the API: only what opens a session asks for one.

pub mod private_key;
mod sealed;
pub mod turn;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use openpam_ids::CredentialId;
use serde::Deserialize;
use sqlx::{PgPool, Postgres, Transaction};
use uuid::Uuid;
use zeroize::Zeroizing;

pub use self::sealed::{SealedError, SealedStore};
use crate::store::{StoreError, leases};

/// A text that is wiped when dropped and prints as a placeholder.
#[derive(Clone, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes it over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for the one call that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Where secrets live. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SecretStore {
    kind: Kind,
    /// The books of the hubs that share it; absent: nobody else writes.
    shared: Option<PgPool>,
}

#[derive(Clone, Debug)]
enum Kind {
    /// An encrypted file of the hub.
    Sealed(Arc<SealedStore>),
}

/// The secret could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The path belongs to another store than the configured one.
    #[error("secret path {path:?} is not one of this store")]
    Elsewhere {
        /// As in the books.
        path: String,
    },
    /// The sealed store failed.
    #[error("sealed store")]
    Sealed(#[from] SealedError),
    /// Another hub of the installation writes, or the database does not answer.
    #[error("the turn to write secrets")]
    Turn(#[from] StoreError),
    /// The work was cut off by a shutdown.
    #[error("interrupted")]
    Interrupted,
}

const EMBEDDED: &str = "embedded:";

impl SecretStore {
    /// Opens the embedded store in `secrets_dir`, making key and file if there are none.
    ///
    /// # Errors
    /// [`SealedError`] if key or file cannot be read, written or opened.
    pub fn open_sealed(secrets_dir: &Path) -> Result<Self, SealedError> {
        Ok(Self { kind: Kind::Sealed(Arc::new(SealedStore::open(secrets_dir)?)), shared: None })
    }

    /// The same, shared with the other hubs on these books: one of them writes at a time.
    #[must_use]
    pub fn shared_by(self, pool: PgPool) -> Self {
        Self { shared: Some(pool), ..self }
    }

    /// What `credentials.vault_secret_path` says for a new secret of this credential: never the path of an older one.
    #[must_use]
    pub fn new_credential_path(&self, id: CredentialId) -> String {
        match self.kind {
            Kind::Sealed(_) => format!("{EMBEDDED}credentials/{id}/{}", Uuid::now_v7()),
        }
    }

    /// Stores a secret durably, replacing what was there.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn put(&self, path: &str, secret: Secret) -> Result<(), SecretError> {
        let (store, path) = self.locate(path)?;
        let _turn = self.turn().await?;
        blocking(move || store.put(&path, &secret)).await
    }

    /// The secret at `path`, if there is one.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn read(&self, path: &str) -> Result<Option<Secret>, SecretError> {
        let (store, path) = self.locate(path)?;
        blocking(move || store.read(&path)).await
    }

    /// Forgets the secret at `path`; there need be none.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn delete(&self, path: &str) -> Result<(), SecretError> {
        let (store, path) = self.locate(path)?;
        let _turn = self.turn().await?;
        blocking(move || store.delete(&path)).await
    }

    async fn turn(&self) -> Result<Option<Transaction<'static, Postgres>>, StoreError> {
        match &self.shared {
            Some(pool) => leases::writer_of_secrets(pool).await.map(Some),
            None => Ok(None),
        }
    }

    fn locate(&self, path: &str) -> Result<(Arc<SealedStore>, String), SecretError> {
        match (&self.kind, path.strip_prefix(EMBEDDED)) {
            (Kind::Sealed(store), Some(inner)) => Ok((Arc::clone(store), inner.to_owned())),
            _ => Err(SecretError::Elsewhere { path: path.to_owned() }),
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SealedError> + Send + 'static,
) -> Result<T, SecretError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| SecretError::Interrupted)?.map_err(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints() {
        let secret = Secret::new("hunter2".to_owned());
        assert_eq!(format!("{secret} {secret:?}"), "… Secret(…)");
    }

    #[tokio::test]
    async fn a_path_of_another_store_is_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = SecretStore::open_sealed(dir.path()).expect("opens");
        assert!(matches!(store.read("vault:kv/x").await, Err(SecretError::Elsewhere { .. })));
    }
}
