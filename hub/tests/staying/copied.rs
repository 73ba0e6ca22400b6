//! One identity on two machines, and one machine that is restarted however roughly.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::ask;
use crate::system::{Satellite, World, eventually};

/// A copy is found out this soon after both run.
const FOUND_OUT: Duration = Duration::from_secs(20);
const RESTARTS: usize = 10;

async fn copy(from: &Path, to: &Path) {
    let copied = tokio::process::Command::new("cp").arg("-a").args([from, to]).status().await;
    assert!(copied.expect("cp runs").success());
}

/// It has no tunnel and knows why.
async fn until_set_aside(satellite: &Satellite) {
    eventually("it knows that it is set aside", || async {
        let line = ask::status(satellite).await["line"].clone();
        (line["up"] == json!(false) && line["error"]["code"] == json!("quarantined")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_copied_state_folder_is_found_out_and_an_admin_decides_which_is_the_one() {
    let mut world = World::start().await;
    world.satellite.stop().await;
    let mut other = Satellite::new(world.folder.path().join("copy"));
    copy(&world.satellite.state, &other.state).await;
    world.satellite.run();
    other.run();
    let quarantined = |row: &Value| row["state"] == "quarantined";
    let (_, took) = ask::until_row(&world, "the copy is found out", quarantined).await;
    eprintln!("the copy was found out in {took:?}");
    assert!(took < FOUND_OUT, "{took:?}");
    until_set_aside(&world.satellite).await;
    until_set_aside(&other).await;
    assert_eq!(ask::refused(&world, &world.target_id).await["code"], json!("zone_offline"));
    let doctor = ask::satellite(&other, &["doctor", "--json"]).await;
    let doctor = doctor.json();
    assert_eq!(ask::verdict(&doctor, "program")["code"], json!("quarantined"), "{doctor}");

    // Whichever renews next is the one.
    other.stop().await;
    assert_eq!(ask::decide(&world, "release").await, 204);
    let (_, took) = ask::until_row(&world, "it is let in", |row| row["state"] == "online").await;
    eprintln!("released, it was back in {took:?}");
    ask::a_shell_works(&world).await;
    assert_eq!(ask::decide(&world, "release").await, 409, "it is not quarantined any more");

    // The other one is still a copy.
    other.run();
    ask::until_row(&world, "the copy is found out again", quarantined).await;
    other.stop().await;
    world.stop().await;
}

#[tokio::test]
async fn a_satellite_that_is_killed_and_started_again_and_again_is_never_taken_for_a_copy() {
    let mut world = World::start().await;
    let mut since = ask::row(&world, "plant-7").await["online_since"].clone();
    let begun = Instant::now();
    for _ in 0..RESTARTS {
        world.satellite.kill().await;
        // Also one that is killed before it is up.
        world.satellite.run();
        world.satellite.kill().await;
        world.satellite.run();
        let back = |row: &Value| row["state"] == "online" && row["online_since"] != since;
        let (row, _) = ask::until_row(&world, "it is back", back).await;
        since = row["online_since"].clone();
    }
    eprintln!("{RESTARTS} restarts in {:?}", begun.elapsed());
    ask::a_shell_works(&world).await;
    assert_eq!(
        ask::status(&world.satellite).await["certificate_generation"],
        json!(0),
        "nobody had to renew"
    );
    for log in [ask::log(&world.hub.log()), ask::log(&world.satellite.log())] {
        assert!(!log.contains("quarantined"), "{log}");
    }
    world.stop().await;
}
