//! Without the hub a session goes on for as long as its grant allows.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::person::{Person, session};
use crate::system::World;
use crate::system::shell::Shell;
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
