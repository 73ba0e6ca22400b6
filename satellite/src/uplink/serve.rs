//! One tunnel from its control lane to its end: sessions, recordings, control messages.

use std::convert::Infallible;
use std::time::Duration;

use openpam_ids::EventId;
use openpam_link::lane::{Lane, LaneAcceptor};
use openpam_link::tunnel::{Ended, Tunnel, TunnelError};
use openpam_proto::close::CloseCode;
use openpam_proto::event::{Event, SiteAway};
use openpam_proto::lane::{Control as ControlLane, LaneHeader};
use openpam_proto::snapshot::PolicyVersion;

use super::Uplink;
use crate::commands::output;
use crate::control::{Control, ControlError, Site as ControlSite};
use crate::host::Host;
use crate::lead::Ear;
use crate::policy;
use crate::session::attach;
use crate::upload;

/// The hub's reason for a close may come a moment after our stumbling over it.
const REASON_PATIENCE: Duration = Duration::from_millis(200);

/// A hub that was away for less is no fact to keep.
const WORTH_TELLING_MS: i64 = 10_000;

/// How a tunnel went.
#[derive(Debug)]
pub(super) struct Served {
    /// The hub's code, if it said one.
    pub(super) code: Option<CloseCode>,
    /// What is known.
    pub(super) reason: String,
    /// Whether the hub welcomed this satellite.
    pub(super) welcomed: bool,
}

impl Served {
    /// Given up for a better one, and closed.
    #[must_use]
    pub(super) fn switched(tunnel: &Tunnel) -> Self {
        tunnel.close(CloseCode::Normal);
        Self { code: None, reason: "another tunnel carries it".to_owned(), welcomed: true }
    }

    /// For logs and people.
    #[must_use]
    pub(super) fn code(&self) -> &'static str {
        self.code.map_or("link_lost", CloseCode::as_str)
    }
}

/// What a tunnel serves.
pub(super) struct Site<'a> {
    pub(super) uplink: &'a Uplink,
    pub(super) note: Option<&'a str>,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Tunnel(#[from] TunnelError),
    #[error(transparent)]
    Control(#[from] ControlError),
}

impl Site<'_> {
    /// Serves it until its end.
    pub(super) async fn serve(&self, tunnel: &Tunnel) -> Served {
        let mut welcomed = false;
        let error = match self.serve_until_error(tunnel, &mut welcomed).await {
            Ok(()) => "done".to_owned(),
            Err(Failure::Control(ControlError::Revoked)) => {
                tunnel.close(CloseCode::Normal);
                let reason = ControlError::Revoked.to_string();
                return Served { code: Some(CloseCode::Revoked), reason, welcomed };
            }
            Err(error) => error.to_string(),
        };
        // If the hub closed with a code, that says more than our own stumbling over it.
        let ended = tokio::time::timeout(REASON_PATIENCE, tunnel.closed()).await;
        tunnel.close(CloseCode::Normal);
        match ended {
            Ok(Ended { code: Some(code), reason }) => Served { code: Some(code), reason, welcomed },
            _ => Served { code: None, reason: error, welcomed },
        }
    }

    /// Waits until the site holds the policy that the hub has, then notes that it is not alone any more.
    async fn catch_up(&self, newest: Option<PolicyVersion>, decided_by: Option<PolicyVersion>) -> Infallible {
        let mut held = self.uplink.host.policies().watch();
        if held.wait_for(|held| held.as_ref().map(|held| held.version()) >= newest).await.is_ok() {
            self.back(decided_by);
        }
        std::future::pending().await
    }

    /// The site holds what the hub has.
    fn back(&self, decided_by: Option<PolicyVersion>) {
        let Uplink { aim, board, clock, host, .. } = self.uplink;
        let at_ms = clock.now_ms();
        was_away(host, board.back(*aim, at_ms), at_ms, decided_by);
    }

    async fn serve_until_error(&self, tunnel: &Tunnel, welcomed: &mut bool) -> Result<(), Failure> {
        let Uplink { aim, hubs, host, clock, board, .. } = self.uplink;
        let ear = Ear::new(hubs.clone());
        let lane = tunnel.open_lane(LaneHeader::Control(ControlLane {})).await?;
        let site = ControlSite { host, hubs, bus: &self.uplink.bus, ear: &ear, events: &self.uplink.events };
        let control = Control::open(&lane, site, self.note).await?;
        *welcomed = true;
        let welcome = &control.welcome;
        clock.hear(welcome.time_ms, hubs.count() > 1);
        clock.keep();
        let transport = tunnel.transport().as_str();
        let (newest, decided_by) = (welcome.policy, host.policies().version());
        host.policies().told(&welcome.policy_keys, newest).await;
        let (note, hub_id) = (self.note.map(str::to_owned), welcome.hub_id.to_string());
        board.up(*aim, clock.now_ms(), transport, note, hub_id, newest);
        if host.policies().version() >= newest {
            self.back(decided_by);
        }
        tracing::info!(hub = %welcome.hub_id, version = welcome.version, "hub welcomed this satellite");
        host.recorder().set_key(welcome.recording_key.to_vec());
        hubs.told(&welcome.instances);
        let (part, rate) = (&self.uplink.part, &self.uplink.rate);
        tokio::select! {
            ended = control.run(site, &lane, tunnel, &self.uplink.gauge) => Ok(ended?),
            ended = accept_lanes(tunnel, host) => Ok(ended?),
            never = self.catch_up(newest, decided_by) => match never {},
            () = ear.while_heard(|| upload::run(tunnel, host.store(), host.recorder(), rate)) => Ok(()),
            () = ear.while_heard(|| policy::fetch::run(tunnel, host.policies(), part)) => Ok(()),
            () = ear.while_heard(|| output::run(tunnel, host.commands())) => Ok(()),
        }
    }
}

/// A site that was without any hub since then is not any more: a fact to keep.
pub(super) fn was_away(host: &Host, since_ms: Option<i64>, at_ms: i64, policy: Option<PolicyVersion>) {
    let Some(since_ms) = since_ms.filter(|since_ms| at_ms - since_ms >= WORTH_TELLING_MS) else { return };
    let event_id = EventId::generate();
    host.journal().record(Event::SiteAway(SiteAway { event_id, at_ms, since_ms, policy }));
}

async fn accept_lanes(tunnel: &Tunnel, host: &Host) -> Result<(), TunnelError> {
    loop {
        match tunnel.accept_lane().await {
            Ok((LaneHeader::Session(_), lane, acceptor)) => {
                tokio::spawn(serve_session_lane(host.clone(), lane, acceptor));
            }
            Ok((other, ..)) => tracing::debug!(?other, "unexpected lane dropped"),
            Err(TunnelError::Header) => {}
            Err(error) => return Err(error),
        }
    }
}

/// The hub closes a session's lane; until then it is held, also while no channel is open in it.
async fn serve_session_lane(host: Host, lane: Lane, mut acceptor: LaneAcceptor) {
    while let Some(channel) = acceptor.accept().await {
        tokio::spawn(attach::serve(host.clone(), channel));
    }
    drop(lane);
}
