//! A socket of this machine's loopback, behind which the tunnel is: each connection is a `bus` channel.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use openpam_link::carry::carry;
use openpam_link::lane::Lane;
use openpam_proto::channel::{BusHeader, ChannelHeader};
use openpam_proto::limits::MAX_BUS_CHANNELS;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Connects whoever comes to the hub's bus, by the lane that there is then; without one they are sent away.
pub(super) async fn open(
    door: &TcpListener,
    header: &BusHeader,
    lane: impl Fn() -> Option<Lane>,
) -> io::Result<Infallible> {
    let places = Arc::new(Semaphore::new(MAX_BUS_CHANNELS));
    // They end with the door.
    let mut connections = JoinSet::new();
    loop {
        let (socket, _) = door.accept().await?;
        while connections.try_join_next().is_some() {}
        let (Some(lane), Ok(place)) = (lane(), places.clone().try_acquire_owned()) else { continue };
        let header = header.clone();
        connections.spawn(async move {
            if let Err(error) = through(&lane, header, socket).await {
                tracing::debug!(error = format!("{error:#}"), "a connection to the bus ended");
            }
            drop(place);
        });
    }
}

async fn through(lane: &Lane, header: BusHeader, socket: TcpStream) -> anyhow::Result<()> {
    socket.set_nodelay(true)?;
    let channel = lane.open_channel(&ChannelHeader::Bus(header)).await?;
    Ok(carry(channel, socket).await?)
}
