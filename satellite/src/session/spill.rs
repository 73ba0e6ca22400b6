//! Spill: what a session prints while nobody is attached, beyond what its ring holds. It waits in memory, then on the
//! disk, and goes into the ring in order as that has room. Past its bounds the target waits; no byte is dropped.
//!
//! At most one piece of work is under way, on a thread that may block. Driven by the session's owner task.

mod file;
mod space;

use std::collections::VecDeque;
use std::io;

use bytes::{Buf, Bytes, BytesMut};
use openpam_proto::limits::MAX_DATA_BYTES;
use openpam_proto::ring::Ring;
use tokio::task::JoinHandle;

use file::RecordFile;
pub use space::{SpillLimits, SpillSpace};

/// Bytes that wait in memory for the disk; past it the target waits.
const WAITING_BYTES: usize = 256 * 1024;
/// So many go to the disk at once.
const BATCH_BYTES: usize = 2 * MAX_DATA_BYTES;

/// One session's output that its ring has no room for, oldest first: on the disk, then in memory.
pub struct Spill {
    space: SpillSpace,
    /// None until the first batch, and while work with it is under way.
    file: Option<RecordFile>,
    stored_bytes: u64,
    waiting: VecDeque<Bytes>,
    waiting_bytes: usize,
    job: Option<JoinHandle<Done>>,
    /// What came back from the disk.
    returned: Option<Bytes>,
    /// The disk took no more; it is asked again once the ring has everything.
    refused: bool,
}

/// What a piece of work came to.
enum Done {
    Stored(RecordFile),
    /// The disk did not take the rest of the batch.
    Refused(Option<RecordFile>, Bytes, io::Error),
    Returned(RecordFile, Bytes),
    Broken(io::Error),
}

impl Spill {
    /// Nothing yet, and nothing on the disk until there must be.
    #[must_use]
    pub const fn new(space: SpillSpace) -> Self {
        Self {
            space,
            file: None,
            stored_bytes: 0,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            job: None,
            returned: None,
            refused: false,
        }
    }

    /// Bytes that the ring is still to get.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.stored_bytes + self.waiting_bytes as u64
    }

    /// Whether the ring has everything.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the target may be read while nobody is attached.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.waiting_bytes < WAITING_BYTES && self.len() < self.space.session_bytes()
    }

    /// Takes output that the ring has no room for.
    pub fn push(&mut self, bytes: Bytes) {
        self.waiting_bytes += bytes.len();
        self.waiting.push_back(bytes);
    }

    /// Gives the ring what it has room for, up to `window` unacknowledged bytes, and begins the work that is due.
    pub fn nudge(&mut self, ring: &mut Ring, window: u64) {
        if let Some(bytes) = self.returned.take() {
            self.leaves_disk(bytes.len());
            ring.append(bytes);
        }
        if self.job.is_some() {
            return;
        }
        let ring_has_room = ring.unacknowledged() < window;
        if self.stored_bytes > 0 && ring_has_room {
            self.fetch();
        } else if ring_has_room {
            while let Some(bytes) = self.waiting.pop_front_if(|_| ring.unacknowledged() < window) {
                self.waiting_bytes -= bytes.len();
                ring.append(bytes);
            }
            self.refused &= !self.is_empty();
        } else if self.waiting_bytes >= BATCH_BYTES && !self.refused {
            self.store();
        }
    }

    fn fetch(&mut self) {
        let Some(mut file) = self.file.take() else { return };
        self.job = Some(tokio::task::spawn_blocking(move || match file.take() {
            Ok(Some(record)) => Done::Returned(file, record.into()),
            Ok(None) => Done::Broken(io::ErrorKind::UnexpectedEof.into()),
            Err(error) => Done::Broken(error),
        }));
    }

    fn store(&mut self) {
        if !self.space.take(self.waiting_bytes as u64) {
            return;
        }
        self.stored_bytes += self.waiting_bytes as u64;
        let mut batch = BytesMut::with_capacity(std::mem::take(&mut self.waiting_bytes));
        for bytes in self.waiting.drain(..) {
            batch.extend_from_slice(&bytes);
        }
        let (file, space) = (self.file.take(), self.space.clone());
        self.job = Some(tokio::task::spawn_blocking(move || store(file, &space, batch.freeze())));
    }

    fn leaves_disk(&mut self, bytes: usize) {
        self.stored_bytes -= bytes as u64;
        self.space.give_back(bytes as u64);
    }

    /// Whether work is under way.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        self.job.is_some()
    }

    /// Waits for the work under way. Cancel-safe.
    ///
    /// # Errors
    /// If what was on the disk can't be read again: then it is lost.
    pub async fn settle(&mut self) -> io::Result<()> {
        let Some(job) = self.job.as_mut() else { return Ok(()) };
        let done = job.await.unwrap_or_else(|error| Done::Broken(io::Error::other(error)));
        self.job = None;
        match done {
            Done::Stored(file) => self.file = Some(file),
            Done::Refused(file, left, error) => {
                tracing::warn!(%error, "the disk takes no more output of a session that nobody is attached to");
                self.file = file;
                self.leaves_disk(left.len());
                self.waiting_bytes += left.len();
                self.waiting.push_front(left);
                self.refused = true;
            }
            Done::Returned(file, bytes) => {
                self.file = Some(file);
                self.returned = Some(bytes);
            }
            Done::Broken(error) => return Err(error),
        }
        Ok(())
    }
}

impl Drop for Spill {
    fn drop(&mut self) {
        self.space.give_back(self.stored_bytes);
    }
}

fn store(file: Option<RecordFile>, space: &SpillSpace, mut batch: Bytes) -> Done {
    let mut file = match file.map_or_else(|| RecordFile::create(space.folder()), Ok) {
        Ok(file) => file,
        Err(error) => return Done::Refused(None, batch, error),
    };
    while !batch.is_empty() {
        let record = batch.slice(..batch.len().min(MAX_DATA_BYTES));
        if let Err(error) = file.append(&record) {
            return Done::Refused(Some(file), batch, error);
        }
        batch.advance(record.len());
    }
    Done::Stored(file)
}

#[cfg(test)]
mod tests {
    use openpam_proto::limits::OUTPUT_WINDOW_BYTES;
    use tempfile::TempDir;

    use super::*;
    use crate::store::Store;

    const MEBIBYTE: u64 = 1024 * 1024;

    fn space(folder: &TempDir, session_bytes: u64, total_bytes: u64) -> SpillSpace {
        let store = Store::open(&folder.path().join("satellite.db")).expect("a store").0;
        SpillSpace::new(folder.path().to_owned(), store, SpillLimits { session_bytes, total_bytes })
    }

    /// A target that prints for as long as it is read; how much.
    async fn flood(spill: &mut Spill, ring: &mut Ring) -> u64 {
        let end = |spill: &Spill, ring: &Ring| ring.end() + spill.len();
        spill.nudge(ring, OUTPUT_WINDOW_BYTES);
        spill.settle().await.expect("works");
        while spill.has_room() {
            let begin = end(spill, ring);
            let bytes = (begin..begin + 10_007).map(|at| (at % 251) as u8).collect::<Vec<_>>();
            if spill.is_empty() && ring.unacknowledged() < OUTPUT_WINDOW_BYTES {
                ring.append(bytes.into());
            } else {
                spill.push(bytes.into());
            }
            spill.nudge(ring, OUTPUT_WINDOW_BYTES);
            // The disk is not slower than the target here.
            spill.settle().await.expect("works");
        }
        end(spill, ring)
    }

    /// A browser that takes everything; how much it was.
    async fn read_all(spill: &mut Spill, ring: &mut Ring) -> u64 {
        loop {
            let mut piece = BytesMut::new();
            let offset = ring.tail();
            let count = ring.copy_from(offset, ring.len(), &mut piece);
            assert!((offset..).zip(&piece).all(|(at, byte)| *byte == (at % 251) as u8), "at {offset}");
            assert!(ring.len() as u64 <= OUTPUT_WINDOW_BYTES + MAX_DATA_BYTES as u64, "the ring stays small");
            assert!(ring.acknowledge(ring.end()));
            ring.release(count);
            if count == 0 && spill.is_empty() {
                return ring.end();
            }
            spill.nudge(ring, OUTPUT_WINDOW_BYTES);
            spill.settle().await.expect("works");
            spill.nudge(ring, 0);
        }
    }

    #[tokio::test]
    async fn what_nobody_is_there_for_comes_back_in_order_and_what_is_past_the_limit_waits() {
        let folder = tempfile::tempdir().expect("a folder");
        let space = space(&folder, 5 * MEBIBYTE, 100 * MEBIBYTE);
        let (mut spill, mut ring) = (Spill::new(space.clone()), Ring::new());
        for _ in 0..3 {
            let begin = ring.end();
            let printed = flood(&mut spill, &mut ring).await;
            assert!((5 * MEBIBYTE..6 * MEBIBYTE).contains(&(printed - begin)), "{printed} after {begin}");
            assert!(space.take(94 * MEBIBYTE), "less than 6 MiB are in use");
            space.give_back(94 * MEBIBYTE);
            assert_eq!(read_all(&mut spill, &mut ring).await, printed);
            assert!(space.take(100 * MEBIBYTE), "nothing is left on the disk");
            space.give_back(100 * MEBIBYTE);
        }
    }

    #[tokio::test]
    async fn sessions_share_the_room_and_give_it_back_with_their_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let space = space(&folder, 5 * MEBIBYTE, 6 * MEBIBYTE);
        let (mut first, mut first_ring) = (Spill::new(space.clone()), Ring::new());
        flood(&mut first, &mut first_ring).await;
        let (mut second, mut second_ring) = (Spill::new(space.clone()), Ring::new());
        let printed = flood(&mut second, &mut second_ring).await;
        assert!(printed < 2 * MEBIBYTE, "its target waits after {printed} bytes");
        drop(first);
        assert!(flood(&mut second, &mut second_ring).await > 4 * MEBIBYTE, "there is room again");
    }

    #[tokio::test]
    async fn a_disk_that_takes_nothing_makes_the_target_wait_and_loses_no_byte() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("satellite.db")).expect("a store").0;
        let limits = SpillLimits { session_bytes: 5 * MEBIBYTE, total_bytes: 6 * MEBIBYTE };
        let space = SpillSpace::new(folder.path().join("missing"), store, limits);
        let (mut spill, mut ring) = (Spill::new(space), Ring::new());
        let printed = flood(&mut spill, &mut ring).await;
        assert!(printed < MEBIBYTE, "its target waits after {printed} bytes");
        assert_eq!(read_all(&mut spill, &mut ring).await, printed);
    }
}
