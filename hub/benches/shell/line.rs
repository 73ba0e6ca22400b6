//! A shell on the target by one of the ways, and what all measurements do with it.

use std::time::{Duration, Instant};

use anyhow::Context;
use bytes::Bytes;

use crate::ssh::Ssh;
use crate::stand::Stand;
use crate::websocket::Browser;

/// What the target's shell prints when it is ready. Nothing else ends with it.
pub(crate) const PROMPT: &[u8] = b"ready$ ";
/// For whatever is waited for, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a session leaves behind at the target is gone after this.
const SETTLE: Duration = Duration::from_millis(150);

/// A way to the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    /// `ssh`.
    Direct,
    /// `ssh -J` through another sshd.
    Jump,
    /// WebSocket, hub, satellite; the tunnel over QUIC, as it comes.
    OpenPam,
    /// The same, the tunnel over TCP, as where a site lets no UDP out.
    OpenPamTcp,
}

impl System {
    pub(crate) const ALL: [Self; 4] = [Self::Direct, Self::Jump, Self::OpenPam, Self::OpenPamTcp];
}

pub(crate) enum Line {
    Ssh(Box<Ssh>),
    Browser(Box<Browser>),
}

impl Line {
    /// Opens a shell and waits for its prompt.
    pub(crate) async fn open(stand: &Stand<'_>, system: System) -> anyhow::Result<Self> {
        let mut line = Self::start(stand, system).await?;
        line.until_prompt().await?;
        Ok(line)
    }

    /// Begins to connect.
    pub(crate) async fn start(stand: &Stand<'_>, system: System) -> anyhow::Result<Self> {
        Ok(match system {
            System::Direct | System::Jump => Self::Ssh(Box::new(stand.ssh(system == System::Jump)?)),
            System::OpenPam | System::OpenPamTcp => Self::Browser(Box::new(stand.browser(system).await?)),
        })
    }

    /// Types.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        match self {
            Self::Ssh(ssh) => ssh.send(bytes).await,
            Self::Browser(browser) => browser.send(bytes).await,
        }
    }

    /// What comes next. Cancel-safe.
    pub(crate) async fn receive(&mut self) -> anyhow::Result<Bytes> {
        let received = match self {
            Self::Ssh(ssh) => ssh.receive().await?,
            Self::Browser(browser) => browser.receive().await?,
        };
        received.context("the line is gone")
    }

    /// Receives until the output ends with the prompt; how many bytes came, the prompt's included.
    pub(crate) async fn until_prompt(&mut self) -> anyhow::Result<u64> {
        self.until_end_is(PROMPT).await
    }

    /// The same for at most `limit`, be the prompt there or not; how many bytes came in which time.
    pub(crate) async fn until_prompt_or(&mut self, limit: Duration) -> anyhow::Result<(u64, Duration)> {
        let begun = Instant::now();
        let mut count = 0;
        match tokio::time::timeout(limit, self.count_until(PROMPT, &mut count)).await {
            Ok(Err(error)) => Err(error),
            Ok(Ok(())) | Err(_) => Ok((count, begun.elapsed())),
        }
    }

    /// Receives until the output ends with `end`; how many bytes came.
    pub(crate) async fn until_end_is(&mut self, end: &[u8]) -> anyhow::Result<u64> {
        let mut count = 0;
        tokio::time::timeout(PATIENCE, self.count_until(end, &mut count))
            .await
            .with_context(|| format!("{:?} never came", String::from_utf8_lossy(end)))??;
        Ok(count)
    }

    async fn count_until(&mut self, end: &[u8], count: &mut u64) -> anyhow::Result<()> {
        let mut tail = Vec::with_capacity(2 * end.len());
        while !tail.ends_with(end) {
            let bytes = self.receive().await?;
            *count += bytes.len() as u64;
            tail.extend_from_slice(bytes.get(bytes.len().saturating_sub(end.len())..).unwrap_or_default());
            tail.drain(..tail.len().saturating_sub(end.len()));
        }
        Ok(())
    }

    /// The session's id, where it is one of ours.
    pub(crate) fn session(&self) -> Option<&str> {
        match self {
            Self::Ssh(_) => None,
            Self::Browser(browser) => browser.session(),
        }
    }

    /// The WebSocket, where it is one.
    pub(crate) fn into_browser(self) -> Option<Browser> {
        match self {
            Self::Ssh(_) => None,
            Self::Browser(browser) => Some(*browser),
        }
    }

    /// Ends the session and lets the target clear up.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        match self {
            Self::Ssh(ssh) => ssh.close().await?,
            Self::Browser(browser) => browser.close().await?,
        }
        tokio::time::sleep(SETTLE).await;
        Ok(())
    }
}
