//! The hub's PostgreSQL stops answering, or dies: shells that stand go on, new ones are told, and the books are whole
//! afterwards.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::json;

use crate::ask;
use crate::system::process::signal;
use crate::system::shell::Shell;
use crate::system::{World, eventually};

const AWAY: Duration = Duration::from_secs(20);
/// No key waits longer for its echo while the books are away.
const ECHO: Duration = Duration::from_secs(1);
/// What the books say of a time may differ by this from what we saw.
const ABOUT: Duration = Duration::from_secs(2);

/// The processes of the PostgreSQL on this cluster, the first of them first: it can then start no other.
fn postgres(cluster: &Path) -> Vec<u32> {
    let note = std::fs::read_to_string(cluster.join("postmaster.pid")).expect("PostgreSQL runs");
    let first: u32 = note.lines().next().and_then(|pid| pid.parse().ok()).expect("a pid");
    let entries = std::fs::read_dir("/proc").expect("/proc").flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let here = |pid: &u32| std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == cluster);
    std::iter::once(first).chain(pids.filter(|pid| *pid != first).filter(here)).collect()
}

async fn tell(name: &str, pids: &[u32]) {
    for pid in pids {
        // A backend may have ended by itself.
        if Path::new(&format!("/proc/{pid}")).exists() {
            signal(name, *pid).await;
        }
    }
}

/// Types a key every now and then, each after the echo of the one before; the longest wait for one.
async fn type_for(shell: &mut Shell, how_long: Duration) -> Duration {
    let begun = Instant::now();
    let mut longest = Duration::ZERO;
    for key in (b'a'..=b'z').cycle() {
        if begun.elapsed() >= how_long {
            break;
        }
        let pressed = Instant::now();
        let from = shell.progress.output.len();
        shell.type_bytes(&[key]).await;
        shell.until(from, &char::from(key).to_string()).await;
        longest = longest.max(pressed.elapsed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    longest
}

#[tokio::test]
async fn while_the_books_do_not_answer_shells_go_on_and_afterwards_every_end_has_its_time() {
    let world = World::start().await;
    let cluster = world.hub.data().join("postgres/cluster").canonicalize().expect("a cluster");
    let mut typing = Shell::open(&world.admin, &world.target_id).await;
    let mut leaving = Shell::open(&world.admin, &world.target_id).await;
    for shell in [&mut typing, &mut leaving] {
        shell.command("echo be''fore", "before").await;
    }
    let left = leaving.progress.session_id.clone().expect("an id");
    typing.command("cat >/dev/null & sta''ty() { :; }; echo rea''dy; cat", "ready").await;

    let stopped = postgres(&cluster);
    tell("STOP", &stopped).await;
    let told = async {
        let begun = Instant::now();
        let refused = ask::open(&world, &world.target_id).await.err();
        (refused, begun.elapsed())
    };
    let leave = async {
        tokio::time::sleep(AWAY / 4).await;
        leaving.type_bytes(b"exit\n").await;
        let closed = leaving.until_closed().await;
        (closed, Timestamp::now())
    };
    let (longest, (refused, refused_after), (closed, ended_at)) =
        tokio::join!(type_for(&mut typing, AWAY), told, leave);
    tell("CONT", &stopped).await;
    eprintln!("the longest echo took {longest:?}; a new shell was told after {refused_after:?}: {refused:?}");
    assert!(longest < ECHO, "{longest:?}");
    assert_eq!(closed["code"], json!("exited"), "{closed}");
    let refused = refused.expect("no new shell without the books");
    assert_eq!((&refused["code"], &refused["hop"]), (&json!("internal"), &json!("hub")), "{refused}");
    assert!(refused["message"].as_str().expect("text").contains("database"), "{refused}");

    let row = ask::until_closed_in_books(&world, &left).await;
    let in_books: Timestamp = row["end_time"].as_str().expect("a time").parse().expect("RFC 3339");
    let off = in_books.duration_since(ended_at).unsigned_abs();
    eprintln!("the books have its end {off:?} off");
    assert!(off < ABOUT, "{in_books} in the books, {ended_at} seen");
    assert_eq!((&row["session_status"], &row["end_code"]), (&json!("completed"), &json!("exited")), "{row}");
    assert!(row["bytes_received"].as_u64() > Some(0) && row["bytes_sent"].as_u64() > Some(0), "{row}");
    eventually("a shell opens again", || async { ask::open(&world, &world.target_id).await.ok() })
        .await
        .close()
        .await;

    // Killed, it is started again, and the shell still goes on.
    for _ in 0..2 {
        tell("KILL", &postgres(&cluster)[..1]).await;
        assert!(type_for(&mut typing, Duration::from_secs(2)).await < ECHO);
        eventually("a shell opens again", || async { ask::open(&world, &world.target_id).await.ok() })
            .await
            .close()
            .await;
    }
    let typed = typing.progress.session_id.clone().expect("an id");
    assert_eq!(typing.close().await["code"], json!("closed_by_user"));
    let row = ask::until_closed_in_books(&world, &typed).await;
    assert_eq!(row["session_status"], json!("completed"), "{row}");
    for session in [left, typed] {
        let path = format!("/api/v1/recordings/{session}/text");
        eventually("the recording is there", || async {
            let answer = world.admin.request("GET", &path, None).await;
            answer.text().await.ok().filter(|text| text.contains("before"))
        })
        .await;
    }
    world.stop().await;
}
