//! The server's process: found by its `postmaster.pid`, or our own child; alive, stopped, killed.
//!
//! A process id alone proves nothing (it may have been given anew): the process must have our cluster's folder
//! as its working directory, which PostgreSQL always makes it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::process::Child;
use tokio::time::sleep;

use super::PostgresError;

/// A server process.
#[derive(Debug)]
pub(super) struct Postmaster {
    pid: u32,
    cluster: PathBuf,
    child: Option<Child>,
}

impl Postmaster {
    /// The server that runs on this cluster, whoever started it. A stale pid file is removed.
    pub(super) fn running(cluster: &Path) -> Option<Self> {
        let file = cluster.join("postmaster.pid");
        let pid = fs::read_to_string(&file).ok()?.lines().next()?.trim().parse().ok()?;
        if works_in(pid, cluster) {
            return Some(Self { pid, cluster: cluster.to_path_buf(), child: None });
        }
        // Left by a power cut; if its number now belongs to somebody else, PostgreSQL would refuse to start.
        let _ = fs::remove_file(file);
        None
    }

    pub(super) fn of_child(child: Child, cluster: PathBuf) -> Result<Self, PostgresError> {
        let pid = child.id().ok_or_else(|| PostgresError::Io {
            what: "postgres".to_owned(),
            source: io::Error::other("ended at once"),
        })?;
        Ok(Self { pid, cluster, child: Some(child) })
    }

    pub(super) const fn pid(&self) -> u32 {
        self.pid
    }

    pub(super) fn is_alive(&mut self) -> bool {
        match &mut self.child {
            Some(child) => matches!(child.try_wait(), Ok(None)),
            None => works_in(self.pid, &self.cluster),
        }
    }

    /// Stops it: fast shutdown, then immediate, then SIGKILL. Says whether force was needed.
    pub(super) async fn stop(&mut self, patience: Duration) -> bool {
        self.signal(Signal::INT);
        if self.ended_within(patience).await {
            return false;
        }
        self.force(Duration::from_secs(1)).await;
        true
    }

    /// Ends it without ceremony; its log is replayed at the next start.
    pub(super) async fn kill(mut self, patience: Duration) {
        self.force(patience).await;
    }

    async fn force(&mut self, patience: Duration) {
        self.signal(Signal::QUIT);
        if self.ended_within(patience).await {
            return;
        }
        // It was started as the leader of its own group: the whole group goes.
        if let Some(pid) = self.raw() {
            let _ = kill_process_group(pid, Signal::KILL);
            let _ = kill_process(pid, Signal::KILL);
        }
        self.ended_within(Duration::from_secs(1)).await;
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.raw() {
            // It may be gone already.
            let _ = kill_process(pid, signal);
        }
    }

    fn raw(&self) -> Option<Pid> {
        i32::try_from(self.pid).ok().and_then(Pid::from_raw)
    }

    async fn ended_within(&mut self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while self.is_alive() {
            if Instant::now() > deadline {
                return false;
            }
            sleep(Duration::from_millis(10)).await;
        }
        true
    }
}

fn works_in(pid: u32, cluster: &Path) -> bool {
    let process = PathBuf::from(format!("/proc/{pid}"));
    let cluster = fs::canonicalize(cluster).unwrap_or_else(|_| cluster.to_path_buf());
    fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == cluster) && !is_zombie(&process)
}

fn is_zombie(process: &Path) -> bool {
    let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('Z'))
}
