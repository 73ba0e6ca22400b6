//! Tells everybody: from the books to the stream, in the books' order, at least once. What is told twice has the same id, and
//! the stream passes it over within its time. No event of a batch is taken before the one in front of it was.

use std::convert::Infallible;
use std::future::pending;
use std::time::{Duration, Instant};

use async_nats::header::{NATS_EXPECTED_LAST_MESSAGE_ID, NATS_MESSAGE_ID};
use async_nats::jetstream;
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::{Client, HeaderMap};
use sqlx::postgres::PgListener;
use tokio::time::{sleep, timeout};

use super::event::public;
use super::keep::{BusError, ensure_stream, streams};
use crate::app::Hub;
use crate::store::{StoreError, bus, event_log};

/// Events that are on their way at the same time.
const AT_ONCE: i64 = 100;
/// Without a word of the books it looks this often.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A stream that takes nothing is tried again after this.
const AGAIN: Duration = Duration::from_millis(250);
/// If it still takes nothing then, another server of the cluster may.
const ELSEWHERE: Duration = Duration::from_secs(10);

/// Tells what is to be told, for as long as the bus is there. A stream that is not there, or takes nothing, is waited for: sites
/// and the hub hear each other without it.
pub(super) async fn run(hub: &Hub, client: &Client, mut made: bool) -> Result<Infallible, BusError> {
    while !made {
        sleep(AGAIN).await;
        made = ensure_stream(client).await.is_ok();
    }
    let stream = streams(client);
    let mut listener = PgListener::connect_with(&hub.pool).await.ok();
    if let Some(listening) = &mut listener
        && listening.listen("openpam_bus").await.is_err()
    {
        listener = None;
    }
    loop {
        tell_all(hub, client, &stream).await?;
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

/// Tells until nothing waits.
async fn tell_all(hub: &Hub, client: &Client, stream: &jetstream::Context) -> Result<(), BusError> {
    let mut refused_since: Option<Instant> = None;
    loop {
        match tell(hub, stream).await {
            Ok(false) => return Ok(()),
            Ok(true) => refused_since = None,
            Err(error @ (BusError::Publish(_) | BusError::Send(_))) => {
                let since = *refused_since.get_or_insert_with(|| {
                    tracing::warn!(%error, "the stream of events takes nothing; it is tried again");
                    Instant::now()
                });
                sleep(AGAIN).await;
                // It may be gone. If it cannot be made either, the next event says so.
                let _ = ensure_stream(client).await;
                if since.elapsed() > ELSEWHERE {
                    refused_since = Some(Instant::now());
                    client.force_reconnect().await.map_err(|_| BusError::Lost)?;
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// Tells the oldest events; whether there were any.
async fn tell(hub: &Hub, stream: &jetstream::Context) -> Result<bool, BusError> {
    // The other hubs of this installation wait; should this one die, the database gives its turn back.
    let Some(mut turn) = bus::begin(&hub.pool).await? else { return Ok(false) };
    let waiting = bus::waiting(&mut turn, AT_ONCE).await?;
    if waiting.is_empty() {
        return Ok(false);
    }
    let filter = event_log::Filter { only: Some(waiting), ..event_log::Filter::default() };
    let mut events = event_log::list(&hub.pool, &filter, None, AT_ONCE).await?;
    events.reverse();
    let mut sent = Vec::with_capacity(events.len());
    let mut before: Option<String> = None;
    for event in &events {
        let public = public(event);
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, public.id.clone());
        headers.insert("Content-Type", "application/cloudevents+json");
        // Where a leader falls and another takes over, the stream may have missed one: then it takes none behind it.
        if let Some(before) = before.replace(public.id) {
            headers.insert(NATS_EXPECTED_LAST_MESSAGE_ID, before);
        }
        let body = public.body.to_string();
        sent.push(stream.publish_with_headers(public.subject, headers, body.into()).await?.into_future());
    }
    let (mut taken, mut refused) = (Vec::with_capacity(events.len()), None);
    for (event, answer) in events.iter().zip(sent) {
        match answer.await {
            Ok(_) => taken.push(event.id),
            Err(error) => {
                refused = Some(error);
                break;
            }
        }
    }
    bus::forget(&mut turn, &taken).await?;
    turn.commit().await.map_err(StoreError::from)?;
    match refused {
        // The next batch begins with this one.
        Some(error) if taken.is_empty() || error.kind() != PublishErrorKind::WrongLastMessageId => {
            Err(error.into())
        }
        _ => Ok(true),
    }
}
