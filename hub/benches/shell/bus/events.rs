//! Events of many sites at the same time: each sends a batch after the receipt of the one before, as satellites do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use async_nats::{Client, Subscriber};
use futures::StreamExt;
use futures::future::try_join_all;
use futures::stream;
use nkeys::KeyPair;
use openpam_ids::{AttachmentId, EventId, SessionId, TargetId, UserId};
use openpam_proto::control::{Events, Pong, ToHub, ToSite};
use openpam_proto::event::{About, Attachment, ChainedEvent, Event};
use openpam_proto::limits::MAX_EVENTS_PER_MESSAGE;
use openpam_proto::message::Message;
use tokio::time::{sleep, timeout};

use crate::light::{self, Light, Welcomed};
use crate::system::api::Api;
use crate::system::bus::through;
use crate::system::{ADMIN, Hub, PASSWORD, folder};

/// Joins at the same time.
const JOINERS: usize = 4;
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn measure((sites, each): (usize, usize)) -> anyhow::Result<(f64, f64)> {
    // Another provider may be there already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let folder = folder();
    let mut hub = Hub::start_in(folder.path(), "hub", &light::place()).await;
    let admin = Api::sign_in(&hub.url(), ADMIN, PASSWORD).await;
    let fleet: Vec<Light> = stream::iter(0..sites)
        .map(|number| Light::join(&admin, number))
        .buffer_unordered(JOINERS)
        .collect()
        .await;
    let by_bus = rate(&fleet, each, true).await;
    let by_line = rate(&fleet, each, false).await;
    hub.stop().await;
    Ok((by_bus?, by_line?))
}

async fn rate(fleet: &[Light], each: usize, by_bus: bool) -> anyhow::Result<f64> {
    let senders = try_join_all(fleet.iter().map(|light| Sender::new(light, by_bus))).await?;
    let begun = Instant::now();
    let sent = timeout(PATIENCE, try_join_all(senders.into_iter().map(|sender| sender.send(each)))).await;
    let count: usize = sent.context("events have no receipt")??.into_iter().sum();
    Ok(count as f64 / begun.elapsed().as_secs_f64())
}

struct Sender {
    welcomed: Welcomed,
    bus: Option<(Client, Subscriber, String)>,
}

impl Sender {
    async fn new(light: &Light, by_bus: bool) -> anyhow::Result<Self> {
        let key = Arc::new(KeyPair::new_user());
        let welcomed =
            light.connect_with(by_bus.then(|| key.public_key())).await.context("is not welcomed")?;
        let Some(pass) = welcomed.welcome.bus.as_ref().filter(|_| by_bus) else {
            return Ok(Self { welcomed, bus: None });
        };
        let connected = async {
            loop {
                if let Some(client) = through(&welcomed.lane, &key, pass).await {
                    return client;
                }
                // Its zone has no account yet.
                sleep(Duration::from_millis(500)).await;
            }
        };
        let client = timeout(PATIENCE, connected).await.context("a site is not let in to the bus")?;
        let answers = client.subscribe(pass.down.clone()).await?;
        client.flush().await?;
        let bus = Some((client, answers, pass.up.clone()));
        Ok(Self { welcomed, bus })
    }

    /// How many it sent; each has its receipt.
    async fn send(self, each: usize) -> anyhow::Result<usize> {
        let Self { mut welcomed, mut bus } = self;
        let mut seq = welcomed.welcome.next_event;
        let mut previous = welcomed.welcome.last_event.map_or([0; 32], |hash| *hash);
        let mut sent = 0;
        while sent < each {
            let count = MAX_EVENTS_PER_MESSAGE.min(each - sent);
            let events: Vec<ChainedEvent> = (0..count)
                .map(|_| {
                    let link = ChainedEvent::link(seq, previous, attached().to_bytes());
                    (seq, previous) = (seq + 1, link.hash);
                    link
                })
                .collect();
            sent += count;
            let batch = ToHub::Events(Events { events });
            if let Some((client, _, up)) = &bus {
                client.publish(up.clone(), batch.to_bytes().into()).await?;
            } else {
                welcomed.control.writer.send(&batch).await?;
            }
            loop {
                // The line asks whether somebody is there, also while events go by the bus.
                let told = tokio::select! {
                    told = welcomed.control.reader.next_message::<ToSite>() => told?.context("the hub ended it")?,
                    Some(told) = async { match &mut bus { Some((_, answers, _)) => answers.next().await, None => None } } => {
                        ToSite::from_bytes(&told.payload)?
                    }
                };
                match told {
                    ToSite::EventReceipt(receipt) if receipt.seq + 1 == seq => break,
                    ToSite::Ping(ping) => {
                        welcomed.control.writer.send(&ToHub::Pong(Pong { t: ping.t })).await?
                    }
                    _ => {}
                }
            }
        }
        Ok(sent)
    }
}

fn attached() -> Event {
    let about = About {
        event_id: EventId::generate(),
        at_ms: 1_700_000_000_000,
        session_id: SessionId::generate(),
        user_id: UserId::generate(),
        target_id: TargetId::generate(),
    };
    Event::Attached(Attachment { about, attachment_id: AttachmentId::generate(), client_ip: None })
}
