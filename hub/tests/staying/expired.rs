//! Satellites that were off for so long that their certificate ran out.

use std::time::Instant;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::ask;
use crate::clocks::{hub_at, machine_at};
use crate::system::api::Api;
use crate::system::{ADMIN, PASSWORD, Place, World, folder};

/// Joined three weeks ago; since then everything was off. Certificates are good for one.
async fn after_three_weeks(hub_settings: &[(&'static str, String)]) -> World {
    let programs = folder();
    let then = "-21d";
    let place = Place {
        hub_settings: hub_at(then, programs.path()),
        satellite_settings: machine_at(then),
        ..Place::default()
    };
    let mut world = World::start_in(place).await;
    ask::a_shell_works(&world).await;
    world.satellite.stop().await;
    world.hub.stop().await;
    world.hub.settings = hub_settings.to_vec();
    world.satellite.settings = Vec::new();
    world.hub.run().await;
    world.admin = Api::sign_in(&world.hub.url(), ADMIN, PASSWORD).await;
    let row = ask::row(&world, "plant-7").await;
    assert!(expiry(&row) < Timestamp::now(), "its certificate has run out: {row}");
    world
}

fn expiry(row: &Value) -> Timestamp {
    row["certificate_expires_at"].as_str().expect("a time").parse().expect("RFC 3339")
}

#[tokio::test]
async fn a_satellite_whose_certificate_ran_out_comes_back_by_itself_without_a_token() {
    let mut world = after_three_weeks(&[]).await;
    let started = Instant::now();
    world.satellite.run();
    let (row, _) = ask::until_row(&world, "it is back", |row| row["state"] == "online").await;
    eprintln!("back {:?} after its start", started.elapsed());
    assert!(expiry(&row) > Timestamp::now(), "{row}");
    assert_eq!(ask::status(&world.satellite).await["certificate_generation"], json!(1));
    ask::a_shell_works(&world).await;
    world.stop().await;
}

#[tokio::test]
async fn after_readmit_days_a_satellite_waits_for_an_admins_word_and_then_comes_back() {
    let mut world = after_three_weeks(&[("OPENPAM_READMIT_DAYS", "0".to_owned())]).await;
    assert_eq!(ask::decide(&world, "readmit").await, 409, "it has not asked yet");
    world.satellite.run();
    let asks = |row: &Value| !row["readmission_asked_at"].is_null();
    let (row, _) = ask::until_row(&world, "it asks to be let in", asks).await;
    assert_eq!(row["state"], json!("offline"), "{row}");
    ask::until_logged(&world.satellite.log(), "readmit_needed").await;
    let line = ask::status(&world.satellite).await["line"].clone();
    assert_eq!((&line["up"], &line["error"]["code"]), (&json!(false), &json!("readmit_needed")), "{line}");
    assert_eq!(ask::refused(&world, &world.target_id).await["code"], json!("zone_offline"));

    assert_eq!(ask::decide(&world, "readmit").await, 204);
    let (row, took) = ask::until_row(&world, "it is let in", |row| row["state"] == "online").await;
    eprintln!("back {took:?} after the admin's word");
    assert!(row["readmission_asked_at"].is_null() && expiry(&row) > Timestamp::now(), "{row}");
    ask::a_shell_works(&world).await;
    world.stop().await;
}
