//! Another key signs policies: sites that are there and sites that are away follow, and nobody's session ends.

use openpam_hub::keys::Keys;
use openpam_link::ca::NODE_LIFETIME;

use crate::system::shell::Shell;
use crate::system::{World, eventually};
use crate::told::status;

async fn version(world: &World) -> u64 {
    status(&world.satellite).await["policy"]["version"].as_u64().unwrap_or_default()
}

/// Rotates as an administrator does; the printed key is the present one.
async fn rotate(world: &World, overlap_days: &str) {
    let mut command = world.hub.command();
    command.args(["policy-key", "rotate", "--overlap-days", overlap_days]);
    let output = command.output().await.expect("starts");
    let printed = String::from_utf8(output.stdout).expect("text");
    let keys = Keys::open(&world.hub.secrets(), NODE_LIFETIME).expect("the hub's keys");
    let present = data_encoding::HEXLOWER.encode(&keys.policy.present().public());
    assert!(output.status.success() && printed.trim() == present, "{printed}");
}

#[tokio::test]
async fn another_key_signs_and_sites_follow() {
    let mut world = World::start().await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    for (round, overlap_days) in ["28", "0"].into_iter().enumerate() {
        let before = version(&world).await;
        rotate(&world, overlap_days).await;
        eventually("the site holds what the next key signed", async || {
            (version(&world).await > before).then_some(())
        })
        .await;
        shell.command(&format!("echo ro''und {round}"), &format!("round {round}")).await;
    }
    let log = std::fs::read_to_string(world.satellite.log()).expect("a log");
    assert!(!log.contains("was refused"), "{log}");
    assert_eq!(log.matches("disowned").count(), 1, "where there is no overlap: {log}");

    let before = version(&world).await;
    shell.close().await;
    world.satellite.stop().await;
    rotate(&world, "0").await;
    world.satellite.run();
    world.until_reachable().await;
    eventually("who was away follows", async || (version(&world).await > before).then_some(())).await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    shell.command("echo it wo''rks", "it works").await;
    shell.close().await;
    world.stop().await;
}
