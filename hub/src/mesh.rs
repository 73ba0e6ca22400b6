//! The mesh: tunnels of satellites coming in. Who may, what they carry beside sessions, and their end.
//!
//! It judges certificates by the books, registers the site for API and relay, and serves its control channel and
//! uploads. It relays no session: that is `relay`, through [`links::Links`].

pub mod bulk;
pub mod bus;
pub mod carrier;
pub mod commands;
pub mod control;
pub mod elsewhere;
pub mod enforce;
pub mod events;
pub mod join_limit;
pub mod joins;
pub mod links;
pub mod others;
pub mod renewals;
pub mod uploads;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use data_encoding::HEXLOWER;
use openpam_ids::{SatelliteId, TunnelId, ZoneId};
use openpam_link::identity::{Certified, NodeName};
use openpam_link::lane::LaneAcceptor;
use openpam_link::listener::{Arrival, Listener};
use openpam_link::loss::Losses;
use openpam_link::tunnel::{TransportKind, Tunnel, TunnelError};
use openpam_proto::close::CloseCode;
use openpam_proto::lane::LaneHeader;

use self::control::{Control, ControlError};
use self::links::SiteLink;
use crate::app::{AppState, Hub};
use crate::sites::{Registration, Transport};
use crate::store::satellites::{self, Satellite};

/// A new tunnel opens its control lane this soon.
const CONTROL_TIMEOUT: Duration = Duration::from_secs(10);
/// A revoked satellite is told before its tunnel closes; this long.
const LAST_WORD: Duration = Duration::from_millis(300);

const COUNT_LOSSES_EVERY: Duration = Duration::from_secs(10);

/// Serves everybody who arrives, until the listener closes.
pub async fn run(hub: AppState, mut listener: Listener) {
    while let Some(arrival) = listener.next().await {
        let hub = hub.clone();
        match arrival {
            Arrival::Join(request, reply) => {
                tokio::spawn(async move { joins::answer(&hub, request, reply).await });
            }
            Arrival::Renew(certified, request, reply) => {
                tokio::spawn(async move { renewals::answer(&hub, certified, request, reply).await });
            }
            Arrival::Time(reply) => {
                tokio::spawn(renewals::tell_time(reply));
            }
            Arrival::Tunnel { certified, tunnel, tunnel_id, remote } => {
                tokio::spawn(serve(hub, certified, tunnel, tunnel_id, remote));
            }
        }
    }
}

async fn serve(hub: AppState, certified: Certified, tunnel: Tunnel, tunnel_id: TunnelId, remote: SocketAddr) {
    let NodeName::Satellite(satellite) = certified.name else { return };
    let zone = match admit(&hub, satellite, &certified).await {
        Ok(zone) => zone,
        Err(code) => {
            tracing::warn!(%satellite, %remote, code = code.as_str(), "tunnel refused");
            return tunnel.close(code);
        }
    };
    let ended = serve_until_error(&hub, satellite, &certified, zone, &tunnel, tunnel_id).await;
    let reason = match ended {
        Ok(()) => "done".to_owned(),
        Err(ServeError::Control(ControlError::Close(code)) | ServeError::NoLonger(code)) => {
            tokio::time::sleep(LAST_WORD).await;
            tunnel.close(code);
            code.as_str().to_owned()
        }
        Err(ServeError::Control(ControlError::Version(_))) => {
            tunnel.close(CloseCode::Version);
            "version".to_owned()
        }
        Err(error) => {
            tunnel.close(CloseCode::Protocol);
            error.to_string()
        }
    };
    tracing::info!(%satellite, %remote, reason, "tunnel is down");
}

/// Only a satellite that the books know, with the key they know, is served.
async fn admit(hub: &Hub, satellite: SatelliteId, certified: &Certified) -> Result<ZoneId, CloseCode> {
    match satellites::find(&hub.pool, satellite).await {
        Ok(Some(row)) if row.key_sha256 != certified.key_sha256 => Err(CloseCode::Unknown),
        Ok(Some(row)) if row.revoked => Err(CloseCode::Revoked),
        Ok(Some(row)) if row.quarantined => Err(CloseCode::Quarantined),
        // Not the last one that was given: an answer got lost, or this is a copy. A renewal finds out which.
        Ok(Some(row)) if !is_last_given(&row, certified) => Err(CloseCode::CertificateExpired),
        // Signed under an intermediate that was rotated away: a renewal brings one under the present one.
        Ok(Some(_)) if !hub.keys.nodes.accepts(&certified.issuer_key_id) => {
            Err(CloseCode::CertificateExpired)
        }
        Ok(Some(row)) => Ok(row.zone_id),
        Ok(None) => Err(CloseCode::Unknown),
        Err(error) => {
            tracing::error!(%error, "a satellite could not be looked up");
            Err(CloseCode::Busy)
        }
    }
}

fn is_last_given(row: &Satellite, certified: &Certified) -> bool {
    row.certificate_serial.as_ref().is_none_or(|serial| HEXLOWER.encode(serial) == certified.serial)
}

#[derive(Debug, thiserror::Error)]
enum ServeError {
    #[error(transparent)]
    Control(#[from] ControlError),
    #[error(transparent)]
    Tunnel(#[from] TunnelError),
    #[error("no control lane")]
    NoControl,
    /// An admin decided while it introduced itself.
    #[error("{}", .0.as_str())]
    NoLonger(CloseCode),
}

async fn serve_until_error(
    hub: &AppState,
    satellite: SatelliteId,
    certified: &Certified,
    zone: ZoneId,
    tunnel: &Tunnel,
    tunnel_id: TunnelId,
) -> Result<(), ServeError> {
    let accepted = tokio::time::timeout(CONTROL_TIMEOUT, tunnel.accept_lane()).await;
    let (LaneHeader::Control(_), _lane, mut acceptor) = accepted.map_err(|_| ServeError::NoControl)?? else {
        return Err(ServeError::NoControl);
    };
    let channel = tokio::time::timeout(CONTROL_TIMEOUT, accept_control(&mut acceptor)).await;
    let channel = channel.ok().flatten().ok_or(ServeError::NoControl)?;
    let control = Control::welcome(hub, (satellite, zone), transport(tunnel), tunnel_id, channel).await?;
    tracing::info!(%satellite, version = control.version(), sessions = control.sessions().len(), "tunnel is up");

    // The former tunnel is told first: with its registration gone it would end by itself, with another word.
    let link = SiteLink::new(satellite, tunnel_id, control.hello().minor, tunnel.clone());
    if let Some(former) = hub.links.insert(zone, link) {
        former.close(CloseCode::Replaced);
    }
    let mut commands = hub.sites.register(Registration {
        satellite_id: satellite,
        zone_id: zone,
        tunnel_id,
        transport: transport(tunnel),
        transport_note: control.hello().transport_note.clone(),
        reach: control.hello().reach.clone(),
        version: control.version().to_owned(),
        sessions: control.sessions().iter().map(|session| (session.session_id, 0)).collect::<HashMap<_, _>>(),
    });
    let _registered = Registered { hub: hub.clone(), satellite, zone, tunnel_id };
    // Whoever decided before this tunnel stood in the tables could not drop it.
    admit(hub, satellite, certified).await.map_err(ServeError::NoLonger)?;
    let measured = |round_trip: Duration| hub.sites.measured(satellite, round_trip.as_secs_f64() * 1000.0);
    tokio::select! {
        ended = control.run(hub, &mut commands, measured) => Ok(ended?),
        ended = accept_lanes(hub, satellite, zone, tunnel) => Ok(ended?),
        () = bus::serve(hub, satellite, &mut acceptor) => Ok(()),
        () = count_losses(hub, satellite, tunnel) => Ok(()),
    }
}

const fn transport(tunnel: &Tunnel) -> Transport {
    match tunnel.transport() {
        TransportKind::Quic | TransportKind::Memory => Transport::Quic,
        TransportKind::Tcp => Transport::Tcp,
    }
}

/// Tells the table how many packets to the satellite got lost lately.
async fn count_losses(hub: &Hub, satellite: SatelliteId, tunnel: &Tunnel) {
    let mut losses = Losses::default();
    loop {
        tokio::time::sleep(COUNT_LOSSES_EVERY).await;
        hub.sites.counted(satellite, tunnel.packets().map(|packets| losses.permille(packets)));
    }
}

async fn accept_control(acceptor: &mut LaneAcceptor) -> Option<openpam_link::channel::Channel> {
    use openpam_proto::channel::ChannelHeader;
    let mut channel = acceptor.accept().await?;
    match channel.reader.next_message().await {
        Ok(Some(ChannelHeader::Control(_))) => Some(channel),
        _ => None,
    }
}

async fn accept_lanes(
    hub: &AppState,
    satellite: SatelliteId,
    zone: ZoneId,
    tunnel: &Tunnel,
) -> Result<(), TunnelError> {
    loop {
        match tunnel.accept_lane().await {
            Ok((LaneHeader::Bulk(_), lane, acceptor)) => {
                tokio::spawn(bulk::serve(hub.clone(), satellite, zone, lane, acceptor));
            }
            Ok((other, ..)) => tracing::warn!(%satellite, ?other, "unexpected lane dropped"),
            Err(TunnelError::Header) => tracing::warn!(%satellite, "lane without a header dropped"),
            Err(error) => return Err(error),
        }
    }
}

/// Takes the site out of the tables when its tunnel is served no more.
struct Registered {
    hub: AppState,
    satellite: SatelliteId,
    zone: ZoneId,
    tunnel_id: TunnelId,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.hub.sites.unregister(self.satellite, self.tunnel_id);
        self.hub.links.remove(self.zone, self.tunnel_id);
    }
}
