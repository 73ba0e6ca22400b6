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

use crate::bus::site::SiteBus;
use crate::clock::SiteClock;
use crate::commands::output;
use crate::control::{Control, ControlError};
use crate::health::Gauge;
use crate::host::Host;
use crate::policy;
use crate::policy::part::PartFile;
use crate::session::attach;
use crate::status::LineBoard;
use crate::upload;
use crate::upload::rate::Rate;

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
    pub(super) host: &'a Host,
    pub(super) clock: &'a SiteClock,
    pub(super) gauge: &'a Gauge,
    pub(super) board: &'a LineBoard,
    pub(super) note: Option<&'a str>,
    pub(super) part: &'a PartFile,
    pub(super) rate: &'a Rate,
    pub(super) bus: &'a SiteBus,
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
        let mut held = self.host.policies().watch();
        if held.wait_for(|held| held.as_ref().map(|held| held.version()) >= newest).await.is_ok() {
            self.was_away(decided_by);
        }
        std::future::pending().await
    }

    /// A hub is there again: from when on it was not is a fact to keep.
    fn was_away(&self, policy: Option<PolicyVersion>) {
        let at_ms = self.clock.now_ms();
        let Some(since_ms) = self.board.back(at_ms) else { return };
        if at_ms - since_ms >= WORTH_TELLING_MS {
            let event_id = EventId::generate();
            self.host.journal().record(Event::SiteAway(SiteAway { event_id, at_ms, since_ms, policy }));
        }
    }

    async fn serve_until_error(&self, tunnel: &Tunnel, welcomed: &mut bool) -> Result<(), Failure> {
        let host = self.host;
        let lane = tunnel.open_lane(LaneHeader::Control(ControlLane {})).await?;
        let control = Control::open(&lane, host, self.bus, self.note).await?;
        *welcomed = true;
        let welcome = &control.welcome;
        self.clock.set(welcome.time_ms);
        self.clock.keep();
        let transport = tunnel.transport().as_str();
        let (newest, decided_by) = (welcome.policy, host.policies().version());
        host.policies().told(&welcome.policy_keys, newest).await;
        let (note, hub_id) = (self.note.map(str::to_owned), welcome.hub_id.to_string());
        self.board.up(self.clock.now_ms(), transport, note, hub_id, newest);
        if host.policies().version() >= newest {
            self.was_away(decided_by);
        }
        tracing::info!(hub = %welcome.hub_id, version = welcome.version, "hub welcomed this satellite");
        host.recorder().set_key(welcome.recording_key.to_vec());
        tokio::select! {
            ended = control.run(host, &lane, tunnel, self.gauge) => Ok(ended?),
            ended = accept_lanes(tunnel, host) => Ok(ended?),
            never = self.catch_up(newest, decided_by) => match never {},
            () = upload::run(tunnel, host.store(), host.recorder(), self.rate) => Ok(()),
            () = policy::fetch::run(tunnel, host.policies(), self.part) => Ok(()),
            () = output::run(tunnel, host.commands()) => Ok(()),
        }
    }
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
