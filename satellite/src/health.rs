//! How the satellite is doing: its disk, what waits for the hub, its clock, losses on the line, its guacd.
//!
//! The hub gets it over the control channel, people by `status`.

use std::path::{Path, PathBuf};

use openpam_link::loss::Losses;
use openpam_link::tunnel::Tunnel;
use openpam_proto::control::Health;

use crate::clock;
use crate::desktop::health::Guacd;
use crate::store::{Backlog, Store, StoreError};

/// Size and free space of a disk, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Free for this program.
    pub free_bytes: u64,
    /// All of it.
    pub bytes: u64,
}

/// The disk that holds `path`; `None` if the system does not say.
#[must_use]
pub fn disk(path: &Path) -> Option<Disk> {
    let stat = rustix::fs::statvfs(path).ok()?;
    Some(Disk {
        free_bytes: stat.f_bavail.saturating_mul(stat.f_frsize),
        bytes: stat.f_blocks.saturating_mul(stat.f_frsize),
    })
}

/// Reads it all.
#[derive(Clone)]
pub struct Gauge {
    folder: PathBuf,
    store: Store,
    guacd: Guacd,
}

impl Gauge {
    /// Of the state folder, its store, and the site's guacd.
    #[must_use]
    pub fn new(folder: PathBuf, store: Store, guacd: Guacd) -> Self {
        Self { folder, store, guacd }
    }

    /// What waits for the hub.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.store.backlog().await
    }

    /// The disk of the state folder.
    #[must_use]
    pub fn disk(&self) -> Option<Disk> {
        disk(&self.folder)
    }

    /// For the hub; `tunnel` is the one it goes over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read(
        &self,
        tunnel: &Tunnel,
        losses: &mut Losses,
        draining: bool,
    ) -> Result<Health, StoreError> {
        let backlog = self.backlog().await?;
        let disk = self.disk();
        Ok(Health {
            time_ms: clock::now_ms(),
            disk_free_bytes: disk.map(|disk| disk.free_bytes),
            disk_bytes: disk.map(|disk| disk.bytes),
            spool_bytes: backlog.spool_bytes,
            events_waiting: backlog.events,
            loss_permille: tunnel.packets().map(|packets| losses.permille(packets)),
            draining,
            guacd: self.guacd.told(),
        })
    }
}
