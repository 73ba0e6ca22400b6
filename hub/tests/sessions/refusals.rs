//! Targets that do not let us in: each its own code, at its hop, and the books know.

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::system::shell::{Progress, Shell};
use crate::system::target::Target;
use crate::system::{World, free_port};

/// Tries to open a shell; the close instead.
async fn refused(world: &World, target_id: &str) -> Value {
    let path = format!("/api/ws/connect/ssh/{target_id}?cols=80&rows=24");
    match Shell::attach(&world.admin, &path, Progress::default()).await {
        Ok(_) => panic!("the shell opened"),
        Err(closed) => closed,
    }
}

/// A target with a password for the account.
async fn target(world: &World, name: &str, hostname: &str, port: u16, password: &str) -> String {
    let credential = json!({"username": world.target.account, "password": password});
    world.another_target(name, hostname, port, Some(credential)).await
}

async fn status_in_books(world: &World, target_id: &str) -> (Value, Value) {
    let rows = world.admin.get(&format!("/api/v1/audit?target_id={target_id}")).await;
    (rows["items"][0]["session_status"].clone(), rows["items"][0]["error_message"].clone())
}

#[tokio::test]
async fn nothing_there_no_such_host_wrong_password_and_no_credential_are_told_apart() {
    let world = World::start().await;
    let refusing = target(&world, "refusing", "127.0.0.1", free_port(), "x").await;
    let closed = refused(&world, &refusing).await;
    assert_eq!(
        (&closed["code"], &closed["hop"]),
        (&json!("target_unreachable"), &json!("target")),
        "{closed}"
    );
    assert!(closed["message"].as_str().expect("text").contains("connection refused"), "{closed}");
    assert_eq!(status_in_books(&world, &refusing).await.0, "failed");
    let row = world.admin.get(&format!("/api/v1/targets/{refusing}")).await;
    assert_eq!(row["reachable"], json!(false), "the last dial failed to connect");

    let nowhere = target(&world, "nowhere", "no-such-host.invalid", 22, "x").await;
    assert_eq!(refused(&world, &nowhere).await["code"], "target_unreachable");

    let wrong = target(&world, "wrong", "127.0.0.1", world.target.port, "not-the-password").await;
    let closed = refused(&world, &wrong).await;
    assert_eq!(
        (&closed["code"], &closed["hop"]),
        (&json!("credential_rejected"), &json!("target")),
        "{closed}"
    );
    let row = world.admin.get(&format!("/api/v1/targets/{wrong}")).await;
    assert_eq!(row["reachable"], json!(true), "it was reached");

    let bare = world.another_target("bare", "127.0.0.1", world.target.port, None).await;
    let closed = refused(&world, &bare).await;
    assert_eq!((&closed["code"], &closed["hop"]), (&json!("credential_rejected"), &json!("hub")), "{closed}");
    world.stop().await;
}

#[tokio::test]
async fn a_target_that_stalls_in_its_banner_is_given_up_and_hangs_nobody() {
    let world = World::start().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let port = silent.local_addr().expect("bound").port();
    let stalling = target(&world, "stalling", "127.0.0.1", port, "x").await;
    let (closed, ()) = tokio::join!(refused(&world, &stalling), async {
        // Meanwhile others work.
        let mut shell = Shell::open(&world.admin, &world.target_id).await;
        shell.command("echo meanwhile", "meanwhile").await;
        shell.close().await;
    });
    assert_eq!(
        (&closed["code"], &closed["hop"]),
        (&json!("target_unreachable"), &json!("target")),
        "{closed}"
    );
    assert!(closed["message"].as_str().expect("text").contains("handshake"), "{closed}");
    world.stop().await;
}

#[tokio::test]
async fn a_changed_host_key_is_refused_before_the_password_is_sent() {
    let mut world = World::start().await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    shell.command("echo pinned", "pinned").await;
    shell.close().await;
    world.target.stop().await;
    world.target.new_host_key().await;
    world.target.run().await;
    let closed = refused(&world, &world.target_id).await;
    assert_eq!((&closed["code"], &closed["hop"]), (&json!("host_key_changed"), &json!("target")), "{closed}");
    let satellite = std::fs::read_to_string(world.satellite.log()).expect("a log");
    assert!(satellite.contains("host_key_changed"), "the satellite says so too: {satellite}");
    let (status, message) = status_in_books(&world, &world.target_id).await;
    assert_eq!(status, "failed");
    assert!(message.as_str().expect("text").contains("host key"), "{message}");
    let sshd = std::fs::read_to_string(world.target.folder.join("sshd.log")).expect("a log");
    assert_eq!(sshd.matches("Accepted password").count(), 1, "only the first time: {sshd}");
    world.stop().await;
}

#[tokio::test]
async fn a_target_that_is_pointed_at_another_machine_does_not_get_the_password_there() {
    let world = World::start().await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    shell.command("echo pinned", "pinned").await;
    shell.close().await;
    let mut other = Target::start(&world.folder.path().join("other")).await;
    let path = format!("/api/v1/admin/targets/{}", world.target_id);
    let moved = world.admin.request("PATCH", &path, Some(&json!({ "port": other.port }))).await;
    assert!(moved.status().is_success(), "{}", moved.status());
    let closed = refused(&world, &world.target_id).await;
    assert_eq!((&closed["code"], &closed["hop"]), (&json!("host_key_changed"), &json!("target")), "{closed}");
    let sshd = std::fs::read_to_string(other.folder.join("sshd.log")).expect("a log");
    assert!(sshd.contains("[preauth]") && !sshd.contains("password"), "{sshd}");
    other.stop().await;
    world.stop().await;
}
