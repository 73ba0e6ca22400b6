//! One browser's view of a desktop: what its attachment is due, and the member of guacd's connection that it comes from.
//!
//! guacd is always read. A view whose browser can't keep up loses its member once as much waits as may, and gets a new
//! picture when it has taken what it was sent: so a slow line costs memory up to a bound, and others nothing.

use bytes::Bytes;
use openpam_ids::UserId;
use openpam_proto::attach::{Closed, ToHub};
use openpam_proto::guacamole;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::feed::{Feed, Lasting};
use super::member::{Member, MemberId};
use crate::session::output::{Attachment, Out};

/// So much may wait for a view beside what is on its way.
const MAX_FEED_BYTES: u64 = 4 * 1024 * 1024;

/// One browser's.
pub struct View {
    /// What it is due.
    pub attachment: Attachment,
    /// Who only watches, and under which name.
    pub watcher: Option<(UserId, String)>,
    /// Where its frames go.
    pub out: mpsc::Sender<Out>,
    feed: Feed,
    source: Source,
    /// Whether a browser has seen another picture before the one that comes.
    again: bool,
    /// Whether something is due that there was no room for.
    stuck: bool,
}

/// Where its picture comes from.
enum Source {
    /// Nowhere, until it took what it was sent.
    Behind,
    /// guacd is asked for it.
    Joining(MemberId),
    Member(Member),
}

impl View {
    /// One that has just come; `again`: its browser shows a picture already.
    #[must_use]
    pub const fn new(
        attachment: Attachment,
        watcher: Option<(UserId, String)>,
        out: mpsc::Sender<Out>,
        again: bool,
    ) -> Self {
        let feed = Feed::new(attachment.sent());
        Self { attachment, watcher, out, feed, source: Source::Behind, again, stuck: false }
    }

    /// Whether guacd is to be asked for a picture.
    #[must_use]
    pub const fn wants_member(&self) -> bool {
        matches!(self.source, Source::Behind) && self.attachment.is_taken()
    }

    /// It is asked.
    pub fn joins(&mut self, member: MemberId) {
        self.source = Source::Joining(member);
    }

    /// Whether it waits for that member.
    #[must_use]
    pub fn awaits(&self, member: MemberId) -> bool {
        matches!(self.source, Source::Joining(id) if id == member)
    }

    /// A picture begins.
    pub fn begin(&mut self, member: Member) {
        if std::mem::replace(&mut self.again, true) {
            self.feed.push(Bytes::from(guacamole::instruction(&["", "picture", "{}"])));
        }
        self.source = Source::Member(member);
    }

    /// Its member, if it has one.
    #[must_use]
    pub const fn member(&self) -> Option<&Member> {
        match &self.source {
            Source::Member(member) => Some(member),
            _ => None,
        }
    }

    /// Whether that member is its.
    #[must_use]
    pub fn has(&self, member: MemberId) -> bool {
        self.member().is_some_and(|own| own.id() == member)
    }

    /// Further instructions of its picture.
    pub fn draw(&mut self, instructions: Bytes) {
        self.feed.push(instructions);
        if self.feed.len() > MAX_FEED_BYTES {
            self.lose();
        }
    }

    /// An instruction that is of no picture.
    pub fn give(&mut self, instruction: Bytes) {
        self.feed.push_lasting(instruction);
    }

    /// What its browser's line took; `false` if it was never sent.
    #[must_use]
    pub fn acknowledge(&mut self, offset: u64, now: Instant) -> bool {
        self.feed.passed_on(offset);
        self.attachment.acknowledge(offset, now)
    }

    /// It is gone: what it was given and may not have got.
    #[must_use]
    pub fn rest(self) -> (Attachment, Lasting) {
        (self.attachment, self.feed.rest())
    }

    /// Its picture goes no further; another one begins when it has taken this.
    pub fn lose(&mut self) {
        self.feed.clear();
        self.source = Source::Behind;
    }

    /// The last word, after all that is drawn if `drain`.
    pub fn close(&mut self, closed: &Closed, drain: bool) {
        self.attachment.close(closed.clone(), drain);
    }

    /// Says something beside the picture.
    pub fn tell(&mut self, message: ToHub) {
        self.attachment.tell(message);
    }

    /// Hands over what is due, as far as there is room for it.
    pub fn send(&mut self, input_offset: u64) {
        let now = Instant::now();
        while self.attachment.has_due(&self.feed)
            && let Ok(room) = self.out.try_reserve()
            && let Some(next) = self.attachment.next(&self.feed, input_offset, now)
        {
            room.send(next);
            self.feed.sent(self.attachment.sent());
        }
        self.stuck = self.attachment.has_due(&self.feed);
    }

    /// Whether something is due that there was no room for.
    #[must_use]
    pub const fn is_stuck(&self) -> bool {
        self.stuck
    }
}
