//! What is decided at one hub takes effect at the other within a second.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::system::api::Api;
use crate::system::shell::{Progress, Shell};
use crate::system::{free_port, process};
use crate::world::World;

/// The promise.
const WITHIN: Duration = Duration::from_secs(1);

/// How the shell ends, and how long that took since `begun`.
async fn ends(shell: &mut Shell, begun: Instant) -> (Value, Duration) {
    let closed = shell.until_closed().await;
    (closed, begun.elapsed())
}

async fn ok(api: &Api, method: &str, path: &str, body: Option<Value>) {
    let answer = api.request(method, path, body.as_ref()).await;
    let status = answer.status();
    assert!(status.is_success(), "{method} {path}: {status} {}", answer.text().await.unwrap_or_default());
}

#[tokio::test]
async fn what_one_hub_decides_ends_shells_through_the_other() {
    let world = World::start().await;
    let mut took = Vec::new();

    let (_, grant, ann) = world.person("ann").await;
    let mut shell = Shell::open(&ann, &world.target_id).await;
    shell.command("echo here", "here").await;
    let begun = Instant::now();
    ok(&world.at_a, "DELETE", &format!("/api/v1/admin/grants/{grant}"), None).await;
    let (closed, after) = ends(&mut shell, begun).await;
    assert_eq!(closed["code"], "not_granted", "{closed}");
    took.push(("a grant withdrawn", after));

    let (bob_id, _, bob) = world.person("bob").await;
    let mut shell = Shell::open(&bob, &world.target_id).await;
    shell.command("echo here", "here").await;
    let row = world.at_a.get(&format!("/api/v1/admin/users/{bob_id}")).await;
    let begun = Instant::now();
    let change = json!({"enabled": false, "version": row["version"]});
    ok(&world.at_a, "PATCH", &format!("/api/v1/admin/users/{bob_id}"), Some(change)).await;
    let (closed, after) = ends(&mut shell, begun).await;
    assert_eq!(closed["code"], "user_disabled", "{closed}");
    took.push(("a user disabled", after));

    let (_, _, eve) = world.person("eve").await;
    let mut shell = Shell::open(&eve, &world.target_id).await;
    shell.command("echo here", "here").await;
    let begun = Instant::now();
    let elsewhere = Api { url: world.a.url(), ..eve.clone() };
    ok(&elsewhere, "POST", "/api/v1/auth/logout", Some(json!({}))).await;
    let (closed, after) = ends(&mut shell, begun).await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("signed_out"), &json!(false)), "{closed}");
    took.push(("a sign-out", after));

    let mut shell = Shell::open(&world.at_b, &world.target_id).await;
    shell.command("echo here", "here").await;
    let session = shell.progress.session_id.clone().expect("an id");
    let begun = Instant::now();
    ok(&world.at_a, "DELETE", &format!("/api/v1/sessions/{session}"), None).await;
    let (closed, after) = ends(&mut shell, begun).await;
    assert_eq!(closed["code"], "closed_by_user", "{closed}");
    took.push(("a session ended", after));

    let mut shell = Shell::open(&world.at_b, &world.target_id).await;
    shell.command("echo here", "here").await;
    let begun = Instant::now();
    ok(&world.at_a, "POST", &format!("/api/v1/admin/satellites/{}/revoke", world.satellite_id), None).await;
    let (closed, after) = ends(&mut shell, begun).await;
    assert_eq!(closed["code"], "terminated_by_admin", "{closed}");
    took.push(("a satellite revoked", after));
    crate::system::eventually("the revoked satellite has no tunnel to either hub", || async {
        let tunnels = |hub| World::metric(hub, "openpam_tunnels");
        (tunnels(&world.a).await? + tunnels(&world.b).await? == 0.0).then_some(())
    })
    .await;
    for (what, after) in &took {
        eprintln!("{what} at one hub: at the other after {} ms", after.as_millis());
        assert!(*after < WITHIN, "{what}: {after:?}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_session_is_ended_at_a_hub_that_has_no_tunnel_to_its_site() {
    let nobody = free_port();
    let world = World::start_with(Vec::new(), Some(nobody)).await;
    let mut shell = Shell::open(&world.at_b, &world.target_id).await;
    shell.command("echo here", "here").await;
    let session = shell.progress.session_id.clone().expect("an id");
    assert_eq!(World::metric(&world.a, "openpam_tunnels").await, Some(0.0));
    let path = format!("/api/ws/connect/ssh/{}?cols=80&rows=24", world.target_id);
    let refused = Shell::attach(&world.at_a, &path, Progress::default()).await.err().expect("refused");
    assert_eq!(refused["code"], "zone_offline", "{refused}");

    let begun = Instant::now();
    ok(&world.at_a, "DELETE", &format!("/api/v1/sessions/{session}"), None).await;
    let (closed, after) = ends(&mut shell, begun).await;
    assert_eq!(closed["code"], "closed_by_user", "{closed}");
    assert!(after < WITHIN, "{after:?}");
    world.stop().await;
}

#[tokio::test]
async fn what_was_decided_while_a_hub_did_not_listen_is_found_in_the_books() {
    let world = World::start().await;
    let (_, grant, ann) = world.person("ann").await;
    let mut shell = Shell::open(&ann, &world.target_id).await;
    shell.command("echo here", "here").await;
    // It hears nothing, and neither does anybody hear of it.
    process::signal("STOP", world.b.pid()).await;
    ok(&world.at_a, "DELETE", &format!("/api/v1/admin/grants/{grant}"), None).await;
    process::signal("CONT", world.b.pid()).await;
    let (closed, _) = ends(&mut shell, Instant::now()).await;
    assert_eq!(closed["code"], "not_granted", "{closed}");
    world.stop().await;
}
