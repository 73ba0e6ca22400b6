//! What waits at a site goes into the books once and in order, whatever of the bus is lost meanwhile.

use std::path::Path;
use std::time::{Duration, Instant};

use openpam_hub::postgres;
use openpam_ids::{EventId, Uuid};
use openpam_proto::event::{About, Attachment, Event};
use openpam_satellite::store::Store;
use rustix::process::{Signal, kill_process};
use serde_json::Value;
use sqlx::{ConnectOptions, Connection, PgConnection};

use crate::line::{ETHERNET_BYTES, Line};
use crate::site::Site;
use crate::system::shell::Shell;
use crate::system::{NATS, World, eventually_within, server_pid};

/// All is in the books this long after whatever was lost.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is lost while a site catches up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    Nothing,
    Nats,
    Hub,
    LeafNode,
    /// The server, and the disk that its streams are on.
    Streams,
}

const LOSSES: [Loss; 5] = [Loss::Nothing, Loss::Nats, Loss::Hub, Loss::LeafNode, Loss::Streams];

/// The events of a satellite in the books: how many, and up to which place in its chain.
async fn kept(world: &World, satellite: &str) -> Option<(i64, i64)> {
    let ways = postgres::of_running_hub(&world.hub.data()).await.ok()?;
    let mut books: PgConnection = ways.owner.connect().await.ok()?;
    let (count, last) =
        sqlx::query_as("SELECT count(*), coalesce(max(seq), 0) FROM audit_events WHERE node_id = $1::uuid")
            .bind(satellite)
            .fetch_one(&mut books)
            .await
            .ok()?;
    books.close().await.ok()?;
    Some((count, last))
}

/// Events that came about while nobody could be told.
async fn add_events(state: &Path, session: &Value, count: usize) {
    let id = |name: &str| session[name].as_str().expect("an id").parse::<Uuid>().expect("an id");
    let (store, _) = Store::open(&state.join("satellite.db")).expect("opens");
    for _ in 0..count {
        let about = About {
            event_id: EventId::generate(),
            at_ms: jiff::Timestamp::now().as_millisecond(),
            session_id: openpam_ids::SessionId::from_uuid(id("id")),
            user_id: openpam_ids::UserId::from_uuid(id("user_id")),
            target_id: openpam_ids::TargetId::from_uuid(id("target_id")),
        };
        let attached =
            Attachment { about, attachment_id: openpam_ids::AttachmentId::generate(), client_ip: None };
        store.record(Event::Attached(attached)).await.expect("is kept");
    }
}

fn kill(folder: &Path) {
    let server = server_pid(folder, NATS).expect("nats-server runs");
    kill_process(server, Signal::KILL).expect("is killed");
}

async fn lose(loss: Loss, world: &mut World) {
    let data = world.hub.data();
    match loss {
        Loss::Nothing => {}
        Loss::Nats => kill(&data),
        Loss::LeafNode => kill(&world.satellite.state),
        Loss::Streams => {
            kill(&data);
            std::fs::remove_dir_all(data.join("nats/streams")).expect("is removed");
        }
        Loss::Hub => {
            world.hub.kill().await;
            world.hub.run().await;
        }
    }
}

async fn catches_up(events: usize, cut: Duration) {
    let mut site = Site::start(Line::lay(ETHERNET_BYTES).await, &[]).await;
    let mut shell = Shell::open(&site.world.admin, &site.world.target_id).await;
    shell.command("echo of $((100+1))", "of 101").await;
    let session = shell.progress.session_id.clone().expect("an id");
    shell.close().await;
    let session = site.world.admin.get(&format!("/api/v1/sessions/{session}")).await;
    let satellite = site.row().await["id"].as_str().expect("an id").to_owned();
    for loss in LOSSES {
        eventually_within(PATIENCE, "the site's leaf node", || async {
            let bus = site.world.admin.try_get("/api/v1/admin/bus").await?;
            (bus["servers"][0]["leaf_nodes"] == 1).then_some(())
        })
        .await;
        site.world.satellite.stop().await;
        let before = kept(&site.world, &satellite).await.expect("the books").0;
        site.line.set(|manners| manners.down = true);
        add_events(&site.world.satellite.state, &session, events).await;
        site.world.satellite.run();
        tokio::time::sleep(cut).await;
        assert_eq!(kept(&site.world, &satellite).await.expect("the books").0, before, "the line is cut");
        site.line.set(|manners| manners.down = false);
        eventually_within(PATIENCE, "the first of them", || async {
            (kept(&site.world, &satellite).await?.0 > before).then_some(())
        })
        .await;
        let begun = Instant::now();
        let had = kept(&site.world, &satellite).await.expect("the books").0 - before;
        lose(loss, &mut site.world).await;
        let wanted = before + i64::try_from(events).expect("a few");
        eventually_within(PATIENCE, "all of them", || async {
            (kept(&site.world, &satellite).await?.0 >= wanted).then_some(())
        })
        .await;
        let took = begun.elapsed();
        eprintln!(
            "{loss:?} was lost with {had} of {events} events in the books: the rest was there after {took:?}"
        );
        let (count, last) = kept(&site.world, &satellite).await.expect("the books");
        assert_eq!(count, last, "each once, without a hole");
    }
    let (whole, said) = site.world.verify().await;
    assert!(whole, "{said}");
    site.stop().await;
}

#[tokio::test]
async fn events_that_waited_at_a_site_are_kept_once_and_in_order_whatever_of_the_bus_is_lost() {
    catches_up(1_500, Duration::from_secs(5)).await;
}

#[tokio::test]
#[ignore = "soak: five cuts of a minute"]
async fn ten_thousand_events_that_waited_for_a_minute_are_kept_once_whatever_of_the_bus_is_lost() {
    catches_up(10_000, Duration::from_secs(60)).await;
}
