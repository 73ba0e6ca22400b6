//! Every byte once, both ways, however often the WebSocket drops and whoever dies in between.

use std::fmt::Write;

use aws_lc_rs::digest::{SHA256, digest};

use crate::system::shell::{Progress, Shell};
use crate::system::{World, eventually};

/// What a restarted hub says of the one session there was.
const KEPT: &str = "1 of 1 sessions from before were kept";
const OUTPUT_BYTES: usize = 2 * 1024 * 1024;
const OUTPUT_DROPS: usize = 10;
const INPUT_BYTES: usize = 10 * 1024;
const INPUT_DROPS: usize = 5;

/// Something to do to the system while the client has no WebSocket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    Nothing,
    /// SIGKILL to the hub, and a new one.
    HubRestart,
}

/// Printable text that repeats nowhere.
pub(crate) fn text(bytes: usize) -> Vec<u8> {
    let mut text = String::with_capacity(bytes + 100);
    let mut line = 0u64;
    while text.len() < bytes {
        let noise = digest(&SHA256, &line.to_be_bytes());
        let _ = writeln!(text, "{line:08} {}", data_encoding::BASE64.encode(noise.as_ref()));
        line += 1;
    }
    text.truncate(bytes);
    text.into_bytes()
}

async fn come_back(world: &mut World, progress: Progress, between: Between) -> Shell {
    if between == Between::HubRestart {
        world.hub.kill().await;
        world.hub.run().await;
    }
    Shell::resume_when_possible(&world.admin, &world.target_id, &progress).await
}

async fn output_arrives_once(between: &[Between]) {
    let mut world = World::start().await;
    let sent = text(OUTPUT_BYTES);
    std::fs::write(world.target.home().join("data"), &sent).expect("writes");
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    // Without output processing the terminal changes no byte.
    let begin =
        shell.command("stty -opost -echo; printf 'BE''GIN:'; cat data; printf ':EN''D'", "BEGIN:").await;
    for (drop, between) in between.iter().enumerate() {
        let until = begin + sent.len() * (drop + 1) / (OUTPUT_DROPS + 2);
        while shell.progress.output.len() < until {
            assert!(shell.receive().await);
        }
        let progress = shell.drop_line();
        shell = come_back(&mut world, progress, *between).await;
    }
    let end = shell.until(begin, ":END").await - ":END".len();
    let got = &shell.progress.output[begin..end];
    assert_eq!(got.len(), sent.len());
    assert_eq!(digest(&SHA256, got).as_ref(), digest(&SHA256, &sent).as_ref());
    if between.contains(&Between::HubRestart) {
        let says = || async { std::fs::read_to_string(world.hub.log()).ok()?.contains(KEPT).then_some(()) };
        eventually("the hub says what it kept", says).await;
    }
    shell.close().await;
    world.stop().await;
}

async fn input_arrives_once(between: &[Between]) {
    let mut world = World::start().await;
    let typed = text(INPUT_BYTES);
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    let hasher = format!("stty raw -echo; printf 'RE''ADY'; head -c {INPUT_BYTES} | sha256sum; stty sane");
    shell.command(&hasher, "READY").await;
    let pieces = typed.chunks(97).collect::<Vec<_>>();
    let every = pieces.len() / (between.len() + 1);
    let mut drops = between.iter();
    for (index, piece) in pieces.iter().enumerate() {
        shell.type_bytes(piece).await;
        if index % every == every - 1
            && let Some(between) = drops.next()
        {
            // Nothing is waited for: some of it is acknowledged, some is on its way, some was never sent.
            let progress = shell.drop_line();
            shell = come_back(&mut world, progress, *between).await;
        }
    }
    let hash = data_encoding::HEXLOWER.encode(digest(&SHA256, &typed).as_ref());
    shell.until(0, &hash).await;
    shell.close().await;
    world.stop().await;
}

#[tokio::test]
async fn ten_drops_in_2_mb_of_output_lose_and_double_nothing() {
    output_arrives_once(&[Between::Nothing; OUTPUT_DROPS]).await;
}

#[tokio::test]
async fn ten_drops_in_2_mb_of_output_with_hubs_killed_in_between_lose_and_double_nothing() {
    let mut between = [Between::Nothing; OUTPUT_DROPS];
    for drop in [2, 5, 8] {
        between[drop] = Between::HubRestart;
    }
    output_arrives_once(&between).await;
}

#[tokio::test]
async fn five_drops_in_10_kb_of_typing_lose_and_double_nothing() {
    input_arrives_once(&[Between::Nothing; INPUT_DROPS]).await;
}

#[tokio::test]
async fn five_drops_in_10_kb_of_typing_with_hubs_killed_in_between_lose_and_double_nothing() {
    let mut between = [Between::Nothing; INPUT_DROPS];
    for drop in [1, 3] {
        between[drop] = Between::HubRestart;
    }
    input_arrives_once(&between).await;
}
