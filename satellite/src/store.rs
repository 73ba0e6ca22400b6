//! The satellite's SQLite store: what must survive a crash.
//!
//! One thread owns the connection; callers hand it jobs and get their answer after the commit, which all jobs
//! that waited share. SQL lives below this module only. It decides nothing about sessions.

mod open;
mod outbox;
mod policy;
mod recovery;
mod reserve;
mod settings;
mod spool_index;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use openpam_ids::SessionId;
use openpam_policy::{Delta, PolicyKey, Records};
use openpam_proto::event::{ChainedEvent, Event};
use openpam_proto::witness::Countersigned;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

pub use recovery::Recovered;
pub use spool_index::{ChunkEntry, ChunkPlace, RecordingHead, SegmentMark};
use worker::{Call, Job};

use crate::clock;

/// Jobs that wait for the store; past it their callers wait.
const JOB_QUEUE: usize = 1024;

/// Why the store could not do something.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The file holds something else, or was damaged.
    #[error("{}: damaged ({reason})", .path.display())]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// A newer program has written it.
    #[error("{}: written by a newer openpam-satellite; install that version again", .path.display())]
    Newer {
        /// The database file.
        path: PathBuf,
    },
    /// The file cannot be opened or made.
    #[error("{}: cannot be opened ({reason}); check that the folder exists and is writable", .path.display())]
    Open {
        /// The database file.
        path: PathBuf,
        /// The system's word.
        reason: String,
    },
    /// The disk is full, and the reserve is spent.
    #[error("the disk is full")]
    DiskFull,
    /// A statement failed.
    #[error("store: {0}")]
    Sqlite(Arc<rusqlite::Error>),
    /// The store's thread is gone.
    #[error("the store is closed")]
    Closed,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        if worker::is_disk_full(&error) { Self::DiskFull } else { Self::Sqlite(Arc::new(error)) }
    }
}

/// What waits for the hub.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Audit events.
    pub events: u64,
    /// Recorded bytes.
    pub spool_bytes: u64,
}

/// The store. Clones are cheap and mean the same store; it closes when the last one is dropped.
#[derive(Clone, Debug)]
pub struct Store {
    jobs: mpsc::Sender<Box<dyn Job>>,
    newest_event: watch::Receiver<u64>,
    chunks_added: Arc<watch::Sender<u64>>,
    tight: watch::Receiver<bool>,
    is_new: bool,
}

impl Store {
    /// Opens or makes the database at `path`, brings its schema up to date and checks it. A damaged one is kept apart, and
    /// what can be read of it carried into a new one.
    ///
    /// # Errors
    /// [`StoreError::Newer`], [`StoreError::Open`], [`StoreError::DiskFull`].
    pub fn open(path: &Path) -> Result<(Self, Option<Recovered>), StoreError> {
        let (connection, recovered) = match recovery::finish(path, clock::now_ms())? {
            Some((connection, recovered)) => (connection, Some(recovered)),
            None => match open::open(path) {
                Ok(connection) => (connection, None),
                Err(StoreError::Damaged { reason, .. }) => {
                    let (connection, recovered) = recovery::recover(path, &reason, clock::now_ms())?;
                    (connection, Some(recovered))
                }
                Err(error) => return Err(error),
            },
        };
        let head = outbox::head(&connection)?;
        let is_new = recovery::is_untied(&connection)?;
        let (jobs, queue) = mpsc::channel(JOB_QUEUE);
        let (newest, newest_event) = watch::channel(head);
        let (tight_now, tight) = watch::channel(false);
        let reserve = reserve::Reserve::new(path, tight_now);
        let worker = worker::Worker::new(connection, reserve, newest);
        std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || worker.run(queue))
            .map_err(|error| StoreError::Open { path: path.to_owned(), reason: error.to_string() })?;
        Ok((Self { jobs, newest_event, chunks_added: Arc::default(), tight, is_new }, recovered))
    }

    /// Appends an event to the chain, keeps the table of sessions in step, and returns its number once durable.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was booked.
    pub async fn record(&self, event: Event) -> Result<u64, StoreError> {
        self.call(move |connection| outbox::append(connection, &event)).await
    }

    /// At most `max` events after `seq`, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn events_after(&self, seq: u64, max: usize) -> Result<Vec<ChainedEvent>, StoreError> {
        self.call(move |connection| outbox::after(connection, seq, max)).await
    }

    /// The hub has every event up to `seq`: they wait no more, and are deleted here a week later. The chain goes on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn receipt(&self, seq: u64) -> Result<(), StoreError> {
        self.call(move |connection| outbox::receipt(connection, seq, clock::now_ms())).await
    }

    /// Up to which event a hub is known to have them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn receipted(&self) -> Result<u64, StoreError> {
        self.call(outbox::receipted).await
    }

    /// The hub wants every event behind `seq`, also those that it had before it was restored from a backup; `receipted` is
    /// [`Self::receipted`] from before it was asked. If that is another by now, the word of another hub is newer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn wanted_behind(&self, seq: u64, receipted: u64) -> Result<(), StoreError> {
        self.call(move |connection| outbox::wanted_behind(connection, seq, receipted)).await
    }

    /// The hub has the chain up to `seq`, with that hash: after a recovery, and after the database was gone, it goes on from
    /// there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tie(&self, seq: u64, hash: [u8; 32]) -> Result<(), StoreError> {
        self.call(move |connection| recovery::tie(connection, seq, hash, clock::now_ms())).await
    }

    /// Whether the index of the spool was lost and is made anew.
    pub(crate) const fn lost_its_index(&self) -> bool {
        self.is_new
    }

    /// The number of the newest committed event; changes when there is news.
    #[must_use]
    pub fn newest_event(&self) -> watch::Receiver<u64> {
        self.newest_event.clone()
    }

    /// What waits for the hub.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn backlog(&self) -> Result<Backlog, StoreError> {
        let events = self.call(outbox::count).await?;
        let spool_bytes = self.call(spool_index::bytes).await?;
        Ok(Backlog { events, spool_bytes })
    }

    /// Holds a hub's countersignature; `false`: it is behind the one that is held, which stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn hold(&self, said: Countersigned) -> Result<bool, StoreError> {
        self.call(move |connection| settings::hold(connection, &said)).await
    }

    /// The newest countersignature of each hub.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn countersigned(&self) -> Result<Vec<Countersigned>, StoreError> {
        self.call(settings::countersigned).await
    }

    /// The policy that is kept: what was signed, and its facts. Nobody has judged it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn policy(&self) -> Result<Option<(Vec<u8>, Records)>, StoreError> {
        self.call(policy::read).await
    }

    /// Makes another policy of the one that is kept; `anew`: whatever is kept does not count. It takes nothing of the room
    /// that is kept for events.
    ///
    /// # Errors
    /// [`StoreError`]; then what was kept is kept.
    pub async fn keep_policy(&self, signed: Vec<u8>, delta: Delta, anew: bool) -> Result<(), StoreError> {
        let keep = move |connection: &Connection| policy::keep(connection, &signed, &delta, anew);
        self.answer(Call::that_can_wait(keep)).await
    }

    /// The keys that policies may be signed by.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn policy_keys(&self) -> Result<Vec<PolicyKey>, StoreError> {
        self.call(policy::keys).await
    }

    /// Keeps the keys that policies may be signed by.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_policy_keys(&self, keys: Vec<PolicyKey>) -> Result<(), StoreError> {
        self.call(move |connection| policy::keep_keys(connection, &keys)).await
    }

    /// A hub was here at that time: milliseconds since 1970 UTC.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_heard(&self, at_ms: i64) -> Result<(), StoreError> {
        self.call(move |connection| settings::keep_heard(connection, at_ms)).await
    }

    /// When a hub was here last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn heard(&self) -> Result<Option<i64>, StoreError> {
        self.call(settings::heard).await
    }

    /// Ends, in the books, every session that an earlier run left open. Returns how many.
    ///
    /// # Errors
    /// [`StoreError`]; then none was ended.
    pub async fn close_orphans(&self, now_ms: i64) -> Result<usize, StoreError> {
        self.call(move |connection| outbox::close_orphans(connection, now_ms)).await
    }

    /// Whether the disk is so full that only events are stored, from the reserve.
    #[must_use]
    pub fn is_tight(&self) -> bool {
        *self.tight.borrow()
    }

    /// A counter that changes whenever chunks were added to the index.
    #[must_use]
    pub fn newest_chunks(&self) -> watch::Receiver<u64> {
        self.chunks_added.subscribe()
    }

    /// The recordings that have chunks here, oldest session first, at most `max`, without those in `except`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn recordings_waiting(
        &self,
        max: usize,
        except: Vec<SessionId>,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.call(move |connection| spool_index::waiting(connection, max, &except)).await
    }

    /// At most `max` chunks of a recording from `seq` on, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn chunks_from(
        &self,
        session_id: SessionId,
        seq: u64,
        max: usize,
    ) -> Result<Vec<ChunkPlace>, StoreError> {
        self.call(move |connection| spool_index::from(connection, session_id, seq, max)).await
    }

    /// The hub has every chunk of a recording before `next_seq`. Returns the segments that nothing needs now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn chunks_stored(&self, session_id: SessionId, next_seq: u64) -> Result<Vec<u64>, StoreError> {
        self.call(move |connection| spool_index::delete_before(connection, session_id, next_seq)).await
    }

    /// Keeps the key that recordings are sealed to. Returns at once; it is durable before any later job.
    pub(crate) fn keep_recording_key(&self, key: Vec<u8>) {
        let (job, _) =
            Call::boxed(move |connection: &Connection| settings::keep_recording_key(connection, &key));
        if self.jobs.try_send(job).is_err() {
            tracing::error!("the recording key could not be stored; it will come again with the next tunnel");
        }
    }

    /// The key that recordings are sealed to, if a hub ever said one. For threads.
    pub(crate) fn recording_key(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.call_blocking(settings::recording_key)
    }

    /// Adds chunks to the index and moves the segment's mark, in one transaction. For threads.
    pub(crate) fn index_chunks(
        &self,
        segment: SegmentMark,
        chunks: Vec<ChunkEntry>,
    ) -> Result<(), StoreError> {
        let added = chunks.len() as u64;
        self.call_blocking(move |connection| spool_index::add(connection, segment, &chunks))?;
        self.chunks_added.send_modify(|count| *count += added);
        Ok(())
    }

    /// Every known segment. For threads.
    pub(crate) fn segments(&self) -> Result<Vec<SegmentMark>, StoreError> {
        self.call_blocking(spool_index::segments)
    }

    /// Where a recording's chain goes on, if the index knows it. For threads.
    pub(crate) fn recording(&self, session_id: SessionId) -> Result<Option<RecordingHead>, StoreError> {
        self.call_blocking(move |connection| spool_index::recording(connection, session_id))
    }

    /// Recordings without a last chunk. For threads.
    pub(crate) fn incomplete_recordings(&self) -> Result<Vec<RecordingHead>, StoreError> {
        self.call_blocking(spool_index::incomplete)
    }

    /// Whether a chunk that the hub does not have lies in a segment. For threads.
    pub(crate) fn is_segment_in_use(&self, segment: u64) -> Result<bool, StoreError> {
        self.call_blocking(move |connection| spool_index::is_segment_in_use(connection, segment))
    }

    /// Forgets a segment whose file is gone. For threads.
    pub(crate) fn forget_segment(&self, segment: u64) -> Result<(), StoreError> {
        self.call_blocking(move |connection| spool_index::forget_segment(connection, segment))
    }

    async fn call<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, rusqlite::Error> + Send + 'static,
    {
        self.answer(Call::boxed(work)).await
    }

    async fn answer<T>(
        &self,
        (job, reply): (Box<dyn Job>, oneshot::Receiver<Result<T, StoreError>>),
    ) -> Result<T, StoreError> {
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        reply.await.map_err(|_| StoreError::Closed)?
    }

    fn call_blocking<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, rusqlite::Error> + Send + 'static,
    {
        let (job, reply): (_, oneshot::Receiver<_>) = Call::boxed(work);
        self.jobs.blocking_send(job).map_err(|_| StoreError::Closed)?;
        reply.blocking_recv().map_err(|_| StoreError::Closed)?
    }
}
