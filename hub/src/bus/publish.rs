//! Tells everybody: from the books to the stream, in the books' order, at least once. What is told twice has the same id, and
//! the stream passes it over within its time.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream;
use async_nats::{Client, HeaderMap};
use futures::future::try_join_all;
use sqlx::postgres::PgListener;
use tokio::time::timeout;

use super::event::public;
use super::keep::BusError;
use crate::app::Hub;
use crate::store::{bus, event_log};

/// Events that are on their way at the same time.
const AT_ONCE: i64 = 100;
/// Without a word of the books it looks this often.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Tells what is to be told, for as long as the bus is there.
pub(super) async fn run(hub: &Hub, client: &Client) -> Result<Infallible, BusError> {
    let stream = jetstream::new(client.clone());
    let mut listener = PgListener::connect_with(&hub.pool).await.ok();
    if let Some(listening) = &mut listener
        && listening.listen("openpam_bus").await.is_err()
    {
        listener = None;
    }
    loop {
        while tell(hub, &stream).await? {}
        let heard = async {
            match &mut listener {
                Some(listener) => listener.recv().await.is_ok(),
                None => pending().await,
            }
        };
        if timeout(LOOK_EVERY, heard).await == Ok(false) {
            listener = None;
        }
    }
}

/// Tells the oldest events; whether there were any.
async fn tell(hub: &Hub, stream: &jetstream::Context) -> Result<bool, BusError> {
    let waiting = bus::waiting(&hub.pool, AT_ONCE).await?;
    if waiting.is_empty() {
        return Ok(false);
    }
    let filter = event_log::Filter { only: Some(waiting.clone()), ..event_log::Filter::default() };
    let mut events = event_log::list(&hub.pool, &filter, None, AT_ONCE).await?;
    events.reverse();
    let mut taken = Vec::with_capacity(events.len());
    for event in &events {
        let public = public(event);
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, public.id);
        headers.insert("Content-Type", "application/cloudevents+json");
        let body = public.body.to_string();
        taken.push(stream.publish_with_headers(public.subject, headers, body.into()).await?.into_future());
    }
    try_join_all(taken).await?;
    bus::forget(&hub.pool, &waiting).await?;
    Ok(true)
}
