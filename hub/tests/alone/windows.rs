//! Windows that change while a session runs.

use std::time::Duration;

use serde_json::json;

use crate::person::{Person, ends_in};
use crate::system::World;

#[tokio::test]
async fn a_window_that_grows_reaches_a_running_session_and_one_that_shrinks_too() {
    let world = World::start().await;
    let bob = Person::new(&world, "bob", ends_in(8)).await;
    let mut shell = bob.open(&world).await.expect("open");
    bob.change_grant(&world, ends_in(3600)).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    shell.command("echo still$((40+2))", "still42").await;
    bob.change_grant(&world, ends_in(3)).await;
    let begun = std::time::Instant::now();
    while shell.receive().await {}
    let closed = shell.closed.clone().expect("a close");
    assert_eq!((&closed["code"], &closed["hop"]), (&json!("window_ended"), &json!("site")));
    assert!(begun.elapsed() < Duration::from_secs(3) + Duration::from_secs(1), "{:?}", begun.elapsed());
    world.stop().await;
}
