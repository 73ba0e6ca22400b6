//! `bus` channels of a satellite: each is a connection to a server of the bus, which alone decides what it may.
//!
//! The hub understands nothing of what passes. A site opens no port for it and learns no address.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_nats::ServerAddr;
use openpam_ids::SatelliteId;
use openpam_link::carry::carry;
use openpam_link::channel::Channel;
use openpam_link::lane::LaneAcceptor;
use openpam_proto::channel::ChannelHeader;
use openpam_proto::limits::MAX_BUS_CHANNELS;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::app::{AppState, Hub};
use crate::bus::accounts::addresses;
use crate::bus::keep::Standing;

/// A channel's header must be there this soon.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// A server that takes no connection by then is passed over.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Serves further channels of a control lane until its end.
pub async fn serve(hub: &AppState, satellite: SatelliteId, acceptor: &mut LaneAcceptor) {
    let places = Arc::new(Semaphore::new(MAX_BUS_CHANNELS));
    while let Some(channel) = acceptor.accept().await {
        let Ok(place) = places.clone().try_acquire_owned() else {
            tracing::warn!(%satellite, "a site opens too many bus channels; one was dropped");
            continue;
        };
        let hub = hub.clone();
        tokio::spawn(async move {
            serve_channel(&hub, satellite, channel).await;
            drop(place);
        });
    }
}

async fn serve_channel(hub: &Hub, satellite: SatelliteId, mut channel: Channel) {
    let header = timeout(HEADER_TIMEOUT, channel.reader.next_message()).await;
    let Ok(Ok(Some(ChannelHeader::Bus(header)))) = header else {
        return tracing::warn!(%satellite, "a channel of a control lane that is not for the bus was dropped");
    };
    // Dropping the channel says that there is no bus.
    let servers = match hub.bus.standing() {
        Standing::There { leaf_nodes, .. } if header.leaf => leaf_nodes,
        Standing::There { url, .. } => Some(url),
        Standing::Away(_) => None,
    };
    let Some(servers) = servers else { return };
    match connect(&servers).await {
        Ok(socket) => {
            if let Err(error) = carry(channel, socket).await {
                tracing::debug!(%satellite, %error, "a site's connection to the bus ended");
            }
        }
        Err(error) => tracing::debug!(%satellite, %error, "no server of the bus takes a site's connection"),
    }
}

/// To the first server that takes it.
async fn connect(urls: &str) -> io::Result<TcpStream> {
    let mut failed = io::Error::other("no server is named");
    for address in addresses(urls)? {
        match timeout(CONNECT_TIMEOUT, connect_to(&address)).await {
            Ok(Ok(socket)) => return Ok(socket),
            Ok(Err(error)) => failed = error,
            Err(_) => failed = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(failed)
}

async fn connect_to(address: &ServerAddr) -> io::Result<TcpStream> {
    if address.tls_required() {
        return Err(io::Error::other("sites do not speak TLS to the bus yet"));
    }
    let socket = TcpStream::connect((address.host(), address.port())).await?;
    socket.set_nodelay(true)?;
    Ok(socket)
}
