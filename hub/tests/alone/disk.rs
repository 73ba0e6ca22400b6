//! The policy on the site's disk: it survives a restart, and counts only as its hub signed it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::person::{Person, session};
use crate::system::{World, eventually_within};
use crate::told::{ended, status, until_away, words};

/// A hub closes what a site has lost if it is older than this.
const YOUNG: Duration = Duration::from_secs(31);

#[tokio::test]
async fn a_restarted_satellite_goes_on_with_the_policy_on_its_disk_and_takes_no_other() {
    let mut world = World::start().await;
    let bob = Person::new(&world, "bob", json!({})).await;
    bob.open(&world).await.expect("open").close().await;
    let before = status(&world.satellite).await["policy"].clone();
    world.satellite.stop().await;
    world.hub.stop().await;
    world.satellite.run();
    let after = status(&world.satellite).await;
    assert_eq!((&after["policy"]["version"], &after["line"]["up"]), (&before["version"], &json!(false)));
    world.satellite.stop().await;

    // Whoever changes a right on the disk gets none.
    let database = world.satellite.state.join("satellite.db");
    let connection = rusqlite::Connection::open(&database).expect("opens");
    let changed = connection.execute("UPDATE policy SET body = x'a0' WHERE substr(key, 1, 1) = x'04'", []);
    assert!(changed.expect("changes") > 0);
    drop(connection);
    world.satellite.run();
    let status_now = status(&world.satellite).await;
    assert_eq!(status_now["policy"], Value::Null, "{status_now}");
    assert!(words(&world.satellite).await.contains("NO POLICY"));
    world.hub.run().await;
    world.until_reachable().await;
    bob.open(&world).await.expect("the hub's is here again").close().await;
    assert_eq!(status(&world.satellite).await["policy"]["epoch"], before["epoch"]);
    world.stop().await;
}

#[tokio::test]
async fn a_damaged_database_is_kept_apart_and_the_site_works_again_once_it_has_its_policy() {
    let mut world = World::start().await;
    let bob = Person::new(&world, "bob", json!({})).await;
    let shell = bob.open(&world).await.expect("open");
    let session = session(&shell);
    // Younger ones the hub may be about to open.
    tokio::time::sleep(YOUNG).await;
    world.hub.stop().await;
    until_away(&world.satellite).await;
    world.satellite.kill().await;
    let database = world.satellite.state.join("satellite.db");
    let _ = std::fs::remove_file(database.with_extension("db-wal"));
    let mut bytes = std::fs::read(&database).expect("reads");
    bytes[..4096].fill(0x5a);
    std::fs::write(&database, bytes).expect("writes");

    world.satellite.run();
    let alone = status(&world.satellite).await;
    assert_eq!((&alone["policy"], &alone["line"]["up"]), (&Value::Null, &json!(false)), "{alone}");
    let said = words(&world.satellite).await;
    assert!(said.lines().next().expect("a line").contains("NO POLICY"), "{said}");
    let kept = std::fs::read_dir(&world.satellite.state).expect("lists").filter_map(Result::ok);
    let kept = kept.filter(|file| file.file_name().to_string_lossy().contains(".damaged-"));
    assert_ne!(kept.count(), 0, "the damaged file is still there");

    world.hub.run().await;
    world.until_reachable().await;
    let (code, _) = ended(&world, &session).await;
    assert_eq!(code, "satellite_restarted");
    bob.open(&world).await.expect("the policy is here again").close().await;
    let events = world.admin.get("/api/v1/audit/events?kind=site.recovered").await;
    assert_eq!(events["items"].as_array().expect("items").len(), 1, "{events}");
    let text = world.admin.request("GET", &format!("/api/v1/recordings/{session}/text"), None).await;
    assert!(text.status().is_success(), "what was recorded went up");
    world.stop().await;
}

#[tokio::test]
async fn a_policy_that_finds_no_room_is_brought_once_and_waits_for_an_administrator() {
    let mut world = World::start().await;
    let bob = Person::new(&world, "bob", json!({})).await;
    bob.open(&world).await.expect("open").close().await;
    world.satellite.stop().await;
    // No room for the reserve of events: the disk counts as full.
    let reserve = world.satellite.state.join("satellite.reserve");
    std::fs::remove_file(&reserve).expect("removes");
    std::fs::create_dir(&reserve).expect("a folder in its place");
    world.satellite.run();
    world.until_reachable().await;
    let before = status(&world.satellite).await["policy"]["version"].clone();
    let log = world.satellite.log();
    let count = |text: &str| std::fs::read_to_string(&log).expect("a log").matches(text).count();
    let came = count("a policy came");

    Person::new(&world, "carol", json!({})).await;
    let refused = bob.open(&world).await.err().expect("by which policy?");
    assert_eq!((&refused["code"], &refused["hop"]), (&json!("policy_stale"), &json!("site")), "{refused}");
    assert!(refused["message"].as_str().expect("text").contains("an administrator"), "{refused}");
    let told = status(&world.satellite).await["policy_refused"].clone();
    assert!(told.as_str().is_some_and(|reason| reason.contains("full")), "{told}");
    tokio::time::sleep(Duration::from_secs(3)).await;
    // One may have come between the grant of the other person and the person.
    assert!((1..=2).contains(&(count("a policy came") - came)));

    std::fs::remove_dir(&reserve).expect("removes");
    eventually_within(Duration::from_secs(90), "the policy is kept", async || {
        let now = status(&world.satellite).await;
        (now["policy"]["version"] != before && now["policy_refused"].is_null()).then_some(())
    })
    .await;
    assert_ne!(count("the policy goes on from where it was cut off"), 0, "it need not travel again");
    bob.open(&world).await.expect("open").close().await;
    world.stop().await;
}
