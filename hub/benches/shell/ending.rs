//! How a run ends before its end: an interrupt or a panic stops what is measured, and what was started is ended in
//! order all the same.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use anyhow::{anyhow, ensure};
use futures::FutureExt;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::servers::Servers;

/// Whether somebody wants the run to end.
pub(crate) struct Ending(CancellationToken);

impl Ending {
    /// From now on an interrupt, a hang-up or a request to terminate is taken here.
    pub(crate) fn listen() -> anyhow::Result<Self> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        let wanted = CancellationToken::new();
        let tells = wanted.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
            tells.cancel();
        });
        Ok(Self(wanted))
    }

    /// Does this unless the run shall end; a panic in it is an error.
    pub(crate) async fn unless_wanted<T>(
        &self,
        doing: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        tokio::select! {
            outcome = AssertUnwindSafe(doing).catch_unwind() => {
                outcome.unwrap_or_else(|panic| Err(anyhow!("{}", words(panic.as_ref()))))
            }
            () = self.0.cancelled() => Err(anyhow!("interrupted")),
        }
    }

    /// Starts servers, measures on them, and ends them in order whatever happens.
    pub(crate) async fn on<T>(
        &self,
        starting: impl Future<Output = Servers>,
        measure: impl AsyncFnOnce(&mut Servers) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let mut servers = self.unless_wanted(async { Ok(starting.await) }).await?;
        let outcome = self.unless_wanted(measure(&mut servers)).await;
        servers.stop().await;
        outcome
    }

    /// Fails when the run shall end.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        ensure!(!self.0.is_cancelled(), "interrupted");
        Ok(())
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words")
}
