//! Flow control: a client that stops reading costs a window and a ring, and no byte.

use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use openpam_proto::limits::{OUTPUT_WINDOW_BYTES, RING_KEEP_BYTES};

use crate::system::World;
use crate::system::shell::Shell;

const MEGABYTE: usize = 1_000_000;

/// Anonymous resident memory of a process, in bytes.
fn anonymous(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("runs");
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("a line");
    1024 * line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number")
}

fn together(world: &World) -> usize {
    anonymous(world.hub.pid()) + anonymous(world.satellite.pid())
}

#[tokio::test]
async fn a_client_that_stops_reading_for_8_s_inside_200_mb_loses_nothing_and_costs_a_window_and_a_ring() {
    let world = World::start().await;
    let line = "The quick brown fox jumps over the lazy dog; 0123456789 is printed again and again.\n";
    let block = line.repeat(200 * MEGABYTE / line.len());
    std::fs::write(world.target.home().join("data"), &block).expect("writes");
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    let begin =
        shell.command("stty -opost -echo; printf 'BE''GIN:'; cat data; printf ':EN''D'", "BEGIN:").await;
    while shell.progress.output.len() < 40 * MEGABYTE {
        assert!(shell.receive().await);
    }
    let running = together(&world);
    let stopped = Instant::now();
    let mut most = 0;
    while stopped.elapsed() < Duration::from_secs(8) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        most = most.max(together(&world));
    }
    let grown = most.saturating_sub(running);
    println!(
        "hub and satellite: {running} bytes in the flood, at most {grown} more while the client does not read"
    );
    let window_and_ring = OUTPUT_WINDOW_BYTES as usize * 2 + RING_KEEP_BYTES;
    assert!(grown <= window_and_ring, "{grown} bytes grown");

    let end = shell.until(begin + block.len() - MEGABYTE, ":END").await - ":END".len();
    let got = &shell.progress.output[begin..end];
    assert_eq!(got.len(), block.len());
    assert_eq!(digest(&SHA256, got).as_ref(), digest(&SHA256, block.as_bytes()).as_ref());
    shell.close().await;
    world.stop().await;
}

/// Prints numbered lines as fast as they are taken, until a key comes.
const FLOOD: &str = r#"(stty raw -echo -opost; sh -c 'printf BE; printf GIN:; exec seq 10000000 99999999' & head -c 1 >/dev/null; kill $!; wait; stty sane; printf ':EN''D')"#;
/// What a session may have on the disk, plus what ring, queues and the ways in between hold.
const SPILL_BYTES: usize = 64 * 1024 * 1024;
const AROUND_BYTES: usize = 2 * 1024 * 1024;
/// How much memory a detached flood may cost satellite and hub.
const FLOOD_MEMORY_BYTES: usize = 8 * 1024 * 1024;

/// A flood that nobody is attached to for so long.
async fn flood_detached(time: Duration) {
    let world = World::start().await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    let begin = shell.command(FLOOD, "BEGIN:").await;
    let before = together(&world);
    let progress = shell.drop_line();
    let left = Instant::now();
    let (mut most, mut most_hub) = (0, 0);
    while left.elapsed() < time {
        tokio::time::sleep(Duration::from_millis(100)).await;
        most = most.max(together(&world));
        most_hub = most_hub.max(anonymous(world.hub.pid()));
    }
    let grown = most.saturating_sub(before);
    eprintln!(
        "{time:?} of a flood that nobody is attached to: {before} bytes of hub and satellite before, at most {grown} more, {most_hub} of the hub"
    );
    assert!(grown <= FLOOD_MEMORY_BYTES, "{grown} bytes grown");

    let mut shell = Shell::resume(&world.admin, &world.target_id, progress).await.expect("the session waits");
    let waited = shell.opened["output_end"].as_u64().expect("an offset") as usize - begin;
    eprintln!("{waited} bytes waited");
    assert!((SPILL_BYTES..SPILL_BYTES + AROUND_BYTES).contains(&waited), "{waited} bytes waited");
    while shell.progress.output.len() < begin + waited {
        assert!(shell.receive().await);
    }
    shell.type_bytes(b"x").await;
    let end = shell.until(begin + waited, ":END").await - ":END".len();
    // `seq` was ended wherever it was; what it printed is consecutive up to there.
    let text = std::str::from_utf8(&shell.progress.output[begin..end]).expect("digits");
    let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    let mut count = 0;
    for (expected, line) in (10_000_000u64..).zip(lines) {
        assert_eq!(line.trim_end().parse(), Ok(expected), "line {count}");
        count += 1;
    }
    eprintln!("{count} lines, all there, after {:?}", left.elapsed());
    assert!(count * 9 >= waited - 9);
    shell.close().await;
    world.stop().await;
}

#[tokio::test]
async fn a_flood_that_nobody_is_attached_to_for_30_s_costs_no_memory_and_loses_nothing_and_then_waits() {
    flood_detached(Duration::from_secs(30)).await;
}

#[tokio::test]
#[ignore = "soak: ten minutes"]
async fn a_flood_that_nobody_is_attached_to_for_10_min_costs_no_memory_and_loses_nothing_and_then_waits() {
    flood_detached(Duration::from_secs(600)).await;
}

#[tokio::test]
async fn after_a_burst_and_silence_the_last_byte_is_there_without_a_further_key() {
    let world = World::start().await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    for round in 0..20 {
        let burst = 20_000 + round * 7_919;
        let command = format!("printf 'x%.0s' {{1..{burst}}}; sleep 0.2; printf '<EN''D{round}>\n'");
        let end = shell.command(&command, &format!("<END{round}>")).await;
        shell.until(end, "ready$ ").await;
    }
    shell.close().await;
    world.stop().await;
}

#[tokio::test]
async fn a_browser_that_answers_no_ping_is_detached_and_its_session_goes_on() {
    let world = World::start().await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    shell.command("echo here", "here").await;
    let session = shell.progress.session_id.clone().expect("an id");
    let path = format!("/api/v1/sessions/{session}");
    assert_eq!(world.admin.get(&path).await["attached"], true);
    // Nothing reads the WebSocket any more, so nothing answers.
    crate::system::eventually("it is detached", || async {
        (world.admin.get(&path).await["attached"] == false).then_some(())
    })
    .await;
    assert_eq!(world.admin.get(&path).await["session_status"], "active");
    let mut shell =
        Shell::resume(&world.admin, &world.target_id, shell.drop_line()).await.expect("the session waits");
    shell.command("echo back", "back").await;
    shell.close().await;
    world.stop().await;
}
