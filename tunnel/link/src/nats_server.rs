//! The program nats-server: which versions may be used, and where one that runs is reached.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use tokio::process::Command;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// Older servers tell leaf nodes where they really listen, and those then walk around the channel that they were let in by.
pub const OLDEST: Version = Version(2, 15, 0);
const ASK_PATIENCE: Duration = Duration::from_secs(5);

/// A version of nats-server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u32, u32, u32);

impl fmt::Display for Version {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// Why there is no program that may be used.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// None is there.
    #[error("there is no nats-server: install version {OLDEST} or later, or name it with nats_server")]
    Missing,
    /// It is older than [`OLDEST`].
    #[error("nats-server {0} is too old: install version {OLDEST} or later, or name one with nats_server")]
    TooOld(Version),
}

/// The program, if it is new enough; by default what the PATH has.
///
/// # Errors
/// [`ProgramError`].
pub async fn program(configured: Option<&Path>) -> Result<PathBuf, ProgramError> {
    let named = configured.map_or_else(|| PathBuf::from("nats-server"), Path::to_path_buf);
    let asked = Command::new(&named).arg("--version").kill_on_drop(true).output();
    let output = timeout(ASK_PATIENCE, asked).await.ok().and_then(Result::ok).ok_or(ProgramError::Missing)?;
    let version = version(&String::from_utf8_lossy(&output.stdout)).ok_or(ProgramError::Missing)?;
    if version < OLDEST {
        return Err(ProgramError::TooOld(version));
    }
    Ok(named)
}

/// It says `nats-server: v2.15.1`.
fn version(said: &str) -> Option<Version> {
    let mut numbers = said.trim().rsplit_once('v')?.1.split(['.', '-']).map(str::parse);
    let mut next = || numbers.next()?.ok();
    Some(Version(next()?, next()?, next()?))
}

/// A user's right and the seed of its key, as NATS's programs read them from a file.
#[must_use]
pub fn credentials_file(token: &str, seed: &str) -> Zeroizing<String> {
    Zeroizing::new(format!(
        "-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    ))
}

/// Where a running server listens.
#[derive(Debug, Deserialize)]
pub struct Ports {
    /// For clients.
    pub nats: Vec<String>,
    /// Of its monitoring (HTTP).
    #[serde(default)]
    pub monitoring: Vec<String>,
}

/// What the server with that process id has written into its `ports_file_dir`, once it listens.
#[must_use]
pub fn ports(folder: &Path, pid: u32) -> Option<Ports> {
    // Before it stands the program's name.
    let end = format!("_{pid}.ports");
    let mut files = fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let file = files.find(|file| file.file_name().to_string_lossy().ends_with(&end))?;
    serde_json::from_slice(&fs::read(file.path()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_and_compared() {
        assert_eq!(version("nats-server: v2.15.1\n"), Some(Version(2, 15, 1)));
        assert_eq!(version("nats-server: v2.9.10"), Some(Version(2, 9, 10)));
        assert_eq!(version("nats-server: v2.15.0-RC.1"), Some(OLDEST));
        assert_eq!(version("something else"), None);
        assert!(version("nats-server: v2.14.6") < Some(OLDEST));
    }
}
