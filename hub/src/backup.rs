//! `openpam-hub backup` and `restore`: the whole installation in two archives, on an empty machine again.
//!
//! One archive holds the books and the recordings, which stay sealed; the other the keys and the sealed secrets, without
//! which the first is of little use: they are kept apart. A backup is taken while the hub runs: a snapshot of the database
//! first, then what it names, which is only ever added to. A restore raises the epoch; satellites then tell again what the
//! backup does not know.

mod archive;
mod restore;
mod take;
mod tools;

use std::path::{Path, PathBuf};

pub use self::restore::{Restored, restore};
pub use self::take::{Taken, take};

/// The two archives.
#[derive(Clone, Debug)]
pub struct Archives {
    /// Books and recordings.
    pub books: PathBuf,
    /// Keys and sealed secrets.
    pub secrets: PathBuf,
}

/// A restore that was cut off leaves this in the data folder; until it is done the hub does not start.
#[must_use]
pub fn marker(data_dir: &Path) -> PathBuf {
    data_dir.join("restoring")
}
