//! The recorder: what sessions print, as asciicast v2, and what desktops draw, as Guacamole's instructions, in sealed chunks
//! on the spool.
//!
//! Sessions hand over bytes and go on; one thread encodes, compresses and seals for all of them, the spool's
//! thread writes. Bytes that wait are bounded: a session without room stops reading its target. Nothing is dropped.

mod budget;
mod cast;
pub(crate) mod chunk;
mod escape;
mod pace;
mod thread;
mod track;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::Thread;

use bytes::Bytes;
use openpam_ids::SessionId;
use tokio::sync::oneshot;

use crate::spool::{Spool, SpoolError};
use crate::store::Store;
use crate::upload::Claims;
use budget::{Budget, SessionBudget};
pub use cast::CastWriter;
use chunk::Compression;
use thread::Order;

/// Output shorter than this is copied, so that a keystroke's echo does not keep a network buffer alive.
const COPY_BYTES: usize = 1024;

/// What a recording says about its session.
#[derive(Clone, Debug)]
pub struct RecordingInfo {
    /// The session.
    pub session_id: SessionId,
    /// What is shown in it.
    pub shows: Shows,
    /// Whose session, for people.
    pub user: String,
    /// On which target, for people.
    pub target: String,
    /// When it began: milliseconds since 1970 UTC.
    pub begun_ms: i64,
}

/// What is shown in a session, and so how it is recorded.
#[derive(Clone, Debug)]
pub enum Shows {
    /// A terminal: asciicast v2.
    Terminal {
        /// Columns at the begin.
        cols: u16,
        /// Rows at the begin.
        rows: u16,
        /// Its type.
        term: String,
    },
    /// A desktop: Guacamole's instructions, which keep the time by their `sync`.
    Desktop,
}

/// Records sessions. Clones are cheap and mean the same recorder.
#[derive(Clone)]
pub struct Recorder(Arc<Inner>);

struct Inner {
    queue: Queue,
    store: Store,
    spool: Spool,
    claims: Claims,
}

/// The way to the recorder's thread.
#[derive(Clone)]
struct Queue {
    orders: Sender<Order>,
    budget: Arc<Budget>,
    thread: Thread,
}

impl Queue {
    /// Hands an order over, waking the thread if that is worth it.
    fn send(&self, order: Order, now: bool) {
        // The thread ends only after the last handle.
        let _ = self.orders.send(order);
        if now || self.budget.wake() {
            self.thread.unpark();
        }
    }
}

impl Recorder {
    /// Opens the spool in `folder`, completes what an earlier run left, and starts the recorder's thread.
    ///
    /// Blocks for as long as the recovery reads.
    ///
    /// # Errors
    /// [`SpoolError`].
    pub fn start(store: Store, folder: &Path) -> Result<Self, SpoolError> {
        let (spool, key) = Spool::open(store.clone(), folder)?;
        let compression =
            Compression::new().map_err(|source| SpoolError::Io { path: "zstd".into(), source })?;
        let budget = Arc::new(Budget::default());
        let (orders, incoming) = std::sync::mpsc::channel();
        let encoding = thread::Encoding::new(incoming, budget.clone(), spool.clone(), key, compression);
        let thread = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || encoding.run())
            .map_err(|_| SpoolError::Thread)?
            .thread()
            .clone();
        let queue = Queue { orders, budget, thread };
        Ok(Self(Arc::new(Inner { queue, store, spool, claims: Claims::default() })))
    }

    /// The hub's recording key (32 bytes, X25519): from the next chunk on, and kept for the next run.
    ///
    /// Until a first key is known nothing is sealed, so sessions have room for their first megabyte only.
    pub fn set_key(&self, key: Vec<u8>) {
        self.0.store.keep_recording_key(key.clone());
        self.0.queue.send(Order::Key(key), true);
    }

    /// Begins a recording.
    #[must_use]
    pub fn begin(&self, info: RecordingInfo) -> SessionRecorder {
        let session_id = info.session_id;
        let budget = Arc::new(SessionBudget::default());
        self.0.queue.send(Order::Begin(Box::new(info), budget.clone()), true);
        SessionRecorder { session_id, queue: self.0.queue.clone(), budget, ended: false }
    }

    /// Waits until everything handed over so far is sealed, durable and indexed.
    pub async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        self.0.queue.send(Order::Flush(done), true);
        // An error means that the threads are gone: then nothing waits either.
        let _ = flushed.await;
    }

    /// Where the chunks lie.
    #[must_use]
    pub fn spool(&self) -> &Spool {
        &self.0.spool
    }

    /// Who uploads what.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.0.claims
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.send(Order::Stop, true);
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recorder")
    }
}

/// Records one session. Dropping it completes the recording.
pub struct SessionRecorder {
    session_id: SessionId,
    queue: Queue,
    budget: Arc<SessionBudget>,
    ended: bool,
}

impl SessionRecorder {
    /// Whether the target may be read: fewer bytes wait than may. One more read is always taken.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.budget.has_room() && self.queue.budget.has_room()
    }

    /// Waits until there is room. Cancel-safe; one waiter at a time.
    pub async fn room(&self) {
        self.budget.room(&self.queue.budget).await;
    }

    /// The target printed `bytes`, `at_ms` after the recording's begin.
    pub fn output(&self, at_ms: u64, bytes: Bytes) {
        let bytes = if bytes.len() < COPY_BYTES { Bytes::copy_from_slice(&bytes) } else { bytes };
        let wake = self.queue.budget.take(&self.budget, bytes.len());
        self.queue.send(Order::Output(self.session_id, at_ms, bytes), wake);
    }

    /// The terminal has another size.
    pub fn resize(&self, at_ms: u64, cols: u16, rows: u16) {
        self.queue.send(Order::Resize(self.session_id, at_ms, cols, rows), false);
    }

    /// Completes the recording: its last chunk is durable soon after.
    pub fn finish(mut self, at_ms: u64) {
        self.end(at_ms);
    }

    fn end(&mut self, at_ms: u64) {
        if !std::mem::replace(&mut self.ended, true) {
            self.queue.send(Order::Finish(self.session_id, at_ms), true);
        }
    }
}

impl Drop for SessionRecorder {
    fn drop(&mut self) {
        self.end(0);
    }
}

impl std::fmt::Debug for SessionRecorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SessionRecorder({})", self.session_id)
    }
}
