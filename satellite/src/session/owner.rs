//! The owner task of one session: the only one that touches its ring, its input and its attachment.
//!
//! It outlives browsers and tunnels and ends with the target's program, an end from outside, or the grace time.
//! Ending never waits for storage. Driven by [`Command`]s from attachments and the host.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use openpam_ids::{AttachmentId, CredentialId, EventId, SessionId, TargetId, UserId};
use openpam_proto::attach::{Closed, Notice, Opened, Resumes, ToHub};
use openpam_proto::end::{EndCode, Hop, NoticeCode};
use openpam_proto::event::{self, About, Event};
use openpam_proto::frame::Data;
use openpam_proto::limits::{MAX_DATA_BYTES, OUTPUT_WINDOW_BYTES};
use openpam_proto::offset::InputStream;
use openpam_proto::ring::Ring;
use russh::{ChannelMsg, Sig};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::clock;
use crate::journal::Journal;
use crate::recorder::SessionRecorder;
use crate::session::dial::Shell;
use crate::session::output::{Attachment, Out};
use crate::session::screen_keeper::ScreenKeeper;
use crate::session::window::Window;

/// Frames that wait for an attachment's channel; past it the session stops sending to that attachment.
pub const OUT_QUEUE: usize = 8;
/// Commands that wait for the session; past it the attachment that sends them is not read.
pub const COMMAND_QUEUE: usize = 64;

/// How long small pieces of a flood wait for each other.
const HOLD_BACK: Duration = Duration::from_millis(2);
/// A longer name of a signal is cut.
const MAX_SIGNAL_CHARS: usize = 32;
/// How long a browser that was taken over has to take its last word.
const LAST_WORD: Duration = Duration::from_secs(10);

/// Who and what a session is.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The session.
    pub session_id: SessionId,
    /// Its user.
    pub user_id: UserId,
    /// Its target.
    pub target_id: TargetId,
    /// With which credential.
    pub credential_id: CredentialId,
    /// How long it lives detached.
    pub grace: Duration,
}

impl Subject {
    /// The part that every event about this session carries.
    #[must_use]
    pub fn about(&self) -> About {
        About {
            event_id: EventId::generate(),
            at_ms: clock::now_ms(),
            session_id: self.session_id,
            user_id: self.user_id,
            target_id: self.target_id,
        }
    }
}

/// What attachments and the host tell a session.
#[derive(Debug)]
pub enum Command {
    /// A browser comes.
    Attach(Attach),
    /// Typed bytes.
    Input(AttachmentId, Data),
    /// Output consumed up to an offset.
    Acknowledge(AttachmentId, u64),
    /// Another terminal size.
    Resize(AttachmentId, u16, u16),
    /// The browser or its tunnel is gone.
    Detach(AttachmentId),
    /// Tell the browser something.
    Notify(NoticeCode, String),
    /// End the session.
    End(EndCode, String),
}

/// A browser that wants to be the session's owner.
#[derive(Debug)]
pub struct Attach {
    /// The attachment.
    pub id: AttachmentId,
    /// From where in the output.
    pub from: Option<u64>,
    /// Terminal columns.
    pub cols: u16,
    /// Terminal rows.
    pub rows: u16,
    /// The browser's address.
    pub client_ip: Option<String>,
    /// The attachment that it goes on with, after a tunnel was lost.
    pub resumes: Option<Resumes>,
    /// Whether this attachment opened the session: then there is no screen before the output.
    pub opener: bool,
    /// Where its frames go.
    pub out: mpsc::Sender<Out>,
}

type Write = Pin<Box<dyn Future<Output = (usize, Result<(), russh::Error>)> + Send>>;

/// The owner task's state.
pub struct Owner {
    subject: Subject,
    shell: Shell,
    shell_open: bool,
    ring: Ring,
    screen: ScreenKeeper,
    input: InputStream,
    input_queue: VecDeque<Bytes>,
    write: Option<Write>,
    attached: Option<(Attachment, mpsc::Sender<Out>)>,
    /// The first attachment of the newest browser there was: it keeps that over all tunnels.
    newest: Option<AttachmentId>,
    commands: mpsc::Receiver<Command>,
    recorder: Option<SessionRecorder>,
    journal: Journal,
    begun: Instant,
    /// When a detached session is over.
    grace_ends: Instant,
    exit: Exit,
    ended: Option<Closed>,
    /// Whether it was ended from outside: then nobody comes back for its last output.
    forced: bool,
    size: (u16, u16),
    /// How far output may run ahead of a browser at most.
    most_window_bytes: u64,
    /// Until when output is held back.
    held_until: Option<Instant>,
}

#[derive(Default)]
struct Exit {
    status: Option<u32>,
    signal: Option<String>,
}

enum Step {
    Command(Option<Command>),
    CanSend(bool),
    Written(usize, Result<(), russh::Error>),
    Target(Option<ChannelMsg>),
    ScreenSettled,
    Ripe,
    GraceOver,
}

impl Owner {
    /// A session on an open shell, with nobody attached yet.
    #[must_use]
    pub fn new(
        subject: Subject,
        shell: Shell,
        size: (u16, u16),
        recorder: SessionRecorder,
        journal: Journal,
        most_window_bytes: u64,
        commands: mpsc::Receiver<Command>,
    ) -> Self {
        let now = Instant::now();
        Self {
            grace_ends: now + subject.grace,
            subject,
            shell,
            shell_open: true,
            ring: Ring::new(),
            screen: ScreenKeeper::new(size.0, size.1),
            input: InputStream::new(),
            input_queue: VecDeque::new(),
            write: None,
            attached: None,
            newest: None,
            commands,
            recorder: Some(recorder),
            journal,
            begun: now,
            exit: Exit::default(),
            ended: None,
            forced: false,
            size,
            most_window_bytes,
            held_until: None,
        }
    }

    /// Runs until the session is over and its last output given or its grace over.
    pub async fn run(mut self) {
        loop {
            match self.next().await {
                Step::Command(Some(command)) => self.command(command).await,
                // The host is gone: the satellite stops.
                Step::Command(None) => {
                    self.end(
                        EndCode::SatelliteRestarted,
                        "the satellite stopped".to_owned(),
                        Hop::Site,
                        false,
                    );
                    break;
                }
                Step::CanSend(true) => self.send(),
                Step::CanSend(false) => self.detach(),
                Step::Written(count, result) => self.written(count, &result),
                Step::Target(message) => {
                    self.target(message);
                    self.target_ready();
                }
                Step::ScreenSettled => {}
                Step::Ripe => {
                    if let Some((attachment, _)) = self.attached.as_mut() {
                        attachment.ripen();
                    }
                }
                Step::GraceOver => {
                    if self.ended.is_some() {
                        break;
                    }
                    let minutes = self.subject.grace.as_secs() / 60;
                    self.end(
                        EndCode::GraceExpired,
                        format!("nobody came back to this session within {minutes} minutes"),
                        Hop::Site,
                        false,
                    );
                    break;
                }
            }
            self.screen.nudge(&self.ring);
            if self.is_done() {
                break;
            }
        }
        self.detach();
    }

    /// Over, nobody attached, and nothing left that somebody may come back for.
    const fn is_done(&self) -> bool {
        self.ended.is_some() && self.attached.is_none() && (self.forced || self.ring.unacknowledged() == 0)
    }

    async fn next(&mut self) -> Step {
        let can_read = self.can_read();
        let recorder_full = self.recorder.as_ref().is_some_and(|recorder| !recorder.has_room());
        let send_due = self.attached.as_ref().is_some_and(|(attachment, _)| attachment.has_due(&self.ring));
        let detached = self.attached.is_none();
        let holds = self.attached.as_ref().is_some_and(|(attachment, _)| attachment.holds_back(&self.ring));
        self.held_until =
            if holds { Some(self.held_until.unwrap_or_else(|| Instant::now() + HOLD_BACK)) } else { None };
        let held_until = self.held_until.unwrap_or(self.begun);
        let Self { commands, write, shell, screen, ring, attached, grace_ends, recorder, .. } = self;
        tokio::select! {
            biased;
            command = commands.recv() => Step::Command(command),
            room = async { match attached { Some((_, out)) => out.reserve().await.is_ok(), None => false } },
                if send_due => Step::CanSend(room),
            (count, result) = async { match write { Some(write) => write.await, None => std::future::pending().await } },
                if write.is_some() => Step::Written(count, result),
            () = screen.settle(ring), if screen.is_busy() => Step::ScreenSettled,
            message = shell.read.wait(), if can_read => Step::Target(message),
            () = async { if let Some(recorder) = recorder { recorder.room().await } },
                if recorder_full => Step::ScreenSettled,
            () = tokio::time::sleep_until(*grace_ends), if detached => Step::GraceOver,
            () = tokio::time::sleep_until(held_until), if holds => Step::Ripe,
        }
    }

    async fn command(&mut self, command: Command) {
        match command {
            Command::Attach(attach) => self.attach(attach).await,
            Command::Input(from, data) if self.is_attached(from) => self.take_input(&data),
            Command::Acknowledge(from, offset) if self.is_attached(from) => self.acknowledge(offset),
            Command::Resize(from, cols, rows) if self.is_attached(from) => self.resize(cols, rows),
            Command::Detach(from) if self.is_attached(from) => self.detach(),
            Command::Notify(code, message) => {
                if let Some((attachment, _)) = self.attached.as_mut() {
                    attachment.tell(ToHub::Notice(Notice { code, message, from: None, to: None }));
                }
            }
            Command::End(code, message) => {
                let hop = if code == EndCode::ClosedByUser { Hop::Site } else { Hop::Hub };
                self.end(code, message, hop, false);
            }
            // From an attachment that was taken over meanwhile.
            Command::Input(..) | Command::Acknowledge(..) | Command::Resize(..) | Command::Detach(_) => {}
        }
    }

    fn is_attached(&self, id: AttachmentId) -> bool {
        self.attached.as_ref().is_some_and(|(attachment, _)| attachment.id == id)
    }

    async fn attach(&mut self, attach: Attach) {
        if attach.from.is_some_and(|from| from > self.ring.end()) {
            let closed = closed(EndCode::BadOffset, "the output offset is beyond the end", Hop::Site, false);
            let _ = attach.out.try_send(Out::Closed(closed));
            return;
        }
        // The browser of a lost tunnel does not take the session from one that came later.
        let browser = attach.resumes.as_ref().map_or(attach.id, |resumes| resumes.attachment_id);
        if attach.resumes.is_some() && self.newest != Some(browser) {
            let by = self.attached.as_ref().and_then(|(attachment, _)| attachment.client_ip.as_deref());
            let _ = attach.out.try_send(Out::Closed(taken_over(by)));
            return;
        }
        self.newest = Some(browser);
        self.take_over(attach.client_ip.as_deref());
        let needs_screen = !attach.opener && attach.from.is_none_or(|from| from < self.ring.tail());
        let screen = if needs_screen { Some(self.screen.screen(&mut self.ring).await) } else { None };
        // The tail may have moved on while the screen settled.
        let offset = attach.from.unwrap_or(0).max(self.ring.tail());
        if self.ended.is_none() {
            self.resize(attach.cols, attach.rows);
        }
        let mut messages = vec![ToHub::Opened(Opened {
            watch: false,
            output_offset: offset,
            output_end: self.ring.end(),
            input_offset: self.input.acknowledged(),
            cols: self.size.0,
            rows: self.size.1,
        })];
        if let Some(from) = attach.from.filter(|from| *from < offset) {
            messages.push(ToHub::Notice(Notice {
                code: NoticeCode::OutputGap,
                message: format!("{} bytes of output are too old to be given again", offset - from),
                from: Some(from),
                to: Some(offset),
            }));
        }
        messages.extend(screen.into_iter().flatten().map(ToHub::Screen));
        let acknowledged = attach.resumes.map_or(offset, |resumes| resumes.output_acknowledged.min(offset));
        self.ring.begin_at(acknowledged);
        let window = Window::new(self.most_window_bytes);
        let mut attachment =
            Attachment::new(attach.id, attach.client_ip, offset, acknowledged, messages, window);
        if let Some(ended) = &self.ended {
            attachment.close(ended.clone(), true);
        } else {
            let event = self.attachment_event(&attachment);
            self.journal.record(Event::Attached(event));
        }
        self.attached = Some((attachment, attach.out));
    }

    fn attachment_event(&self, attachment: &Attachment) -> event::Attachment {
        event::Attachment {
            about: self.subject.about(),
            attachment_id: attachment.id,
            client_ip: attachment.client_ip.clone(),
        }
    }

    /// The newest attachment of the user wins; the one before is told.
    fn take_over(&mut self, by: Option<&str>) {
        if let Some((attachment, out)) = self.attached.take() {
            // A browser that does not read is told as soon as it does, or not at all.
            let closed = taken_over(by);
            tokio::spawn(tokio::time::timeout(LAST_WORD, async move {
                let _ = out.send(Out::Closed(closed)).await;
            }));
            self.went(&attachment);
        }
    }

    fn detach(&mut self) {
        if let Some((attachment, _)) = self.attached.take() {
            self.grace_ends = Instant::now() + self.subject.grace;
            self.went(&attachment);
        }
    }

    fn went(&self, attachment: &Attachment) {
        if self.ended.is_none() {
            self.journal.record(Event::Detached(self.attachment_event(attachment)));
        }
    }

    fn take_input(&mut self, data: &Data) {
        if self.ended.is_some() {
            return;
        }
        match self.input.take(data.offset(), data.bytes()) {
            Ok(fresh) if fresh.is_empty() => self.input_ack_due(),
            Ok(fresh) => {
                self.input_queue.push_back(fresh);
                self.start_write();
            }
            Err(error) => self.refuse_attachment(&error.to_string()),
        }
    }

    /// An offset that can't be: that attachment is closed, the session goes on.
    fn refuse_attachment(&mut self, message: &str) {
        if let Some((attachment, _)) = self.attached.as_mut() {
            attachment.close(closed(EndCode::BadOffset, message, Hop::Site, false), false);
        }
    }

    fn input_ack_due(&mut self) {
        if let Some((attachment, _)) = self.attached.as_mut() {
            attachment.input_ack_due();
        }
    }

    fn start_write(&mut self) {
        if self.write.is_none()
            && let Some(bytes) = self.input_queue.pop_front()
        {
            let target = self.shell.write.clone();
            self.write = Some(Box::pin(async move {
                let count = bytes.len();
                (count, target.data_bytes(bytes).await)
            }));
        }
    }

    fn written(&mut self, count: usize, result: &Result<(), russh::Error>) {
        self.write = None;
        if result.is_ok() {
            self.input.given(count);
            self.input_ack_due();
            self.start_write();
        }
        // A failed write is followed by the end of the target's side, which says why.
    }

    fn acknowledge(&mut self, offset: u64) {
        let Some((attachment, _)) = self.attached.as_mut() else { return };
        if attachment.acknowledge(offset, Instant::now()) && self.ring.acknowledge(offset) {
            return;
        }
        self.refuse_attachment("an acknowledgement of output that was never sent");
    }

    fn resize(&mut self, cols: u16, rows: u16) {
        if self.size == (cols, rows) {
            return;
        }
        self.size = (cols, rows);
        self.screen.resize(cols, rows);
        if let Some(recorder) = self.recorder.as_ref() {
            recorder.resize(self.elapsed_ms(), cols, rows);
        }
        let target = self.shell.write.clone();
        tokio::spawn(async move {
            // Fails only if the target is gone, which its reading side says.
            let _ = target.window_change(cols.into(), rows.into(), 0, 0).await;
        });
    }

    fn elapsed_ms(&self) -> u64 {
        self.begun.elapsed().as_millis() as u64
    }

    fn send(&mut self) {
        let Some((attachment, out)) = self.attached.as_mut() else { return };
        let now = Instant::now();
        // This task is the queue's only sender and just saw room in it.
        while attachment.has_due(&self.ring) && out.capacity() > 0 {
            let Some(next) = attachment.next(&self.ring, self.input.acknowledged(), now) else { return };
            if out.try_send(next).is_err() {
                return;
            }
        }
    }

    fn target(&mut self, message: Option<ChannelMsg>) {
        match message {
            Some(ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. }) => self.printed(data),
            Some(ChannelMsg::ExitStatus { exit_status }) => self.exit.status = Some(exit_status),
            Some(ChannelMsg::ExitSignal { signal_name, .. }) => {
                self.exit.signal = Some(signal(&signal_name));
            }
            Some(ChannelMsg::Close) => self.exited(true),
            None => self.exited(self.exit.status.is_some() || self.exit.signal.is_some()),
            Some(_) => {}
        }
    }

    /// Takes what the target printed meanwhile, so that a flood travels in large frames.
    fn target_ready(&mut self) {
        let mut taken = 0;
        while taken < MAX_DATA_BYTES && self.can_read() {
            let Some(message) = self.shell.read.wait().now_or_never() else { return };
            if let Some(ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. }) = &message {
                taken += data.len();
            }
            self.target(message);
        }
    }

    fn can_read(&self) -> bool {
        let window = self.attached.as_ref().map_or(OUTPUT_WINDOW_BYTES, |(to, _)| to.window_bytes());
        self.shell_open
            && self.ring.unacknowledged() < window
            && self.recorder.as_ref().is_none_or(SessionRecorder::has_room)
    }

    fn printed(&mut self, data: Bytes) {
        if let Some(recorder) = self.recorder.as_ref() {
            recorder.output(self.elapsed_ms(), data.clone());
        }
        self.ring.append(data);
    }

    fn exited(&mut self, properly: bool) {
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
    fn end(&mut self, code: EndCode, message: String, hop: Hop, drain: bool) {
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
            output_bytes: self.ring.end(),
            was_open: true,
        }));
        let shell = self.shell.write.clone();
        tokio::spawn(async move {
            let _ = shell.close().await;
        });
        if let Some((attachment, _)) = self.attached.as_mut() {
            attachment.close(closed.clone(), drain);
        }
        self.grace_ends = Instant::now() + self.subject.grace;
        self.ended = Some(closed);
    }
}

/// A signal's name as the target says it (RFC 4254, section 6.10), cut to what any real one needs.
fn signal(name: &Sig) -> String {
    let name = match name {
        Sig::Custom(name) => name.clone(),
        known => format!("{known:?}"),
    };
    name.chars().filter(|character| character.is_ascii_graphic()).take(MAX_SIGNAL_CHARS).collect()
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
