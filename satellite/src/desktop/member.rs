//! One member of guacd's connection: what guacd says to it is read, judged and handed on at once, so that it never holds up
//! the others; what it says waits in a short queue.
//!
//! Two tasks, which end with it.

use std::io::ErrorKind;
use std::ops::Range;

use bytes::{Bytes, BytesMut};
use openpam_proto::guacamole::{self, Instruction, Malformed};
use openpam_proto::limits::MAX_DATA_BYTES;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::failure::Said;
use super::filter::{Blocked, FromDesktop, Verdict};
use super::guacd::{self, Connection};
use super::picture::{Newest, Picture};
use super::wire::{Reader, Writer};

/// A buffer of what guacd says. What is handed on keeps all of it in memory, so that it is used up.
const READ_BYTES: usize = 32 * 1024;
/// Less room than this is not read into.
const READ_LEAST_BYTES: usize = 8 * 1024;
/// What waits for guacd; past it, whoever speaks waits.
const WRITE_QUEUE: usize = 32;

/// Which member, within its session.
pub type MemberId = u64;

/// What a member tells its session.
#[derive(Debug)]
pub struct Told {
    /// Which.
    pub member: MemberId,
    /// What.
    pub what: What,
}

/// What a member tells its session.
#[derive(Debug)]
pub enum What {
    /// Whole instructions that pass, at most a frame of them.
    Output(Bytes),
    /// Whole instructions about files.
    Files(Bytes),
    /// Something did not pass.
    Blocked(Blocked),
    /// guacd let go of it, after it said this.
    Left(Said),
}

/// Who a member is for.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Its number.
    pub id: MemberId,
    /// Who.
    pub whose: Whose,
}

/// Who a member is for.
#[derive(Clone, Copy, Debug)]
pub enum Whose {
    /// The session: files go by it.
    Session,
    /// The browser of its own user, who is given the desktop's clipboard (`copy`), and may want to hear nothing (`silent`).
    User {
        /// Whether it is.
        copy: bool,
        /// Whether it does.
        silent: bool,
    },
    /// Somebody who watches.
    Watcher,
}

impl Whose {
    fn filter(self) -> FromDesktop {
        match self {
            Self::Session => FromDesktop::new(false).with_files(),
            Self::User { copy, silent } => FromDesktop::new(copy).without_sound(silent),
            Self::Watcher => FromDesktop::new(false),
        }
    }

    fn picture(self, newest: Newest) -> Picture {
        match self {
            Self::Session => Picture::of_own(newest),
            Self::User { .. } | Self::Watcher => Picture::of_joined(newest),
        }
    }

    /// Whether we say that it has drawn a frame. Its user's browser does so itself, and guacd draws no faster than that.
    const fn is_answered_for(self) -> bool {
        !matches!(self, Self::User { .. })
    }
}

/// A member, and the way to it. Dropping it leaves guacd's connection.
pub struct Member {
    id: MemberId,
    write: mpsc::Sender<Bytes>,
    tasks: [AbortHandle; 2],
}

impl Member {
    /// Begins to read what guacd says, and to tell `told`.
    #[must_use]
    pub fn begin(connection: Connection, part: Part, newest: Newest, told: mpsc::Sender<Told>) -> Self {
        let (queue, due) = mpsc::channel(WRITE_QUEUE);
        let reading = Reading {
            read: connection.reader,
            buffer: connection.read,
            filter: part.whose.filter(),
            picture: part.whose.picture(newest),
            part,
            answers: queue.clone(),
            told,
            said: Said::default(),
        };
        let tasks = [
            tokio::spawn(reading.run()).abort_handle(),
            tokio::spawn(write_all(connection.writer, due)).abort_handle(),
        ];
        Self { id: part.id, write: queue, tasks }
    }

    /// Its number.
    #[must_use]
    pub const fn id(&self) -> MemberId {
        self.id
    }

    /// Whether something may be said now.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.write.capacity() > 0
    }

    /// Says whole instructions, if there is room.
    pub fn say(&self, instructions: Bytes) {
        // That it is gone shows where it is read.
        let _ = self.write.try_send(instructions);
    }

    /// Says whole instructions that must not be lost, once there is room.
    pub fn say_all(&self, instructions: &mut BytesMut) {
        if !instructions.is_empty()
            && let Ok(room) = self.write.try_reserve()
        {
            room.send(instructions.split().freeze());
        }
    }

    /// Waits until something more may be said, or it has left. Cancel-safe.
    pub async fn room(&self) {
        let _ = self.write.reserve().await;
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

async fn write_all(mut write: Writer, mut due: mpsc::Receiver<Bytes>) {
    while let Some(instructions) = due.recv().await {
        // That it is gone shows where it is read.
        if write.write_all(&instructions).await.is_err() || write.flush().await.is_err() {
            return;
        }
    }
}

struct Reading {
    read: Reader,
    buffer: BytesMut,
    filter: FromDesktop,
    picture: Picture,
    part: Part,
    answers: mpsc::Sender<Bytes>,
    told: mpsc::Sender<Told>,
    said: Said,
}

impl Reading {
    async fn run(mut self) {
        loop {
            let whole = match self.whole() {
                Ok(whole) => whole,
                Err(malformed) => {
                    self.said.broken(&malformed.to_string());
                    break;
                }
            };
            let more = !whole.is_empty() && !self.said.is_over();
            for what in whole {
                if !self.tell(what).await {
                    return;
                }
            }
            // What did not fit the frame.
            if more {
                continue;
            }
            // guacd lets go of it a while later.
            if self.said.is_over() {
                break;
            }
            if self.buffer.capacity() - self.buffer.len() < READ_LEAST_BYTES {
                self.buffer.reserve(READ_BYTES);
            }
            match self.read.read_buf(&mut self.buffer).await {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        let said = std::mem::take(&mut self.said);
        self.tell(What::Left(said)).await;
    }

    async fn tell(&self, what: What) -> bool {
        self.told.send(Told { member: self.part.id, what }).await.is_ok()
    }

    /// The whole instructions that were read, as many as fit a frame, without those that do not pass.
    fn whole(&mut self) -> Result<Vec<What>, Malformed> {
        let (mut kept, mut stopped, mut files) = (Kept::default(), Vec::new(), BytesMut::new());
        let mut ends = false;
        let Self { buffer, filter, picture, said, answers, part, .. } = self;
        let count = guacamole::whole(buffer, MAX_DATA_BYTES, |next| {
            said.hears(next);
            ends |= picture.hears(next);
            if part.whose.is_answered_for()
                && let Some(answer) = guacd::answer(next)
            {
                // Full: guacd is told of a later one.
                let _ = answers.try_send(answer.into());
            }
            let verdict = filter.judge(next);
            match verdict {
                Verdict::Block(what) => stopped.push(What::Blocked(what)),
                Verdict::File => files.extend_from_slice(next.text().as_bytes()),
                Verdict::Pass | Verdict::Drop => {}
            }
            kept.judged(next, verdict == Verdict::Pass);
        })?;
        let whole = buffer.split_to(count).freeze();
        let output = kept.of(whole);
        let files = (!files.is_empty()).then(|| What::Files(files.freeze()));
        let output = (!output.is_empty()).then_some(What::Output(output));
        let end = ends.then(|| What::Output(Bytes::from(self.picture.end())));
        Ok(stopped.into_iter().chain(files).chain(output).chain(end).collect())
    }
}

/// Which of the instructions of a piece pass: all of them, as a rule, and then nothing is copied.
#[derive(Default)]
struct Kept {
    read: usize,
    ranges: Vec<Range<usize>>,
}

impl Kept {
    fn judged(&mut self, next: Instruction<'_>, passes: bool) {
        let begin = self.read;
        self.read += next.text().len();
        match self.ranges.last_mut() {
            _ if !passes => {}
            Some(last) if last.end == begin => last.end = self.read,
            _ => self.ranges.push(begin..self.read),
        }
    }

    fn of(self, whole: Bytes) -> Bytes {
        match self.ranges.as_slice() {
            [all] => whole.slice(all.clone()),
            ranges => {
                let pieces = ranges.iter().filter_map(|range| whole.get(range.clone()));
                pieces
                    .fold(BytesMut::new(), |mut kept, piece| {
                        kept.extend_from_slice(piece);
                        kept
                    })
                    .freeze()
            }
        }
    }
}
