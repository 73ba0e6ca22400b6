//! Books events without making anybody wait: a bounded queue before the store, in the order of calls.
//!
//! Ending access never waits for storage. If even the queue is full an event is lost, which is an alarm.

use openpam_proto::event::Event;
use tokio::sync::{mpsc, oneshot};

use crate::store::Store;

/// Events that wait for the store. 200 sessions that end at once fit many times.
const QUEUE: usize = 4096;

/// Hands events to the store. Clones are cheap.
#[derive(Clone, Debug)]
pub struct Journal {
    queue: mpsc::Sender<Entry>,
}

#[derive(Debug)]
enum Entry {
    Event(Event),
    Flush(oneshot::Sender<()>),
}

impl Journal {
    /// Starts the task that feeds the store.
    #[must_use]
    pub fn start(store: Store) -> Self {
        let (queue, mut events) = mpsc::channel(QUEUE);
        tokio::spawn(async move {
            while let Some(entry) = events.recv().await {
                match entry {
                    Entry::Event(event) => {
                        if let Err(error) = store.record(event).await {
                            tracing::error!(%error, alarm = true, "an audit event is lost: it could not be stored");
                        }
                    }
                    Entry::Flush(done) => {
                        let _ = done.send(());
                    }
                }
            }
        });
        Self { queue }
    }

    /// Books an event soon.
    pub fn record(&self, event: Event) {
        let name = event.name();
        if self.queue.try_send(Entry::Event(event)).is_err() {
            tracing::error!(event = name, alarm = true, "an audit event is lost: the queue is full");
        }
    }

    /// Waits until everything booked so far is stored.
    pub async fn flush(&self) {
        let (done, stored) = oneshot::channel();
        if self.queue.send(Entry::Flush(done)).await.is_ok() {
            let _ = stored.await;
        }
    }
}
