//! One writer of `secrets_dir` at a time: among the processes of a machine by a lock on a file in it, among all hubs of an
//! installation by a lock in their database besides.
//!
//! Readers need no turn: every file is replaced as a whole.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The file. It holds nothing, and is in no backup.
pub const LOCK_FILE: &str = "lock";

/// Waits for the turn among the processes of this machine; given back when this is dropped, or when the process dies.
///
/// # Errors
/// If the folder is not there or cannot be written.
pub fn take(secrets_dir: &Path) -> io::Result<File> {
    let path = secrets_dir.join(LOCK_FILE);
    let lock = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    lock.lock()?;
    Ok(lock)
}
