//! The folder that guacd shows a desktop as its drive: one for each session, on this machine, gone with the session.
//!
//! guacd runs under another account: it gets into the folder by the group of the folder around, which is said in the
//! configuration. What it makes there lies as it is, unsealed, as long as the session lasts.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use openpam_ids::SessionId;

use crate::health;

/// For its owner, and for the group of the folder around.
const MODE: u32 = 0o770;
/// So much of the disk is not for files: recordings and events need it.
const KEPT_FREE_BYTES: u64 = 512 * 1024 * 1024;

/// Where drives are made. Of one satellite alone.
#[derive(Clone, Debug)]
pub struct Drives(PathBuf);

impl Drives {
    /// In the folder `around`.
    #[must_use]
    pub const fn new(around: PathBuf) -> Self {
        Self(around)
    }

    /// Where.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// Whether a drive could be made now.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self) -> io::Result<()> {
        self.open(SessionId::generate()).map(drop)
    }

    /// Removes what a crash left.
    pub fn sweep(&self) {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let left = entries
            .filter(|entry| entry.file_name().to_str().is_some_and(|name| name.parse::<SessionId>().is_ok()));
        left.for_each(|entry| remove(&entry.path()));
    }

    /// An empty one.
    ///
    /// # Errors
    /// Why the folder can't be made.
    pub fn open(&self, session_id: SessionId) -> io::Result<Drive> {
        let path = self.0.join(session_id.to_string());
        DirBuilder::new().mode(MODE).create(&path)?;
        let drive = Drive(path);
        // Whatever the process's own mask says.
        fs::set_permissions(&drive.0, Permissions::from_mode(MODE))?;
        Ok(drive)
    }
}

/// One session's. Dropping it removes it with what is in it.
#[derive(Debug)]
pub struct Drive(PathBuf);

impl Drive {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// How many bytes may still be put there.
    #[must_use]
    pub fn room(&self) -> u64 {
        health::disk(&self.0).map_or(0, |disk| disk.free_bytes.saturating_sub(KEPT_FREE_BYTES))
    }
}

impl Drop for Drive {
    fn drop(&mut self) {
        let path = std::mem::take(&mut self.0);
        // It may hold much.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(move || remove(&path))),
            Err(_) => remove(&path),
        }
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_dir_all(path) {
        tracing::warn!(path = %path.display(), %error, "files of a session that is over are still on its drive");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drive_is_for_its_group_and_goes_with_what_is_in_it_and_what_a_crash_left_too() {
        let around = tempfile::tempdir().expect("a folder");
        let drives = Drives::new(around.path().to_owned());
        drives.check().expect("it can be made");
        let drive = drives.open(SessionId::generate()).expect("a drive");
        let mode = fs::metadata(drive.path()).expect("is there").permissions().mode();
        assert_eq!(mode & 0o7777, MODE);
        fs::write(drive.path().join("a"), "b").expect("a file");
        let path = drive.path().to_owned();
        drop(drive);
        assert!(!path.exists());
        std::mem::forget(drives.open(SessionId::generate()).expect("a drive"));
        fs::write(around.path().join("other"), "").expect("a file");
        drives.sweep();
        let left: Vec<_> = fs::read_dir(around.path()).expect("is there").flatten().collect();
        assert_eq!(left.len(), 1, "what is no drive stays");
        assert!(Drives::new(around.path().join("absent")).check().is_err());
    }
}
