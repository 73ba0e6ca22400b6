//! The end of a session, once: booked, its recording complete, and told to whoever is there after the last byte.

use openpam_proto::end::{EndCode, Hop};

use super::Owner;
use crate::session::life::{Why, closed};

impl Owner {
    /// Output that nobody had yet can't be read from the disk again: there is no honest way on.
    pub(super) fn lost(&mut self, error: &std::io::Error) {
        tracing::error!(session = %self.life.subject.session_id, %error, alarm = true, "output of a session is lost");
        let message = "the site's disk lost output of this session that you were still to get";
        let why = Why { code: EndCode::Internal, message: message.to_owned(), hop: Hop::Site, drain: false };
        self.end(why);
        // If it had ended before, nobody gets its last output any more.
        self.life.forced = true;
        if let Some((attachment, _)) = self.attached.as_mut() {
            attachment.close(closed(EndCode::Internal, message, Hop::Site, true), false);
        }
    }

    /// Over by itself, and the ring has the last byte: the browser is told after it.
    pub(super) fn close_if_drained(&mut self) {
        let Some(ended) = self.life.ended.as_ref().filter(|_| self.spill.is_empty()) else { return };
        if let Some((attachment, _)) = self.attached.as_mut() {
            attachment.close(ended.clone(), true);
        }
        self.watchers.close(ended);
    }

    pub(super) fn exited(&mut self, properly: bool) {
        self.shell_open = false;
        if !properly {
            return self.end(Why::target_lost("the connection to the target was lost".to_owned()));
        }
        let message = match (&self.exit.signal, self.exit.status) {
            (Some(signal), _) => format!("the program was ended by signal {signal}"),
            (None, Some(0) | None) => "the program ended".to_owned(),
            (None, Some(status)) => format!("the program ended with status {status}"),
        };
        self.end(Why { code: EndCode::Exited, message, hop: Hop::Target, drain: true });
    }

    /// Ends the session once: books it, completes the recording, and tells whoever is attached.
    pub(super) fn end(&mut self, why: Why) {
        let counts = (self.input.acknowledged(), self.output_end());
        let drain = why.drain;
        let Some(closed) = self.life.end(why, &self.exit, counts) else { return };
        self.shell_open = false;
        let shell = self.shell.write.clone();
        tokio::spawn(async move {
            let _ = shell.close().await;
        });
        if drain {
            return;
        }
        if let Some((attachment, _)) = self.attached.as_mut() {
            attachment.close(closed.clone(), false);
        }
        self.watchers.close(&closed);
    }

    /// Over, nobody attached, and nothing left that somebody may come back for.
    pub(super) const fn is_done(&self) -> bool {
        self.life.ended.is_some()
            && self.attached.is_none()
            && self.watchers.is_empty()
            && (self.life.forced || self.unacknowledged() == 0)
    }
}
