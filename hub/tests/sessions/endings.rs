//! How sessions and attachments end from outside, each within a second and with its own code.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::system::api::Api;
use crate::system::shell::{Progress, Shell};
use crate::system::{PASSWORD, World, id};

/// What the contract allows.
const SOON: Duration = Duration::from_secs(1);

/// A dead line is noticed this soon.
const DEAD_LINE: Duration = Duration::from_secs(10);

struct Bob {
    id: String,
    api: Api,
    grant: String,
}

/// A user with a grant of their own.
async fn bob(world: &World) -> Bob {
    let row =
        world.admin.create("users", json!({"username": "bob", "password": PASSWORD, "role": "user"})).await;
    let grant =
        world.admin.create("grants", json!({"user_id": row["id"], "target_id": world.target_id})).await;
    let api = Api::sign_in(&world.hub.url(), "bob", PASSWORD).await;
    Bob { id: id(&row), api, grant: id(&grant) }
}

/// Does something to a fresh shell of Bob's; the close it ends with, which must come soon.
async fn closed_by<F: Future<Output = ()>>(
    bob: &Bob,
    world: &World,
    act: impl FnOnce(String) -> F,
) -> (Value, Progress) {
    let mut shell = Shell::open(&bob.api, &world.target_id).await;
    shell.command("echo here", "here").await;
    let begun = Instant::now();
    act(shell.progress.session_id.clone().expect("an id")).await;
    let closed = shell.until_closed().await;
    assert!(begun.elapsed() < SOON, "{:?}: {closed}", begun.elapsed());
    (closed, shell.drop_line())
}

async fn done(api: &Api, method: &str, path: &str, body: Option<Value>) {
    let answer = api.request(method, path, body.as_ref()).await;
    assert!(answer.status().is_success(), "{method} {path}: {}", answer.status());
}

/// What an attach to the session says.
async fn attach_says(api: &Api, world: &World, progress: &Progress) -> Value {
    match Shell::resume(api, &world.target_id, progress.clone()).await {
        Ok(shell) => shell.opened.clone(),
        Err(closed) => closed,
    }
}

#[tokio::test]
async fn an_admin_a_lost_grant_and_a_disabled_user_end_the_session() {
    let world = World::start().await;
    let bob = bob(&world).await;
    let (closed, progress) = closed_by(&bob, &world, async |session| {
        done(&world.admin, "DELETE", &format!("/api/v1/sessions/{session}"), None).await;
    })
    .await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("terminated_by_admin"), &json!(true)));
    let again = attach_says(&bob.api, &world, &progress).await;
    assert_eq!((&again["code"], &again["ended"]), (&json!("terminated_by_admin"), &json!(true)));

    let (closed, progress) = closed_by(&bob, &world, async |_| {
        done(&world.admin, "DELETE", &format!("/api/v1/admin/grants/{}", bob.grant), None).await;
    })
    .await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("not_granted"), &json!(true)));
    assert_eq!(attach_says(&bob.api, &world, &progress).await["code"], "not_granted");

    world.admin.create("grants", json!({"user_id": bob.id, "target_id": world.target_id})).await;
    let (closed, _) = closed_by(&bob, &world, async |_| {
        let path = format!("/api/v1/admin/users/{}", bob.id);
        done(&world.admin, "PATCH", &path, Some(json!({"enabled": false}))).await;
    })
    .await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("user_disabled"), &json!(true)));
    world.stop().await;
}

#[tokio::test]
async fn a_credential_and_a_target_that_are_deleted_end_the_session() {
    let world = World::start().await;
    let bob = bob(&world).await;
    let secret = json!({
        "target_id": world.target_id,
        "username": world.target.account,
        "password": world.target.password,
    });
    let (closed, _) = closed_by(&bob, &world, async |_| {
        done(&world.admin, "DELETE", &format!("/api/v1/admin/credentials/{}", world.credential_id), None)
            .await;
    })
    .await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("not_granted"), &json!(true)));

    // The account is free for another credential, which opens the same machine.
    world.admin.create("credentials", secret).await;
    let (closed, progress) = closed_by(&bob, &world, async |_| {
        done(&world.admin, "DELETE", &format!("/api/v1/admin/targets/{}", world.target_id), None).await;
    })
    .await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("not_granted"), &json!(true)));
    let session = progress.session_id.clone().expect("an id");
    let kept = world.admin.get(&format!("/api/v1/sessions/{session}")).await;
    assert_eq!(kept["target_id"], world.target_id);
    assert_eq!(attach_says(&bob.api, &world, &progress).await["code"], "not_granted");
    world.stop().await;
}

#[tokio::test]
async fn all_sessions_of_a_user_and_all_in_a_zone_are_ended_at_once() {
    let world = World::start().await;
    let bob = bob(&world).await;
    let mut other = Shell::open(&world.admin, &world.target_id).await;
    let mut second = Shell::open(&bob.api, &world.target_id).await;
    let mut answer = Value::Null;
    let (closed, _) = closed_by(&bob, &world, async |_| {
        let path = format!("/api/v1/admin/users/{}/end-sessions", bob.id);
        answer = world.admin.request("POST", &path, None).await.json().await.expect("JSON");
    })
    .await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("terminated_by_admin"), &json!(true)));
    assert_eq!(second.until_closed().await["code"], "terminated_by_admin");
    assert_eq!(answer, json!({ "ended": 2, "unreachable": 0 }));
    other.command("echo mine goes on", "mine goes on").await;

    let path = format!("/api/v1/admin/zones/{}/end-sessions", world.zone_id);
    done(&world.admin, "POST", &path, None).await;
    assert_eq!(other.until_closed().await["code"], "terminated_by_admin");
    world.stop().await;
}

#[tokio::test]
async fn signing_out_detaches_and_the_session_waits_for_its_user() {
    let world = World::start().await;
    let bob = bob(&world).await;
    let (closed, progress) =
        closed_by(&bob, &world, async |_| done(&bob.api, "POST", "/api/v1/auth/logout", None).await).await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("signed_out"), &json!(false)));
    let again = Api::sign_in(&world.hub.url(), "bob", PASSWORD).await;
    let mut shell = Shell::resume(&again, &world.target_id, progress).await.expect("resumes");
    shell.command("echo back", "back").await;
    let closed = shell.close().await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("closed_by_user"), &json!(true)));
    world.stop().await;
}

#[tokio::test]
async fn a_satellite_that_dies_ends_its_sessions_and_says_so() {
    let mut world = World::start().await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    shell.command("echo recorded before the crash", "crash").await;
    let session = shell.progress.session_id.clone().expect("an id");
    // The last second of a recording may be lost by a crash: let it pass.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    world.satellite.kill().await;
    let killed = Instant::now();
    let lost = shell.until_notice("link_lost").await;
    assert!(killed.elapsed() < DEAD_LINE, "{:?}", killed.elapsed());
    assert!(lost["held_until"].is_string(), "{lost}");
    let progress = shell.progress.clone();
    let away = attach_says(&world.admin, &world, &progress).await;
    assert_eq!((&away["code"], &away["ended"]), (&json!("zone_offline"), &json!(false)), "{away}");
    world.satellite.run();
    let closed = shell.until_closed().await;
    assert_eq!(
        (&closed["code"], &closed["ended"]),
        (&json!("satellite_restarted"), &json!(true)),
        "{closed}"
    );
    world.until_reachable().await;
    let gone = crate::system::eventually("the books know how it ended", || async {
        let says = attach_says(&world.admin, &world, &progress).await;
        (says["code"] != "session_gone").then_some(says)
    })
    .await;
    assert_eq!((&gone["code"], &gone["ended"]), (&json!("satellite_restarted"), &json!(true)));
    let text = crate::system::eventually("the recording comes up", || async {
        let answer = world.admin.request("GET", &format!("/api/v1/recordings/{session}/text"), None).await;
        let text = answer.text().await.ok()?;
        text.contains("recorded before the crash").then_some(text)
    })
    .await;
    assert!(!text.is_empty());
    world.stop().await;
}

#[tokio::test]
async fn a_satellite_is_back_before_it_could_have_missed_a_killed_hub() {
    let mut world = World::start().await;
    let killed = Instant::now();
    world.hub.kill().await;
    world.hub.run().await;
    world.until_reachable().await;
    // The new process says that it does not know the tunnel; silence alone would be noticed later.
    assert!(killed.elapsed() < openpam_link::quic::IDLE_TIMEOUT, "{:?}", killed.elapsed());
    world.stop().await;
}
