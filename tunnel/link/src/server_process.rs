//! The process of a server that a program of ours manages: found by its pid file, or our own child; alive, stopped, killed.
//!
//! It outlives its program when that is killed, and is found at the next start. A process id alone proves nothing (it may have been given
//! anew): the process must have the server's folder as its working directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::process::Child;
use tokio::time::sleep;

/// A server process.
#[derive(Debug)]
pub struct ServerProcess {
    pid: u32,
    folder: PathBuf,
    child: Option<Child>,
}

impl ServerProcess {
    /// The server that runs in this folder, whoever started it. A stale pid file is removed.
    #[must_use]
    pub fn running(folder: &Path, pid_file: &str) -> Option<Self> {
        let file = folder.join(pid_file);
        let pid = fs::read_to_string(&file).ok()?.lines().next()?.trim().parse().ok()?;
        if works_in(pid, folder) {
            return Some(Self { pid, folder: folder.to_path_buf(), child: None });
        }
        // Left by a power cut; if its number now belongs to somebody else, PostgreSQL would refuse to start.
        let _ = fs::remove_file(file);
        None
    }

    /// Our child, started in this folder as the leader of its own process group.
    ///
    /// # Errors
    /// If it has ended already.
    pub fn of_child(child: Child, folder: PathBuf) -> io::Result<Self> {
        let pid = child.id().ok_or_else(|| io::Error::other("ended at once"))?;
        Ok(Self { pid, folder, child: Some(child) })
    }

    /// Its process id.
    #[must_use]
    pub const fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        match &mut self.child {
            Some(child) => matches!(child.try_wait(), Ok(None)),
            None => works_in(self.pid, &self.folder),
        }
    }

    /// Stops it: SIGINT, then SIGQUIT, then SIGKILL. Says whether force was needed.
    pub async fn stop(&mut self, patience: Duration) -> bool {
        self.signal(Signal::INT);
        if self.ended_within(patience).await {
            return false;
        }
        self.force(Duration::from_secs(1)).await;
        true
    }

    /// Asks it to stop, and does not wait.
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// Ends it without ceremony.
    pub async fn kill(mut self, patience: Duration) {
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

fn works_in(pid: u32, folder: &Path) -> bool {
    let process = PathBuf::from(format!("/proc/{pid}"));
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
    fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == folder) && !is_zombie(&process)
}

fn is_zombie(process: &Path) -> bool {
    let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('Z'))
}
