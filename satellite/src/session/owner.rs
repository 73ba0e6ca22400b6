//! The owner task of one session: the only one that touches its ring, its input and its attachment.
//!
//! It outlives browsers and tunnels and ends with the target's program, an end from outside, or the grace time.
//! Ending never waits for storage. Driven by [`Command`]s from attachments and the host.

mod attaching;
mod ending;
mod watching;

use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use openpam_ids::AttachmentId;
use openpam_proto::attach::{Notice, Resize, ToHub};
use openpam_proto::end::{EndCode, Hop};
use openpam_proto::frame::Data;
use openpam_proto::limits::{MAX_DATA_BYTES, OUTPUT_WINDOW_BYTES};
use openpam_proto::ring::Ring;
use russh::{ChannelMsg, Sig};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::host::Host;
use crate::recorder::SessionRecorder;
use crate::session::command::Command;
use crate::session::dial::Shell;
use crate::session::input::{Input, Taken};
use crate::session::life::{Exit, Life, Why, closed};
use crate::session::limits::Due;
use crate::session::output::{Attachment, Out};
use crate::session::screen_keeper::ScreenKeeper;
use crate::session::spill::Spill;
use crate::session::watchers::Watchers;

/// How long small pieces of a flood wait for each other.
const HOLD_BACK: Duration = Duration::from_millis(2);
/// A longer name of a signal is cut.
const MAX_SIGNAL_CHARS: usize = 32;

/// The owner task's state.
pub struct Owner {
    life: Life,
    shell: Shell,
    shell_open: bool,
    ring: Ring,
    spill: Spill,
    screen: ScreenKeeper,
    input: Input,
    attached: Option<(Attachment, mpsc::Sender<Out>)>,
    watchers: Watchers,
    commands: mpsc::Receiver<Command>,
    exit: Exit,
    size: (u16, u16),
    /// How far output may run ahead of a browser at most.
    most_window_bytes: u64,
    /// Until when output is held back.
    held_until: Option<Instant>,
}

enum Step {
    Command(Option<Command>),
    CanSend(bool),
    /// Input; `false` if the target did not take it: the end of its side follows and says why.
    Given(bool),
    Target(Option<ChannelMsg>),
    /// Work beside the byte path is done.
    Settled,
    SpillLost(std::io::Error),
    Ripe,
    GraceOver,
    LimitDue,
    WatchersLate,
}

impl Owner {
    /// A session on an open shell, with nobody attached yet.
    #[must_use]
    pub fn new(
        life: Life,
        shell: Shell,
        size: (u16, u16),
        host: &Host,
        commands: mpsc::Receiver<Command>,
    ) -> Self {
        Self {
            life,
            input: Input::new(shell.write.clone()),
            shell,
            shell_open: true,
            ring: Ring::new(),
            spill: Spill::new(host.spill_space().clone()),
            screen: ScreenKeeper::new(size.0, size.1),
            attached: None,
            watchers: Watchers::default(),
            commands,
            exit: Exit::default(),
            size,
            most_window_bytes: host.limits().output_window_bytes,
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
                    self.end(Why::stopped());
                    break;
                }
                Step::CanSend(true) => self.send(),
                Step::CanSend(false) => self.detach(),
                Step::Given(true) => self.input_ack_due(),
                Step::Given(false) => {}
                Step::Target(message) => {
                    self.target(message);
                    self.target_ready();
                }
                Step::Settled => {}
                Step::SpillLost(error) => self.lost(&error),
                Step::Ripe => {
                    if let Some((attachment, _)) = self.attached.as_mut() {
                        attachment.ripen();
                    }
                    self.watchers.each().for_each(Attachment::ripen);
                }
                Step::LimitDue => self.limit_due(),
                Step::WatchersLate => self.watchers = Watchers::default(),
                Step::GraceOver => {
                    if self.life.ended.is_none() {
                        self.end(self.life.abandoned());
                    }
                    break;
                }
            }
            let window = self.window_bytes();
            self.spill.nudge(&mut self.ring, window);
            self.close_if_drained();
            self.serve_watchers().await;
            self.screen.nudge(&self.ring);
            self.life.activity.counted(self.input.acknowledged(), self.output_end());
            if self.is_done() {
                break;
            }
        }
        self.detach();
    }

    const fn unacknowledged(&self) -> u64 {
        self.ring.unacknowledged() + self.spill.len()
    }

    /// The offset behind the newest byte.
    const fn output_end(&self) -> u64 {
        self.ring.end() + self.spill.len()
    }

    /// How much unacknowledged output the ring may hold.
    fn window_bytes(&self) -> u64 {
        self.attached.as_ref().map_or(OUTPUT_WINDOW_BYTES, |(to, _)| to.window_bytes())
    }

    async fn next(&mut self) -> Step {
        let can_read = self.can_read();
        let recorder_full = self.life.recorder.as_ref().is_some_and(|recorder| !recorder.has_room());
        let send_due = self.attached.as_ref().is_some_and(|(attachment, _)| attachment.has_due(&self.ring));
        let detached = self.attached.is_none();
        let watchers_stuck = self.watchers.is_stuck();
        let watchers_leave = self.life.ended.is_some() && !self.watchers.is_empty();
        let watchers_end = self.life.watchers_end;
        let limit = self.life.limits.next().filter(|_| self.life.ended.is_none());
        let holds = self.attached.as_ref().is_some_and(|(attachment, _)| attachment.holds_back(&self.ring))
            || self.watchers.hold_back(&self.ring);
        self.held_until =
            if holds { Some(self.held_until.unwrap_or_else(|| Instant::now() + HOLD_BACK)) } else { None };
        let held_until = self.held_until.unwrap_or(self.life.begun);
        let Self { commands, input, shell, screen, spill, ring, attached, watchers, life, .. } = self;
        tokio::select! {
            biased;
            command = commands.recv() => Step::Command(command),
            // Before all bytes: no flood puts it off.
            () = async { if let Some(at) = limit { tokio::time::sleep_until(at).await } }, if limit.is_some() => Step::LimitDue,
            room = async { match attached { Some((_, out)) => out.reserve().await.is_ok(), None => false } },
                if send_due => Step::CanSend(room),
            given = input.give(), if input.is_busy() => Step::Given(given),
            () = screen.settle(ring), if screen.is_busy() => Step::Settled,
            settled = spill.settle(), if spill.is_busy() => settled.map_or_else(Step::SpillLost, |()| Step::Settled),
            message = shell.read.wait(), if can_read => Step::Target(message),
            () = async { if let Some(recorder) = &life.recorder { recorder.room().await } },
                if recorder_full => Step::Settled,
            () = watchers.room(), if watchers_stuck => Step::Settled,
            () = tokio::time::sleep_until(watchers_end), if watchers_leave => Step::WatchersLate,
            () = tokio::time::sleep_until(life.grace_ends), if detached => Step::GraceOver,
            () = tokio::time::sleep_until(held_until), if holds => Step::Ripe,
        }
    }

    async fn command(&mut self, command: Command) {
        match command {
            Command::Attach(attach) if attach.watch.is_some() => self.watch(attach).await,
            Command::Attach(attach) => self.attach(attach).await,
            Command::Input(from, data) if self.is_attached(from) => self.take_input(&data),
            Command::Acknowledge(from, offset) if self.is_attached(from) => self.acknowledge(offset),
            Command::Resize(from, cols, rows) if self.is_attached(from) => self.resize(cols, rows),
            Command::Detach(from) if self.is_attached(from) => self.detach(),
            Command::Acknowledge(from, offset) => self.watcher_took(from, offset),
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
            // From an attachment that was taken over meanwhile.
            Command::Input(..) | Command::Resize(..) => {}
        }
    }

    fn tell(&mut self, notice: Notice) {
        if let Some((attachment, _)) = self.attached.as_mut() {
            attachment.tell(ToHub::Notice(notice));
        }
    }

    fn limit_due(&mut self) {
        match self.life.limits.due(Instant::now()) {
            Due::Nothing => {}
            Due::Warn(notice) => self.tell(notice),
            Due::End(code, message) => self.end(Why { code, message, hop: Hop::Site, drain: false }),
        }
    }

    fn is_attached(&self, id: AttachmentId) -> bool {
        self.attached.as_ref().is_some_and(|(attachment, _)| attachment.id == id)
    }

    fn take_input(&mut self, data: &Data) {
        if self.life.ended.is_some() {
            return;
        }
        match self.input.take(data) {
            Ok(Taken::New) => {
                let now = Instant::now();
                self.life.limits.typed(now);
                self.life.activity.typed(now);
            }
            Ok(Taken::Known) => self.input_ack_due(),
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
        self.watchers.tell(&ToHub::Resized(Resize { cols, rows }));
        if let Some(recorder) = self.life.recorder.as_ref() {
            recorder.resize(self.life.elapsed_ms(), cols, rows);
        }
        let target = self.shell.write.clone();
        tokio::spawn(async move {
            // Fails only if the target is gone, which its reading side says.
            let _ = target.window_change(cols.into(), rows.into(), 0, 0).await;
        });
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

    /// Attached, the target waits for the browser; detached, for the disk.
    fn can_read(&self) -> bool {
        let ring_has_room = self.spill.is_empty() && self.ring.unacknowledged() < self.window_bytes();
        self.shell_open
            && (ring_has_room || self.attached.is_none() && self.spill.has_room())
            && self.life.recorder.as_ref().is_none_or(SessionRecorder::has_room)
    }

    fn printed(&mut self, data: Bytes) {
        if let Some(recorder) = self.life.recorder.as_ref() {
            recorder.output(self.life.elapsed_ms(), data.clone());
        }
        if self.spill.is_empty() && self.ring.unacknowledged() < self.window_bytes() {
            self.ring.append(data);
        } else {
            self.spill.push(data);
        }
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
