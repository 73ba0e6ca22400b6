//! What happens in a session, for lists of sessions: written by its owner task, read by whoever tells the hub.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;

/// The counts of one session. Each is right by itself; they need not be of the same moment.
#[derive(Debug)]
pub struct Activity {
    begun: Instant,
    input_bytes: AtomicU64,
    output_bytes: AtomicU64,
    /// When something was typed last, in milliseconds since the begin.
    typed_ms: AtomicU64,
}

/// How it stood at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Bytes that were typed to the target.
    pub input_bytes: u64,
    /// Bytes that the target printed.
    pub output_bytes: u64,
    /// When something was typed last, in milliseconds since the begin.
    pub typed_ms: u64,
}

impl Activity {
    /// Of a session that begins now.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self { begun: now, input_bytes: 0.into(), output_bytes: 0.into(), typed_ms: 0.into() }
    }

    /// So many bytes went in and out.
    pub fn counted(&self, input_bytes: u64, output_bytes: u64) {
        self.input_bytes.store(input_bytes, Ordering::Relaxed);
        self.output_bytes.store(output_bytes, Ordering::Relaxed);
    }

    /// Something was typed.
    pub fn typed(&self, now: Instant) {
        self.typed_ms.store((now - self.begun).as_millis() as u64, Ordering::Relaxed);
    }

    /// How it stands.
    #[must_use]
    pub fn seen(&self) -> Seen {
        Seen {
            input_bytes: self.input_bytes.load(Ordering::Relaxed),
            output_bytes: self.output_bytes.load(Ordering::Relaxed),
            typed_ms: self.typed_ms.load(Ordering::Relaxed),
        }
    }

    /// For how many seconds nothing has been typed, of what was seen.
    #[must_use]
    pub fn idle_s(&self, seen: Seen, now: Instant) -> u32 {
        let ms = ((now - self.begun).as_millis() as u64).saturating_sub(seen.typed_ms);
        u32::try_from(ms / 1000).unwrap_or(u32::MAX)
    }
}
