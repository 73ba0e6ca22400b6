//! The hub keeps the bus: its server, and an account for each zone whose satellite may be there.

use std::time::Duration;

use async_nats::jetstream::{self, consumer};
use futures::StreamExt;
use nkeys::KeyPair;
use openpam_hub::bus::accounts;
use openpam_hub::bus::keep::{self, Standing};
use openpam_hub::changes::Change;
use openpam_hub::store::{bus, satellites};
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::harness::PASSWORD;
use crate::harness::world::{Who, World};
use crate::place::{PROGRAMS, Party, program};

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) async fn there(world: &World, accounts_wanted: usize) -> String {
    let mut bus = world.test.hub.bus.watch();
    let there = |standing: &Standing| matches!(standing, Standing::There { accounts, .. } if *accounts == accounts_wanted);
    let standing = timeout(PATIENCE, bus.wait_for(there)).await.expect("in time").expect("lives").clone();
    match standing {
        Standing::There { url, .. } => url,
        Standing::Away(why) => panic!("{why}"),
    }
}

async fn may_connect(world: &World, url: &str) -> bool {
    let key = KeyPair::new_user();
    let token = world
        .test
        .hub
        .keys
        .bus
        .present()
        .satellite(world.zone, world.satellite, &key.public_key())
        .expect("signs");
    Party::connect(url, token, key).await.is_ok()
}

#[tokio::test]
async fn each_zone_has_an_account_while_its_satellite_may_be_there_and_a_killed_server_comes_back() {
    let settings = format!("nats_server = {:?}", program(PROGRAMS[0]));
    let (world, stop) = (World::with(&settings).await, CancellationToken::new());
    let keeping = tokio::spawn(keep::run(world.test.hub.clone(), stop.clone()));
    let url = there(&world, 1).await;
    assert!(may_connect(&world, &url).await);

    let pid = std::fs::read_to_string(world.test.dir.path().join("data/nats/nats.pid")).expect("a pid");
    let pid = Pid::from_raw(pid.trim().parse().expect("a number")).expect("a process");
    kill_process(pid, Signal::KILL).expect("is killed");
    let mut bus = world.test.hub.bus.watch();
    let away = bus.wait_for(|standing| matches!(standing, Standing::Away(_)));
    timeout(PATIENCE, away).await.expect("in time").expect("lives");
    let url = there(&world, 1).await;
    assert!(may_connect(&world, &url).await, "it keeps what it was told");

    let shown =
        world.test.call("GET", "/api/v1/admin/bus", world.cookie(Who::Auditor).await.as_deref(), None).await;
    let shown = shown.json();
    assert_eq!(
        (&shown["connected"], &shown["managed"], &shown["accounts"]),
        (&true.into(), &true.into(), &1.into()),
        "{shown}"
    );
    assert_eq!(shown["servers"][0]["leaf_nodes"], 0, "{shown}");
    assert_eq!(
        (&shown["stream"]["name"], &shown["stream"]["replicas"]),
        (&keep::STREAM.into(), &1.into()),
        "{shown}"
    );

    let mut db = world.test.hub.pool.acquire().await.expect("a connection");
    assert!(satellites::revoke(&mut db, world.satellite).await.expect("the books"));
    world.test.hub.changes.tell(Change::SatelliteRevoked(world.satellite));
    there(&world, 0).await;
    assert!(!may_connect(&world, &url).await);
    stop.cancel();
    keeping.await.expect("ends");
    assert!(!may_connect(&world, &url).await, "the server has gone with its hub");
}

#[tokio::test]
async fn without_a_program_that_is_new_enough_the_hub_says_what_to_do() {
    let (world, stop) = (World::with("nats_server = '/nowhere/nats-server'").await, CancellationToken::new());
    tokio::spawn(keep::run(world.test.hub.clone(), stop.clone()));
    let mut bus = world.test.hub.bus.watch();
    let told = bus.wait_for(
        |standing| matches!(standing, Standing::Away(why) if why.contains("install version 2.15.0")),
    );
    timeout(PATIENCE, told).await.expect("in time").expect("lives");
    stop.cancel();
}

/// What everybody heard from the beginning on: subjects, ids and bodies.
pub(crate) async fn told(world: &World, url: &str, count: usize) -> Vec<(String, serde_json::Value)> {
    let credentials = world.test.hub.keys.bus.present().hub_user().expect("signs");
    let client = accounts::options(&credentials).expect("a key").connect(url).await.expect("connects");
    let stream = jetstream::new(client).get_stream(keep::STREAM).await.expect("the stream");
    let consumer = stream.create_consumer(consumer::pull::Config::default()).await.expect("a consumer");
    let messages = consumer.messages().await.expect("messages").take(count);
    let messages = messages.map(|message| {
        let message = message.expect("a message");
        (message.subject.to_string(), serde_json::from_slice(&message.payload).expect("JSON"))
    });
    timeout(PATIENCE, messages.collect()).await.expect("in time")
}

#[tokio::test]
async fn what_happens_is_told_to_everybody_once_in_order_also_what_happened_without_the_bus() {
    let settings = format!("nats_server = {:?}", program(PROGRAMS[0]));
    let (world, stop) = (World::with(&settings).await, CancellationToken::new());
    world.some_schedule().await;
    let admin = world.cookie(Who::Admin).await;
    let new = |name: &str| serde_json::json!({"username": name, "password": PASSWORD, "role": "user"});
    let create = async |name: &str| {
        let answer = world.test.call("POST", "/api/v1/admin/users", admin.as_deref(), Some(&new(name))).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    };
    create("before").await;
    let keeping = tokio::spawn(keep::run(world.test.hub.clone(), stop.clone()));
    let url = there(&world, 1).await;
    create("after").await;
    let pool = &world.test.hub.pool;
    let wanted: Vec<(String, i64)> = sqlx::query_as(
        "SELECT kind, seq FROM audit_events WHERE kind ~ '^(session|schedule|user)[.]' ORDER BY id",
    )
    .fetch_all(pool)
    .await
    .expect("events");
    assert!(wanted.len() >= 2);
    let heard = told(&world, &url, wanted.len()).await;
    for ((kind, seq), (subject, event)) in wanted.iter().zip(&heard) {
        assert_eq!(subject, &format!("openpam.{}", kind.replace("session.opened", "session.started")));
        assert_eq!((&event["specversion"], event["type"].as_str()), (&"1.0".into(), Some(subject.as_str())));
        assert!(event["id"].as_str().expect("an id").ends_with(&format!("/{seq}")));
    }
    let last = &heard.last().expect("one").1;
    assert_eq!(last["data"]["detail"]["username"], "after", "{last}");
    // Told again, it is passed over.
    sqlx::query("INSERT INTO bus_outbox SELECT id FROM audit_events WHERE kind LIKE 'user.%'")
        .execute(pool)
        .await
        .expect("again");
    create("later").await;
    let heard = told(&world, &url, wanted.len() + 1).await;
    assert_eq!(heard.last().expect("one").1["data"]["detail"]["username"], "later");
    let nothing_waits = async {
        while bus::backlog(pool).await.expect("the books").events > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, nothing_waits).await.expect("in time");
    stop.cancel();
    keeping.await.expect("ends");
}
