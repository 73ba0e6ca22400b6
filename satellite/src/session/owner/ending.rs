//! The end of a session, once: booked, its recording complete, and told to whoever is there after the last byte.

use openpam_proto::attach::Closed;
use openpam_proto::end::{EndCode, Hop};
use openpam_proto::event::{self, Event};
use tokio::time::Instant;

use super::{LAST_WORD, Owner};

impl Owner {
    /// Output that nobody had yet can't be read from the disk again: there is no honest way on.
    pub(super) fn lost(&mut self, error: &std::io::Error) {
        tracing::error!(session = %self.subject.session_id, %error, alarm = true, "output of a session is lost");
        let message = "the site's disk lost output of this session that you were still to get";
        self.end(EndCode::Internal, message.to_owned(), Hop::Site, false);
        // If it had ended before, nobody gets its last output any more.
        self.forced = true;
        if let Some((attachment, _)) = self.attached.as_mut() {
            attachment.close(closed(EndCode::Internal, message, Hop::Site, true), false);
        }
    }

    /// Over by itself, and the ring has the last byte: the browser is told after it.
    pub(super) fn close_if_drained(&mut self) {
        let Some(ended) = self.ended.as_ref().filter(|_| self.spill.is_empty()) else { return };
        if let Some((attachment, _)) = self.attached.as_mut() {
            attachment.close(ended.clone(), true);
        }
        self.watchers.close(ended);
    }

    pub(super) fn exited(&mut self, properly: bool) {
        self.shell_open = false;
        if !properly {
            let message = "the connection to the target was lost".to_owned();
            return self.end(EndCode::TargetUnreachable, message, Hop::Target, true);
        }
        let message = match (&self.exit.signal, self.exit.status) {
            (Some(signal), _) => format!("the program was ended by signal {signal}"),
            (None, Some(0) | None) => "the program ended".to_owned(),
            (None, Some(status)) => format!("the program ended with status {status}"),
        };
        self.end(EndCode::Exited, message, Hop::Target, true);
    }

    /// Ends the session once: books it, completes the recording, and tells whoever is attached.
    pub(super) fn end(&mut self, code: EndCode, message: String, hop: Hop, drain: bool) {
        if self.ended.is_some() {
            return;
        }
        self.shell_open = false;
        self.forced = !drain;
        tracing::info!(session = %self.subject.session_id, code = code.as_str(), message, "session ended");
        let closed = Closed {
            code,
            message: message.clone(),
            hop,
            ended: true,
            exit_status: self.exit.status,
            exit_signal: self.exit.signal.clone(),
        };
        if let Some(recorder) = self.recorder.take() {
            recorder.finish(self.elapsed_ms());
        }
        self.journal.record(Event::SessionEnded(event::SessionEnded {
            about: self.subject.about(),
            code,
            message,
            exit_status: self.exit.status,
            exit_signal: self.exit.signal.clone(),
            input_bytes: self.input.acknowledged(),
            output_bytes: self.output_end(),
            was_open: true,
            basis: self.basis.take(),
        }));
        let shell = self.shell.write.clone();
        tokio::spawn(async move {
            let _ = shell.close().await;
        });
        if self.forced
            && let Some((attachment, _)) = self.attached.as_mut()
        {
            attachment.close(closed.clone(), false);
        }
        if self.forced {
            self.watchers.close(&closed);
        }
        let now = Instant::now();
        self.grace_ends = now + self.subject.grace;
        self.watchers_end = now + LAST_WORD;
        self.ended = Some(closed);
    }

    /// Over, nobody attached, and nothing left that somebody may come back for.
    pub(super) const fn is_done(&self) -> bool {
        self.ended.is_some()
            && self.attached.is_none()
            && self.watchers.is_empty()
            && (self.forced || self.unacknowledged() == 0)
    }
}

/// A close of one attachment.
#[must_use]
pub fn closed(code: EndCode, message: &str, hop: Hop, ended: bool) -> Closed {
    Closed { code, message: message.to_owned(), hop, ended, exit_status: None, exit_signal: None }
}
