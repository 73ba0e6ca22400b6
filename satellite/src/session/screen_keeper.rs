//! Keeps the screen at the ring's tail: bytes that may leave the ring are fed to the terminal model on a
//! blocking thread, and leave only after that.
//!
//! It never blocks the byte path; at most one batch is under way.

use bytes::BytesMut;
use openpam_proto::attach::Screen;
use openpam_proto::limits::{MAX_SCREEN_BYTES, RING_KEEP_BYTES, SCREEN_PIECE_BYTES};
use openpam_proto::ring::Ring;
use tokio::task::JoinHandle;

use crate::screen::ScreenModel;

/// Bytes leave in batches of at least this much, so that a busy session does not wake a thread for each packet.
const BATCH_BYTES: usize = 64 * 1024;
/// A batch is at most this much, so that an attach waits little for it.
const MAX_BATCH_BYTES: usize = 256 * 1024;

/// The terminal model of one session, at the ring's tail.
pub struct ScreenKeeper {
    model: Option<ScreenModel>,
    job: Option<JoinHandle<(ScreenModel, usize)>>,
    /// Where the ring could not be cut last time; tried again when more may leave.
    stuck_at: usize,
    size: (u16, u16),
}

impl ScreenKeeper {
    /// An empty screen.
    #[must_use]
    pub fn new(cols: u16, rows: u16) -> Self {
        Self { model: Some(ScreenModel::new(cols, rows)), job: None, stuck_at: 0, size: (cols, rows) }
    }

    /// Begins a batch if enough may leave and none is under way.
    pub fn nudge(&mut self, ring: &Ring) {
        let leavable = ring.leavable(RING_KEEP_BYTES).min(MAX_BATCH_BYTES);
        if leavable < BATCH_BYTES || leavable == self.stuck_at {
            return;
        }
        let Some(mut model) = self.model.take() else { return };
        let mut batch = BytesMut::with_capacity(leavable);
        ring.copy_from(ring.tail(), leavable, &mut batch);
        self.stuck_at = leavable;
        self.job = Some(tokio::task::spawn_blocking(move || {
            let count = model.ground_prefix(&batch);
            if let Some(leaving) = batch.get(..count) {
                model.advance(leaving);
            }
            (model, count)
        }));
    }

    /// Whether a batch is under way.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        self.job.is_some()
    }

    /// Waits for the batch under way and lets its bytes leave the ring. Cancel-safe.
    pub async fn settle(&mut self, ring: &mut Ring) {
        let Some(job) = self.job.as_mut() else { return };
        let done = job.await;
        self.job = None;
        match done {
            Ok((mut model, count)) => {
                if count > 0 {
                    self.stuck_at = 0;
                    ring.release(count);
                }
                model.resize(self.size.0, self.size.1);
                self.model = Some(model);
            }
            // The model panicked: a screen is worth less than a session. Begin with an empty one.
            Err(error) => {
                tracing::error!(%error, "terminal model failed; its screen is lost");
                ring.release(self.stuck_at);
                self.stuck_at = 0;
                self.model = Some(ScreenModel::new(self.size.0, self.size.1));
            }
        }
    }

    /// The browser's terminal has another size.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.size = (cols, rows);
        if let Some(model) = self.model.as_mut() {
            model.resize(cols, rows);
        }
    }

    /// The screen at the ring's tail, in pieces that fit a message; waits for the batch under way.
    pub async fn screen(&mut self, ring: &mut Ring) -> Vec<Screen> {
        self.settle(ring).await;
        let dump = self.model.as_ref().map(|model| model.dump_within(MAX_SCREEN_BYTES)).unwrap_or_default();
        let (cols, rows) = self.size;
        let pieces = dump.len().div_ceil(SCREEN_PIECE_BYTES).max(1);
        let piece = |index: usize| {
            let data = dump.chunks(SCREEN_PIECE_BYTES).nth(index).unwrap_or_default().to_vec();
            Screen { cols, rows, data: data.into(), more: index + 1 < pieces }
        };
        (0..pieces).map(piece).collect()
    }
}
