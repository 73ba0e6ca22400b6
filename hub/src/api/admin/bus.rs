//! How the bus is.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::problem::Problem;
use crate::app::AppState;
use crate::auth::Reader;
use crate::bus::keep::{Clients, Standing};
use crate::bus::look::{self, BusServer, BusStream};
use crate::store::bus;
use crate::time::Time;

/// The bus: NATS, over which the hub and its sites tell each other what happens, and others listen.
#[derive(Debug, Serialize, ToSchema)]
pub struct BusStatus {
    /// Whether this hub is connected to it. Sessions do without it.
    connected: bool,
    /// Why it is not, or why its servers do not say how they are.
    reason: Option<String>,
    /// Where this hub is connected.
    url: Option<String>,
    /// Whether the hub runs the server itself.
    managed: Option<bool>,
    /// Since when.
    since: Option<Time>,
    /// Zones that have an account there: those whose satellite may connect.
    accounts: Option<i64>,
    /// By name.
    servers: Vec<BusServer>,
    /// The stream of what everybody may hear.
    stream: Option<BusStream>,
    /// Events that the stream has not taken yet.
    waiting: i64,
    /// Since when the oldest of them waits.
    oldest_waiting: Option<Time>,
}

/// How the bus is: connected or not, its servers, accounts and stream, and what waits for it. Auditors may ask, too.
#[utoipa::path(get, path = "/api/v1/admin/bus", operation_id = "read_bus", tag = "bus",
    responses((status = OK, body = BusStatus), (status = FORBIDDEN, body = Problem)))]
pub async fn read(State(hub): State<AppState>, _: Reader) -> Result<Json<BusStatus>, Problem> {
    let backlog = bus::backlog(&hub.pool).await?;
    let mut status = BusStatus {
        connected: false,
        reason: None,
        url: None,
        managed: None,
        since: None,
        accounts: None,
        servers: Vec::new(),
        stream: None,
        waiting: backlog.events,
        oldest_waiting: backlog.oldest,
    };
    match hub.bus.standing() {
        Standing::Away(reason) => status.reason = Some(reason),
        Standing::There { url, managed, since, accounts, .. } => {
            status.connected = true;
            status.url = Some(url);
            status.managed = Some(managed);
            status.since = Some(since);
            status.accounts = i64::try_from(accounts).ok();
        }
    }
    if let Some(Clients { system, hub }) = hub.bus.clients() {
        match look::look(&system, &hub).await {
            Ok(seen) => (status.servers, status.stream) = (seen.servers, seen.stream),
            Err(error) => status.reason = Some(error.to_string()),
        }
    }
    Ok(Json(status))
}
