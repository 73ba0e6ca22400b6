//! Others begin to watch, get what is due, and go; the session's user is told.

use openpam_ids::AttachmentId;
use openpam_proto::attach::Notice;
use openpam_proto::end::{EndCode, Hop, NoticeCode};
use openpam_proto::event::{self, Event};
use tokio::time::Instant;

use super::Owner;
use super::ending::closed;
use crate::session::command::Attach;
use crate::session::output::Attachment;
use crate::session::watchers::Watcher;
use crate::session::window::Window;

impl Owner {
    /// Somebody watches from now on.
    pub(super) async fn watch(&mut self, attach: Attach) {
        if self.is_beyond(&attach) {
            return;
        }
        let Some((user_id, name)) = attach.watch else { return };
        let screen = self.screen_for(attach.from).await;
        let (offset, messages) = self.first_words(attach.from, screen, true);
        let window = Window::new(self.most_window_bytes);
        let attachment = Attachment::new(attach.id, attach.client_ip, offset, offset, messages, window);
        let watcher = Watcher::new(attachment, user_id, name.clone(), attach.out);
        if self.ended.is_none() {
            self.journal.record(Event::Watched(self.watch_event(&watcher)));
        }
        self.watchers.add(watcher);
        self.tell(self.watched(NoticeCode::Watched, name));
    }

    pub(super) fn watcher_took(&mut self, id: AttachmentId, offset: u64) {
        if let Some(attachment) = self.watchers.find(id)
            && !attachment.acknowledge(offset, Instant::now())
        {
            let message = "an acknowledgement of output that was never sent";
            attachment.close(closed(EndCode::BadOffset, message, Hop::Site, false), false);
        }
    }

    pub(super) fn unwatch(&mut self, id: AttachmentId) {
        if let Some(watcher) = self.watchers.remove(id) {
            self.unwatched(watcher);
        }
    }

    pub(super) fn unwatched(&mut self, watcher: Watcher) {
        if self.ended.is_none() {
            self.journal.record(Event::Unwatched(self.watch_event(&watcher)));
        }
        self.tell(self.watched(NoticeCode::Unwatched, watcher.name));
    }

    /// Gives watchers what is due, and a new screen where they fell behind.
    pub(super) async fn serve_watchers(&mut self) {
        if self.watchers.is_empty() {
            return;
        }
        // While bytes are leaving the ring its screen is on its way elsewhere; nobody waits for that.
        if self.watchers.wants_screen(&self.ring) && !self.screen.is_busy() {
            let screen = self.screen.screen(&mut self.ring).await;
            self.watchers.give_screen(&self.ring, &screen);
        }
        self.watchers.send(&self.ring);
        while let Some(watcher) = self.watchers.take_gone() {
            self.unwatched(watcher);
        }
    }

    pub(super) fn watched(&self, code: NoticeCode, by: String) -> Notice {
        let says = if code == NoticeCode::Watched { "watches" } else { "no longer watches" };
        let message = format!("{by} {says} this session");
        Notice { by: Some(by), watchers: self.watchers.names(), ..Notice::new(code, message) }
    }

    pub(super) fn watch_event(&self, watcher: &Watcher) -> event::Watching {
        event::Watching {
            about: self.subject.about(),
            attachment_id: watcher.attachment.id,
            client_ip: watcher.attachment.client_ip.clone(),
            watcher_id: watcher.user_id,
        }
    }
}
