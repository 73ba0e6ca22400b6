//! Without the hub a session goes on for as long as its grant allows.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::person::{Person, session};
use crate::system::shell::Shell;
use crate::system::{World, eventually, eventually_within};
use crate::told::{ended, status, until_away, words};

#[tokio::test]
async fn without_the_hub_a_session_ends_when_its_grant_allows_no_longer() {
    const ALLOWED_S: i64 = 8;
    let mut world = World::start().await;
    let bob = Person::new(&world, "bob", json!({"offline_seconds": ALLOWED_S})).await;
    let free = Shell::open(&world.admin, &world.target_id).await;
    let shell = bob.open(&world).await.expect("open");
    let session = session(&shell);
    let version = status(&world.satellite).await["policy"]["version"].as_u64().expect("a version");
    world.hub.kill().await;
    let since_ms = until_away(&world.satellite).await;
    let said = words(&world.satellite).await;
    let first = said.lines().next().expect("a line");
    assert!(first.starts_with("OFFLINE "), "{said}");
    assert!(first.contains(&format!("; enforcing policy v{version}; new sessions until ")), "{said}");
    assert!(first.ends_with(" waiting"), "{said}");
    let end_ms = since_ms + ALLOWED_S * 1000;
    let left_ms = end_ms + 2000 - Timestamp::now().as_millisecond();
    tokio::time::sleep(Duration::from_millis(left_ms.try_into().unwrap_or_default())).await;
    let left = status(&world.satellite).await["sessions"].clone();
    assert_eq!(left, 1, "the other one's grant allows a day");
    world.hub.run().await;
    let (code, at_ms) = ended(&world, &session).await;
    assert_eq!(code, "policy_stale");
    assert!((0..1000).contains(&(at_ms - end_ms)), "{} ms after its end", at_ms - end_ms);
    assert!(words(&world.satellite).await.starts_with("ONLINE "));
    free.close().await;
    bob.open(&world).await.expect("with the hub it opens").close().await;
    world.stop().await;
}

#[tokio::test]
async fn a_hub_whose_policy_does_not_come_gives_no_more_time() {
    const ALLOWED_S: i64 = 20;
    let mut world = World::start().await;
    let bob = Person::new(&world, "bob", json!({"offline_seconds": ALLOWED_S})).await;
    let shell = bob.open(&world).await.expect("open");
    let session = session(&shell);
    // Whatever is on its way has no place.
    let part = world.satellite.state.join("policy.part");
    let _ = std::fs::remove_file(&part);
    std::fs::create_dir(&part).expect("a folder in its place");
    let before = status(&world.satellite).await["policy"]["version"].clone();
    world.hub.kill().await;
    let since_ms = until_away(&world.satellite).await;
    world.hub.run().await;
    world.until_reachable().await;
    let line = status(&world.satellite).await["line"].clone();
    assert_eq!(line["away_since_ms"], serde_json::Value::Null, "the policy is the hub's: {line}");

    Person::new(&world, "carol", json!({})).await;
    world.hub.kill().await;
    let since_ms = until_away(&world.satellite).await.max(since_ms);
    for _ in 0..2 {
        world.hub.run().await;
        eventually("the line is up", || async {
            let now = status(&world.satellite).await;
            assert_eq!(now["policy"]["version"], before);
            assert_eq!(now["line"]["away_since_ms"], since_ms, "{now}");
            (now["line"]["up"] == true).then_some(())
        })
        .await;
        world.hub.kill().await;
        until_away(&world.satellite).await;
    }
    world.hub.run().await;
    let (code, at_ms) = ended(&world, &session).await;
    assert_eq!(code, "policy_stale");
    let late_ms = at_ms - (since_ms + ALLOWED_S * 1000);
    assert!((0..1000).contains(&late_ms), "{late_ms} ms after its end");

    std::fs::remove_dir(&part).expect("removes");
    let patience = Duration::from_secs(60);
    eventually_within(patience, "the policy comes, and the site is not alone any more", || async {
        let now = status(&world.satellite).await;
        (now["line"]["away_since_ms"].is_null() && now["policy"]["version"] != before).then_some(())
    })
    .await;
    bob.open(&world).await.expect("with the hub it opens").close().await;
    world.stop().await;
}
