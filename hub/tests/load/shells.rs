//! Many shells through one satellite, all typing, some of them flooded: no byte lost or doubled, and one more than the
//! limit is refused without harm to the others.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use serde_json::json;
use tokio::sync::{Barrier, Semaphore};
use tokio::task::JoinSet;

use crate::system::api::Api;
use crate::system::shell::{Progress, Shell};
use crate::system::{Place, World};

/// Keys that every typing shell gets a second.
const KEYS_PER_S: u32 = 10;
/// What a flooded shell prints at once, ten times a second: 1 MB/s.
const PIECE_BYTES: usize = 100_000;
/// Shells that are opened at the same time: sshd is slow to accept.
const OPENERS: usize = 10;

/// How much of everything.
#[derive(Clone, Copy)]
struct Load {
    transport: &'static str,
    shells: usize,
    flooded: usize,
    seconds: u32,
}

async fn run(load: Load) {
    let settings = vec![
        ("OPENPAM_TRANSPORT", load.transport.to_owned()),
        ("OPENPAM_MAX_SESSIONS", load.shells.to_string()),
    ];
    let world = World::start_in(Place { satellite_settings: settings, ..Place::default() }).await;
    let piece = piece();
    std::fs::write(world.target.home().join("piece"), &piece).expect("writes");

    let openers = Arc::new(Semaphore::new(OPENERS));
    // Everybody, and the one who tries to be one too many.
    let (all_open, all_done) =
        (Arc::new(Barrier::new(load.shells + 1)), Arc::new(Barrier::new(load.shells + 1)));
    let mut clients = JoinSet::new();
    let begun = Instant::now();
    for number in 0..load.shells {
        let (api, target) = (world.admin.clone(), world.target_id.clone());
        let (openers, all_open, all_done) = (openers.clone(), all_open.clone(), all_done.clone());
        let piece = piece.clone();
        clients.spawn(async move {
            let permit = openers.acquire().await.expect("never closed");
            let mut shell = Shell::open(&api, &target).await;
            drop(permit);
            all_open.wait().await;
            let slowest = if number < load.flooded {
                floods(&mut shell, &piece, load.seconds).await;
                Duration::ZERO
            } else {
                types(&mut shell, load.seconds).await
            };
            all_done.wait().await;
            shell.close().await;
            slowest
        });
    }
    all_open.wait().await;
    let opened = begun.elapsed();
    one_too_many(&world.admin, &world.target_id).await;
    all_done.wait().await;
    let mut slowest = Vec::new();
    while let Some(client) = clients.join_next().await {
        slowest.push(client.expect("a client without an error"));
    }
    slowest.sort();
    eprintln!(
        "{} shells over {} for {} s: open after {:.1} s; slowest echo of a shell: median {} ms, worst {} ms",
        load.shells,
        load.transport,
        load.seconds,
        opened.as_secs_f64(),
        slowest[slowest.len() / 2].as_millis(),
        slowest[slowest.len() - 1].as_millis(),
    );
    world.stop().await;
}

async fn one_too_many(api: &Api, target: &str) {
    let path = format!("/api/ws/connect/ssh/{target}?cols=80&rows=24");
    let refused = Shell::attach(api, &path, Progress::default()).await.err().expect("refused");
    assert_eq!((&refused["code"], &refused["ended"]), (&json!("session_limit"), &json!(true)), "{refused}");
}

/// Types ten keys a second; the program gets each of them once. The slowest echo.
async fn types(shell: &mut Shell, seconds: u32) -> Duration {
    let keys = KEYS_PER_S * seconds;
    let reader = format!("stty raw echo; printf 'TY''PE:'; head -c {keys} | sha256sum; stty sane");
    let mut at = shell.command(&reader, "TYPE:").await;
    let mut typed = Context::new(&SHA256);
    let mut tick = tokio::time::interval(Duration::from_secs(1) / KEYS_PER_S);
    let mut slowest = Duration::ZERO;
    for number in 0..keys {
        tick.tick().await;
        let key = b'a' + (number % 26) as u8;
        typed.update(&[key]);
        let pressed = Instant::now();
        shell.type_bytes(&[key]).await;
        at = shell.until(at, &char::from(key).to_string()).await;
        slowest = slowest.max(pressed.elapsed());
    }
    shell.until(at, &HEXLOWER.encode(typed.finish().as_ref())).await;
    slowest
}

/// Prints 1 MB/s; every byte arrives once.
async fn floods(shell: &mut Shell, piece: &[u8], seconds: u32) {
    let pieces = seconds as usize * 10;
    let print = format!(
        "stty -opost -echo; printf 'BE''GIN:'; for i in $(seq {pieces}); do cat piece; sleep 0.1; done; printf ':EN''D'"
    );
    let begin = shell.command(&print, "BEGIN:").await;
    let end = begin + pieces * PIECE_BYTES;
    while shell.progress.output.len() < end + ":END".len() {
        assert!(shell.receive().await, "{:?}", shell.closed);
    }
    for (number, got) in shell.progress.output[begin..end].chunks(PIECE_BYTES).enumerate() {
        assert!(got == piece, "piece {number} is another one");
    }
    assert_eq!(&shell.progress.output[end..end + 4], b":END");
}

/// Lines that repeat nowhere in a piece.
fn piece() -> Vec<u8> {
    let mut piece = (0..).flat_map(|line: u32| format!("{line:07} flood\n").into_bytes());
    piece.by_ref().take(PIECE_BYTES).collect()
}

#[tokio::test]
async fn twenty_shells_for_ten_seconds_over_quic_lose_and_double_nothing() {
    run(Load { transport: "quic", shells: 20, flooded: 2, seconds: 10 }).await;
}

#[tokio::test]
async fn twenty_shells_for_ten_seconds_over_tcp_lose_and_double_nothing() {
    run(Load { transport: "tcp", shells: 20, flooded: 2, seconds: 10 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "soak: a release build, the whole machine"]
async fn two_hundred_shells_for_a_minute_over_quic_lose_and_double_nothing() {
    run(Load { transport: "quic", shells: 200, flooded: 10, seconds: 60 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "soak: a release build, the whole machine"]
async fn two_hundred_shells_for_a_minute_over_tcp_lose_and_double_nothing() {
    run(Load { transport: "tcp", shells: 200, flooded: 10, seconds: 60 }).await;
}
