//! A way to the bus through a tunnel, as a satellite's own client has it.

use std::sync::Arc;
use std::time::Duration;

use async_nats::{AuthError, Client, ConnectOptions};
use nkeys::KeyPair;
use openpam_link::carry::carry;
use openpam_link::lane::Lane;
use openpam_proto::channel::{BusHeader, ChannelHeader};
use openpam_proto::control::BusPass;

/// A connection by that control lane; `None` where the bus does not let the key in.
pub(crate) async fn through(lane: &Lane, key: &Arc<KeyPair>, pass: &BusPass) -> Option<Client> {
    let door = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let url = format!("nats://{}", door.local_addr().expect("an address"));
    let lane = lane.clone();
    tokio::spawn(async move {
        let (socket, _) = door.accept().await.expect("comes");
        if let Ok(channel) = lane.open_channel(&ChannelHeader::Bus(BusHeader::default())).await {
            let _ = carry(channel, socket).await;
        }
    });
    let key = key.clone();
    let options = ConnectOptions::with_jwt(pass.token.clone(), move |nonce| {
        let key = key.clone();
        async move { key.sign(&nonce).map_err(AuthError::new) }
    });
    options.connection_timeout(Duration::from_secs(5)).connect(url).await.ok()
}
