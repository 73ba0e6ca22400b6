//! Recordings wait at the site until the hub has them, up to a limit: past it nothing goes on unrecorded.

use serde_json::json;

use crate::person::{Person, session};
use crate::system::{Place, World, eventually};
use crate::told::{ended, status, until_away, words};

#[tokio::test]
async fn past_the_limit_of_what_may_wait_sessions_end_and_open_again_when_it_has_gone_up() {
    let satellite_settings =
        vec![("OPENPAM_MAX_SPOOL_MIB", "1".to_owned()), ("OPENPAM_MAX_UPLOAD_KIB_S", "2048".to_owned())];
    let mut world = World::start_in(Place { satellite_settings, ..Place::default() }).await;
    let bob = Person::new(&world, "bob", json!({})).await;
    let mut shell = bob.open(&world).await.expect("open");
    let session = session(&shell);
    // Nobody can compress that; it waits for the hub to be gone.
    shell.type_bytes(b"echo go''es; sleep 3; head -c 3000000 /dev/urandom | base64; sleep 600\n").await;
    shell.until(0, "goes").await;
    world.hub.kill().await;
    until_away(&world.satellite).await;
    eventually("the session ends", async || (status(&world.satellite).await["sessions"] == 0).then_some(()))
        .await;
    let full = status(&world.satellite).await;
    assert_eq!(full["spool_full"], true, "{full}");
    assert!(words(&world.satellite).await.contains("of recordings, FULL: new sessions are refused"));
    world.hub.run().await;
    let (code, _) = ended(&world, &session).await;
    assert_eq!(code, "disk_full");
    eventually("it has gone up", async || {
        (status(&world.satellite).await["spool_full"] == false).then_some(())
    })
    .await;
    world.until_reachable().await;
    bob.open(&world).await.expect("there is room again").close().await;
    // Every recording is whole.
    world.stop().await;
}

#[tokio::test]
async fn whoever_is_there_when_the_limit_is_passed_hears_that_the_site_ended_it() {
    let satellite_settings =
        vec![("OPENPAM_MAX_SPOOL_MIB", "1".to_owned()), ("OPENPAM_MAX_UPLOAD_KIB_S", "256".to_owned())];
    let world = World::start_in(Place { satellite_settings, ..Place::default() }).await;
    let bob = Person::new(&world, "bob", json!({})).await;
    let mut shell = bob.open(&world).await.expect("open");
    shell.type_bytes(b"head -c 4000000 /dev/urandom | base64; sleep 600\n").await;
    while shell.receive().await {}
    let closed = shell.closed.clone().expect("a close");
    assert_eq!((&closed["code"], &closed["hop"]), (&json!("disk_full"), &json!("site")), "{closed}");
    world.stop().await;
}
