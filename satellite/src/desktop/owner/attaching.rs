//! Browsers come and go: the session's own user's, of which the newest wins, and watchers'. Each is joined to guacd's
//! connection.

use std::time::Duration;

use bytes::Bytes;
use openpam_ids::AttachmentId;
use openpam_proto::attach::{Opened, ToHub};
use openpam_proto::desktop::{DesktopOpened, Quality, View as Pixels};
use openpam_proto::end::{EndCode, Hop, NoticeCode};
use openpam_proto::guacamole;

use super::{Joined, Member, Owner, Part, View, Whose};
use crate::desktop::arguments::of_member;
use crate::desktop::files::Spoken;
use crate::desktop::guacd::{self, Introduction};
use crate::session::command::Attach;
use crate::session::life::{closed, dismiss, watched};
use crate::session::output::Attachment;
use crate::session::window::Window;

/// A guacd that did not let somebody join is asked once more after this.
const JOIN_AGAIN: Duration = Duration::from_secs(1);

impl Owner {
    pub(super) fn is_attached(&self, id: AttachmentId) -> bool {
        self.attached.as_ref().is_some_and(|view| view.attachment.id == id)
    }

    /// The session's own user comes, or goes on over another tunnel.
    pub(super) fn attach(&mut self, attach: Attach) {
        if !self.life.takes(&attach, self.attached.as_ref().map(|view| &view.attachment)) {
            return;
        }
        if let Some(view) = self.attached.take() {
            dismiss(view.out.clone(), attach.client_ip.as_deref());
            self.went(view);
        }
        let (goes_on, from) = (attach.resumes.is_some(), attach.from.unwrap_or_default());
        self.input.begin(goes_on);
        let mut view = self.view(attach, false);
        let lasting = std::mem::take(&mut self.lasting);
        if goes_on {
            lasting.into_iter().filter(|(end, _)| *end > from).for_each(|(_, said)| view.give(said));
        }
        if let Some(newest) = self.names().pop() {
            view.tell(ToHub::Notice(watched(NoticeCode::Watched, newest, self.names())));
        }
        self.life.came(&view.attachment);
        self.close_if_ended(&mut view);
        self.attached = Some(view);
        if !goes_on {
            self.begin_files();
        }
    }

    /// Another browser is there: files of the one before are given up.
    fn begin_files(&mut self) {
        let mut spoken = Spoken::default();
        self.files.begin(&mut spoken);
        self.spoken(spoken);
    }

    fn went(&mut self, view: View) {
        let (attachment, lasting) = view.rest();
        self.lasting = lasting;
        self.life.went(&attachment);
    }

    /// Somebody watches from now on.
    pub(super) fn watch(&mut self, mut attach: Attach) {
        let Some((user_id, name)) = attach.watch.take() else { return };
        let mut view = self.view(attach, true);
        self.life.watched(&view.attachment, user_id);
        view.watcher = Some((user_id, name.clone()));
        self.close_if_ended(&mut view);
        self.watchers.push(view);
        self.tell(watched(NoticeCode::Watched, name, self.names()));
    }

    fn view(&mut self, attach: Attach, watch: bool) -> View {
        if let Some(window) = attach.view.filter(|_| !watch) {
            self.window = window;
        }
        let offset = attach.from.unwrap_or_default();
        let opened = Opened {
            watch,
            output_offset: offset,
            output_end: offset,
            input_offset: self.input.acknowledged(),
            cols: attach.cols,
            rows: attach.rows,
            desktop: Some(DesktopOpened { transfer: self.transfer, view: self.window }),
        };
        let window = Window::new(self.most_window_bytes);
        let messages = vec![ToHub::Opened(opened)];
        let attachment =
            Attachment::new(attach.id, attach.client_ip, offset, offset, messages, window).promptly();
        View::new(attachment, None, attach.out, attach.from.is_some())
    }

    /// It is over already: whoever comes is told how.
    fn close_if_ended(&self, view: &mut View) {
        if let Some(ended) = &self.life.ended {
            view.close(ended, false);
        }
    }

    pub(super) fn detach(&mut self) {
        if let Some(view) = self.attached.take() {
            self.went(view);
        }
    }

    pub(super) fn unwatch(&mut self, id: AttachmentId) {
        if let Some(index) = self.watchers.iter().position(|view| view.attachment.id == id) {
            let view = self.watchers.remove(index);
            self.unwatched(view);
        }
    }

    /// Those who went without a word, or were told the last one.
    pub(super) fn take_gone(&mut self) {
        let gone = |view: &View| view.out.is_closed() || view.attachment.is_closed();
        while let Some(index) = self.watchers.iter().position(gone) {
            let view = self.watchers.remove(index);
            self.unwatched(view);
        }
    }

    fn unwatched(&mut self, view: View) {
        if let Some((user_id, name)) = view.watcher {
            self.life.unwatched(&view.attachment, user_id);
            self.tell(watched(NoticeCode::Unwatched, name, self.names()));
        }
    }

    fn names(&self) -> Vec<String> {
        self.watchers.iter().filter_map(|view| view.watcher.as_ref()).map(|(_, name)| name.clone()).collect()
    }

    /// Asks guacd for the pictures that are wanted.
    pub(super) fn join_wanted(&mut self) {
        let Self {
            attached,
            watchers,
            last_member,
            guacd,
            connection_id,
            transfer,
            window,
            dpi,
            joined,
            life,
            ..
        } = self;
        for view in attached.iter_mut().chain(watchers.iter_mut()).filter(|view| view.wants_member()) {
            *last_member += 1;
            view.joins(*last_member);
            let (id, watches) = (*last_member, view.watcher.is_some());
            let (guacd, connection_id, user) =
                (guacd.clone(), connection_id.clone(), life.subject.user_id.to_string());
            let window = Pixels { dpi: *dpi, ..*window };
            let (transfer, joined) = (*transfer, joined.0.clone());
            tokio::spawn(async move {
                let introduction = Introduction { view: window, user: &user };
                let value = |name: &str| of_member(name, watches, transfer);
                let mut connected = guacd::connect(&guacd, &connection_id, introduction, value).await;
                if connected.is_err() {
                    // If guacd itself is gone, the session's own member says so before.
                    tokio::time::sleep(JOIN_AGAIN).await;
                    connected = guacd::connect(&guacd, &connection_id, introduction, value).await;
                }
                // The session is over if nobody hears it.
                let _ = joined.send((id, connected)).await;
            });
        }
    }

    pub(super) fn member_joined(&mut self, (member, joined): Joined) {
        let (transfer, window) = (self.transfer, self.window);
        let (teller, newest) = (self.told.0.clone(), self.newest.clone());
        let Some(view) = self.views().find(|view| view.awaits(member)) else { return };
        match joined {
            Ok(connection) => {
                let watches = view.watcher.is_some();
                let whose = if watches {
                    Whose::Watcher
                } else {
                    Whose::User { copy: transfer.copy, silent: window.quality == Quality::Low }
                };
                let part = Part { id: member, whose };
                let joined = Member::begin(connection, part, newest, teller);
                if !watches {
                    let size = [window.width, window.height].map(|pixels| pixels.to_string());
                    let [width, height] = size.each_ref().map(String::as_str);
                    joined.say(Bytes::from(guacamole::instruction(&["size", width, height])));
                }
                view.begin(joined);
            }
            Err(error) => {
                tracing::warn!(%error, "guacd does not let a browser join its desktop");
                let message = "the site's desktop gateway (guacd) does not answer; try again in a moment";
                view.close(&closed(EndCode::Internal, message, Hop::Site, false), false);
            }
        }
    }
}
