//! The data folder of one hub process: its lock and its id.
//!
//! Two hubs on one folder are refused here, before anything else is touched.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use openpam_ids::HubId;

/// The locked data folder. The lock is given back when this is dropped, or when the process dies.
#[derive(Debug)]
pub struct Instance {
    id: HubId,
    _lock: File,
}

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// Another hub runs on it.
    #[error("another openpam-hub runs on {}: stop it first, or choose another --data", .0.display())]
    InUse(PathBuf),
    /// It cannot be made or read.
    #[error("data folder {}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The id file holds something else.
    #[error("{} does not hold an id", .0.display())]
    BadId(PathBuf),
}

impl Instance {
    /// Makes the folder if there is none, locks it and reads or makes the hub's id.
    ///
    /// # Errors
    /// [`InstanceError::InUse`] if another process holds the lock.
    pub fn claim(data_dir: &Path) -> Result<Self, InstanceError> {
        make_folder(data_dir)?;
        // The database's user passes through, and only that: every file and folder inside is closed by itself.
        fs::set_permissions(data_dir, fs::Permissions::from_mode(0o711)).map_err(at(data_dir))?;
        let path = data_dir.join("hub.lock");
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(at(&path))?;
        match lock.try_lock() {
            Ok(()) => {
                // Who holds it, for `openpam-hub stop` and `status`.
                lock.set_len(0)
                    .and_then(|()| writeln!(&lock, "{}", std::process::id()))
                    .map_err(at(&path))?;
                Ok(Self { id: hub_id(data_dir)?, _lock: lock })
            }
            Err(TryLockError::WouldBlock) => Err(InstanceError::InUse(data_dir.to_path_buf())),
            Err(TryLockError::Error(source)) => Err(InstanceError::Io { path, source }),
        }
    }

    /// This hub.
    #[must_use]
    pub const fn id(&self) -> HubId {
        self.id
    }
}

/// The id of the hub whose folder this is; made at the first call. Safe for a second process to call.
///
/// # Errors
/// [`InstanceError`].
pub fn hub_id(data_dir: &Path) -> Result<HubId, InstanceError> {
    let path = data_dir.join("hub.id");
    match fs::read_to_string(&path) {
        Ok(text) => text.trim().parse().map_err(|_| InstanceError::BadId(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // A command may come before the first start of a hub.
            make_folder(data_dir)?;
            let id = HubId::generate();
            let temporary = data_dir.join("hub.id.new");
            let write = || -> io::Result<()> {
                let mut file = OpenOptions::new()
                    .write(true)
                    .create(true)
                    .truncate(true)
                    .mode(0o600)
                    .open(&temporary)?;
                writeln!(file, "{id}")?;
                file.sync_all()?;
                fs::rename(&temporary, &path)?;
                File::open(data_dir)?.sync_all()
            };
            write().map_err(at(&path))?;
            Ok(id)
        }
        Err(error) => Err(at(&path)(error)),
    }
}

fn make_folder(data_dir: &Path) -> Result<(), InstanceError> {
    let create = fs::DirBuilder::new().recursive(true).mode(0o711).create(data_dir);
    create.map_err(at(data_dir))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> InstanceError {
    let path = path.to_path_buf();
    move |source| InstanceError::Io { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_claim_is_refused_until_the_first_is_dropped_and_the_id_stays() {
        let dir = tempfile::tempdir().expect("a folder");
        let first = Instance::claim(dir.path()).expect("claims");
        assert!(matches!(Instance::claim(dir.path()), Err(InstanceError::InUse(_))));
        let id = first.id();
        drop(first);
        assert_eq!(Instance::claim(dir.path()).expect("claims again").id(), id);
    }
}
