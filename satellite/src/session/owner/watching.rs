//! Others begin to watch, get what is due, and go; the session's user is told.

use openpam_ids::AttachmentId;
use openpam_proto::end::{EndCode, Hop, NoticeCode};
use tokio::time::Instant;

use super::Owner;
use crate::session::command::Attach;
use crate::session::life::{closed, watched};
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
        self.life.watched(&watcher.attachment, user_id);
        self.watchers.add(watcher);
        self.tell(watched(NoticeCode::Watched, name, self.watchers.names()));
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
        self.life.unwatched(&watcher.attachment, watcher.user_id);
        self.tell(watched(NoticeCode::Unwatched, watcher.name, self.watchers.names()));
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
}
