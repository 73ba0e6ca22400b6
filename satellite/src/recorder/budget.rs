//! How many recorded bytes may wait in memory, for one session and for all, and who is woken when there is room.
//!
//! Counters only: the bytes travel in the recorder's queue.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};

use tokio::sync::Notify;

/// Bytes of one session that may wait; past it its target is not read.
pub(super) const SESSION_BYTES: usize = 1024 * 1024;
/// Bytes of all sessions that may wait; past it no target is read.
pub(super) const TOTAL_BYTES: usize = 8 * 1024 * 1024;
/// So many waiting bytes wake the recorder's thread before its tick.
const WAKE_BYTES: usize = 256 * 1024;
/// What an order takes beside its bytes.
const ORDER_BYTES: usize = 64;

/// Of all sessions.
#[derive(Debug, Default)]
pub(super) struct Budget {
    used: AtomicUsize,
    /// The thread sleeps without an end: the next order must wake it.
    asleep: AtomicBool,
}

/// Of one session.
#[derive(Debug, Default)]
pub(super) struct SessionBudget {
    used: AtomicUsize,
    room: Notify,
}

impl Budget {
    pub(super) fn has_room(&self) -> bool {
        self.used.load(Ordering::Relaxed) < TOTAL_BYTES
    }

    /// Counts an output's bytes; `true` if so many wait now that the thread should be woken.
    pub(super) fn take(&self, session: &SessionBudget, bytes: usize) -> bool {
        let cost = bytes + ORDER_BYTES;
        session.used.fetch_add(cost, Ordering::Relaxed);
        let before = self.used.fetch_add(cost, Ordering::Relaxed);
        before / WAKE_BYTES != (before + cost) / WAKE_BYTES
    }

    /// Gives an output's bytes back; `true` if that made room for sessions that wait because of the total.
    pub(super) fn give_back(&self, session: &SessionBudget, bytes: usize) -> bool {
        let cost = bytes + ORDER_BYTES;
        let before = session.used.fetch_sub(cost, Ordering::Relaxed);
        let total = self.used.fetch_sub(cost, Ordering::Relaxed);
        if before >= SESSION_BYTES / 2 && before - cost < SESSION_BYTES / 2 {
            session.wake();
        }
        total >= TOTAL_BYTES && total - cost < TOTAL_BYTES
    }

    /// The thread goes to sleep without an end; it must look at its queue once more after this.
    pub(super) fn fall_asleep(&self) {
        self.asleep.store(true, Ordering::SeqCst);
        // Pairs with the one in `wake`: either the thread sees the order, or the sender sees it asleep.
        fence(Ordering::SeqCst);
    }

    /// Whether the thread sleeps without an end; it does not any more.
    pub(super) fn wake(&self) -> bool {
        fence(Ordering::SeqCst);
        self.asleep.load(Ordering::SeqCst) && self.asleep.swap(false, Ordering::SeqCst)
    }
}

impl SessionBudget {
    pub(super) fn has_room(&self) -> bool {
        self.used.load(Ordering::Relaxed) < SESSION_BYTES
    }

    /// Waits until half of the session's bytes are free, so that a full session does not wake for every piece.
    pub(super) async fn room(&self, all: &Budget) {
        while self.used.load(Ordering::Relaxed) >= SESSION_BYTES / 2 || !all.has_room() {
            // A wake-up that came since the look is kept for this call.
            self.room.notified().await;
        }
    }

    pub(super) fn wake(&self) {
        self.room.notify_one();
    }
}
