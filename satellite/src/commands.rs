//! Commands of the hub's: each is done once, however often and over whichever tunnel it comes, and every tunnel tells how it
//! goes and what came of it.
//!
//! This is the table. [`work`] does what stands in it, [`output`] carries up what was collected.

mod diagnose;
pub mod output;
pub mod work;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use openpam_ids::CommandId;
use openpam_proto::command::{Finding, MAX_FINDINGS, Order, Outcome, Progress};
use openpam_proto::control::ToHub;
use tokio::sync::watch;
use tokio::time::Instant;

/// Commands that are remembered, done ones and others; further ones are refused while none of them is done.
const MAX_COMMANDS: usize = 64;

/// The table of commands. Clones are cheap and mean the same one.
#[derive(Clone, Debug, Default)]
pub struct Commands(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    table: Mutex<Table>,
    /// Told whenever something in the table is another.
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Table {
    /// The oldest first.
    entries: VecDeque<Entry>,
    /// Counts what there was to tell.
    told: u64,
}

#[derive(Debug)]
struct Entry {
    id: CommandId,
    stage: Stage,
    /// Which one to tell this was.
    told: u64,
}

#[derive(Debug)]
enum Stage {
    /// Nobody works on it yet.
    Waiting(Order, Instant),
    /// Somebody does.
    Running { percent: u8, step: String, output: Option<Output> },
    /// It is over.
    Done { failed: Option<&'static str>, message: String, findings: Vec<Finding> },
}

/// What a command collected, for the hub.
#[derive(Clone, Debug)]
struct Output {
    bytes: Bytes,
    /// Whether a tunnel carries it.
    carried: bool,
    /// Whether the hub has it.
    kept: bool,
}

/// How a command ended, if it did not fail.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Success {
    /// For people.
    pub message: String,
    /// What a diagnosis found.
    pub findings: Vec<Finding>,
}

/// How it failed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Stable code.
    pub code: &'static str,
    /// For people.
    pub message: String,
}

impl Failure {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl Commands {
    /// A tunnel brought a command. One that is known is told about anew.
    pub fn order(&self, order: Order) {
        let mut table = self.table();
        if let Some(entry) = table.entries.iter_mut().find(|entry| entry.id == order.command_id) {
            entry.told = 0;
        } else {
            let until = Instant::now() + Duration::from_millis(order.left_ms);
            let id = order.command_id;
            let stage = match table.make_room() {
                true => Stage::Waiting(order, until),
                false => done(Err(Failure::new("too_many_commands", "the satellite has too much to do"))),
            };
            table.entries.push_back(Entry { id, stage, told: 0 });
        }
        table.number();
        drop(table);
        self.tell();
    }

    /// It is not wanted any more. What is done stays done.
    pub fn withdraw(&self, id: CommandId) {
        self.finish(id, Err(Failure::new("withdrawn", "it was withdrawn")));
    }

    /// What there is to tell since `before`, and the number to ask with next time.
    pub fn news(&self, before: u64) -> (Vec<ToHub>, u64) {
        let table = self.table();
        let mut news: Vec<_> = table.entries.iter().filter(|entry| entry.told > before).collect();
        news.sort_by_key(|entry| entry.told);
        (news.into_iter().filter_map(Entry::message).collect(), table.told)
    }

    /// Told whenever something in the table is another.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<()> {
        self.0.changed.subscribe()
    }

    /// The oldest that nobody works on: the caller does from now on, until that time.
    fn next(&self) -> Option<(Order, Instant)> {
        let mut table = self.table();
        let entry = table.entries.iter_mut().find(|entry| matches!(entry.stage, Stage::Waiting(..)))?;
        let begun = Stage::Running { percent: 0, step: String::new(), output: None };
        match std::mem::replace(&mut entry.stage, begun) {
            Stage::Waiting(order, until) => Some((order, until)),
            _ => None,
        }
    }

    /// Whether somebody still wants it done.
    fn is_wanted(&self, id: CommandId) -> bool {
        self.table().entries.iter().any(|entry| entry.id == id && !matches!(entry.stage, Stage::Done { .. }))
    }

    /// How far it is.
    fn progress(&self, id: CommandId, now: u8, at: &str) {
        self.change(id, |stage| match stage {
            Stage::Running { percent, step, .. } => {
                (*percent, *step) = (now, at.to_owned());
                true
            }
            _ => false,
        });
    }

    /// It is over.
    fn finish(&self, id: CommandId, result: Result<Success, Failure>) {
        self.change(id, |stage| match stage {
            Stage::Done { .. } => false,
            _ => {
                *stage = done(result);
                true
            }
        });
    }

    /// It collected this, which is to go up.
    fn collected(&self, id: CommandId, bytes: Bytes) {
        self.change(id, |stage| match stage {
            Stage::Running { output, .. } => {
                *output = Some(Output { bytes, carried: false, kept: false });
                true
            }
            _ => false,
        });
    }

    /// Something that was collected and that no tunnel carries: the caller's does from now on.
    fn take_output(&self) -> Option<(CommandId, Bytes)> {
        self.table().entries.iter_mut().find_map(|entry| match &mut entry.stage {
            Stage::Running { output: Some(output), .. } if !output.carried => {
                output.carried = true;
                Some((entry.id, output.bytes.clone()))
            }
            _ => None,
        })
    }

    /// The hub has what was collected, or the tunnel that carried it is gone.
    fn carried(&self, id: CommandId, there: bool) {
        self.change(id, |stage| match stage {
            Stage::Running { output: Some(output), .. } => {
                (output.carried, output.kept) = (there, there);
                true
            }
            _ => false,
        });
    }

    /// Returns once the hub has what was collected.
    async fn kept(&self, id: CommandId) {
        let mut changed = self.watch();
        loop {
            changed.borrow_and_update();
            let kept = self.table().entries.iter().any(|entry| {
                let output = match &entry.stage {
                    Stage::Running { output, .. } => output.as_ref(),
                    _ => None,
                };
                entry.id == id && output.is_some_and(|output| output.kept)
            });
            if kept || changed.changed().await.is_err() {
                return;
            }
        }
    }

    /// Changes a stage; if it is another one then, everybody is told.
    fn change(&self, id: CommandId, change: impl FnOnce(&mut Stage) -> bool) {
        let mut table = self.table();
        let Some(entry) = table.entries.iter_mut().find(|entry| entry.id == id) else { return };
        if change(&mut entry.stage) {
            entry.told = 0;
            table.number();
            drop(table);
            self.tell();
        }
    }

    fn tell(&self) {
        self.0.changed.send_replace(());
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Whether there is room for one more: the oldest that is done is forgotten for it.
    fn make_room(&mut self) -> bool {
        if self.entries.len() < MAX_COMMANDS {
            return true;
        }
        let oldest = self.entries.iter().position(|entry| matches!(entry.stage, Stage::Done { .. }));
        oldest.is_some_and(|at| self.entries.remove(at).is_some())
    }

    /// Gives what is to be told its number.
    fn number(&mut self) {
        for entry in self.entries.iter_mut().filter(|entry| entry.told == 0) {
            self.told += 1;
            entry.told = self.told;
        }
    }
}

impl Entry {
    fn message(&self) -> Option<ToHub> {
        let command_id = self.id;
        match &self.stage {
            Stage::Waiting(..) => None,
            Stage::Running { percent, step, .. } => {
                Some(ToHub::Progress(Progress { command_id, percent: *percent, step: step.clone() }))
            }
            Stage::Done { failed, message, findings } => Some(ToHub::Outcome(Outcome {
                command_id,
                failed: failed.map(str::to_owned),
                message: message.clone(),
                findings: findings.clone(),
            })),
        }
    }
}

fn done(result: Result<Success, Failure>) -> Stage {
    match result {
        Ok(Success { message, mut findings }) => {
            findings.truncate(MAX_FINDINGS);
            Stage::Done { failed: None, message, findings }
        }
        Err(Failure { code, message }) => Stage::Done { failed: Some(code), message, findings: Vec::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> Order {
        let command_id = CommandId::generate();
        Order { command_id, kind: "diagnose".to_owned(), left_ms: 60_000, session_id: None, message: None }
    }

    fn outcomes(news: &[ToHub]) -> usize {
        news.iter().filter(|message| matches!(message, ToHub::Outcome(_))).count()
    }

    #[test]
    fn a_command_that_comes_twice_is_done_once_and_told_to_each_that_asks() {
        let (commands, order) = (Commands::default(), order());
        commands.order(order.clone());
        assert_eq!(commands.next().map(|(order, _)| order), Some(order.clone()));
        commands.order(order.clone());
        assert_eq!(commands.next(), None);
        commands.progress(order.command_id, 40, "disk");
        let (news, seen) = commands.news(0);
        assert!(matches!(&news[..], [ToHub::Progress(Progress { percent: 40, .. })]));
        commands.finish(order.command_id, Ok(Success::default()));
        let (news, seen) = commands.news(seen);
        assert_eq!(outcomes(&news), 1);
        assert_eq!(commands.news(seen).0, []);
        commands.order(order);
        assert_eq!(outcomes(&commands.news(seen).0), 1, "who asks again is told again");
        assert_eq!(commands.next(), None);
    }

    #[test]
    fn what_was_withdrawn_is_not_begun_and_what_is_done_stays_done() {
        let (commands, first, second) = (Commands::default(), order(), order());
        commands.order(first.clone());
        commands.withdraw(first.command_id);
        assert_eq!(commands.next(), None);
        commands.order(second.clone());
        commands.next();
        commands.finish(second.command_id, Ok(Success::default()));
        commands.withdraw(second.command_id);
        let failed = |message: &ToHub| matches!(message, ToHub::Outcome(Outcome { failed: Some(_), .. }));
        assert_eq!(commands.news(0).0.iter().filter(|message| failed(message)).count(), 1);
    }

    #[test]
    fn too_many_are_refused_and_done_ones_make_room() {
        let commands = Commands::default();
        let orders: Vec<_> = (0..MAX_COMMANDS).map(|_| order()).collect();
        orders.iter().for_each(|order| commands.order(order.clone()));
        commands.order(order());
        assert_eq!(outcomes(&commands.news(0).0), 1);
        while let Some((order, _)) = commands.next() {
            commands.finish(order.command_id, Ok(Success::default()));
        }
        commands.order(order());
        assert!(commands.next().is_some());
    }

    #[tokio::test]
    async fn what_was_collected_is_carried_by_one_and_by_another_if_that_is_gone() {
        let (commands, order) = (Commands::default(), order());
        commands.order(order.clone());
        commands.next();
        commands.collected(order.command_id, Bytes::from_static(b"log"));
        assert!(commands.take_output().is_some());
        assert!(commands.take_output().is_none());
        commands.carried(order.command_id, false);
        assert!(commands.take_output().is_some());
        commands.carried(order.command_id, true);
        commands.kept(order.command_id).await;
    }
}
