//! Attaching: what is refused before and after the upgrade, offsets that can't be, taking over.

use futures::SinkExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::system::api::Api;
use crate::system::shell::{Progress, Shell, connect};
use crate::system::{PASSWORD, World, id};

fn path(target: &str, rest: &str) -> String {
    format!("/api/ws/connect/ssh/{target}?cols=80&rows=24{rest}")
}

/// Attaches to a session; what it is closed with instead.
async fn refused(api: &Api, target: &str, rest: &str) -> Value {
    match Shell::attach(api, &path(target, rest), Progress::default()).await {
        Ok(shell) => panic!("attached: {}", shell.opened),
        Err(closed) => closed,
    }
}

/// The session goes on, untouched by what happened beside it.
async fn still_lives(world: &World, progress: &Progress) -> Shell {
    let mut shell = Shell::resume(&world.admin, &world.target_id, progress.clone()).await.expect("resumes");
    shell.command("echo still $((40 + 2))", "still 42").await;
    shell
}

#[tokio::test]
async fn before_the_upgrade_only_shape_sign_in_and_origin_are_judged() {
    let world = World::start().await;
    let status = async |api: &Api, path: &str| connect(api, path).await.map(|_| ()).expect_err("refused");
    let good = path(&world.target_id, "");
    let nobody = Api { cookie: "none=1".to_owned(), ..world.admin.clone() };
    assert_eq!(status(&nobody, &good).await, 401);
    for bad in [
        path("no-uuid", ""),
        format!("/api/ws/connect/ssh/{}?cols=0&rows=24", world.target_id),
        format!("/api/ws/connect/ssh/{}?cols=80&rows=5000", world.target_id),
        path(&world.target_id, "&offset=5"),
        path(&world.target_id, "&session=nonsense"),
        format!("/api/ws/connect/telnet/{}", world.target_id),
    ] {
        assert_eq!(status(&world.admin, &bad).await, 400, "{bad}");
    }
    let plain = world.admin.request("GET", &good, None).await;
    assert_eq!(plain.status().as_u16(), 426);
    let elsewhere = Api { origin: Some("http://evil.example".to_owned()), ..world.admin.clone() };
    assert_eq!(status(&elsewhere, &good).await, 403);
    // Everything else is said on the WebSocket, also that there is no such target.
    let unknown = refused(&world.admin, "00000000-0000-7000-8000-000000000000", "").await;
    assert_eq!((&unknown["code"], &unknown["ended"]), (&json!("not_granted"), &json!(true)));
    world.stop().await;
}

#[tokio::test]
async fn an_offset_beyond_the_end_or_before_the_ring_is_said_and_never_invented() {
    let world = World::start().await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    shell.command("echo one", "one").await;
    let session = shell.progress.session_id.clone().expect("an id");
    let beyond =
        refused(&world.admin, &world.target_id, &format!("&session={session}&offset=99999999")).await;
    assert_eq!((&beyond["code"], &beyond["ended"]), (&json!("bad_offset"), &json!(false)));
    // That attach was refused before it took over.
    shell.command("echo two", "two").await;

    let from = shell.progress.output.len();
    shell.command("seq 1 400000; echo do''ne", "done").await;
    shell.acknowledge().await;
    shell.until(from, "ready$ ").await;
    let whole = shell.drop_line().output;
    let rest = format!("&session={session}&offset=5");
    let mut late = Shell::attach(&world.admin, &path(&world.target_id, &rest), Progress::default())
        .await
        .expect("attaches");
    let tail = late.opened["output_offset"].as_u64().expect("an offset");
    assert!(tail > 5, "{}", late.opened);
    late.keeps = false;
    late.type_bytes(b"").await;
    while late.screen.is_none() {
        assert!(late.receive().await);
    }
    let gap = &late.notices[0];
    assert_eq!((&gap["code"], &gap["from"], &gap["to"]), (&json!("output_gap"), &json!(5), &json!(tail)));
    late.keeps = true;
    while late.offset() < whole.len() as u64 {
        assert!(late.receive().await);
    }
    assert_eq!(late.progress.output, whole[tail as usize..], "what follows the gap is exact");
    late.close().await;
    world.stop().await;
}

#[tokio::test]
async fn only_the_sessions_own_user_on_its_own_target_attaches() {
    let world = World::start().await;
    let shell = Shell::open(&world.admin, &world.target_id).await;
    let progress = shell.drop_line();
    let session = progress.session_id.clone().expect("an id");
    let bob =
        world.admin.create("users", json!({"username": "bob", "password": PASSWORD, "role": "user"})).await;
    world.admin.create("grants", json!({"user_id": bob["id"], "zone_id": world.zone_id})).await;
    let bob = Api::sign_in(&world.hub.url(), "bob", PASSWORD).await;
    let rest = format!("&session={session}");
    let stolen = refused(&bob, &world.target_id, &rest).await;
    assert_eq!((&stolen["code"], &stolen["ended"]), (&json!("not_granted"), &json!(true)));

    let row = json!({"zone_id": world.zone_id, "name": "other", "hostname": "127.0.0.1", "protocol": "ssh", "port": 9});
    let other = id(&world.admin.create("targets", row).await);
    assert_eq!(refused(&world.admin, &other, &rest).await["code"], "not_granted");
    let never = format!("&session={}", uuid::Uuid::now_v7());
    assert_eq!(refused(&world.admin, &world.target_id, &never).await["code"], "not_granted");
    still_lives(&world, &progress).await.close().await;
    world.stop().await;
}

#[tokio::test]
async fn a_second_attach_takes_over_and_tells_the_first() {
    let world = World::start().await;
    let mut first = Shell::open(&world.admin, &world.target_id).await;
    first.command("echo from-the-first", "from-the-first").await;
    let session = first.progress.session_id.clone().expect("an id");
    let rest = format!("&session={session}");
    let mut second = Shell::attach(&world.admin, &path(&world.target_id, &rest), Progress::default())
        .await
        .expect("attaches");
    let closed = first.until_closed().await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("taken_over"), &json!(false)));
    assert!(closed["message"].as_str().is_some_and(|message| message.contains("from 127.0.0.1")), "{closed}");
    second.until(0, "from-the-first").await;
    assert!(second.screen.is_some(), "who has nothing gets a screen");
    second.close().await;
    world.stop().await;
}

#[tokio::test]
async fn malformed_frames_close_their_own_websocket_and_nothing_else() {
    let world = World::start().await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    shell.command("echo begin", "begin").await;
    let mut progress = shell.progress.clone();
    let oversized = [&[0; 8][..], &[b'x'; 65_537][..]].concat();
    let gap = [&1_000_000u64.to_be_bytes()[..], b"x"].concat();
    let end_of_time = [&u64::MAX.to_be_bytes()[..], b"xy"].concat();
    let bad = [
        Message::Binary(vec![1, 2, 3].into()),
        Message::Binary(vec![0; 8].into()),
        Message::Binary(oversized.into()),
        Message::Binary(gap.into()),
        Message::Binary(end_of_time.into()),
        Message::Text("{not json".into()),
        Message::Text("[]".into()),
        Message::Text(r#"{"type":"resize","cols":0,"rows":24}"#.into()),
        Message::Text(r#"{"type":"ack","output_offset":99999999}"#.into()),
        Message::Text("x".repeat(300_000).into()),
    ];
    for message in bad {
        let what = format!("{message:?}").chars().take(60).collect::<String>();
        let mut shell = Shell::resume(&world.admin, &world.target_id, progress).await.expect("resumes");
        shell.ws.send(message).await.expect("sends");
        let closed = shell.until_closed().await;
        // A message past the WebSocket's own limit drops the connection without a word.
        assert!(closed.is_null() || closed["code"] == "bad_offset", "{what}: {closed}");
        assert_ne!(closed["ended"], json!(true), "{what}");
        progress = shell.drop_line();
    }
    still_lives(&world, &progress).await.close().await;
    world.stop().await;
}
