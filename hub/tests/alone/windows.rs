//! Windows that change while a session runs.

use std::time::Duration;

use serde_json::json;

use crate::person::{Person, ends_in, session};
use crate::system::{World, eventually};
use crate::told::{ended, status};

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

#[tokio::test]
async fn the_end_of_a_session_names_the_policy_and_the_grant_that_let_it_go_on_last() {
    let world = World::start().await;
    let bob = Person::new(&world, "bob", json!({})).await;
    let version = async || status(&world.satellite).await["policy"]["version"].as_u64();
    let mut sessions = Vec::new();
    for waits in [false, true] {
        let shell = bob.open(&world).await.expect("open");
        sessions.push(session(&shell));
        let opened = version().await;
        if waits {
            Person::new(&world, "carol", json!({})).await;
            eventually("another policy", async || (version().await > opened).then_some(())).await;
            // The session hears of it at once.
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let decided = version().await;
        shell.close().await;
        let session = sessions.last().expect("one");
        ended(&world, session).await;
        let found = eventually("the event", async || {
            let events = world.admin.get("/api/v1/audit/events?kind=session.ended&limit=100").await;
            let items = events["items"].as_array().expect("items").clone();
            items.into_iter().find(|item| item.to_string().contains(session.as_str()))
        })
        .await;
        let by = &found["detail"]["decided_by"];
        assert_eq!((by["policy"].as_u64(), &by["grant_id"]), (decided, &json!(bob.grant)), "{found}");
    }
    world.stop().await;
}
