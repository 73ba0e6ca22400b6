//! Watching: who may, what they see, that they change nothing, and that nobody waits for them.

use std::time::{Duration, Instant};

use openpam_hub::postgres;
use openpam_proto::event::Event;
use openpam_proto::message::Message;
use serde_json::{Value, json};
use sqlx::ConnectOptions;

use crate::system::api::Api;
use crate::system::shell::{Progress, Shell};
use crate::system::{PASSWORD, World, eventually, id};

/// What the contract allows.
const SOON: Duration = Duration::from_secs(1);
/// So many may watch one session.
const WATCHERS: usize = 4;

/// A user with a grant, who opens a shell; an auditor and an admin to watch it.
struct Plant {
    world: World,
    mara: Api,
    audra: Api,
    audra_id: String,
}

impl Plant {
    async fn start() -> Self {
        let world = World::start().await;
        let (mara, mara_id) = person(&world, "mara", "user").await;
        world.admin.create("grants", json!({"user_id": mara_id, "target_id": world.target_id})).await;
        let (audra, audra_id) = person(&world, "audra", "auditor").await;
        Self { world, mara, audra, audra_id }
    }

    async fn open(&self) -> (Shell, String) {
        let mut shell = Shell::open(&self.mara, &self.world.target_id).await;
        shell.command("echo begin", "begin\r\n").await;
        let session = shell.progress.session_id.clone().expect("an id");
        (shell, session)
    }

    async fn watch(&self, api: &Api, session: &str, rest: &str) -> Result<Shell, Value> {
        let path =
            format!("/api/ws/connect/ssh/{}?cols=132&rows=43&session={session}{rest}", self.world.target_id);
        Shell::attach(api, &path, Progress::default()).await
    }
}

async fn person(world: &World, name: &str, role: &str) -> (Api, String) {
    let row =
        world.admin.create("users", json!({"username": name, "password": PASSWORD, "role": role})).await;
    (Api::sign_in(&world.hub.url(), name, PASSWORD).await, id(&row))
}

/// What a watcher has seen of the session: the screen it began with, and everything since.
fn seen(watcher: &Shell) -> String {
    let screen = watcher.screen.as_ref().and_then(|screen| screen["data"].as_str()).unwrap_or_default();
    format!("{screen}{}", String::from_utf8_lossy(&watcher.progress.output))
}

async fn until_seen(watcher: &mut Shell, text: &str) {
    while !seen(watcher).contains(text) {
        assert!(watcher.receive().await, "closed before {text:?}: {:?}", watcher.closed);
    }
}

#[tokio::test]
async fn an_auditor_and_an_admin_see_what_happens_and_the_user_is_told_by_whom() {
    let plant = Plant::start().await;
    let (mut shell, session) = plant.open().await;
    let mut audra = plant.watch(&plant.audra, &session, "").await.expect("watches");
    assert_eq!(audra.opened["mode"], "watch");
    assert_eq!((&audra.opened["cols"], &audra.opened["rows"]), (&json!(80), &json!(24)), "the user's size");
    until_seen(&mut audra, "begin").await;
    let told = shell.until_notice("watched").await;
    assert_eq!((&told["by"], &told["watchers"]), (&json!("audra"), &json!(["audra"])));

    let mut admin = plant.watch(&plant.world.admin, &session, "").await.expect("watches");
    while shell.notices.len() < 2 {
        assert!(shell.receive().await);
    }
    assert_eq!(shell.notices[1]["watchers"], json!(["audra", "admin"]));
    shell.command("echo for both", "for both\r\n").await;
    until_seen(&mut audra, "for both").await;
    until_seen(&mut admin, "for both").await;
    shell.send_json(json!({"type": "resize", "cols": 101, "rows": 31})).await;
    while admin.resized.is_none() {
        assert!(admin.receive().await);
    }
    assert_eq!(admin.resized, Some((101, 31)));

    // Whoever comes back to the session is told who watches; then one of them goes.
    let progress = shell.drop_line();
    let mut shell = Shell::resume(&plant.mara, &plant.world.target_id, progress).await.expect("resumes");
    assert_eq!(shell.until_notice("watched").await["watchers"], json!(["audra", "admin"]));
    drop(audra.drop_line());
    let told = shell.until_notice("unwatched").await;
    assert_eq!((&told["by"], &told["watchers"]), (&json!("audra"), &json!(["admin"])));
    let path = format!("/api/v1/sessions/{session}");
    assert_eq!(plant.world.admin.get(&path).await["attached"], true);
    drop(shell.drop_line());
    eventually("a watcher is nobody who is on the session", || async {
        (plant.world.admin.get(&path).await["attached"] == false).then_some(())
    })
    .await;
    drop(admin.drop_line());
    who_watched_is_in_the_books(&plant).await;
    plant.world.stop().await;
}

async fn who_watched_is_in_the_books(plant: &Plant) {
    let ways = postgres::of_running_hub(&plant.world.hub.data()).await.expect("the books answer");
    eventually("the events of both are in the chain", || async {
        let mut db = ways.verifier.connect().await.ok()?;
        let bodies: Vec<Vec<u8>> =
            sqlx::query_scalar("SELECT body FROM audit_events WHERE kind = 'session.watched' ORDER BY seq")
                .fetch_all(&mut db)
                .await
                .ok()?;
        let Event::Watched(first) = Event::from_bytes(bodies.first()?).expect("an event") else {
            panic!("another kind");
        };
        assert_eq!(first.watcher_id.to_string(), plant.audra_id);
        assert_eq!(first.client_ip.as_deref(), Some("127.0.0.1"));
        let gone: i64 =
            sqlx::query_scalar("SELECT count(*) FROM audit_events WHERE kind = 'session.unwatched'")
                .fetch_one(&mut db)
                .await
                .ok()?;
        ((bodies.len(), gone) == (2, 2)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn who_watches_cannot_type_resize_or_close() {
    let plant = Plant::start().await;
    let (mut shell, session) = plant.open().await;
    let mut audra = plant.watch(&plant.audra, &session, "").await.expect("watches");
    let offset = audra.opened["input_offset"].as_u64().expect("an offset") as usize;
    audra.progress.input.resize(offset, 0);
    audra.type_bytes(b"touch typed-by-a-watcher\n").await;
    assert_eq!(audra.until_notice("watch_only").await["code"], "watch_only");
    for message in [json!({"type": "resize", "cols": 40, "rows": 10}), json!({"type": "close"})] {
        let before = audra.notices.len();
        audra.send_json(message).await;
        while audra.notices.len() == before {
            assert!(audra.receive().await, "it goes on watching: {:?}", audra.closed);
        }
        assert_eq!(audra.notices[before]["code"], "watch_only");
    }
    shell.command("stty size", "24 80\r\n").await;
    shell.command("ls typed-by-a-watcher; echo looked", "looked\r\n").await;
    until_seen(&mut audra, "looked\r\n").await;
    assert!(!plant.world.target.home().join("typed-by-a-watcher").exists());
    let end = plant.audra.request("DELETE", &format!("/api/v1/sessions/{session}"), None).await;
    assert_eq!(end.status().as_u16(), 403, "an auditor ends nothing");
    plant.world.stop().await;
}

#[tokio::test]
async fn nobody_else_watches_and_an_own_session_is_not_watched() {
    let plant = Plant::start().await;
    let (shell, session) = plant.open().await;
    let (bob, bob_id) = person(&plant.world, "bob", "user").await;
    plant.world.admin.create("grants", json!({"user_id": bob_id, "target_id": plant.world.target_id})).await;
    let refused = plant.watch(&bob, &session, "").await.err().expect("refused");
    assert_eq!(refused["code"], "not_granted");
    // Beyond the end, and on another target.
    let beyond = plant.watch(&plant.audra, &session, "&offset=99999999").await.err().expect("refused");
    assert_eq!((&beyond["code"], &beyond["ended"]), (&json!("bad_offset"), &json!(false)));
    let row = json!({"zone_id": plant.world.zone_id, "name": "other", "hostname": "127.0.0.1", "protocol": "ssh", "port": 9});
    let other = id(&plant.world.admin.create("targets", row).await);
    let path = format!("/api/ws/connect/ssh/{other}?cols=80&rows=24&session={session}");
    let elsewhere = Shell::attach(&plant.audra, &path, Progress::default()).await.err().expect("refused");
    assert_eq!(elsewhere["code"], "not_granted");
    let own = plant.watch(&plant.mara, &session, "").await.expect("takes over");
    assert_eq!(own.opened["mode"], "own");
    drop(shell);
    plant.world.stop().await;
}

#[tokio::test]
async fn watchers_hear_the_end_and_one_who_lost_the_right_is_out_within_a_second() {
    let plant = Plant::start().await;
    let (mut shell, session) = plant.open().await;
    let mut audra = plant.watch(&plant.audra, &session, "").await.expect("watches");
    let path = format!("/api/v1/admin/users/{}", plant.audra_id);
    let disabled = Instant::now();
    let answer = plant.world.admin.request("PATCH", &path, Some(&json!({"enabled": false}))).await;
    assert!(answer.status().is_success(), "{}", answer.status());
    let closed = audra.until_closed().await;
    assert!(disabled.elapsed() < SOON, "{:?}: {closed}", disabled.elapsed());
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("user_disabled"), &json!(false)));

    let mut admin = plant.watch(&plant.world.admin, &session, "").await.expect("watches");
    shell.type_bytes(b"seq 100000; exit 7\n").await;
    let (closed, owners) = tokio::join!(admin.until_closed(), shell.until_closed());
    assert_eq!(
        (&closed["code"], &closed["ended"], &closed["exit_status"]),
        (&json!("exited"), &json!(true), &json!(7))
    );
    assert!(seen(&admin).contains("100000\r\n"), "after the last byte");
    assert_eq!(owners["code"], "exited");

    let (mut shell, session) = plant.open().await;
    let mut admin = plant.watch(&plant.world.admin, &session, "").await.expect("watches");
    let ended = plant.world.admin.request("DELETE", &format!("/api/v1/sessions/{session}"), None).await;
    assert_eq!(ended.status().as_u16(), 204);
    for each in [&mut shell, &mut admin] {
        let closed = each.until_closed().await;
        assert_eq!((&closed["code"], &closed["ended"]), (&json!("terminated_by_admin"), &json!(true)));
    }
    plant.world.stop().await;
}

#[tokio::test]
async fn who_loses_a_right_by_a_file_that_is_applied_beside_the_hub_is_out_within_15_s() {
    let plant = Plant::start().await;
    let (mut shell, session) = plant.open().await;
    let mut audra = plant.watch(&plant.audra, &session, "").await.expect("watches");
    let file = plant.world.hub.data().with_file_name("hub.yaml");
    let path = file.to_str().expect("text");
    let (status, said) = plant.world.hub.run_command(&["export", path]).await;
    assert!(status.success(), "{said}");
    let text = std::fs::read_to_string(&file).expect("exported");
    let demoted = text.replace("username: audra\n  role: auditor", "username: audra\n  role: user");
    let (head, _) = demoted.split_once("\ngrants:\n").expect("grants");
    let withdrawn = format!("{head}\ngrants: []\n");
    for (text, shown, shell, ended) in [
        (&demoted, "~ user audra: role auditor -> user\n", &mut audra, false),
        (&withdrawn, "- grant to user mara on target ", &mut shell, true),
    ] {
        std::fs::write(&file, text).expect("writes");
        let (status, said) = plant.world.hub.run_command(&["apply", path, "--yes", "--prune"]).await;
        assert!(status.success() && said.contains(shown), "{said}");
        let closed = tokio::time::timeout(Duration::from_secs(20), shell.until_closed()).await;
        let closed = closed.expect("within 15 s");
        assert_eq!((&closed["code"], &closed["ended"]), (&json!("not_granted"), &json!(ended)));
    }
    let (clean, said) = plant.world.verify().await;
    assert!(clean, "{said}");
    plant.world.stop().await;
}

#[tokio::test]
async fn a_watcher_that_falls_behind_gets_a_new_screen_and_one_that_never_reads_hurts_nobody() {
    let plant = Plant::start().await;
    let (mut shell, session) = plant.open().await;
    let mut slow = plant.watch(&plant.audra, &session, "").await.expect("watches");
    slow.acknowledges = false;
    let deaf = plant.watch(&plant.world.admin, &session, "").await.expect("watches");
    let begun = Instant::now();
    shell.command("seq 1000000 3000000; echo FLOOD''ED", "FLOODED").await;
    eprintln!("16 MB to the owner in {:?} while one watcher is slow and one never reads", begun.elapsed());
    // The slow one takes what it was sent, at last.
    let closed = async {
        loop {
            slow.acknowledge().await;
            let text = seen(&slow);
            if text.contains("FLOODED") {
                return text;
            }
            assert!(slow.receive().await, "{:?}", slow.closed);
        }
    };
    closed.await;
    let gaps = slow.notices.iter().filter(|notice| notice["code"] == "output_gap");
    let left_out: u64 =
        gaps.map(|gap| gap["to"].as_u64().unwrap_or(0) - gap["from"].as_u64().unwrap_or(0)).sum();
    eprintln!("the slow one was spared {left_out} bytes");
    assert!(left_out > 1_000_000, "{:?}", slow.notices);
    let screen = slow.screen.as_ref().expect("a screen")["data"].as_str().expect("text").to_owned();
    let lines = screen.split(['\u{1b}', 'H']).filter_map(|text| text.parse::<u32>().ok());
    let on_screen = lines.filter(|line| (1_000_000..=3_000_000).contains(line)).count();
    assert!(on_screen >= 10, "a screen full of the flood: {screen:?}");
    shell.command("echo still here", "still here\r\n").await;
    drop(deaf);
    plant.world.stop().await;
}

#[tokio::test]
async fn watchers_have_places_of_their_own() {
    let plant = Plant::start().await;
    let (shell, session) = plant.open().await;
    let mut watching = Vec::new();
    for _ in 0..WATCHERS {
        watching.push(plant.watch(&plant.audra, &session, "").await.expect("watches"));
    }
    let refused = plant.watch(&plant.world.admin, &session, "").await.err().expect("one too many");
    assert_eq!((&refused["code"], &refused["ended"]), (&json!("session_limit"), &json!(false)));
    let progress = shell.drop_line();
    let mut shell =
        Shell::resume(&plant.mara, &plant.world.target_id, progress).await.expect("the user always can");
    shell.command("echo here", "here\r\n").await;
    plant.world.stop().await;
}
