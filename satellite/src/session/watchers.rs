//! Watchers: who sees a session's output beside its owner. Each has its own window. One that falls behind the ring gets
//! a new screen once it has taken what it was sent, and neither the owner nor the target ever waits for it.
//!
//! They change nothing: what they type never comes here. Driven by the session's owner task.

use futures::future::select_all;
use openpam_ids::{AttachmentId, UserId};
use openpam_proto::attach::{Closed, Notice, Screen, ToHub};
use openpam_proto::end::NoticeCode;
use openpam_proto::ring::Ring;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::session::output::{Attachment, Out};

/// One of them.
pub struct Watcher {
    /// What it is due.
    pub attachment: Attachment,
    /// Who watches.
    pub user_id: UserId,
    /// Their name, for the session's user.
    pub name: String,
    /// Where its frames go.
    pub out: mpsc::Sender<Out>,
    /// Whether something is due that there was no room for.
    stuck: bool,
}

impl Watcher {
    /// One that has just come.
    #[must_use]
    pub const fn new(attachment: Attachment, user_id: UserId, name: String, out: mpsc::Sender<Out>) -> Self {
        Self { attachment, user_id, name, out, stuck: false }
    }
}

/// Those of one session.
#[derive(Default)]
pub struct Watchers(Vec<Watcher>);

impl Watchers {
    /// Whether nobody watches.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Their names, in the order in which they came.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|watcher| watcher.name.clone()).collect()
    }

    /// Another one.
    pub fn add(&mut self, watcher: Watcher) {
        self.0.push(watcher);
    }

    /// One of them goes.
    pub fn remove(&mut self, id: AttachmentId) -> Option<Watcher> {
        let index = self.0.iter().position(|watcher| watcher.attachment.id == id)?;
        Some(self.0.remove(index))
    }

    /// One that went without a word, or was told the last one.
    pub fn take_gone(&mut self) -> Option<Watcher> {
        let index =
            self.0.iter().position(|watcher| watcher.out.is_closed() || watcher.attachment.is_closed())?;
        Some(self.0.remove(index))
    }

    /// This attachment's sending state, if it is a watcher's.
    pub fn find(&mut self, id: AttachmentId) -> Option<&mut Attachment> {
        self.each().find(|attachment| attachment.id == id)
    }

    /// The sending state of all.
    pub fn each(&mut self) -> impl Iterator<Item = &mut Attachment> {
        self.0.iter_mut().map(|watcher| &mut watcher.attachment)
    }

    /// Tells all of them.
    pub fn tell(&mut self, message: &ToHub) {
        self.each().for_each(|attachment| attachment.tell(message.clone()));
    }

    /// Closes all of them, each after the output there is.
    pub fn close(&mut self, closed: &Closed) {
        self.each().for_each(|attachment| attachment.close(closed.clone(), true));
    }

    /// Whether one waits for a new screen.
    #[must_use]
    pub fn wants_screen(&self, ring: &Ring) -> bool {
        self.0.iter().any(|watcher| watcher.attachment.wants_screen(ring))
    }

    /// Gives whoever waits for it the screen at the ring's tail.
    pub fn give_screen(&mut self, ring: &Ring, screen: &[Screen]) {
        for attachment in self.each().filter(|attachment| attachment.wants_screen(ring)) {
            attachment.go_on_at(ring.tail(), caught_up(attachment.sent(), ring.tail()));
            screen.iter().for_each(|piece| attachment.tell(ToHub::Screen(piece.clone())));
        }
    }

    /// Hands over what is due, as far as there is room for it.
    pub fn send(&mut self, ring: &Ring) {
        let now = Instant::now();
        for Watcher { attachment, out, stuck, .. } in &mut self.0 {
            while attachment.has_due(ring)
                && let Ok(room) = out.try_reserve()
                && let Some(next) = attachment.next(ring, 0, now)
            {
                room.send(next);
            }
            *stuck = attachment.has_due(ring);
        }
    }

    /// Whether something is due that there was no room for.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.0.iter().any(|watcher| watcher.stuck)
    }

    /// Waits until there is room for one of those, or it has gone.
    pub async fn room(&self) {
        let stuck = self.0.iter().filter(|watcher| watcher.stuck);
        let room = stuck.map(|watcher| Box::pin(watcher.out.reserve())).collect::<Vec<_>>();
        if room.is_empty() {
            return std::future::pending().await;
        }
        // Whether there is room or it has gone: the next look tells.
        let _ = select_all(room).await;
    }

    /// Whether output of one waits for more of it.
    #[must_use]
    pub fn hold_back(&self, ring: &Ring) -> bool {
        self.0.iter().any(|watcher| watcher.attachment.holds_back(ring))
    }
}

/// What a watcher that fell behind is told before its new screen.
fn caught_up(from: u64, to: u64) -> ToHub {
    ToHub::Notice(Notice {
        from: Some(from),
        to: Some(to),
        ..Notice::new(
            NoticeCode::OutputGap,
            format!("{} bytes of output were too fast for this line", to - from),
        )
    })
}
