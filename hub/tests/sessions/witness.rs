//! Satellites hold what the hub has signed: books that somebody set back, with everything that the hub itself holds, are
//! found as soon as a satellite is back.

use openpam_hub::postgres;
use sqlx::ConnectOptions;

use crate::system::shell::Shell;
use crate::system::{World, eventually};

#[tokio::test]
async fn a_satellite_finds_out_that_the_books_were_set_back() {
    let mut world = World::start().await;
    let shell = Shell::open(&world.admin, &world.target_id).await;
    shell.close().await;
    let note = world.hub.data().join("witness.json");
    let stated = async || std::fs::read_to_string(&note).ok();
    let before = eventually("the hub states how far the chains are", stated).await;
    let kept = eventually("the satellite holds it", || async {
        let (fits, said) = world.verify().await;
        assert!(fits, "{said}");
        (said.matches(", witnessed ").count() == 2).then_some(said)
    })
    .await;
    eprintln!("{kept}");
    // Another statement, so that the satellite has the one before for sure.
    world.admin.create("groups", serde_json::json!({"name": "others"})).await;
    eventually("it states again", || async { (stated().await? != before).then_some(()) }).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;

    world.hub.kill().await;
    let ways = postgres::of_running_hub(&world.hub.data()).await.expect("PostgreSQL outlives the hub");
    let mut owner = ways.owner.connect().await.expect("connects");
    let set_back =
        "ALTER TABLE audit_events DISABLE TRIGGER USER; ALTER TABLE audit_witnesses DISABLE TRIGGER USER;
        DELETE FROM audit_events WHERE kind = 'group.created'; TRUNCATE audit_witnesses";
    sqlx::raw_sql(set_back).execute(&mut owner).await.expect("the owner can");
    drop(owner);
    std::fs::remove_file(&note).expect("a note");
    let (fits, said) = world.verify().await;
    assert!(fits, "nothing that the hub holds tells of it: {said}");

    world.hub.run().await;
    let said = eventually("the satellite tells", || async {
        let (fits, said) = world.verify().await;
        (!fits).then_some(said)
    })
    .await;
    assert!(said.contains("held statement") && said.ends_with("\n1 finding\n"), "{said}");
    world.is_verified = false;
    world.stop().await;
}
