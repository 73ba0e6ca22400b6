//! The owner task of one desktop: the only one that touches its views and its input.
//!
//! It outlives browsers and tunnels and ends when guacd lets go of the session's own member, by an end from outside, or
//! after the grace time. Driven by [`Command`]s from attachments and the host, and by what members tell.

mod attaching;

use std::collections::HashMap;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::future::select_all;
use openpam_ids::AttachmentId;
use openpam_proto::attach::{Notice, ToHub};
use openpam_proto::desktop::{Transfer, View as Window};
use openpam_proto::end::{EndCode, Hop, NoticeCode};
use openpam_proto::event::{Event, FileMoved};
use openpam_proto::frame::Data;
use openpam_proto::guacamole;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::drive::Drive;
use super::feed::Lasting;
use super::files::{Files, Spoken};
use super::filter::Blocked;
use super::guacd::{Connection, GuacdError};
use super::health::Guacd;
use super::input::Input;
use super::member::{Member, MemberId, Part, Told, What, Whose};
use super::picture::Newest;
use super::view::View;
use crate::host::Host;
use crate::session::command::Command;
use crate::session::life::{Exit, Life, Why, closed};
use crate::session::limits::Due;

/// Pieces that wait for the session's own member; past it guacd waits, for the disk.
const OWN_QUEUE: usize = 8;
/// Pieces of all views that wait for this task.
const VIEWS_QUEUE: usize = 32;
/// Views that may join at a time.
const JOINS: usize = 8;
/// Instructions about files that wait for a browser. Each is sent as one before was taken: more are none.
const MAX_LASTING: usize = 1024;
/// The same is not said again within this.
const SAY_AGAIN: Duration = Duration::from_secs(2);
/// The session's own member.
const OWN: MemberId = 0;

/// The owner task's state.
pub struct Owner {
    life: Life,
    guacd: Guacd,
    connection_id: String,
    own: Option<Member>,
    own_told: mpsc::Receiver<Told>,
    told: (mpsc::Sender<Told>, mpsc::Receiver<Told>),
    joined: (mpsc::Sender<Joined>, mpsc::Receiver<Joined>),
    last_member: MemberId,
    /// What guacd drew last.
    newest: Newest,
    attached: Option<View>,
    watchers: Vec<View>,
    commands: mpsc::Receiver<Command>,
    input: Input,
    transfer: Transfer,
    files: Files,
    /// What of them a browser that has left may not have got.
    lasting: Lasting,
    /// What guacd is to be told about files, and there was no room for.
    files_due: BytesMut,
    drive: Option<Drive>,
    /// The newest window of the session's own user.
    window: Window,
    /// Pixels per inch that the desktop was opened with: from members of another density guacd would take other sizes than they
    /// say.
    dpi: u16,
    said: HashMap<Blocked, Instant>,
    output_bytes: u64,
    most_window_bytes: u64,
}

type Joined = (MemberId, Result<Connection, GuacdError>);

enum Step {
    Command(Option<Command>),
    LimitDue,
    Own(Option<Told>),
    Told(Told),
    Joined(Joined),
    /// There is room somewhere, or somebody has gone.
    Room,
    GraceOver,
    WatchersLate,
}

impl Owner {
    /// A session on a desktop that stands, with nobody attached yet.
    #[must_use]
    pub fn new(
        life: Life,
        connection: Connection,
        (window, transfer, drive): (Window, Transfer, Option<Drive>),
        host: &Host,
        commands: mpsc::Receiver<Command>,
    ) -> Self {
        let (teller, own_told) = mpsc::channel(OWN_QUEUE);
        let connection_id = connection.id.clone();
        // What is recorded holds no clipboard.
        let part = Part { id: OWN, whose: Whose::Session };
        let newest = Newest::default();
        Self {
            life,
            guacd: host.guacd().clone(),
            connection_id,
            own: Some(Member::begin(connection, part, newest.clone(), teller)),
            own_told,
            told: mpsc::channel(VIEWS_QUEUE),
            joined: mpsc::channel(JOINS),
            last_member: OWN,
            newest,
            attached: None,
            watchers: Vec::new(),
            commands,
            input: Input::default(),
            transfer,
            files: Files::new(transfer),
            lasting: Lasting::new(),
            files_due: BytesMut::new(),
            drive,
            window,
            dpi: window.dpi,
            said: HashMap::new(),
            output_bytes: 0,
            most_window_bytes: host.limits().output_window_bytes,
        }
    }

    /// Runs until the session is over and whoever is there was told, or its grace over.
    pub async fn run(mut self) {
        loop {
            match self.next().await {
                Step::Command(Some(command)) => self.command(command),
                Step::Command(None) => {
                    self.end(Why::stopped());
                    break;
                }
                Step::LimitDue => self.limit_due(),
                Step::Own(told) => self.own_told(told.map(|told| told.what)),
                Step::Told(told) => self.member_told(told),
                Step::Joined(joined) => self.member_joined(joined),
                Step::Room => {}
                Step::GraceOver => {
                    if self.life.ended.is_none() {
                        self.end(self.life.abandoned());
                    }
                    break;
                }
                Step::WatchersLate => self.watchers.clear(),
            }
            // Before input is judged, which waits for room there, and what came of it after.
            self.give_files();
            self.give();
            self.give_files();
            self.serve();
            self.life.activity.counted(self.input.acknowledged(), self.output_bytes);
            if self.life.ended.is_some() && self.attached.is_none() && self.watchers.is_empty() {
                break;
            }
        }
        self.detach();
    }

    async fn next(&mut self) -> Step {
        let limit = self.life.limits.next().filter(|_| self.life.ended.is_none());
        let detached = self.attached.is_none();
        let watchers_leave = self.life.ended.is_some() && !self.watchers.is_empty();
        let recorder_full = self.life.recorder.as_ref().is_some_and(|recorder| !recorder.has_room());
        let input_waits = self.input.is_waiting();
        let Self { life, files_due, commands, own, own_told, told, joined, attached, watchers, .. } = self;
        let stuck = attached.iter().chain(watchers.iter()).filter(|view| view.is_stuck());
        let stuck = stuck.map(|view| Box::pin(view.out.reserve())).collect::<Vec<_>>();
        let takes = attached.as_ref().and_then(View::member).filter(|_| input_waits);
        let takes = takes.into_iter().chain(own.as_ref().filter(|_| !files_due.is_empty()));
        let member = takes.into_iter().find(|member| !member.has_room());
        tokio::select! {
            biased;
            command = commands.recv() => Step::Command(command),
            // Before all pictures: no flood of them puts it off.
            () = async { if let Some(at) = limit { tokio::time::sleep_until(at).await } }, if limit.is_some() => Step::LimitDue,
            () = async { if let Some(member) = member { member.room().await } }, if member.is_some() => Step::Room,
            told = own_told.recv(), if own.is_some() && !recorder_full => Step::Own(told),
            () = async { if let Some(recorder) = &life.recorder { recorder.room().await } }, if recorder_full => Step::Room,
            Some(told) = told.1.recv() => Step::Told(told),
            Some(joined) = joined.1.recv() => Step::Joined(joined),
            _ = async { select_all(stuck).await }, if !stuck.is_empty() => Step::Room,
            () = tokio::time::sleep_until(life.watchers_end), if watchers_leave => Step::WatchersLate,
            () = tokio::time::sleep_until(life.grace_ends), if detached => Step::GraceOver,
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Attach(attach) if attach.watch.is_some() => self.watch(attach),
            Command::Attach(attach) => self.attach(attach),
            Command::Input(from, data) if self.is_attached(from) => self.take_input(&data),
            Command::Acknowledge(from, offset) => self.acknowledge(from, offset),
            Command::Detach(from) if self.is_attached(from) => self.detach(),
            Command::Detach(from) => self.unwatch(from),
            Command::Notify(code, message) => self.tell(Notice::new(code, message)),
            Command::Allow(until, basis) => {
                self.life.limits.allow(until);
                self.life.basis = Some(basis);
            }
            Command::Stands(basis) => self.life.basis = Some(basis),
            Command::End { code, message, hop, basis } => {
                self.life.basis = basis.or(self.life.basis.take());
                self.end(Why { code, message, hop, drain: false });
            }
            // From an attachment that was taken over meanwhile; a window says its size by an instruction.
            Command::Input(..) | Command::Resize(..) => {}
        }
    }

    fn limit_due(&mut self) {
        match self.life.limits.due(Instant::now()) {
            Due::Nothing => {}
            Due::Warn(notice) => self.tell(notice),
            Due::End(code, message) => self.end(Why { code, message, hop: Hop::Site, drain: false }),
        }
    }

    fn tell(&mut self, notice: Notice) {
        if let Some(view) = self.attached.as_mut() {
            view.tell(ToHub::Notice(notice));
        }
    }

    /// What passes from what the session's own member is shown is what is recorded.
    fn own_told(&mut self, what: Option<What>) {
        match what {
            Some(What::Output(instructions)) => {
                self.output_bytes += instructions.len() as u64;
                if let Some(recorder) = self.life.recorder.as_ref() {
                    recorder.output(self.life.elapsed_ms(), instructions);
                }
            }
            Some(What::Files(instructions)) => {
                let mut spoken = Spoken::default();
                // They were read as whole instructions before.
                let _ = guacamole::whole(&instructions, usize::MAX, |said| {
                    self.files.of_guacd(said, &mut spoken);
                });
                self.spoken(spoken);
            }
            Some(What::Blocked(_)) => {}
            Some(What::Left(said)) => {
                if !said.is_over() {
                    self.guacd.look_again();
                }
                self.end(said.ends());
            }
            None => self.own = None,
        }
    }

    fn member_told(&mut self, Told { member, what }: Told) {
        match what {
            What::Output(instructions) => {
                if let Some(view) = self.views().find(|view| view.has(member)) {
                    view.draw(instructions);
                }
            }
            What::Blocked(what) if self.attached.as_ref().is_some_and(|view| view.has(member)) => {
                self.blocked(what)
            }
            // Files go by the session's own member.
            What::Blocked(_) | What::Files(_) => {}
            What::Left(_) => {
                if let Some(view) = self.views().find(|view| view.has(member)) {
                    view.lose();
                }
            }
        }
    }

    fn blocked(&mut self, what: Blocked) {
        let now = Instant::now();
        let before = self.said.insert(what, now);
        if before.is_none_or(|before| now - before > SAY_AGAIN) {
            let notice = Notice::new(NoticeCode::Blocked, what.message().to_owned());
            self.tell(Notice { what: Some(what.as_str().to_owned()), ..notice });
        }
    }

    fn take_input(&mut self, data: &Data) {
        if self.life.ended.is_some() {
            return;
        }
        if let Err(error) = self.input.take(data) {
            self.refuse_attachment(&error.to_string());
        }
    }

    /// Gives guacd what waits, as long as it takes it.
    fn give(&mut self) {
        if !self.input.is_waiting() || self.life.ended.is_some() {
            return;
        }
        let Some(member) = self.attached.as_ref().and_then(View::member) else { return };
        // guacd was told of the files before, so that what waits for it is bounded.
        if !member.has_room() || !self.files_due.is_empty() {
            return;
        }
        let judged = match self.input.judge(self.transfer) {
            Ok(judged) => judged,
            Err(malformed) => return self.refuse_attachment(&malformed.to_string()),
        };
        if !judged.pass.is_empty() {
            member.say(judged.pass);
        }
        if !judged.files.is_empty() {
            self.files_said(&judged.files);
        }
        self.input.given(judged.count);
        if judged.typed {
            let now = Instant::now();
            self.life.limits.typed(now);
            self.life.activity.typed(now);
        }
        if let Some(view) = self.attached.as_mut().filter(|_| judged.count > 0) {
            view.attachment.input_ack_due();
        }
        judged.blocked.into_iter().for_each(|what| self.blocked(what));
    }

    /// Tells guacd about files.
    fn give_files(&mut self) {
        if let Some(own) = &self.own {
            own.say_all(&mut self.files_due);
        }
    }

    /// What the browser said about files.
    fn files_said(&mut self, instructions: &[u8]) {
        let (now, mut spoken) = (std::time::Instant::now(), Spoken::default());
        self.files.has_room(self.drive.as_ref().map_or(0, Drive::room));
        // They were read as whole instructions before.
        let _ = guacamole::whole(instructions, usize::MAX, |said| {
            self.files.of_browser(said, now, &mut spoken);
        });
        self.spoken(spoken);
    }

    /// Gives guacd and the browser what is theirs, and books what came of files.
    fn spoken(&mut self, spoken: Spoken) {
        self.files_due.extend_from_slice(spoken.guacd.as_bytes());
        let instructions = spoken.browser.into_iter().map(Bytes::from);
        match self.attached.as_mut() {
            Some(view) => instructions.for_each(|instruction| view.give(instruction)),
            None => self.lasting.extend(instructions.map(|instruction| (u64::MAX, instruction))),
        }
        self.lasting.truncate(MAX_LASTING);
        for moved in spoken.moved {
            let file = FileMoved {
                about: self.life.subject.about(),
                name: moved.name,
                media_type: moved.media_type,
                bytes: moved.bytes,
                sha256: moved.sha256,
                whole: moved.whole,
            };
            self.life.book(if moved.is_upload { Event::Uploaded(file) } else { Event::Downloaded(file) });
        }
        spoken.blocked.into_iter().for_each(|what| self.blocked(what));
    }

    /// What can't be: that attachment is closed, the session goes on.
    fn refuse_attachment(&mut self, message: &str) {
        if let Some(view) = self.attached.as_mut() {
            view.close(&closed(EndCode::BadOffset, message, Hop::Site, false), false);
        }
    }

    fn acknowledge(&mut self, from: AttachmentId, offset: u64) {
        let now = Instant::now();
        if let Some(view) = self.views().find(|view| view.attachment.id == from)
            && !view.acknowledge(offset, now)
        {
            let message = "an acknowledgement of output that was never sent";
            view.close(&closed(EndCode::BadOffset, message, Hop::Site, false), false);
        }
    }

    /// Hands over what is due, and asks guacd for pictures that are wanted.
    fn serve(&mut self) {
        let input_offset = self.input.acknowledged();
        self.views().for_each(|view| view.send(input_offset));
        if self.life.ended.is_none() {
            self.join_wanted();
        }
        self.take_gone();
    }

    /// Ends the session once: books it, completes the recording, lets guacd go, and tells whoever is there.
    fn end(&mut self, why: Why) {
        let mut spoken = Spoken::default();
        self.files.give_up(&mut spoken);
        self.spoken(spoken);
        let counts = (self.input.acknowledged(), self.output_bytes);
        let drain = why.drain;
        let Some(closed) = self.life.end(why, &Exit::default(), counts) else { return };
        self.own = None;
        self.views().for_each(|view| view.close(&closed, drain));
    }

    fn views(&mut self) -> impl Iterator<Item = &mut View> {
        self.attached.iter_mut().chain(self.watchers.iter_mut())
    }
}
