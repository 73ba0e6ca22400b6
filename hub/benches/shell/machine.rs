//! What the figures were measured on.

use std::fs;

use tokio::process::Command;

/// More than this at the begin, and somebody else uses the machine.
const BUSY_LOAD: f64 = 0.5;

pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) processor: String,
    pub(crate) kernel: String,
    pub(crate) openssh: String,
    /// Of the last minute, before the run.
    pub(crate) load: f64,
}

impl Machine {
    pub(crate) async fn look() -> Self {
        let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor = processor.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let openssh =
            Command::new("ssh").arg("-V").output().await.map(|output| output.stderr).unwrap_or_default();
        let openssh = String::from_utf8_lossy(&openssh);
        Self {
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            processor: processor.map_or("unknown processor", |(_, name)| name).trim().to_owned(),
            kernel: kernel.trim().to_owned(),
            openssh: openssh.split([',', ' ']).next().unwrap_or_default().to_owned(),
            load: load(),
        }
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.load > BUSY_LOAD
    }
}

/// The load of the last minute.
pub(crate) fn load() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or_default()
}
