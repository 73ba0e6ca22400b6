//! After a start: what became of the sessions that were running before. They live at their sites; the hub only says so.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use openpam_ids::SessionId;
use tokio::time::sleep;

use crate::app::AppState;
use crate::store::{StoreError, sessions};

/// Sites are back within seconds; one that is away longer is not waited for.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Sessions that the books called running when the hub started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kept {
    /// They are at their sites.
    kept: usize,
    /// They ended meanwhile.
    ended: usize,
    /// Their sites have not come back yet.
    unheard: usize,
}

/// Logs how many sessions were kept, as soon as all sites are heard of or a minute has passed.
pub async fn report(hub: AppState) {
    if let Err(error) = watch(&hub).await {
        tracing::warn!(%error, "how many sessions were kept is not known: the books do not answer");
    }
}

async fn watch(hub: &AppState) -> Result<(), StoreError> {
    let before = sessions::active(&hub.pool).await?;
    if before.is_empty() {
        return Ok(());
    }
    let deadline = Instant::now() + PATIENCE;
    loop {
        let Kept { kept, ended, unheard } = look(hub, &before).await?;
        if unheard == 0 || Instant::now() > deadline {
            tracing::info!(kept, ended, unheard, "{kept} of {} sessions from before were kept", before.len());
            return Ok(());
        }
        sleep(LOOK_EVERY).await;
    }
}

async fn look(hub: &AppState, before: &HashSet<SessionId>) -> Result<Kept, StoreError> {
    let running = sessions::active(&hub.pool).await?;
    let running: HashSet<_> = before.intersection(&running).copied().collect();
    let kept = hub.sites.held(&running);
    Ok(Kept { kept, ended: before.len() - running.len(), unheard: running.len() - kept })
}
