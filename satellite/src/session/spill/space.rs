//! How much of the site's disk all sessions together may use for what they print while nobody is there.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::Store;

/// How much there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpillLimits {
    /// Of one session.
    pub session_bytes: u64,
    /// Of all sessions together.
    pub total_bytes: u64,
}

/// The room on the disk. Clones are cheap and mean the same room.
#[derive(Clone, Debug)]
pub struct SpillSpace(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    store: Store,
    limits: SpillLimits,
    used: AtomicU64,
}

impl SpillSpace {
    /// Room on the disk of `folder`.
    #[must_use]
    pub fn new(folder: PathBuf, store: Store, limits: SpillLimits) -> Self {
        Self(Arc::new(Inner { folder, store, limits, used: AtomicU64::new(0) }))
    }

    /// What one session may have there.
    pub(super) fn session_bytes(&self) -> u64 {
        self.0.limits.session_bytes
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// Takes room for `bytes`; `false` if there is none, or if the disk's last room is for events.
    pub(super) fn take(&self, bytes: u64) -> bool {
        let fits = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= self.0.limits.total_bytes);
        !self.0.store.is_tight()
            && self.0.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    pub(super) fn give_back(&self, bytes: u64) {
        self.0.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}
