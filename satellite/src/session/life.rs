//! What every session has, whatever it shows: who it is about, since when and how long it may last, who came last, and
//! how it ended. Its owner task drives it.
//!
//! It books, and completes the recording. It knows no browser's channel and no target.

use std::sync::Arc;
use std::time::Duration;

use openpam_ids::{AttachmentId, UserId};
use openpam_proto::attach::{Closed, Notice};
use openpam_proto::end::{EndCode, Hop, NoticeCode};
use openpam_proto::event::{self, Basis, Event};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::host::Host;
use crate::journal::Journal;
use crate::recorder::SessionRecorder;
use crate::session::activity::Activity;
use crate::session::command::{Attach, Subject};
use crate::session::limits::Limits;
use crate::session::output::{Attachment, Out};

/// How long a browser that was taken over has to take its last word.
pub const LAST_WORD: Duration = Duration::from_secs(10);

/// The part of an owner task's state that is not about what is shown.
pub struct Life {
    /// Who and what.
    pub subject: Subject,
    /// The first attachment of the newest browser there was: it keeps that over all tunnels.
    newest: Option<AttachmentId>,
    /// Until the end.
    pub recorder: Option<SessionRecorder>,
    journal: Journal,
    /// When it was opened.
    pub begun: Instant,
    /// How long it may last.
    pub limits: Limits,
    /// By what the site let it go on last.
    pub basis: Option<Basis>,
    /// What lists show of it.
    pub activity: Arc<Activity>,
    /// When a detached session is over.
    pub grace_ends: Instant,
    /// When watchers of an ended session have had their time.
    pub watchers_end: Instant,
    /// How it ended.
    pub ended: Option<Closed>,
    /// Whether it was ended from outside: then nobody comes back for its last output.
    pub forced: bool,
}

/// What a program on the target said when it ended.
#[derive(Default)]
pub struct Exit {
    /// Its status.
    pub status: Option<u32>,
    /// The signal that ended it, without `SIG`.
    pub signal: Option<String>,
}

/// Why a session ends.
pub struct Why {
    /// For books and browser.
    pub code: EndCode,
    /// For people.
    pub message: String,
    /// Where.
    pub hop: Hop,
    /// Whether browsers get what there is before they are told.
    pub drain: bool,
}

impl Why {
    /// The host is gone.
    #[must_use]
    pub fn stopped() -> Self {
        let message = "the satellite stopped".to_owned();
        Self { code: EndCode::SatelliteRestarted, message, hop: Hop::Site, drain: false }
    }

    /// The target left without a word.
    #[must_use]
    pub const fn target_lost(message: String) -> Self {
        Self { code: EndCode::TargetUnreachable, message, hop: Hop::Target, drain: true }
    }
}

impl Life {
    /// Of a session that begins now, with nobody attached.
    #[must_use]
    pub fn new(subject: Subject, recorder: SessionRecorder, activity: Arc<Activity>, host: &Host) -> Self {
        let now = Instant::now();
        Self {
            newest: None,
            recorder: Some(recorder),
            journal: host.journal().clone(),
            begun: now,
            limits: Limits::new(subject.allowed, now),
            basis: subject.basis.clone(),
            activity,
            grace_ends: now + subject.grace,
            watchers_end: now,
            ended: None,
            forced: false,
            subject,
        }
    }

    /// Milliseconds since the begin.
    #[must_use]
    pub fn elapsed_ms(&self) -> u64 {
        self.begun.elapsed().as_millis() as u64
    }

    /// Whether it becomes the session's own browser. One that only goes on over another tunnel does not take the session
    /// from one that came later: it is told so.
    #[must_use]
    pub fn takes(&mut self, attach: &Attach, attached: Option<&Attachment>) -> bool {
        let browser = attach.resumes.as_ref().map_or(attach.id, |resumes| resumes.attachment_id);
        if attach.resumes.is_some() && self.newest != Some(browser) {
            let by = attached.and_then(|attachment| attachment.client_ip.as_deref());
            let _ = attach.out.try_send(Out::Closed(taken_over(by)));
            return false;
        }
        self.newest = Some(browser);
        true
    }

    /// A browser is there.
    pub fn came(&mut self, attachment: &Attachment) {
        self.book(Event::Attached(self.attachment_event(attachment)));
        self.limits.came();
    }

    /// It is gone.
    pub fn went(&mut self, attachment: &Attachment) {
        self.grace_ends = Instant::now() + self.subject.grace;
        self.book(Event::Detached(self.attachment_event(attachment)));
    }

    /// Somebody watches.
    pub fn watched(&self, attachment: &Attachment, watcher_id: UserId) {
        self.book(Event::Watched(self.watch_event(attachment, watcher_id)));
    }

    /// Somebody watches no more.
    pub fn unwatched(&self, attachment: &Attachment, watcher_id: UserId) {
        self.book(Event::Unwatched(self.watch_event(attachment, watcher_id)));
    }

    /// Books what happens in a session that is not over.
    pub fn book(&self, event: Event) {
        if self.ended.is_none() {
            self.journal.record(event);
        }
    }

    /// Minutes of grace are over.
    #[must_use]
    pub fn abandoned(&self) -> Why {
        let minutes = self.subject.grace.as_secs() / 60;
        let message = format!("nobody came back to this session within {minutes} minutes");
        Why { code: EndCode::GraceExpired, message, hop: Hop::Site, drain: false }
    }

    /// Ends it once: books it, and completes the recording. What browsers are to be told; `None`: it had ended before.
    pub fn end(&mut self, why: Why, exit: &Exit, (input_bytes, output_bytes): (u64, u64)) -> Option<Closed> {
        if self.ended.is_some() {
            return None;
        }
        let Why { code, message, hop, drain } = why;
        self.forced = !drain;
        tracing::info!(session = %self.subject.session_id, code = code.as_str(), message, "session ended");
        let closed = Closed {
            code,
            message: message.clone(),
            hop,
            ended: true,
            exit_status: exit.status,
            exit_signal: exit.signal.clone(),
        };
        let elapsed_ms = self.elapsed_ms();
        if let Some(recorder) = self.recorder.take() {
            recorder.finish(elapsed_ms);
        }
        self.journal.record(Event::SessionEnded(event::SessionEnded {
            about: self.subject.about(),
            code,
            message,
            exit_status: exit.status,
            exit_signal: exit.signal.clone(),
            input_bytes,
            output_bytes,
            was_open: true,
            basis: self.basis.take(),
        }));
        let now = Instant::now();
        self.grace_ends = now + self.subject.grace;
        self.watchers_end = now + LAST_WORD;
        self.ended = Some(closed.clone());
        Some(closed)
    }

    fn watch_event(&self, attachment: &Attachment, watcher_id: UserId) -> event::Watching {
        event::Watching {
            about: self.subject.about(),
            attachment_id: attachment.id,
            client_ip: attachment.client_ip.clone(),
            watcher_id,
        }
    }

    fn attachment_event(&self, attachment: &Attachment) -> event::Attachment {
        event::Attachment {
            about: self.subject.about(),
            attachment_id: attachment.id,
            client_ip: attachment.client_ip.clone(),
        }
    }
}

/// Tells a browser that another one took its place; one that does not read is told as soon as it does, or not at all.
pub fn dismiss(out: mpsc::Sender<Out>, by: Option<&str>) {
    let closed = taken_over(by);
    tokio::spawn(tokio::time::timeout(LAST_WORD, async move {
        let _ = out.send(Out::Closed(closed)).await;
    }));
}

/// What the session's own user is told when `by` begins or ceases to watch.
#[must_use]
pub fn watched(code: NoticeCode, by: String, watchers: Vec<String>) -> Notice {
    let says = if code == NoticeCode::Watched { "watches" } else { "no longer watches" };
    let message = format!("{by} {says} this session");
    Notice { by: Some(by), watchers, ..Notice::new(code, message) }
}

/// `by` is the address that it is used from now, if known.
fn taken_over(by: Option<&str>) -> Closed {
    let from = by.map(|by| format!(" from {by}")).unwrap_or_default();
    let message = format!("this session was opened{from} in another window or on another device");
    closed(EndCode::TakenOver, &message, Hop::Site, false)
}

/// A close of one attachment.
#[must_use]
pub fn closed(code: EndCode, message: &str, hop: Hop, ended: bool) -> Closed {
    Closed { code, message: message.to_owned(), hop, ended, exit_status: None, exit_signal: None }
}
