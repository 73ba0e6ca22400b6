//! Machines that come up in 1970, or a year ahead.

use serde_json::{Value, json};

use crate::ask::{self, verdict};
use crate::clocks::machine_at;
use crate::system::{Place, Satellite, World, id};

const YEARS_50_MS: i64 = 50 * 365 * 24 * 3600 * 1000;

fn skew_ms(status: &Value) -> i64 {
    status["clock_skew_ms"].as_i64().expect("a number")
}

#[tokio::test]
async fn a_site_whose_clock_stands_in_1970_joins_and_works_on_the_hubs_time() {
    let settings = machine_at("@1970-01-02 00:00:00");
    let mut world = World::start_in(Place { satellite_settings: settings, ..Place::default() }).await;
    ask::a_shell_works(&world).await;
    let status = ask::status(&world.satellite).await;
    assert!(skew_ms(&status) < -YEARS_50_MS, "{status}");
    let words = ask::satellite(&world.satellite, &["status"]).await.out;
    assert!(words.contains("the hub's time is used"), "{words}");
    let doctor = ask::satellite(&world.satellite, &["doctor", "--json"]).await;
    assert_eq!(doctor.code, Some(0), "{}{}", doctor.out, doctor.err);
    let doctor = doctor.json();
    let clock = verdict(&doctor, "clock skew");
    assert_eq!(clock["level"], json!("warning"), "{clock}");
    assert!(clock["advice"].as_str().expect("text").contains("the hub's time is used"), "{clock}");

    // Without the hub nobody knows the time, and it says so.
    world.satellite.stop().await;
    world.hub.stop().await;
    world.satellite.run();
    let status = ask::status(&world.satellite).await;
    assert_eq!(status["clock"], json!("unknown"), "{status}");
    let words = ask::satellite(&world.satellite, &["status"]).await.out;
    assert!(words.contains("unknown") && !words.contains("the hub's time is used"), "{words}");
    world.hub.run().await;
    world.until_reachable().await;
    ask::a_shell_works(&world).await;
    world.stop().await;
}

#[tokio::test]
async fn a_site_whose_clock_is_a_year_ahead_says_clock_wrong_and_is_back_once_it_is_set() {
    let mut world = World::start().await;
    world.satellite.stop().await;
    world.satellite.settings = machine_at("+365d");
    world.satellite.run();
    ask::until_logged(&world.satellite.log(), "clock_wrong").await;
    let status = ask::status(&world.satellite).await;
    let line = &status["line"];
    assert_eq!((&line["up"], &line["error"]["code"]), (&json!(false), &json!("clock_wrong")), "{status}");
    let doctor = ask::satellite(&world.satellite, &["doctor", "--json"]).await;
    assert_eq!(doctor.code, Some(1));
    let doctor = doctor.json();
    assert_eq!(verdict(&doctor, "program")["code"], json!("clock_wrong"), "{doctor}");
    let clock = verdict(&doctor, "clock skew");
    assert!(clock["found"].as_str().expect("text").contains("365 days ahead of the hub"), "{clock}");
    assert!(clock["advice"].as_str().expect("text").contains("set the clock"), "{clock}");

    // A join is told the same.
    let zone = id(&world.admin.create("zones", json!({"name": "plant-8", "type": "satellite"})).await);
    let token = world.admin.create("tokens", json!({"zone_id": zone})).await;
    let mut newcomer = Satellite::new(world.folder.path().join("newcomer"));
    newcomer.settings = machine_at("+365d");
    let (joined, output) = newcomer.join(token["token"].as_str().expect("a token"), &[]).await;
    assert!(!joined && output.contains("[clock_wrong]") && output.contains("set the clock"), "{output}");
    newcomer.settings = Vec::new();
    let (joined, output) = newcomer.join(token["token"].as_str().expect("a token"), &[]).await;
    assert!(joined, "{output}");

    world.satellite.stop().await;
    world.satellite.settings = Vec::new();
    world.satellite.run();
    world.until_reachable().await;
    ask::a_shell_works(&world).await;
    world.stop().await;
}
