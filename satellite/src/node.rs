//! `openpam-satellite run`: wires state folder, store, recorder, host and uplink, and stops them in order.

use std::time::Duration;

use anyhow::Context;
use openpam_proto::end::EndCode;
use tokio::signal::unix::{SignalKind, signal};

use crate::clock;
use crate::host::Host;
use crate::journal::Journal;
use crate::recorder::Recorder;
use crate::state::StateDir;
use crate::store::Store;
use crate::uplink::{self, Expelled};

/// Sessions, recordings and events get this long to be finished at a stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Runs until a signal, or until the hub expels this satellite.
///
/// # Errors
/// If the state folder can't be used, or the satellite was expelled ([`Expelled`]).
pub async fn run(state: StateDir) -> anyhow::Result<()> {
    let (membership, identity) = state.membership()?;
    let store = Store::open(&state.join("satellite.db"))?;
    let recorder = Recorder::start(store.clone(), &state.join("spool"))?;
    let orphans = store.close_orphans(clock::now_ms()).await?;
    if orphans > 0 {
        tracing::warn!(orphans, "sessions of an earlier run were ended: satellite_restarted");
    }
    let host = Host::new(store.clone(), Journal::start(store), recorder);
    tracing::info!(zone = membership.zone, satellite = %membership.satellite_id, "openpam-satellite runs");
    let mut terminate = signal(SignalKind::terminate()).context("signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals")?;
    let expelled = tokio::select! {
        expelled = uplink::run(host.clone(), identity, membership.addresses) => Some(expelled),
        _ = terminate.recv() => None,
        _ = interrupt.recv() => None,
    };
    stop(&host, expelled.as_ref()).await;
    match expelled {
        Some(expelled) => Err(expelled.into()),
        None => Ok(()),
    }
}

async fn stop(host: &Host, expelled: Option<&Expelled>) {
    let (code, message) = match expelled {
        Some(_) => (EndCode::TerminatedByAdmin, "the satellite was revoked"),
        None => (EndCode::SatelliteRestarted, "the satellite was stopped"),
    };
    host.end_all(code, message).await;
    let finished = tokio::time::timeout(STOP_TIMEOUT, host.finish()).await;
    if finished.is_err() {
        tracing::warn!("sessions did not end in time; what was recorded is complete but for the last second");
    }
}
