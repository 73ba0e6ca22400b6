//! A reserve on the disk for events: a file of zeros, given up when the disk is full.
//!
//! While it is given up only events are stored; recordings wait, and their targets are not read.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// Room for some thousands of events and the write-ahead log around them.
const RESERVE_BYTES: usize = 4 * 1024 * 1024;
/// How often making the reserve again is tried.
const RETRY: Duration = Duration::from_secs(30);

pub(super) struct Reserve {
    path: PathBuf,
    tight: watch::Sender<bool>,
    tried: Option<Instant>,
}

impl Reserve {
    pub(super) fn new(database: &Path, tight: watch::Sender<bool>) -> Self {
        let path = database.with_extension("reserve");
        Self { path, tight, tried: None }
    }

    /// Frees the room; `false` if there was none to free.
    pub(super) fn give_up(&self) -> bool {
        let given = fs::remove_file(&self.path).is_ok();
        if given {
            tracing::error!(alarm = true, "the disk is full: the reserve for events is in use");
        }
        self.tight.send_replace(true);
        given
    }

    /// Whether there is none.
    pub(super) fn is_given_up(&self) -> bool {
        *self.tight.borrow()
    }

    /// Makes the reserve again, if it is missing and some time went by.
    pub(super) fn restore_if_due(&mut self) {
        if self.is_given_up() && self.tried.is_none_or(|tried| tried.elapsed() >= RETRY) {
            self.restore();
        }
    }

    pub(super) fn restore(&mut self) {
        self.tried = Some(Instant::now());
        match self.make() {
            Ok(()) => {
                self.tight.send_if_modified(std::mem::take);
            }
            Err(error) => {
                tracing::warn!(%error, path = %self.path.display(), "no room for the reserve of events");
                let _ = fs::remove_file(&self.path);
                self.tight.send_replace(true);
            }
        }
    }

    fn make(&self) -> std::io::Result<()> {
        if fs::metadata(&self.path).is_ok_and(|found| found.len() == RESERVE_BYTES as u64) {
            return Ok(());
        }
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(&self.path)?;
        let zeros = vec![0; 64 * 1024];
        for _ in 0..RESERVE_BYTES / zeros.len() {
            file.write_all(&zeros)?;
        }
        file.sync_all()
    }
}
