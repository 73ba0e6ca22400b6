//! Commands to a site: done once and seen to be done, also where hub, bus or site are away meanwhile.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::ask::{log, row, until_closed_in_books, until_row};
use crate::system::shell::Shell;
use crate::system::{NATS, World, eventually, id, server_pid};

async fn order(world: &World, body: Value) -> Value {
    let satellite = id(&row(world, "plant-7").await);
    world.admin.create(&format!("satellites/{satellite}/commands"), body).await
}

async fn look(world: &World, command: &Value) -> Value {
    world.admin.get(&format!("/api/v1/admin/commands/{}", id(command))).await
}

async fn until(world: &World, command: &Value, states: &[&str]) -> Value {
    let what = format!("{} is {states:?}", command["kind"]);
    eventually(&what, || async {
        let now = world.admin.try_get(&format!("/api/v1/admin/commands/{}", id(command))).await?;
        states.iter().any(|state| now["state"] == *state).then_some(now)
    })
    .await
}

/// How often the satellite began that command.
fn begun(world: &World, command: &Value) -> usize {
    let id = id(command);
    let log = log(&world.satellite.log());
    log.lines().filter(|line| line.contains("command is begun") && line.contains(&id)).count()
}

fn signal(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(pid.try_into().expect("a pid")).expect("a pid");
    kill_process(pid, signal).expect("is signalled");
}

#[tokio::test]
async fn a_site_is_diagnosed_sends_its_log_and_ends_what_it_is_told_to() {
    let world = World::start().await;
    let ordered = Instant::now();
    let command = order(&world, json!({ "kind": "diagnose" })).await;
    let done = until(&world, &command, &["done", "failed"]).await;
    eprintln!("a diagnosis is there after {} ms", ordered.elapsed().as_millis());
    assert_eq!(
        (&done["state"], &done["percent"], &done["user"]),
        (&json!("done"), &json!(100), &json!("admin"))
    );
    let findings = done["findings"].as_array().expect("findings");
    for check in ["policy", "waiting", "program", "certificate", "disk", "clock skew"] {
        let found = findings.iter().find(|finding| finding["check"] == check);
        assert_ne!(found.unwrap_or_else(|| panic!("{check}: {done}"))["level"], "failed", "{done}");
    }

    let command = order(&world, json!({ "kind": "collect_logs" })).await;
    let done = until(&world, &command, &["done", "failed"]).await;
    assert_eq!((&done["state"], &done["has_output"]), (&json!("done"), &json!(true)), "{done}");
    let collected = world.admin.text(&format!("/api/v1/admin/commands/{}/output", id(&command))).await;
    assert!(collected.contains("openpam-satellite runs"), "{collected}");
    assert!(!collected.contains('\u{1b}'), "no colours");
    // What it wrote, word for word behind each line's time.
    let written = log(&world.satellite.log());
    let words = |line: &str| line.split_once(' ').map(|(_, words)| words.to_owned());
    assert!(collected.lines().filter_map(words).all(|words| written.contains(&words)), "{collected}");

    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    shell.command("echo of $((100+1))", "of 101").await;
    let session = shell.progress.session_id.clone().expect("an id");
    let command = order(&world, json!({ "kind": "watch", "session_id": session })).await;
    assert_eq!(until(&world, &command, &["done", "failed"]).await["state"], "done");
    let command = order(&world, json!({ "kind": "end", "session_id": session })).await;
    assert_eq!(until(&world, &command, &["done", "failed"]).await["state"], "done");
    until_closed_in_books(&world, &session).await;
    let ended = world.admin.get(&format!("/api/v1/sessions/{session}")).await;
    assert_eq!(ended["end_code"], "terminated_by_admin");
    assert_eq!(ended["error_message"], "ended by admin");

    // What nobody can do is refused where it is asked for.
    let satellite = id(&row(&world, "plant-7").await);
    for (body, status) in [
        (json!({ "kind": "end", "session_id": session }), 409),
        (json!({ "kind": "end" }), 400),
        (json!({ "kind": "diagnose", "session_id": session }), 400),
        (json!({ "kind": "watch", "session_id": satellite }), 422),
        (json!({ "kind": "diagnose", "expires_in_seconds": 0 }), 400),
        (json!({ "kind": "format_disk" }), 400),
    ] {
        let path = format!("/api/v1/admin/satellites/{satellite}/commands");
        let answer = world.admin.request("POST", &path, Some(&body)).await;
        assert_eq!(answer.status().as_u16(), status, "{body}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_command_waits_for_its_site_until_its_time_is_over() {
    let mut world = World::start().await;
    world.satellite.stop().await;
    until_row(&world, "the site is away", |row| row["state"] == "offline").await;
    let waits = order(&world, json!({ "kind": "diagnose" })).await;
    let expires = order(&world, json!({ "kind": "diagnose", "expires_in_seconds": 2 })).await;
    let withdrawn = order(&world, json!({ "kind": "collect_logs" })).await;
    let answer =
        world.admin.request("DELETE", &format!("/api/v1/admin/commands/{}", id(&withdrawn)), None).await;
    assert_eq!(answer.status().as_u16(), 204);
    let expired = until(&world, &expires, &["expired"]).await;
    assert_ne!(expired["finished_at"], Value::Null);
    let listed = world.admin.get("/api/v1/admin/commands?unfinished=true").await;
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "{listed}");
    assert_eq!(look(&world, &waits).await["state"], "waiting");

    world.satellite.run();
    assert_eq!(until(&world, &waits, &["done", "failed"]).await["state"], "done");
    assert_eq!((begun(&world, &waits), begun(&world, &expires), begun(&world, &withdrawn)), (1, 0, 0));
    assert_eq!(look(&world, &withdrawn).await["state"], "withdrawn");
    let answer = world.admin.request("DELETE", &format!("/api/v1/admin/commands/{}", id(&waits)), None).await;
    assert_eq!(answer.status().as_u16(), 409, "it is over");
    let events = world.admin.get("/api/v1/audit/events?kind=command.&limit=50").await;
    let kinds: Vec<_> =
        events["items"].as_array().expect("events").iter().map(|event| &event["kind"]).collect();
    let count = |kind: &str| kinds.iter().filter(|known| **known == kind).count();
    // Done, and expired.
    assert_eq!((count("command.ordered"), count("command.over"), count("command.withdrawn")), (3, 2, 1));
    world.stop().await;
}

#[tokio::test]
async fn a_command_is_done_once_whatever_is_killed_meanwhile() {
    let mut world = World::start().await;
    // A site that does not move: what is sent waits in the line.
    let pid = world.satellite.pid();
    signal(pid, Signal::STOP);
    let command = order(&world, json!({ "kind": "diagnose" })).await;
    until(&world, &command, &["sent"]).await;
    world.hub.kill().await;
    signal(pid, Signal::CONT);
    world.hub.run().await;
    let done = until(&world, &command, &["done", "failed"]).await;
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(begun(&world, &command), 1, "it came over both tunnels, and was done once");

    // Without the bus.
    world.until_reachable().await;
    let server = server_pid(&world.hub.data(), NATS).expect("it runs");
    kill_process(server, Signal::KILL).expect("is killed");
    let ordered = Instant::now();
    let command = order(&world, json!({ "kind": "collect_logs" })).await;
    assert_eq!(until(&world, &command, &["done", "failed"]).await["state"], "done");
    assert!(ordered.elapsed() < Duration::from_secs(10), "the line carries it");
    world.stop().await;
}
