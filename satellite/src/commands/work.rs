//! Does what was ordered, a few commands at a time, none beyond its time.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use openpam_ids::CommandId;
use openpam_link::dial::DialOptions;
use openpam_link::kept_log;
use openpam_proto::command::{MAX_OUTPUT_BYTES, MAX_UNPACKED_BYTES, Order};
use openpam_proto::end::{EndCode, Hop};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Instant, timeout_at};

use super::{Commands, Failure, Success, diagnose};
use crate::host::Host;
use crate::state::StateDir;

/// Commands that are worked on at the same time.
const AT_ONCE: usize = 4;
/// No command takes longer, whatever time it was given.
const LONGEST: Duration = Duration::from_secs(600);
/// Of Zstandard: logs shrink to a tenth and take no time to speak of.
const COMPRESSION: i32 = 3;

/// What commands are done with.
#[derive(Clone)]
pub struct Worker {
    /// Every living session.
    pub host: Host,
    /// Key, certificate and the hub's addresses.
    pub state: Arc<StateDir>,
    /// How the hub is dialled.
    pub dial: DialOptions,
}

impl Worker {
    /// Works for as long as the program runs.
    pub async fn run(self) {
        let commands = self.host.commands().clone();
        let mut changed = commands.watch();
        let mut work = JoinSet::new();
        loop {
            changed.borrow_and_update();
            while work.len() < AT_ONCE
                && let Some((order, until)) = commands.next()
            {
                work.spawn(self.clone().finish(order, until.min(Instant::now() + LONGEST)));
            }
            tokio::select! {
                changed = changed.changed() => if changed.is_err() { return },
                Some(_) = work.join_next() => {}
            }
        }
    }

    async fn finish(self, order: Order, until: Instant) {
        let (id, commands) = (order.command_id, self.host.commands().clone());
        tracing::info!(command = %id, kind = order.kind, "the hub's command is begun");
        let result = tokio::select! {
            result = timeout_at(until, self.work(order)) => {
                result.unwrap_or_else(|_| Err(Failure::new("too_late", "there was no time left for it")))
            }
            () = no_longer_wanted(&commands, id) => return,
        };
        match &result {
            Ok(_) => tracing::info!(command = %id, "the hub's command is done"),
            Err(failure) => {
                tracing::warn!(command = %id, code = failure.code, message = failure.message, "the hub's command failed");
            }
        }
        commands.finish(id, result);
    }

    async fn work(&self, order: Order) -> Result<Success, Failure> {
        match order.kind.as_str() {
            "end" => self.end(order).await,
            "watch" => self.watch(&order),
            "diagnose" => diagnose::run(self, order.command_id).await,
            "collect_logs" => self.collect_logs(order.command_id).await,
            kind => Err(Failure::new("unknown_command", format!("this satellite does not know {kind}"))),
        }
    }

    async fn end(&self, order: Order) -> Result<Success, Failure> {
        let session = order.session_id.ok_or_else(no_session_named)?;
        let message = order.message.unwrap_or_else(|| "an administrator ended it".to_owned());
        if self.host.end(session, EndCode::TerminatedByAdmin, message, Hop::Hub).await {
            return Ok(Success { message: "the session is over".to_owned(), findings: Vec::new() });
        }
        Err(session_gone())
    }

    /// Who watches attaches through the tunnel; here it is found out whether there is something to watch.
    fn watch(&self, order: &Order) -> Result<Success, Failure> {
        let session = order.session_id.ok_or_else(no_session_named)?;
        match self.host.find(session) {
            Some(_) => Ok(Success {
                message: "the session runs and can be watched".to_owned(),
                ..Success::default()
            }),
            None => Err(session_gone()),
        }
    }

    async fn collect_logs(&self, id: CommandId) -> Result<Success, Failure> {
        let commands = self.host.commands();
        commands.progress(id, 10, "compressing the log");
        let packed = spawn_blocking(packed_log).await.ok().flatten();
        let (lines, packed) =
            packed.ok_or_else(|| Failure::new("internal", "the log could not be compressed"))?;
        let step = format!("sending {} KB", packed.len().div_ceil(1024));
        commands.collected(id, packed);
        commands.progress(id, 50, &step);
        commands.kept(id).await;
        Ok(Success { message: format!("{lines} lines of the log"), findings: Vec::new() })
    }
}

/// How many lines the newest part of the log has that fits, and that part.
fn packed_log() -> Option<(usize, Bytes)> {
    let mut log = kept_log::read(MAX_UNPACKED_BYTES);
    loop {
        let packed = zstd::bulk::compress(&log, COMPRESSION).ok()?;
        if packed.len() as u64 <= MAX_OUTPUT_BYTES {
            let lines = log.iter().filter(|byte| **byte == b'\n').count();
            return Some((lines, packed.into()));
        }
        // Half of it, from a whole line on.
        let half = log.split_off(log.len() / 2);
        let line = half.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        log = half.get(line..)?.to_vec();
    }
}

async fn no_longer_wanted(commands: &Commands, id: CommandId) {
    let mut changed = commands.watch();
    loop {
        changed.borrow_and_update();
        if !commands.is_wanted(id) || changed.changed().await.is_err() {
            return;
        }
    }
}

fn no_session_named() -> Failure {
    Failure::new("invalid_command", "it names no session")
}

fn session_gone() -> Failure {
    Failure::new("session_gone", "the site does not have that session any more")
}
