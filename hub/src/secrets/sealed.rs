//! The embedded sealed store: one file `sealed-store.json` in the secrets folder, its key in `sealed-store.key`.
//!
//! Each secret is sealed by itself with AES-256-GCM; the additional data is its path, so that a secret moved to
//! another path does not open. The file is replaced as a whole (temporary file, fsync, rename, fsync of the
//! folder), so that a crash leaves the old or the new one. It keeps no secret in memory. Other processes may use the same
//! store: what they wrote is read again before anything is read or changed here.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::rand;
use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::{Secret, turn};

const KEY_FILE: &str = "sealed-store.key";
const STORE_FILE: &str = "sealed-store.json";
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;

/// The open store. The lock is held for one file replacement at a time, never across an await.
pub struct SealedStore {
    dir: PathBuf,
    key: RandomizedNonceKey,
    sealed: Mutex<Sealed>,
}

/// What the file held when it was read last.
#[derive(Clone, Default)]
struct Sealed {
    secrets: BTreeMap<String, String>,
    file: Option<Stamp>,
}

/// Which file lies there: each change puts another one in its place.
type Stamp = (u64, SystemTime, u64);

impl std::fmt::Debug for SealedStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedStore").field("dir", &self.dir).finish_non_exhaustive()
    }
}

/// Why the sealed store failed.
#[derive(Debug, thiserror::Error)]
pub enum SealedError {
    /// A file could not be read or written.
    #[error("{}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The key file does not hold a key.
    #[error("{} does not hold a key", .0.display())]
    BadKey(PathBuf),
    /// There are secrets but the key is gone.
    #[error("{} is missing, and {STORE_FILE} cannot be opened without it: restore it from the backup", .0.display())]
    KeyLost(PathBuf),
    /// The file is no store.
    #[error("{} is damaged", .0.display())]
    BadFile(PathBuf),
    /// Sealed with another key, for another path, or changed since.
    #[error("the secret at {0:?} cannot be opened with this key")]
    Open(String),
    /// The system gives no randomness, or sealing failed.
    #[error("cannot seal")]
    Seal,
}

impl SealedStore {
    /// Opens the store in `dir`, making the folder (0700), the key and the file if there are none.
    ///
    /// # Errors
    /// [`SealedError`].
    pub fn open(dir: &Path) -> Result<Self, SealedError> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(at(dir))?;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).map_err(at(dir))?;
        let _turn = turn::take(dir).map_err(at(dir))?;
        let mut sealed = Sealed::default();
        sealed.refresh(dir)?;
        let key = load_or_make_key(dir, sealed.secrets.is_empty())?;
        Ok(Self { dir: dir.to_path_buf(), key, sealed: Mutex::new(sealed) })
    }

    /// Seals and stores durably.
    ///
    /// # Errors
    /// [`SealedError`].
    pub fn put(&self, path: &str, secret: &Secret) -> Result<(), SealedError> {
        let mut bytes = secret.expose().as_bytes().to_vec();
        // The tag is appended in place; without room the plain text would be left behind in the old allocation.
        bytes.reserve_exact(AES_256_GCM.tag_len());
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(path.as_bytes()), &mut bytes)
            .map_err(|_| SealedError::Seal)?;
        let mut whole = nonce.as_ref().to_vec();
        whole.extend_from_slice(&bytes);
        self.change(|sealed| {
            sealed.insert(path.to_owned(), BASE64.encode(&whole));
        })
    }

    /// The secret at `path`.
    ///
    /// # Errors
    /// [`SealedError::Open`] if it was sealed with another key or for another path.
    pub fn read(&self, path: &str) -> Result<Option<Secret>, SealedError> {
        let mut sealed = self.sealed();
        sealed.refresh(&self.dir)?;
        if !sealed.secrets.contains_key(path) {
            // Two changes within one tick of the file system's clock may look like one.
            sealed.file = None;
            sealed.refresh(&self.dir)?;
        }
        let Some(text) = sealed.secrets.get(path).cloned() else { return Ok(None) };
        drop(sealed);
        let fail = || SealedError::Open(path.to_owned());
        let whole = BASE64.decode(text.as_bytes()).map_err(|_| fail())?;
        let (nonce, body) = whole.split_at_checked(NONCE_BYTES).ok_or_else(fail)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| fail())?;
        let mut body = Zeroizing::new(body.to_vec());
        let plain =
            self.key.open_in_place(nonce, Aad::from(path.as_bytes()), &mut body).map_err(|_| fail())?;
        let text = std::str::from_utf8(plain).map_err(|_| fail())?;
        Ok(Some(Secret::new(text.to_owned())))
    }

    /// Forgets what is at `path`.
    ///
    /// # Errors
    /// [`SealedError::Io`].
    pub fn delete(&self, path: &str) -> Result<(), SealedError> {
        self.change(|sealed| {
            sealed.remove(path);
        })
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<(), SealedError> {
        let mut sealed = self.sealed();
        let _turn = turn::take(&self.dir).map_err(at(&self.dir))?;
        sealed.refresh(&self.dir)?;
        let mut next = sealed.secrets.clone();
        change(&mut next);
        let bytes = serde_json::to_vec_pretty(&next).map_err(|_| SealedError::Seal)?;
        replace(&self.dir, STORE_FILE, &bytes)?;
        sealed.refresh(&self.dir)
    }

    fn sealed(&self) -> MutexGuard<'_, Sealed> {
        self.sealed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sealed {
    /// Reads the file again if another one lies there. It is opened to see that: on a shared disk only that is told what
    /// another machine wrote.
    fn refresh(&mut self, dir: &Path) -> Result<(), SealedError> {
        let path = dir.join(STORE_FILE);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                *self = Self::default();
                return Ok(());
            }
            Err(error) => return Err(at(&path)(error)),
        };
        let meta = file.metadata().map_err(at(&path))?;
        let stamp = (meta.ino(), meta.modified().map_err(at(&path))?, meta.len());
        if self.file == Some(stamp) {
            return Ok(());
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(at(&path))?;
        let secrets = serde_json::from_slice(&bytes).map_err(|_| SealedError::BadFile(path))?;
        *self = Self { secrets, file: Some(stamp) };
        Ok(())
    }
}

fn load_or_make_key(dir: &Path, may_make: bool) -> Result<RandomizedNonceKey, SealedError> {
    let path = dir.join(KEY_FILE);
    let bytes = match fs::read(&path) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if !may_make {
                return Err(SealedError::KeyLost(path));
            }
            let mut key = Zeroizing::new(vec![0; KEY_BYTES]);
            rand::fill(&mut key).map_err(|_| SealedError::Seal)?;
            replace(dir, KEY_FILE, &key)?;
            key
        }
        Err(error) => return Err(at(&path)(error)),
    };
    RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| SealedError::BadKey(path))
}

/// Puts `bytes` in place of `name`: afterwards the file is durable and whole, mode 0600.
fn replace(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), SealedError> {
    let path = dir.join(name);
    let temporary = dir.join(format!("{name}.new"));
    let write = || -> io::Result<()> {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, &path)?;
        File::open(dir)?.sync_all()
    };
    write().map_err(at(&path))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> SealedError {
    let path = path.to_path_buf();
    move |source| SealedError::Io { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::new("correct horse".to_owned())
    }

    #[test]
    fn a_secret_survives_reopening_and_is_nowhere_in_the_clear() {
        let dir = tempfile::tempdir().expect("a folder");
        SealedStore::open(dir.path()).expect("opens").put("credentials/1", &secret()).expect("stores");
        let again = SealedStore::open(dir.path()).expect("opens again");
        assert_eq!(again.read("credentials/1").expect("opens"), Some(secret()));
        assert_eq!(again.read("credentials/2").expect("none"), None);
        for entry in fs::read_dir(dir.path()).expect("lists") {
            let path = entry.expect("entry").path();
            let bytes = fs::read(&path).expect("reads");
            assert!(!bytes.windows(7).any(|part| part == b"correct"), "{}", path.display());
            assert_eq!(fs::metadata(&path).expect("metadata").permissions().mode() & 0o777, 0o600);
        }
        again.delete("credentials/1").expect("deletes");
        assert_eq!(again.read("credentials/1").expect("none"), None);
    }

    #[test]
    fn a_secret_moved_to_another_path_does_not_open() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = SealedStore::open(dir.path()).expect("opens");
        store.put("a", &secret()).expect("stores");
        store
            .change(|sealed| {
                let moved = sealed.get("a").cloned().expect("there");
                sealed.insert("b".to_owned(), moved);
            })
            .expect("stores");
        assert!(matches!(store.read("b"), Err(SealedError::Open(_))));
    }

    #[test]
    fn what_one_process_writes_another_reads_and_neither_loses_what_the_other_wrote() {
        let dir = tempfile::tempdir().expect("a folder");
        let one = SealedStore::open(dir.path()).expect("opens");
        let other = SealedStore::open(dir.path()).expect("opens");
        one.put("a", &secret()).expect("stores");
        assert_eq!(other.read("a").expect("opens"), Some(secret()));
        other.put("b", &secret()).expect("stores");
        one.put("c", &secret()).expect("stores");
        let third = SealedStore::open(dir.path()).expect("opens");
        for path in ["a", "b", "c"] {
            assert_eq!(third.read(path).expect("opens"), Some(secret()), "{path}");
        }
        one.delete("a").expect("deletes");
        assert_eq!(other.read("a").expect("none"), None);
        std::thread::scope(|threads| {
            for (store, name) in [(&one, "one"), (&other, "other")] {
                threads.spawn(move || {
                    for number in 0..50 {
                        store.put(&format!("{name}/{number}"), &secret()).expect("stores");
                    }
                });
            }
        });
        assert_eq!(third.sealed().secrets.len(), 3, "as it was read last");
        third.read("b").expect("reads again");
        assert_eq!(third.sealed().secrets.len(), 102);
    }

    #[test]
    fn a_lost_key_is_said_and_not_replaced() {
        let dir = tempfile::tempdir().expect("a folder");
        SealedStore::open(dir.path()).expect("opens").put("a", &secret()).expect("stores");
        fs::remove_file(dir.path().join(KEY_FILE)).expect("removes");
        assert!(matches!(SealedStore::open(dir.path()), Err(SealedError::KeyLost(_))));
    }
}
