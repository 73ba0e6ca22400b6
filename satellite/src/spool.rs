//! The spool: sealed chunks on disk until the hub has them, in segment files that all sessions share.
//!
//! One thread appends, makes durable (one fdatasync for everything that waits) and then indexes; what stands in
//! the index is on the disk. It never looks inside a chunk. Driven by the recorder and by uploads.

pub mod guard;
pub mod record;
mod recovery;
mod segment;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use openpam_proto::chunk::SealedChunk;
use tokio::sync::oneshot;

pub use record::RecordError;

use crate::store::{ChunkPlace, Store, StoreError};

/// Chunks that wait for the disk; past it the recorder waits, and in the end the targets.
const QUEUE: usize = 32;

/// Why the spool could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The file system refused.
    #[error("{}: {source}; check that the folder is there and writable", .path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// The index failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The thread could not be started, or ended.
    #[error("the spool's thread did not start")]
    Thread,
}

pub(crate) enum Order {
    /// Append.
    Chunk(SealedChunk),
    /// Make durable and index.
    Sync,
    /// The same, and say when it is done.
    Flush(oneshot::Sender<()>),
    /// Look for segments that nothing needs any more.
    Sweep,
}

/// The spool. Clones are cheap and mean the same spool.
#[derive(Clone, Debug)]
pub struct Spool {
    orders: SyncSender<Order>,
    folder: Arc<Path>,
}

impl Spool {
    /// Opens the folder: indexes what an earlier run wrote but did not index, drops a torn end, and completes
    /// the recordings that it could not. Gives the key that recordings are sealed to, if one was ever known.
    ///
    /// # Errors
    /// [`SpoolError`].
    pub(crate) fn open(store: Store, folder: &Path) -> Result<(Self, Option<Vec<u8>>), SpoolError> {
        let (orders, queue) = sync_channel(QUEUE);
        let (ready, opened) = std::sync::mpsc::channel();
        let folder: Arc<Path> = folder.into();
        let path = folder.clone();
        std::thread::Builder::new()
            .name("spool".to_owned())
            .spawn(move || match recovery::recover(&store, &path) {
                Ok(next_segment) => {
                    let mut writer = writer::Writer::new(store, path, next_segment);
                    let _ = ready.send(recovery::complete(&mut writer));
                    writer.run(&queue);
                }
                Err(error) => {
                    let _ = ready.send(Err(error));
                }
            })
            .map_err(|_| SpoolError::Thread)?;
        let key = opened.recv().map_err(|_| SpoolError::Thread)??;
        Ok((Self { orders, folder }, key))
    }

    /// Hands an order over; waits while the queue is full. For threads.
    pub(crate) fn order(&self, order: Order) {
        if self.orders.send(order).is_err() {
            tracing::error!(alarm = true, "recorded bytes are lost: the spool's thread is gone");
        }
    }

    /// Asks for a look at which segments may go. Soon, and never waiting.
    pub fn sweep(&self) {
        // When the queue is full, a later receipt asks again.
        let _ = self.orders.try_send(Order::Sweep);
    }

    /// Reads a chunk.
    ///
    /// # Errors
    /// [`RecordError`].
    pub async fn read(&self, place: ChunkPlace) -> Result<SealedChunk, RecordError> {
        let folder = self.folder.clone();
        tokio::task::spawn_blocking(move || segment::read(&folder, &place))
            .await
            .map_err(|error| RecordError::Io(std::io::Error::other(error)))?
    }
}
