//! The session's own user comes, goes, and takes over from another browser.

use openpam_proto::attach::{Notice, Opened, Screen, ToHub};
use openpam_proto::end::{EndCode, Hop, NoticeCode};

use super::Owner;
use crate::session::command::Attach;
use crate::session::life::{closed, dismiss, watched};
use crate::session::output::{Attachment, Out};
use crate::session::window::Window;

impl Owner {
    pub(super) async fn attach(&mut self, attach: Attach) {
        if self.is_beyond(&attach) {
            return;
        }
        if !self.life.takes(&attach, self.attached.as_ref().map(|(attachment, _)| attachment)) {
            return;
        }
        self.take_over(attach.client_ip.as_deref());
        let screen = if attach.opener { Vec::new() } else { self.screen_for(attach.from).await };
        if self.life.ended.is_none() {
            self.resize(attach.cols, attach.rows);
        }
        let (offset, mut messages) = self.first_words(attach.from, screen, false);
        let acknowledged = attach.resumes.map_or(offset, |resumes| resumes.output_acknowledged.min(offset));
        self.ring.begin_at(acknowledged);
        if let Some(newest) = self.watchers.names().pop() {
            messages.push(ToHub::Notice(watched(NoticeCode::Watched, newest, self.watchers.names())));
        }
        let window = Window::new(self.most_window_bytes);
        let attachment = Attachment::new(attach.id, attach.client_ip, offset, acknowledged, messages, window);
        self.life.came(&attachment);
        self.attached = Some((attachment, attach.out));
    }

    /// Whether it asks for output that there is not yet: then it is told so.
    pub(super) fn is_beyond(&self, attach: &Attach) -> bool {
        let beyond = attach.from.is_some_and(|from| from > self.ring.end());
        if beyond {
            let message = "the output offset is beyond the end";
            let _ = attach.out.try_send(Out::Closed(closed(EndCode::BadOffset, message, Hop::Site, false)));
        }
        beyond
    }

    /// The screen at the ring's tail, if output from `from` on needs one before it.
    pub(super) async fn screen_for(&mut self, from: Option<u64>) -> Vec<Screen> {
        if from.is_some_and(|from| from >= self.ring.tail()) {
            return Vec::new();
        }
        self.screen.screen(&mut self.ring).await
    }

    /// What a new attachment is told before output, and from where on it gets that.
    pub(super) fn first_words(
        &self,
        from: Option<u64>,
        screen: Vec<Screen>,
        watch: bool,
    ) -> (u64, Vec<ToHub>) {
        // The tail may have moved on while the screen settled.
        let output_offset = from.unwrap_or(0).max(self.ring.tail());
        let opened = Opened {
            watch,
            output_offset,
            output_end: self.output_end(),
            input_offset: self.input.acknowledged(),
            cols: self.size.0,
            rows: self.size.1,
            desktop: None,
        };
        let gap = from.filter(|from| *from < output_offset).map(|from| gap(from, output_offset));
        let mut words = vec![ToHub::Opened(opened)];
        words.extend(gap.map(ToHub::Notice));
        words.extend(screen.into_iter().map(ToHub::Screen));
        (output_offset, words)
    }

    /// The newest attachment of the user wins; the one before is told.
    fn take_over(&mut self, by: Option<&str>) {
        if let Some((attachment, out)) = self.attached.take() {
            dismiss(out, by);
            self.life.went(&attachment);
        }
    }

    pub(super) fn detach(&mut self) {
        if let Some((attachment, _)) = self.attached.take() {
            self.life.went(&attachment);
        }
    }
}

fn gap(from: u64, to: u64) -> Notice {
    let message = format!("{} bytes of output are too old to be given again", to - from);
    Notice { from: Some(from), to: Some(to), ..Notice::new(NoticeCode::OutputGap, message) }
}
