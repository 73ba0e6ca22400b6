//! Many sites behind one hub hear of a change that concerns all of them, and fetch it.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures::stream::{self, StreamExt};
use minicbor::bytes::ByteArray;
use openpam_link::channel::{Channel, ChannelReader, Incoming};
use openpam_link::tunnel::Tunnel;
use openpam_policy::{MAX_SNAPSHOT_BYTES, PolicyKey, Update};
use openpam_proto::channel::ChannelHeader;
use openpam_proto::control::{Pong, ToHub, ToSite};
use openpam_proto::lane::{Bulk, LaneHeader};
use openpam_proto::snapshot::{self, PolicyVersion, SnapshotHeader};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::PolicyAmounts;
use crate::figures::{Spread, ms};
use crate::light::{self, Light, Welcomed};
use crate::progress;
use crate::system::api::Api;
use crate::system::{ADMIN, Hub, PASSWORD, folder, id};

/// Joins at the same time.
const JOINERS: usize = 4;
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn measure(amounts: &PolicyAmounts) -> anyhow::Result<(Spread, f64)> {
    let (sites, changes) = amounts.sites;
    // Another provider may be there already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let folder = folder();
    let mut hub = Hub::start_in(folder.path(), "hub", &light::place()).await;
    let measured = with(&hub, sites, changes).await;
    hub.stop().await;
    measured
}

async fn with(hub: &Hub, sites: usize, changes: usize) -> anyhow::Result<(Spread, f64)> {
    let admin = Api::sign_in(&hub.url(), ADMIN, PASSWORD).await;
    let user = json!({"username": "everywhere", "password": PASSWORD, "role": "user"});
    let user = id(&admin.create("users", user).await);
    admin.create("grants", json!({"user_id": user, "label": "env=everywhere"})).await;
    let fleet: Vec<_> = stream::iter(0..sites)
        .map(|number| {
            let admin = &admin;
            async move {
                let light = Light::join(admin, number).await;
                let target = json!({
                    "zone_id": light.zone_id, "name": "press-1", "hostname": "127.0.0.1", "protocol": "ssh", "port": 22,
                    "labels": ["env=everywhere"],
                });
                admin.create("targets", target).await;
                light
            }
        })
        .buffer_unordered(JOINERS)
        .collect()
        .await;
    let (told, mut heard) = mpsc::channel(sites * 4);
    for (number, light) in fleet.into_iter().enumerate() {
        let welcomed = light.connect().await.context("a site was not welcomed")?;
        tokio::spawn(follow(welcomed, number, told.clone()));
    }
    // Each fetches what there is at first.
    for _ in 0..sites {
        timeout(PATIENCE, heard.recv()).await?;
    }
    progress("policy: a change that concerns all sites");
    let (mut samples, cpu) = (Vec::new(), || cpu_seconds(hub.pid()));
    let before = cpu()?;
    for number in 0..changes {
        let begun = Instant::now();
        let change = json!({"enabled": number % 2 == 1});
        let changed = admin.request("PATCH", &format!("/api/v1/admin/users/{user}"), Some(&change)).await;
        ensure!(changed.status().is_success(), "the user could not be changed");
        for _ in 0..sites {
            let (_, at) = timeout(PATIENCE, heard.recv()).await?.context("sites")?;
            samples.push(ms(Instant::duration_since(&at, begun)));
        }
    }
    let cost = (cpu()? - before) * 1000.0 / changes as f64;
    Ok((Spread::of(&samples).context("changes")?, cost))
}

/// Fetches every policy that it is told of, and says when it has it.
async fn follow(welcomed: Welcomed, number: usize, told: mpsc::Sender<(usize, Instant)>) {
    let Welcomed { tunnel, control, welcome, lane: _lane } = welcomed;
    let Channel { mut reader, mut writer } = control;
    let keys: Vec<PolicyKey> =
        welcome.policy_keys.iter().filter_map(|key| key.as_slice().try_into().ok()).collect();
    let mut held = None;
    let mut has: Option<PolicyVersion> = None;
    let mut newest = welcome.policy;
    loop {
        if newest > has {
            let Ok((hash, version)) = fetch(&tunnel, held, &keys).await else { return };
            (held, has) = (Some(hash), Some(version));
            if told.send((number, Instant::now())).await.is_err() {
                return;
            }
        }
        match reader.next_message::<ToSite>().await {
            Ok(Some(ToSite::Ping(ping))) => {
                if writer.send(&ToHub::Pong(Pong { t: ping.t })).await.is_err() {
                    return;
                }
            }
            Ok(Some(ToSite::NewPolicy(new))) => newest = Some(new.policy),
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => return,
        }
    }
}

async fn fetch(
    tunnel: &Tunnel,
    held: Option<[u8; 32]>,
    keys: &[PolicyKey],
) -> anyhow::Result<([u8; 32], PolicyVersion)> {
    let lane = tunnel.open_lane(LaneHeader::Bulk(Bulk {})).await?;
    let header = SnapshotHeader { held: held.map(ByteArray::from), part: None };
    let mut reader = lane.open_channel(&ChannelHeader::Snapshot(header)).await?.reader;
    let (policy, body) = receive(&mut reader).await?;
    let update = zstd::bulk::decompress(&body, MAX_SNAPSHOT_BYTES)?;
    let update = Update::from_bytes(&update).context("an update")?;
    Ok((update.signed.statement(keys)?.sha256(), policy))
}

async fn receive(reader: &mut ChannelReader) -> anyhow::Result<(PolicyVersion, Vec<u8>)> {
    let mut offer = None;
    let mut body = Vec::new();
    loop {
        match reader.next::<snapshot::ToSite>().await? {
            Some(Incoming::Message(snapshot::ToSite::Offer(offered))) => offer = Some(offered),
            Some(Incoming::Data(data)) => body.extend_from_slice(&data.bytes()),
            Some(Incoming::Message(_)) => {}
            None => break,
        }
    }
    Ok((offer.context("an offer")?.policy, body))
}

/// User and system time of a process so far.
fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(") ").context("a name")?;
    let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks / 100.0)
}
