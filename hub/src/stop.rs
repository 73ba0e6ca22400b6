//! `openpam-hub stop`: ends the satellites of the hub's own zones, then the hub, each by its process id.
//!
//! SIGTERM to the hub alone leaves those satellites running, with their sessions. A process is only signalled while it
//! holds the lock of its folder: its id can't be another's by then.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};

use crate::config::Config;
use crate::own_zones;

/// A process gets this long to stop.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A running program of this installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its process.
    pub pid: u32,
    lock: PathBuf,
}

/// The hub on this data folder, if one runs.
#[must_use]
pub fn hub(config: &Config) -> Option<Running> {
    running(&config.data_dir.join("hub.lock"))
}

/// The satellites of own zones that run.
#[must_use]
pub fn satellites(config: &Config) -> Vec<Running> {
    let Ok(folders) = std::fs::read_dir(own_zones::folder(config)) else { return Vec::new() };
    folders.flatten().filter_map(|folder| running(&folder.path().join("lock"))).collect()
}

/// Ends them all; how many there were.
///
/// # Errors
/// If one does not stop.
pub fn stop(config: &Config) -> anyhow::Result<usize> {
    let mut stopped = 0;
    // The satellites first: the hub still hears how their sessions end.
    for program in satellites(config).into_iter().chain(hub(config)) {
        end(&program)?;
        stopped += 1;
    }
    Ok(stopped)
}

fn end(program: &Running) -> anyhow::Result<()> {
    let pid = i32::try_from(program.pid).ok().and_then(Pid::from_raw).context("no process id")?;
    kill_process(pid, Signal::TERM).with_context(|| format!("process {pid:?}"))?;
    let deadline = Instant::now() + PATIENCE;
    while running(&program.lock).is_some_and(|now| now.pid == program.pid) {
        anyhow::ensure!(Instant::now() < deadline, "process {} does not stop", program.pid);
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

/// Who holds that lock.
fn running(lock: &Path) -> Option<Running> {
    let file = File::open(lock).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {}
        // Free, given back at once.
        _ => return None,
    }
    let pid = std::fs::read_to_string(lock).ok()?.trim().parse().ok()?;
    Some(Running { pid, lock: lock.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::Instance;

    #[test]
    fn only_who_holds_the_lock_runs() {
        let folder = tempfile::tempdir().expect("a folder");
        let lock = folder.path().join("hub.lock");
        assert_eq!(running(&lock), None);
        let instance = Instance::claim(folder.path()).expect("claims");
        assert_eq!(running(&lock).map(|hub| hub.pid), Some(std::process::id()));
        drop(instance);
        assert_eq!(running(&lock), None, "its note stays, its lock does not");
    }
}
