//! The ways to the sites: for each zone its tunnel, and the session lanes open in it.
//!
//! One lane per session, shared by all its attachments, gone with the last of them. The lock is held for single
//! look-ups, never across an await.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use openpam_ids::{SatelliteId, SessionId, TunnelId, ZoneId};
use openpam_link::channel::{Channel, ChannelError};
use openpam_link::lane::{Lane, WeakLane};
use openpam_link::traces;
use openpam_link::tunnel::{Tunnel, TunnelError};
use openpam_proto::attach::AttachHeader;
use openpam_proto::channel::ChannelHeader;
use openpam_proto::lane::{LaneHeader, SessionLane};
use openpam_proto::version::{
    MINOR_OF_COMMANDS, MINOR_OF_DESKTOPS, MINOR_OF_LIMITS, MINOR_OF_POLICY, MINOR_OF_TESTS, MINOR_OF_WINDOWS,
};
use tokio::sync::watch;
use tracing::Span;

/// Opening a lane and a channel writes a few bytes; a line that does not take them is as good as lost.
const OPEN_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a site gave no channel.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// No lane.
    #[error(transparent)]
    Tunnel(#[from] TunnelError),
    /// No channel in it.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// Neither yes nor no.
    #[error("the line to the site does not move")]
    Stuck,
}

/// The way to one site. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SiteLink(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    satellite_id: SatelliteId,
    tunnel_id: TunnelId,
    minor: u16,
    tunnel: Tunnel,
    lanes: Mutex<HashMap<SessionId, WeakLane>>,
}

impl SiteLink {
    /// The way through this tunnel to a satellite that speaks this minor version.
    #[must_use]
    pub fn new(satellite_id: SatelliteId, tunnel_id: TunnelId, minor: u16, tunnel: Tunnel) -> Self {
        Self(Arc::new(Inner { satellite_id, tunnel_id, minor, tunnel, lanes: Mutex::default() }))
    }

    /// Whether the satellite ends sessions at their limits.
    #[must_use]
    pub fn keeps_limits(&self) -> bool {
        self.0.minor >= MINOR_OF_LIMITS
    }

    /// Whether the satellite ends sessions when their window does.
    #[must_use]
    pub fn keeps_windows(&self) -> bool {
        self.0.minor >= MINOR_OF_WINDOWS
    }

    /// Whether the satellite holds its zone's policy, and decides by it.
    #[must_use]
    pub fn keeps_policy(&self) -> bool {
        self.0.minor >= MINOR_OF_POLICY
    }

    /// Whether the satellite tries a target without a session.
    #[must_use]
    pub fn can_test(&self) -> bool {
        self.0.minor >= MINOR_OF_TESTS
    }

    /// Whether the satellite does commands.
    #[must_use]
    pub fn does_commands(&self) -> bool {
        self.0.minor >= MINOR_OF_COMMANDS
    }

    /// Whether the satellite opens desktops.
    #[must_use]
    pub fn opens_desktops(&self) -> bool {
        self.0.minor >= MINOR_OF_DESKTOPS
    }

    /// Whose.
    #[must_use]
    pub fn satellite_id(&self) -> SatelliteId {
        self.0.satellite_id
    }

    /// Waits until another tunnel leads to the zone; for ever if this one is the last. Cancel-safe.
    pub async fn replaced(&self, mut way: watch::Receiver<Option<Self>>) {
        let other = |way: &Option<Self>| way.as_ref().is_some_and(|way| way.0.tunnel_id != self.0.tunnel_id);
        if way.wait_for(other).await.is_err() {
            std::future::pending().await
        }
    }

    /// Opens an `attach` channel in its session's lane.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn attach(&self, header: AttachHeader) -> Result<Channel, LinkError> {
        tokio::time::timeout(OPEN_TIMEOUT, self.attach_now(header)).await.map_err(|_| LinkError::Stuck)?
    }

    async fn attach_now(&self, header: AttachHeader) -> Result<Channel, LinkError> {
        let header = AttachHeader { traceparent: traces::traceparent(&Span::current()), ..header };
        let session_id = header.session_id;
        let header = ChannelHeader::Attach(header);
        if let Some(lane) = self.existing(session_id)
            && let Ok(channel) = lane.open_channel(&header).await
        {
            return Ok(channel);
        }
        let lane_header = LaneHeader::Session(SessionLane { session_id });
        let lane = self.0.tunnel.open_lane(lane_header).await?;
        self.remember(session_id, &lane);
        Ok(lane.open_channel(&header).await?)
    }

    fn remember(&self, session_id: SessionId, lane: &Lane) {
        let mut lanes = self.lanes();
        lanes.retain(|_, lane| lane.upgrade().is_some());
        lanes.insert(session_id, lane.downgrade());
    }

    fn existing(&self, session_id: SessionId) -> Option<Lane> {
        self.lanes().get(&session_id).and_then(WeakLane::upgrade)
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<SessionId, WeakLane>> {
        self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The ways to all connected sites. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Links(Arc<Mutex<HashMap<ZoneId, watch::Sender<Option<SiteLink>>>>>);

impl Links {
    /// The way to a zone's site.
    #[must_use]
    pub fn to(&self, zone: ZoneId) -> Option<SiteLink> {
        self.table().get(&zone).and_then(|way| way.borrow().clone())
    }

    /// The way to a zone's site, as it comes and goes.
    #[must_use]
    pub fn watch(&self, zone: ZoneId) -> watch::Receiver<Option<SiteLink>> {
        self.table().entry(zone).or_default().subscribe()
    }

    /// A tunnel stands; the former way to the zone is given back.
    pub fn insert(&self, zone: ZoneId, link: SiteLink) -> Option<Tunnel> {
        let former = self.table().entry(zone).or_default().send_replace(Some(link));
        former.map(|former| former.0.tunnel.clone())
    }

    /// A tunnel is gone; a newer one stays.
    pub fn remove(&self, zone: ZoneId, tunnel: TunnelId) {
        if let Some(way) = self.table().get(&zone) {
            way.send_if_modified(|link| link.take_if(|link| link.0.tunnel_id == tunnel).is_some());
        }
    }

    fn table(&self) -> MutexGuard<'_, HashMap<ZoneId, watch::Sender<Option<SiteLink>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
