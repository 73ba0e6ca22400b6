//! The hub keeps the bus: its server, and an account for each zone whose satellite may be there.

use std::time::Duration;

use nkeys::KeyPair;
use openpam_hub::bus::keep::{self, Standing};
use openpam_hub::changes::Change;
use openpam_hub::store::satellites;
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::harness::world::World;
use crate::place::{PROGRAMS, Party, program};

const PATIENCE: Duration = Duration::from_secs(20);

async fn there(world: &World, accounts_wanted: usize) -> String {
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
    let token = world.test.hub.keys.bus.satellite(world.zone, &key.public_key()).expect("signs");
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
