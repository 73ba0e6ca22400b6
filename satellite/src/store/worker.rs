//! The store's thread: takes the jobs that wait, runs them in one transaction, and answers after its commit.
//!
//! A job that fails is undone alone (savepoint). When the disk is full the reserve is given up and the batch
//! tried once more. A job that can wait for a disk with room runs alone and takes nothing of the reserve. It ends when every
//! handle is dropped.

use rusqlite::{Connection, ErrorCode};
use tokio::sync::{mpsc, oneshot, watch};

use super::reserve::Reserve;
use super::{StoreError, outbox};

/// Most jobs in one transaction; further ones wait for the next.
const BATCH: usize = 256;

/// Work for the store's thread.
pub(super) trait Job: Send {
    /// Does the work inside a transaction; may be called again if that could not be committed.
    fn run(&mut self, connection: &Connection) -> Result<(), rusqlite::Error>;
    /// Whether it can wait for a disk with room.
    fn can_wait(&self) -> bool;
    /// Tells the caller, after the commit or its failure.
    fn reply(self: Box<Self>, committed: Result<(), StoreError>);
}

/// A job made of a closure, and who waits for its result.
pub(super) struct Call<T, F> {
    work: F,
    can_wait: bool,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

type Reply<T> = oneshot::Receiver<Result<T, StoreError>>;

impl<T, F> Call<T, F>
where
    T: Send + 'static,
    F: FnMut(&Connection) -> Result<T, rusqlite::Error> + Send + 'static,
{
    pub(super) fn boxed(work: F) -> (Box<dyn Job>, Reply<T>) {
        Self::made(work, false)
    }

    /// The same of a job that can wait for a disk with room.
    pub(super) fn that_can_wait(work: F) -> (Box<dyn Job>, Reply<T>) {
        Self::made(work, true)
    }

    fn made(work: F, can_wait: bool) -> (Box<dyn Job>, Reply<T>) {
        let (reply, answer) = oneshot::channel();
        (Box::new(Self { work, can_wait, result: None, reply }), answer)
    }
}

impl<T, F> Job for Call<T, F>
where
    T: Send + 'static,
    F: FnMut(&Connection) -> Result<T, rusqlite::Error> + Send + 'static,
{
    fn run(&mut self, connection: &Connection) -> Result<(), rusqlite::Error> {
        match (self.work)(connection) {
            Ok(value) => {
                self.result = Some(Ok(value));
                Ok(())
            }
            // The caller hears it from the batch that is tried again, or not at all.
            Err(error) if is_disk_full(&error) => {
                self.result = Some(Err(StoreError::DiskFull));
                Err(error)
            }
            Err(error) => {
                self.result = Some(Err(error.into()));
                Err(rusqlite::Error::ExecuteReturnedResults)
            }
        }
    }

    fn can_wait(&self) -> bool {
        self.can_wait
    }

    fn reply(self: Box<Self>, committed: Result<(), StoreError>) {
        let result = match (committed, self.result) {
            (Ok(()), Some(result)) => result,
            (Err(error), _) => Err(error),
            (Ok(()), None) => Err(StoreError::Closed),
        };
        // A caller that went away wants no answer.
        let _ = self.reply.send(result);
    }
}

pub(super) struct Worker {
    connection: Connection,
    reserve: Reserve,
    newest_event: watch::Sender<u64>,
}

impl Worker {
    pub(super) const fn new(
        connection: Connection,
        reserve: Reserve,
        newest_event: watch::Sender<u64>,
    ) -> Self {
        Self { connection, reserve, newest_event }
    }

    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Box<dyn Job>>) {
        self.reserve.restore();
        let mut next = None;
        while let Some(first) = next.take().or_else(|| queue.blocking_recv()) {
            if first.can_wait() {
                self.run_alone(first);
                continue;
            }
            let mut batch = vec![first];
            while batch.len() < BATCH
                && let Ok(job) = queue.try_recv()
            {
                if job.can_wait() {
                    next = Some(job);
                    break;
                }
                batch.push(job);
            }
            let committed = self.commit(&mut batch);
            if committed.is_ok() {
                self.tell();
            }
            for job in batch {
                job.reply(committed.clone());
            }
        }
    }

    /// A job that can wait, if the disk has room for it.
    fn run_alone(&mut self, job: Box<dyn Job>) {
        self.reserve.restore_if_due();
        let mut batch = [job];
        let committed = if self.reserve.is_given_up() {
            Err(StoreError::DiskFull)
        } else {
            self.transact(&mut batch).map_err(Into::into)
        };
        for job in batch {
            job.reply(committed.clone());
        }
    }

    fn commit(&mut self, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        let result = match self.transact(batch) {
            Err(error) if is_disk_full(&error) && self.reserve.give_up() => self.transact(batch),
            result => result,
        };
        match &result {
            Ok(()) => self.reserve.restore_if_due(),
            Err(error) => tracing::error!(%error, alarm = true, "the store could not commit"),
        }
        result.map_err(Into::into)
    }

    fn transact(&mut self, batch: &mut [Box<dyn Job>]) -> Result<(), rusqlite::Error> {
        let mut transaction = self.connection.transaction()?;
        for job in batch.iter_mut() {
            let mut savepoint = transaction.savepoint()?;
            match job.run(&savepoint) {
                Ok(()) => savepoint.commit()?,
                Err(error) if is_disk_full(&error) => return Err(error),
                Err(_) => savepoint.rollback()?,
            }
        }
        transaction.commit()
    }

    /// Tells who waits for news. A failed read tells nothing: the next commit will.
    fn tell(&self) {
        if let Ok(seq) = outbox::head(&self.connection) {
            self.newest_event.send_if_modified(|known| std::mem::replace(known, seq) != seq);
        }
    }
}

/// Whether SQLite found no room on the disk.
pub(super) fn is_disk_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
}
