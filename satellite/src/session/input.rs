//! What was typed, on its way to the target: in order, each byte once, one write at a time.
//!
//! Driven by the session's owner task. A write that fails is not repeated: the target is gone then.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use openpam_proto::frame::Data;
use openpam_proto::offset::{InputError, InputStream};

use crate::session::dial::TargetWriter;

type Write = Pin<Box<dyn Future<Output = (usize, bool)> + Send>>;

/// Whether there was something new in what was sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken {
    /// It goes to the target.
    New,
    /// The target has it all already.
    Known,
}

/// The input of one session.
pub struct Input {
    target: TargetWriter,
    stream: InputStream,
    queue: VecDeque<Bytes>,
    write: Option<Write>,
}

impl Input {
    /// No input yet.
    #[must_use]
    pub fn new(target: TargetWriter) -> Self {
        Self { target, stream: InputStream::new(), queue: VecDeque::new(), write: None }
    }

    /// Input before this offset was given to the target.
    #[must_use]
    pub const fn acknowledged(&self) -> u64 {
        self.stream.acknowledged()
    }

    /// Takes what is new in `data`.
    ///
    /// # Errors
    /// [`InputError`] if it leaves a gap, or more waits than may.
    pub fn take(&mut self, data: &Data) -> Result<Taken, InputError> {
        let fresh = self.stream.take(data.offset(), data.bytes())?;
        if fresh.is_empty() {
            return Ok(Taken::Known);
        }
        self.queue.push_back(fresh);
        self.start();
        Ok(Taken::New)
    }

    fn start(&mut self) {
        if self.write.is_none()
            && let Some(bytes) = self.queue.pop_front()
        {
            let target = self.target.clone();
            self.write = Some(Box::pin(async move {
                let count = bytes.len();
                (count, target.data_bytes(bytes).await.is_ok())
            }));
        }
    }

    /// Whether something is on its way.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        self.write.is_some()
    }

    /// Waits until the target took what is on its way; `false` if it did not. Cancel-safe.
    pub async fn give(&mut self) -> bool {
        let Some(write) = self.write.as_mut() else { return true };
        let (count, taken) = write.await;
        self.write = None;
        if taken {
            self.stream.given(count);
            self.start();
        }
        taken
    }
}
