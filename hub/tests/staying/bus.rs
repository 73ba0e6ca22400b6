//! The bus between hub and site: what happens at a site comes up by it, and by the line while it is not there.

use std::time::{Duration, Instant};

use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};

use crate::ask::until_closed_in_books;
use crate::system::shell::Shell;
use crate::system::{NATS, World, eventually, eventually_within, server_pid};

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

#[tokio::test]
async fn events_of_a_site_come_by_the_bus_and_by_the_line_while_it_is_not_there() {
    let mut world = World::start().await;
    eventually("the bus is there", || async { (bus(&world).await["connected"] == true).then_some(()) }).await;
    until_by_the_bus(&world).await;
    // The hub twice, and the site's client.
    let servers = bus(&world).await["servers"].clone();
    assert_eq!(servers[0]["connections"], 3, "{servers}");
    let (_, doctor) = world.hub.run_command(&["doctor"]).await;
    assert!(doctor.contains("1 server (nats-server 2."), "{doctor}");

    let nats = server_pid(&world.hub.data(), NATS).expect("nats-server runs");
    kill_process(nats, Signal::KILL).expect("is killed");
    let killed = Instant::now();
    let (_, before) = batches(&world).await;
    session(&world).await;
    assert!(batches(&world).await.1 > before, "by the line");
    eprintln!(
        "a whole session is in the books {} ms after nats-server was killed",
        killed.elapsed().as_millis()
    );
    until_by_the_bus(&world).await;
    eprintln!(
        "events come by the bus again {} ms after nats-server was killed",
        killed.elapsed().as_millis()
    );

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
