//! The spool's thread: appends chunks, makes them durable, indexes them, and deletes segments nothing needs.
//!
//! A disk that refuses is an alarm and is tried again each second; meanwhile the queue fills and targets wait.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use openpam_proto::chunk::SealedChunk;

use super::Order;
use super::segment::{self, Segment};
use crate::store::{ChunkEntry, SegmentMark, Store, StoreError};

/// A segment this long is closed; the next chunk begins another.
const SEGMENT_BYTES: u64 = 16 * 1024 * 1024;
/// A segment that nothing needs is kept for further chunks until it is this long.
const WORTH_DELETING_BYTES: u64 = 1024 * 1024;
/// Bytes that may wait for the next tick; past it they are made durable at once.
const UNSYNCED_BYTES: u64 = 4 * 1024 * 1024;
/// How often a disk that refuses is tried again.
const RETRY: Duration = Duration::from_secs(1);

pub(super) struct Writer {
    pub(super) store: Store,
    folder: Arc<Path>,
    next_segment: u64,
    current: Option<Segment>,
    /// Appended to `current`, not yet durable.
    waiting: Vec<ChunkEntry>,
    waiting_bytes: u64,
}

impl Writer {
    pub(super) const fn new(store: Store, folder: Arc<Path>, next_segment: u64) -> Self {
        Self { store, folder, next_segment, current: None, waiting: Vec::new(), waiting_bytes: 0 }
    }

    pub(super) fn run(mut self, orders: &Receiver<Order>) {
        self.sweep();
        while let Ok(order) = orders.recv() {
            match order {
                Order::Chunk(chunk) => {
                    self.append(&chunk);
                    if self.waiting_bytes >= UNSYNCED_BYTES {
                        self.sync();
                    }
                }
                Order::Sync => self.sync(),
                Order::Flush(done) => {
                    self.sync();
                    let _ = done.send(());
                }
                Order::Sweep => self.sweep(),
            }
        }
        self.sync();
    }

    /// Appends a chunk, however often it takes.
    pub(super) fn append(&mut self, chunk: &SealedChunk) {
        let entry = self.insist("a recording cannot be written", |writer| {
            if writer.store.is_tight() {
                return Err(std::io::ErrorKind::StorageFull.into());
            }
            writer.try_append(chunk)
        });
        self.waiting_bytes += entry.place.length;
        self.waiting.push(entry);
    }

    fn try_append(&mut self, chunk: &SealedChunk) -> std::io::Result<ChunkEntry> {
        let segment = match &mut self.current {
            Some(segment) => segment,
            none => {
                let id = self.next_segment;
                // A name that was used up by a failed try is not tried again.
                self.next_segment += 1;
                none.insert(Segment::create(&self.folder, id)?)
            }
        };
        segment.append(chunk)
    }

    /// Makes durable what was appended, then indexes it.
    pub(super) fn sync(&mut self) {
        let Some(segment) = self.current.as_ref().filter(|_| !self.waiting.is_empty()) else { return };
        let mark = SegmentMark { id: segment.id, indexed_bytes: segment.len };
        self.insist("a recording cannot be made durable", |writer| {
            writer.current.as_ref().map_or(Ok(()), Segment::sync)
        });
        let entries = std::mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        self.insist("a recording cannot be indexed", |writer| {
            match writer.store.index_chunks(mark, entries.clone()) {
                Err(StoreError::DiskFull) => Err(std::io::ErrorKind::StorageFull.into()),
                // It stays in its segment for recovery.
                Err(error) => {
                    tracing::error!(%error, segment = mark.id, alarm = true, "recorded chunks are not indexed");
                    Ok(())
                }
                Ok(()) => Ok(()),
            }
        });
        if mark.indexed_bytes >= SEGMENT_BYTES {
            self.current = None;
            self.sweep();
        }
    }

    /// Tries until it works; says once that it does not, and once that it does again.
    fn insist<T>(
        &mut self,
        what: &'static str,
        mut attempt: impl FnMut(&mut Self) -> std::io::Result<T>,
    ) -> T {
        let mut failed = false;
        loop {
            match attempt(self) {
                Ok(value) => {
                    if failed {
                        tracing::warn!("{what}: it works again");
                    }
                    return value;
                }
                Err(error) if !failed => {
                    failed = true;
                    let folder = self.folder.display();
                    tracing::error!(%error, %folder, alarm = true, "{what}; output of targets waits");
                }
                Err(_) => {}
            }
            std::thread::sleep(RETRY);
        }
    }

    /// Deletes the segments in which no chunk lies that the hub does not have. Idempotent.
    fn sweep(&mut self) {
        if let Err(error) = self.try_sweep() {
            tracing::warn!(%error, "segments of the spool could not be deleted; tried again later");
        }
    }

    fn try_sweep(&mut self) -> Result<(), StoreError> {
        for SegmentMark { id, .. } in self.store.segments()? {
            let current = self.current.as_ref().filter(|segment| segment.id == id);
            let keep = current.is_some_and(|one| one.len < WORTH_DELETING_BYTES || !self.waiting.is_empty());
            if keep || self.store.is_segment_in_use(id)? {
                continue;
            }
            if current.is_some() {
                self.current = None;
            }
            // The file first: a row without a file is harmless, a file without its mark would be read again.
            match std::fs::remove_file(segment::path(&self.folder, id)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    tracing::warn!(%error, segment = id, "a segment could not be deleted");
                }
                _ => self.store.forget_segment(id)?,
            }
        }
        Ok(())
    }
}
