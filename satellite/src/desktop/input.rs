//! What the browser of a session's own user says, on its way to guacd: in order, each instruction once, and only what may
//! pass.
//!
//! Pure. An instruction counts as given when guacd's member took it, or when it did not pass.

use bytes::{Bytes, BytesMut};
use openpam_proto::desktop::Transfer;
use openpam_proto::frame::Data;
use openpam_proto::guacamole::{self, Malformed};
use openpam_proto::limits::INPUT_QUEUE_BYTES;
use openpam_proto::offset::{InputError, InputStream};

use super::filter::{Blocked, FromBrowser, Verdict};

/// The input of one session.
#[derive(Debug, Default)]
pub struct Input {
    stream: InputStream,
    waiting: BytesMut,
    filter: FromBrowser,
}

/// Whole instructions, judged.
#[derive(Debug, Default)]
pub struct Judged {
    /// Those that pass.
    pub pass: Bytes,
    /// Those about files.
    pub files: Bytes,
    /// How many bytes were judged.
    pub count: usize,
    /// What did not pass and is to be said.
    pub blocked: Vec<Blocked>,
    /// Whether somebody did something.
    pub typed: bool,
}

impl Input {
    /// Instructions before this offset were given to guacd.
    #[must_use]
    pub const fn acknowledged(&self) -> u64 {
        self.stream.acknowledged()
    }

    /// Another browser speaks from here on, or the same one over another tunnel (`goes_on`): what was not given, it says
    /// again.
    pub fn begin(&mut self, goes_on: bool) {
        self.stream.rewind();
        self.waiting.clear();
        if goes_on {
            self.filter.keep_files();
        } else {
            self.filter = FromBrowser::default();
        }
    }

    /// Takes what is new in `data`.
    ///
    /// # Errors
    /// [`InputError`] if it leaves a gap, or more waits than may.
    pub fn take(&mut self, data: &Data) -> Result<(), InputError> {
        self.waiting.extend_from_slice(&self.stream.take(data.offset(), data.bytes())?);
        Ok(())
    }

    /// Whether something waits.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Judges the whole instructions that wait.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn judge(&mut self, transfer: Transfer) -> Result<Judged, Malformed> {
        let mut judged = Judged::default();
        let (mut pass, mut files) = (BytesMut::new(), BytesMut::new());
        let Self { waiting, filter, .. } = self;
        judged.count = guacamole::whole(waiting, INPUT_QUEUE_BYTES, |next| {
            judged.typed |= FromBrowser::is_typed(next);
            match filter.judge(next, transfer) {
                Verdict::Pass => pass.extend_from_slice(next.text().as_bytes()),
                Verdict::Drop => {}
                Verdict::Block(what) => judged.blocked.push(what),
                Verdict::File => {
                    // Who sends a file, or takes one, is not idle.
                    judged.typed = true;
                    files.extend_from_slice(next.text().as_bytes());
                }
            }
        })?;
        judged.pass = pass.freeze();
        judged.files = files.freeze();
        let _ = waiting.split_to(judged.count);
        Ok(judged)
    }

    /// So many bytes were given.
    pub fn given(&mut self, count: usize) {
        self.stream.given(count);
    }
}
