//! OpenSSH's client on a terminal of ours, as a person has it: a pseudo-terminal with no shell between. `ssh` puts
//! it in raw mode itself, after it told the target the modes it found.

use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Stdio;

use bytes::Bytes;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use tokio::io::unix::AsyncFd;
use tokio::process::{Child, Command};

/// The kernel gives less than this at once.
const READ_BYTES: usize = 64 * 1024;

pub(crate) struct Ssh {
    terminal: AsyncFd<OwnedFd>,
    child: Child,
    buffer: Vec<u8>,
}

impl Ssh {
    /// Starts `ssh` with these arguments; what it complains about goes to `log`.
    pub(crate) fn start(arguments: &[&OsStr], log: &Path) -> anyhow::Result<Self> {
        let (terminal, far_end) = terminal()?;
        let log = File::options().create(true).append(true).open(log)?;
        let child = Command::new("ssh")
            .args(arguments)
            .env("TERM", "xterm-256color")
            .env_remove("SSH_AUTH_SOCK")
            .process_group(0)
            .stdin(Stdio::from(far_end.try_clone()?))
            .stdout(Stdio::from(far_end))
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        #[expect(deprecated, reason = "its successor is unsafe; an OwnedFd keeps its descriptor")]
        let terminal = AsyncFd::new(terminal)?;
        Ok(Self { terminal, child, buffer: vec![0; READ_BYTES] })
    }

    pub(crate) async fn send(&mut self, mut bytes: &[u8]) -> anyhow::Result<()> {
        while !bytes.is_empty() {
            let mut ready = self.terminal.writable().await?;
            if let Ok(written) = ready.try_io(|fd| Ok(rustix::io::write(fd, bytes)?)) {
                bytes = bytes.get(written?..).unwrap_or_default();
            }
        }
        Ok(())
    }

    /// What comes next; `None` when `ssh` is gone. Cancel-safe.
    pub(crate) async fn receive(&mut self) -> anyhow::Result<Option<Bytes>> {
        loop {
            let mut ready = self.terminal.readable().await?;
            let buffer = &mut self.buffer;
            match ready.try_io(|fd| Ok(rustix::io::read(fd, &mut buffer[..])?)) {
                Ok(Ok(count)) => {
                    let bytes = self.buffer.get(..count).unwrap_or_default();
                    return Ok(Some(Bytes::copy_from_slice(bytes)).filter(|bytes| !bytes.is_empty()));
                }
                // What a terminal says when nobody has its far end open.
                Ok(Err(error)) if error.raw_os_error() == Some(Errno::IO.raw_os_error()) => return Ok(None),
                Ok(Err(error)) => return Err(error.into()),
                Err(_would_block) => {}
            }
        }
    }

    pub(crate) async fn close(mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }
}

/// Both ends of a new terminal of 80 columns and 24 rows.
fn terminal() -> anyhow::Result<(OwnedFd, OwnedFd)> {
    let near = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&near)?;
    unlockpt(&near)?;
    let name = ptsname(&near, Vec::new())?;
    let name = OsStr::from_bytes(name.as_bytes());
    let far = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
    tcsetwinsize(&far, Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 })?;
    rustix::io::ioctl_fionbio(&near, true)?;
    Ok((near, far))
}
