//! A satellite that an admin revokes: at once where it is connected, at its next connect where it is not.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::ask;
use crate::system::shell::Shell;
use crate::system::{World, eventually};

const SOON: Duration = Duration::from_secs(1);
/// The exit code that `openpam-satellite run --help` names.
const EXPELLED: i32 = 77;

#[tokio::test]
async fn a_revoked_satellite_ends_its_sessions_within_a_second_and_gives_up_its_key() {
    let mut world = World::start().await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    shell.command("echo $$ >shell.pid; echo wr''itten", "written").await;
    let session = shell.progress.session_id.clone().expect("an id");
    assert!(world.satellite.state.join("node.key").exists());

    let asked = Instant::now();
    let (status, closed) = tokio::join!(ask::decide(&world, "revoke"), async {
        let closed = shell.until_closed().await;
        (closed, asked.elapsed())
    });
    let (closed, took) = closed;
    assert_eq!(status, 204);
    eprintln!("closed {took:?} after the admin asked: {closed}");
    assert!(took < SOON, "{took:?}: {closed}");
    assert_eq!(
        (&closed["code"], &closed["ended"]),
        (&json!("terminated_by_admin"), &json!(true)),
        "{closed}"
    );

    assert_eq!(world.satellite.ended().await, Some(EXPELLED));
    let log = ask::log(&world.satellite.log());
    assert!(log.contains("[satellite_revoked]"), "{log}");
    assert!(!world.satellite.state.join("node.key").exists(), "the key is gone");
    let pid = std::fs::read_to_string(world.target.home().join("shell.pid")).expect("a pid");
    eventually("the shell on the target is gone", || async {
        (!std::path::Path::new(&format!("/proc/{}", pid.trim())).exists()).then_some(())
    })
    .await;
    let row = ask::until_closed_in_books(&world, &session).await;
    eprintln!("in the books: {} {}", row["session_status"], row["end_code"]);
    assert_eq!(row["session_status"], json!("terminated"), "{row}");
    let said = ask::satellite(&world.satellite, &["run"]).await;
    assert_eq!(said.code, Some(78), "it is not joined any more: {}", said.err);
    world.stop().await;
}

#[tokio::test]
async fn one_that_was_off_when_it_was_revoked_is_refused_at_its_next_connect_and_gives_up_its_key() {
    let mut world = World::start().await;
    world.satellite.stop().await;
    assert_eq!(ask::decide(&world, "revoke").await, 204);
    assert!(world.satellite.state.join("node.key").exists(), "it could not be told");
    world.satellite.run();
    assert_eq!(world.satellite.ended().await, Some(EXPELLED));
    let log = ask::log(&world.satellite.log());
    assert!(log.contains("[satellite_revoked]"), "{log}");
    assert!(!world.satellite.state.join("node.key").exists(), "the key is gone");
    world.stop().await;
}
