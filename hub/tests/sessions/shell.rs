//! One shell from click to recording.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::system::World;
use crate::system::api::Api;
use crate::system::shell::Shell;
use crate::system::{ADMIN, PASSWORD, eventually};

/// The rows of a list in which `session_id` is this session.
async fn rows_of(api: &Api, path: &str, session: &str) -> Vec<Value> {
    let list = api.get(path).await;
    let rows = list["items"].as_array().expect("items").iter();
    rows.filter(|row| row["session_id"] == session).cloned().collect()
}

#[tokio::test]
async fn a_shell_has_size_term_latency_exit_status_books_and_recording() {
    let world = World::start().await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    let session = shell.progress.session_id.clone().expect("an id");
    assert_eq!(shell.steps, ["policy", "credential", "site", "target"]);
    assert_eq!((&shell.opened["mode"], &shell.opened["output_offset"]), (&json!("own"), &json!(0)));
    assert!(shell.screen.is_none(), "a new session has no screen");
    let row = eventually("the books have it", || async {
        rows_of(&world.admin, "/api/v1/audit", &session).await.into_iter().next()
    })
    .await;
    assert_eq!((&row["session_status"], &row["user"]), (&json!("active"), &json!(ADMIN)), "{row}");

    shell.command("stty size; echo $TERM", "24 80\r\nxterm-256color\r\n").await;
    shell.send_json(json!({"type": "resize", "cols": 100, "rows": 30})).await;
    shell.command("stty size", "30 100\r\n").await;
    shell.send_json(json!({"type": "ping", "t": 7.5})).await;
    while shell.pongs.is_empty() {
        assert!(shell.receive().await);
    }
    assert_eq!(shell.pongs[0]["t"], 7.5);
    assert!(
        shell.pongs[0]["hub_ms"].is_number() && shell.pongs[0]["site_ms"].is_number(),
        "{:?}",
        shell.pongs
    );

    shell.command("printf 'caf\\303\\251 \\033[31mred\\033[0m\\n'", "red\x1b[0m\r\n").await;
    shell.type_bytes(b"exit 3\n").await;
    let closed = shell.until_closed().await;
    let ended = Instant::now();
    assert_eq!((&closed["code"], &closed["hop"]), (&json!("exited"), &json!("target")), "{closed}");
    assert_eq!((&closed["ended"], &closed["exit_status"]), (&json!(true), &json!(3)));

    let row = eventually("the books close it", || async {
        let row = rows_of(&world.admin, "/api/v1/audit", &session).await.into_iter().next()?;
        (row["session_status"] == "completed").then_some(row)
    })
    .await;
    assert!(ended.elapsed() < Duration::from_secs(1), "{:?}", ended.elapsed());
    assert!(row["bytes_sent"].as_i64() > Some(0) && row["bytes_received"].as_i64() > Some(0), "{row}");
    let text = eventually("the recording is complete", || async {
        let text = recorded_text(&world.admin, &session).await?;
        text.contains("exit 3").then_some(text)
    })
    .await;
    assert!(ended.elapsed() < Duration::from_secs(2), "{:?}", ended.elapsed());
    assert!(text.contains("café red") && !text.contains('\x1b'), "{text:?}");
    let cast = world.admin.text(&format!("/api/v1/recordings/{session}/cast")).await;
    let printed: String = cast
        .lines()
        .skip(1)
        .filter_map(|line| serde_json::from_str::<(f64, String, String)>(line).ok())
        .filter(|(_, kind, _)| kind == "o")
        .map(|(_, _, data)| data)
        .collect();
    assert_eq!(printed, String::from_utf8_lossy(&shell.progress.output));
    assert!(cast.contains("\"r\",\"100x30\""), "the resize is in it");
    world.stop().await;
}

async fn recorded_text(api: &Api, session: &str) -> Option<String> {
    let answer = api.request("GET", &format!("/api/v1/recordings/{session}/text"), None).await;
    if !answer.status().is_success() {
        return None;
    }
    answer.text().await.ok()
}

#[tokio::test]
async fn a_key_opens_a_shell_as_a_password_does() {
    let world = World::start().await;
    let key = world.target.authorized_key().await;
    let credential = json!({"username": world.target.account, "private_key": key});
    let target = world.another_target("by-key", "127.0.0.1", world.target.port, Some(credential)).await;
    let mut shell = Shell::open(&world.admin, &target).await;
    shell.command("whoami", &world.target.account).await;
    // The server's own log tells which method let us in.
    let log = std::fs::read_to_string(world.target.folder.join("sshd.log")).expect("a log");
    assert!(log.contains("Accepted publickey"), "{log}");
    shell.close().await;
    world.stop().await;
}

#[tokio::test]
async fn a_session_that_ends_while_the_hub_is_away_is_closed_in_the_books_afterwards() {
    let mut world = World::start().await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    let session = shell.progress.session_id.clone().expect("an id");
    shell.command("echo before; (sleep 1; kill -HUP $$) & disown", "before").await;
    world.hub.kill().await;
    let log = world.satellite.log();
    eventually("the satellite sees the end", || async {
        std::fs::read_to_string(&log)
            .ok()
            .filter(|log| log.lines().any(|line| line.contains("session ended") && line.contains(&session)))
    })
    .await;
    world.hub.run().await;
    world.until_reachable().await;
    let admin = Api::sign_in(&world.hub.url(), ADMIN, PASSWORD).await;
    let row = eventually("the books close it", || async {
        let row = rows_of(&admin, "/api/v1/audit", &session).await.into_iter().next()?;
        (row["session_status"] != "active").then_some(row)
    })
    .await;
    assert!(!row["end_time"].is_null(), "{row}");
    let text = eventually("the recording comes up", || async { recorded_text(&admin, &session).await }).await;
    assert!(text.contains("before"));
    world.stop().await;
}

#[tokio::test]
async fn the_list_shows_what_happens_in_a_session_and_what_it_came_to() {
    let world = World::start().await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    shell.command("head -c 100000 /dev/zero | tr '\\0' x; echo; echo do''ne", "done").await;
    let path = format!("/api/v1/sessions/{}", shell.progress.session_id.clone().expect("an id"));
    let typed = shell.progress.input.len() as u64;
    let live = eventually("its site told", async || {
        let row = world.admin.get(&path).await;
        (row["bytes_received"].as_u64() >= Some(100_000)).then_some(row)
    })
    .await;
    assert_eq!((&live["bytes_sent"], &live["transport"]), (&json!(typed), &json!("quic")), "{live}");
    let since: jiff::Timestamp = live["last_input_at"].as_str().expect("a time").parse().expect("a time");
    assert!((jiff::Timestamp::now() - since).total(jiff::Unit::Second).expect("a length") < 30.0, "{live}");
    shell.close().await;
    let ended = eventually("the end in the books", async || {
        let row = world.admin.get(&path).await;
        (!row["end_time"].is_null()).then_some(row)
    })
    .await;
    assert_eq!(ended["bytes_sent"], json!(typed));
    assert!(ended["bytes_received"].as_u64() >= Some(100_000), "{ended}");
    assert_eq!((&ended["transport"], &ended["last_input_at"]), (&json!(null), &json!(null)));
    world.stop().await;
}
