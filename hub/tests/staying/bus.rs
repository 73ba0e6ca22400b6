//! The bus between hub and site: what happens at a site comes up by it, and by the line while it is not there.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};

use crate::ask::until_closed_in_books;
use crate::system::shell::Shell;
use crate::system::{NATS, Place, World, eventually, eventually_within, server_pid};

/// Batches of events that came by the bus, and by the line.
async fn batches(world: &World) -> (f64, f64) {
    let text = reqwest::get(world.hub.metrics_url()).await.expect("answers").text().await.expect("text");
    let by = |way: &str| {
        let start = format!("openpam_event_batches_total{{way=\"{way}\"}} ");
        let line = text.lines().find_map(|line| line.strip_prefix(&start)).expect("the metric");
        line.parse().expect("a number")
    };
    (by("bus"), by("line"))
}

/// A shell, from its opening to its end in the books.
async fn session(world: &World) {
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    shell.command("echo of $((100+1))", "of 101").await;
    let id = shell.progress.session_id.clone().expect("an id");
    shell.close().await;
    until_closed_in_books(world, &id).await;
}

/// Waits until events come by the bus.
async fn until_by_the_bus(world: &World) {
    let (before, _) = batches(world).await;
    eventually_within(Duration::from_secs(30), "events come by the bus", || async {
        session(world).await;
        (batches(world).await.0 > before).then_some(())
    })
    .await;
}

async fn bus(world: &World) -> Value {
    world.admin.get("/api/v1/admin/bus").await
}

/// Kills a nats-server: until another one runs, what happens comes by the line.
async fn lose(world: &World, which: &str, folder: &Path) {
    let server = server_pid(folder, NATS).expect("it runs");
    kill_process(server, Signal::KILL).expect("is killed");
    let killed = Instant::now();
    let (_, before) = batches(world).await;
    session(world).await;
    let took = killed.elapsed().as_millis();
    assert!(batches(world).await.1 > before, "by the line");
    eprintln!("a whole session is in the books {took} ms after the {which} was killed");
    until_by_the_bus(world).await;
    let took = killed.elapsed().as_millis();
    eprintln!("events come by the bus again {took} ms after the {which} was killed");
}

#[tokio::test]
async fn events_of_a_site_come_by_the_bus_and_by_the_line_while_it_is_not_there() {
    come_and_go(Place::default(), 0).await;
}

#[tokio::test]
async fn without_a_leaf_node_the_satellites_own_client_does_the_same() {
    let none = ("OPENPAM_NATS_SERVER", "/nowhere/nats-server".to_owned());
    come_and_go(Place { satellite_settings: vec![none], ..Place::default() }, 1).await;
}

#[tokio::test]
async fn a_rotated_key_cuts_everybody_off_and_sites_come_back_by_themselves() {
    for program in [None, Some("/nowhere/nats-server")] {
        let satellite_settings = program.map(|program| ("OPENPAM_NATS_SERVER", program.to_owned()));
        let satellite_settings = satellite_settings.into_iter().collect();
        let world = World::start_in(Place { satellite_settings, ..Place::default() }).await;
        until_by_the_bus(&world).await;
        let mut shell = Shell::open(&world.admin, &world.target_id).await;
        let (listener, creds) = world.hub.run_command(&["bus", "listener", "siem"]).await;
        assert!(listener.success());
        let connects = async |creds: &str| {
            let url = bus(&world).await["url"].as_str().unwrap_or_default().to_owned();
            let options = async_nats::ConnectOptions::with_credentials(creds).expect("credentials");
            options.connection_timeout(Duration::from_secs(2)).connect(url).await.is_ok()
        };
        assert!(connects(&creds).await);
        let leaf = server_pid(&world.satellite.state, NATS);

        let rotated = Instant::now();
        let (said, key) = world.hub.run_command(&["bus", "rotate"]).await;
        assert!(said.success() && key.starts_with('O'), "{key}");
        eventually("the server lets in nobody that was let in before", || async {
            (bus(&world).await["connected"] == true && !connects(&creds).await).then_some(())
        })
        .await;
        until_by_the_bus(&world).await;
        eprintln!("events come by the bus again {} ms after the rotation", rotated.elapsed().as_millis());
        assert_eq!(leaf.is_some(), program.is_none());
        assert_eq!(
            server_pid(&world.satellite.state, NATS) == leaf,
            leaf.is_none(),
            "the leaf node is another one"
        );
        let (_, creds) = world.hub.run_command(&["bus", "listener", "siem"]).await;
        assert!(connects(&creds).await);
        shell.command("echo of $((100+2))", "of 102").await;
        world.stop().await;
    }
}

async fn come_and_go(place: Place, clients: i64) {
    let mut world = World::start_in(place).await;
    eventually("the bus is there", || async { (bus(&world).await["connected"] == true).then_some(()) }).await;
    let leaf_nodes = 1 - clients;
    // The hub itself is connected twice.
    let wanted = (json!(2 + clients), json!(leaf_nodes));
    eventually("the site is connected in its way", || async {
        let server = bus(&world).await["servers"][0].clone();
        ((server["connections"].clone(), server["leaf_nodes"].clone()) == wanted).then_some(())
    })
    .await;
    until_by_the_bus(&world).await;
    let (_, doctor) = world.hub.run_command(&["doctor"]).await;
    assert!(doctor.contains("1 server (nats-server 2."), "{doctor}");

    lose(&world, "hub's nats-server", &world.hub.data()).await;
    if leaf_nodes > 0 {
        lose(&world, "leaf node", &world.satellite.state).await;
    }

    // A killed hub finds its server again.
    let before = server_pid(&world.hub.data(), NATS);
    world.hub.kill().await;
    world.hub.run().await;
    world.until_reachable().await;
    until_by_the_bus(&world).await;
    assert_eq!(server_pid(&world.hub.data(), NATS), before, "taken over");
    let (whole, said) = world.verify().await;
    assert!(whole, "{said}");
    eventually("everybody was told everything once", || async {
        let events = world.admin.get("/api/v1/audit/events?limit=500").await;
        let told = |event: &&Value| {
            let kind = event["kind"].as_str().expect("a kind");
            ["session.", "schedule.", "user."].iter().any(|start| kind.starts_with(start))
        };
        let count = events["items"].as_array().expect("events").iter().filter(told).count();
        (bus(&world).await["stream"]["messages"] == json!(count)).then_some(())
    })
    .await;
    world.stop().await;
}
