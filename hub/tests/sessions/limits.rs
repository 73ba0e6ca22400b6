//! What a grant's terms do: the longest session, the idle limit, both with warnings and without the hub, and the text
//! that a user agrees to.

use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::system::api::Api;
use crate::system::shell::{Progress, Shell, connect};
use crate::system::{PASSWORD, World, eventually, id};

/// Limits of the tests: the last warning comes a minute before the end, so it comes after ten seconds.
const LIMIT: Duration = Duration::from_secs(70);
/// Enforced within so much of the limit.
pub(crate) const SOON: Duration = Duration::from_secs(1);
/// A client that only listens asks for a sign of life so often.
const ASK: Duration = Duration::from_secs(20);

pub(crate) struct Bob {
    pub(crate) api: Api,
    pub(crate) grant: String,
}

/// A user with a grant on these terms.
pub(crate) async fn bob(world: &World, terms: Value) -> Bob {
    let row =
        world.admin.create("users", json!({"username": "bob", "password": PASSWORD, "role": "user"})).await;
    let mut grant = json!({"user_id": row["id"], "target_id": world.target_id});
    grant.as_object_mut().expect("an object").extend(terms.as_object().expect("an object").clone());
    let grant = id(&world.admin.create("grants", grant).await);
    Bob { api: Api::sign_in(&world.hub.url(), "bob", PASSWORD).await, grant }
}

/// Listens until the WebSocket is over; the close.
pub(crate) async fn listen(shell: &mut Shell) -> Value {
    let mut asked = Instant::now();
    while shell.closed.is_none() {
        if asked.elapsed() > ASK {
            shell.send_json(json!({"type": "ping", "t": 1})).await;
            asked = Instant::now();
        }
        let rest = ASK.saturating_sub(asked.elapsed()) + Duration::from_millis(10);
        if tokio::time::timeout(rest, shell.receive()).await == Ok(false) {
            break;
        }
    }
    shell.closed.clone().unwrap_or(Value::Null)
}

fn assert_about(elapsed: Duration, expected: Duration) {
    // The client hears of the begin a moment after it.
    let early = Duration::from_millis(100);
    assert!(elapsed + early >= expected && elapsed < expected + SOON, "{elapsed:?} instead of {expected:?}");
}

#[tokio::test]
async fn the_longest_session_is_warned_of_and_ends_also_one_that_prints_and_is_typed_into() {
    let world = World::start().await;
    let bob = bob(&world, json!({"max_session_seconds": LIMIT.as_secs()})).await;
    let mut shell = Shell::open(&bob.api, &world.target_id).await;
    let begun = Instant::now();
    let notice = shell.until_notice("ends_soon").await;
    assert_about(begun.elapsed(), LIMIT - Duration::from_secs(60));
    assert_eq!((&notice["end_code"], &notice["left_s"]), (&json!("longest_session"), &json!(60)));
    // Whoever comes to the session is told what is left.
    let progress = shell.drop_line();
    let mut shell = Shell::resume(&bob.api, &world.target_id, progress).await.expect("attached");
    assert!(
        shell.until_notice("ends_soon").await["left_s"].as_u64().is_some_and(|left| left > 50 && left <= 60)
    );
    shell.keeps = false;
    shell.type_bytes(b"while :; do echo flood; done\n").await;
    let closed = listen(&mut shell).await;
    assert_about(begun.elapsed(), LIMIT);
    assert_eq!(
        (&closed["code"], &closed["ended"], &closed["hop"]),
        (&json!("longest_session"), &json!(true), &json!("site"))
    );
    assert_eq!(closed["message"], "the session lasted 70 seconds, the longest that your grant allows");
    world.stop().await;
}

#[tokio::test]
async fn a_session_into_which_nothing_is_typed_ends_and_what_is_typed_puts_that_off() {
    let world = World::start().await;
    let bob = bob(&world, json!({"idle_seconds": LIMIT.as_secs()})).await;
    let mut shell = Shell::open(&bob.api, &world.target_id).await;
    let notice = shell.until_notice("ends_soon").await;
    assert_eq!((&notice["end_code"], &notice["left_s"]), (&json!("idle_limit"), &json!(60)));
    shell.notices.clear();
    shell.command("echo on", "on").await;
    let typed = Instant::now();
    // What the target prints by itself is not typed.
    shell.command("while sleep 1; do echo tick; done", "tick").await;
    let typed_again = Instant::now();
    let _ = shell.until_notice("ends_soon").await;
    assert!(
        typed.elapsed() > LIMIT - Duration::from_secs(61),
        "the warning comes anew: {:?}",
        typed.elapsed()
    );
    let closed = listen(&mut shell).await;
    assert!(typed_again.elapsed() < LIMIT + SOON && typed.elapsed() > LIMIT, "{:?}", typed_again.elapsed());
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("idle_limit"), &json!(true)));
    world.stop().await;
}

#[tokio::test]
async fn without_the_hub_the_site_ends_it_on_time_and_the_books_say_so_later() {
    let mut world = World::start().await;
    let bob = bob(&world, json!({"max_session_seconds": LIMIT.as_secs(), "idle_seconds": 600})).await;
    let mut shell = Shell::open(&bob.api, &world.target_id).await;
    let begun = Instant::now();
    let session = shell.progress.session_id.clone().expect("an id");
    shell
        .command("touch limit-begun; while sleep 0.2; do touch limit-runs; done & echo running", "running")
        .await;
    world.hub.kill().await;
    tokio::time::sleep((LIMIT + Duration::from_secs(3)).saturating_sub(begun.elapsed())).await;
    world.hub.run().await;
    let row = eventually("the end in the books", async || {
        let row = world.admin.get(&format!("/api/v1/sessions/{session}")).await;
        (!row["end_time"].is_null()).then_some(row)
    })
    .await;
    assert_eq!(row["end_code"], "longest_session");
    let time = |field: &str| {
        let text = row[field].as_str().expect("a time");
        text.parse::<Timestamp>().expect("a time").as_millisecond()
    };
    let lasted =
        Duration::from_millis(u64::try_from(time("end_time") - time("start_time")).expect("in order"));
    // The books count from when it was asked for, which is before the target was reached.
    assert!(lasted >= LIMIT && lasted < LIMIT + SOON * 3, "{lasted:?}");
    let again = Shell::resume(
        &bob.api,
        &world.target_id,
        Progress { session_id: Some(session), ..Progress::default() },
    )
    .await;
    assert_eq!(again.err().map(|closed| closed["code"].clone()), Some(json!("longest_session")));
    world.stop().await;
}

const TEXT: &str = "You are recorded.\nWork on line 4 needs a permit.";

#[tokio::test]
async fn a_session_opens_only_once_its_user_agreed_to_the_text_and_that_is_booked() {
    let world = World::start().await;
    let bob = bob(&world, json!({"consent": TEXT})).await;
    let path = format!("/api/ws/connect/ssh/{}?cols=80&rows=24", world.target_id);
    let mut ws = connect(&bob.api, &path).await.expect("a WebSocket");
    let question = next(&mut ws).await;
    assert_eq!((&question["code"], &question["message"]), (&json!("consent"), &json!(TEXT)));
    // Nothing opens meanwhile, whatever else is said.
    ws.send(Message::Text(r#"{"type":"resize","cols":90,"rows":20}"#.into())).await.expect("sent");
    assert!(tokio::time::timeout(Duration::from_secs(1), ws.next()).await.is_err());
    assert_eq!(world.admin.get("/api/v1/sessions").await["items"], json!([]));
    // The text changed while they read: they are asked again.
    let change = json!({"consent": "Another text."});
    let changed =
        world.admin.request("PATCH", &format!("/api/v1/admin/grants/{}", bob.grant), Some(&change)).await;
    assert!(changed.status().is_success());
    ws.send(Message::Text(r#"{"type":"agree"}"#.into())).await.expect("sent");
    assert_eq!(next(&mut ws).await["message"], "Another text.");
    ws.send(Message::Text(r#"{"type":"agree"}"#.into())).await.expect("sent");
    let session = loop {
        let said = next(&mut ws).await;
        if said["type"] == "opened" {
            break said["session_id"].as_str().expect("an id").to_owned();
        }
    };
    let events =
        world.admin.get(&format!("/api/v1/audit/events?session_id={session}&kind=session.consented")).await;
    assert_eq!(
        events["items"][0]["detail"],
        json!({"grant_id": bob.grant, "text": "Another text."}),
        "{events}"
    );
    drop(ws);
    // To come back to it asks for nothing.
    let progress = Progress { session_id: Some(session), ..Progress::default() };
    let shell = Shell::resume(&bob.api, &world.target_id, progress).await.expect("attached");
    shell.close().await;

    // Who loses the grant while they read gets nothing.
    let mut ws = connect(&bob.api, &path).await.expect("a WebSocket");
    assert_eq!(next(&mut ws).await["code"], "consent");
    world.admin.request("DELETE", &format!("/api/v1/admin/grants/{}", bob.grant), None).await;
    ws.send(Message::Text(r#"{"type":"agree"}"#.into())).await.expect("sent");
    let closed = next(&mut ws).await;
    assert_eq!(
        (&closed["type"], &closed["code"], &closed["ended"]),
        (&json!("closed"), &json!("not_granted"), &json!(true))
    );
    world.stop().await;
}

type Socket = crate::system::shell::WebSocket;

/// The next text message.
async fn next(ws: &mut Socket) -> Value {
    loop {
        let message = tokio::time::timeout(crate::system::PATIENCE, ws.next()).await.expect("in time");
        if let Message::Text(text) = message.expect("more").expect("sound") {
            return serde_json::from_str(&text).expect("JSON");
        }
    }
}
