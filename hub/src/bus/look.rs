//! How the bus is: what its servers and the books say, for people.

use async_nats::Client;
use async_nats::jetstream::{self, ErrorCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accounts::{self, Accounts, addresses};
use super::authority::Authority;
use super::keep::{BusError, STREAM};
use super::server;
use crate::config::Config;

const EVERY_SERVER: &str = "$SYS.REQ.SERVER.PING.VARZ";

/// A server of the bus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BusServer {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Programs that are connected to it.
    pub connections: i64,
    /// Sites that are connected to it by a server of their own.
    pub leaf_nodes: i64,
    /// Resident memory.
    pub memory_bytes: i64,
}

/// The stream of what everybody may hear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BusStream {
    /// Its name, for consumers.
    pub name: String,
    /// Events in it.
    pub messages: i64,
    /// What they take.
    pub bytes: i64,
    /// Servers that have all of it.
    pub replicas: i32,
    /// Who reads from it by a consumer.
    pub consumers: i32,
}

/// What servers say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// By name.
    pub servers: Vec<BusServer>,
    /// Absent: not made yet.
    pub stream: Option<BusStream>,
}

/// Asks them.
///
/// # Errors
/// [`BusError`].
pub async fn look(system: &Client, hub: &Client) -> Result<Seen, BusError> {
    Ok(Seen { servers: servers(system).await?, stream: stream(hub).await? })
}

/// The same for somebody who is not the running hub: as it would connect.
///
/// # Errors
/// [`BusError`].
pub async fn look_from_outside(config: &Config, authority: &Authority) -> Result<Seen, BusError> {
    let managed = || server::running(&config.data_dir).map(|running| running.clients);
    let url = config.nats_url.clone().or_else(managed).ok_or(BusError::Lost)?;
    let system = Accounts::connect(authority, &url).await?;
    let options = accounts::options(&authority.hub_user()?)?;
    look(system.client(), &options.connect(addresses(&url)?).await?).await
}

async fn servers(system: &Client) -> Result<Vec<BusServer>, BusError> {
    #[derive(Deserialize)]
    struct Answer {
        data: Vars,
    }
    #[derive(Deserialize)]
    struct Vars {
        server_name: String,
        version: String,
        connections: i64,
        leafnodes: i64,
        mem: i64,
    }
    let answers: Vec<Answer> = accounts::ask_all(system, EVERY_SERVER).await?;
    let server = |Answer { data }| BusServer {
        name: data.server_name,
        version: data.version,
        connections: data.connections,
        leaf_nodes: data.leafnodes,
        memory_bytes: data.mem,
    };
    let mut servers: Vec<_> = answers.into_iter().map(server).collect();
    servers.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(servers)
}

async fn stream(hub: &Client) -> Result<Option<BusStream>, BusError> {
    use jetstream::context::GetStreamErrorKind::JetStream;
    let stream = match jetstream::new(hub.clone()).get_stream(STREAM).await {
        Ok(stream) => stream,
        Err(error) => {
            return match error.kind() {
                JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND => Ok(None),
                _ => Err(error.into()),
            };
        }
    };
    let info = stream.cached_info();
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    Ok(Some(BusStream {
        name: info.config.name.clone(),
        messages: whole(info.state.messages),
        bytes: whole(info.state.bytes),
        replicas: i32::try_from(info.config.num_replicas).unwrap_or(1),
        consumers: i32::try_from(info.state.consumer_count).unwrap_or(i32::MAX),
    }))
}
