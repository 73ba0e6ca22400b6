//! Processes, and what they spent, from `/proc`: user and system time of all their threads, also of those that ended.

use std::fs;
use std::time::{Duration, Instant};

/// How often quiet processes are looked for, and how long that is worth.
const LOOK_EVERY: Duration = Duration::from_millis(250);
const PATIENCE: Duration = Duration::from_secs(8);
/// Less than this between two looks is quiet: keep-alives, not work.
const QUIET_SECONDS: f64 = 0.015;
/// The kernel counts in these for `/proc`, on every architecture.
const TICKS_PER_SECOND: f64 = 100.0;

/// Some processes.
pub(crate) struct Processes(Vec<u32>);

impl Processes {
    pub(crate) fn of(ids: &[u32]) -> Self {
        Self(ids.to_vec())
    }

    /// All descendants of the process whose arguments contain `argument`, itself excluded.
    pub(crate) fn below(argument: &str) -> Self {
        let all = all();
        let command = |id: &u32| fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let roots: Vec<u32> =
            all.iter().map(|(id, _)| *id).filter(|id| command(id).contains(argument)).collect();
        let count = roots.len();
        Self(with_descendants(roots, &all).split_off(count))
    }

    /// This process and all its descendants.
    pub(crate) fn tree(root: u32) -> Self {
        Self(with_descendants(vec![root], &all()))
    }

    pub(crate) fn ids(&self) -> &[u32] {
        &self.0
    }

    pub(crate) fn cpu_seconds(&self) -> f64 {
        self.0.iter().filter_map(|id| ticks(*id)).sum::<u64>() as f64 / TICKS_PER_SECOND
    }

    /// Waits until they do next to nothing.
    pub(crate) async fn quiet(&self) {
        let deadline = Instant::now() + PATIENCE;
        let mut before = self.cpu_seconds();
        while Instant::now() < deadline {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = self.cpu_seconds();
            if now - before < QUIET_SECONDS {
                return;
            }
            before = now;
        }
    }
}

/// The roots first.
fn with_descendants(mut found: Vec<u32>, all: &[(u32, u32)]) -> Vec<u32> {
    let mut at = 0;
    while let Some(&parent) = found.get(at) {
        found
            .extend(all.iter().filter(|(_, of)| *of == parent).map(|(id, _)| *id).filter(|id| *id != parent));
        at += 1;
    }
    found
}

/// Every process with its parent.
fn all() -> Vec<(u32, u32)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter_map(|id| Some((id, stat(id)?.get(1)?.parse().ok()?))).collect()
}

fn ticks(id: u32) -> Option<u64> {
    let fields = stat(id)?;
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(number(11)? + number(12)?)
}

/// The fields of `/proc/ID/stat` after the program's name: the first is the state.
fn stat(id: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}
