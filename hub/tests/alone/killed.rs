//! A satellite that is killed at random moments while shells print, also some time after its disk was filled: what was booked
//! and recorded is there, once.
//!
//! The seed is printed; `OPENPAM_SOAK_SEED` gives it again.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use crate::person::session;
use crate::small_disk::{SmallDisk, move_to};
use crate::system::random::Random;
use crate::system::shell::Shell;
use crate::system::{World, eventually};
use crate::told::status;

const SHELLS: usize = 4;
/// A crash loses at most the last second of a recording, and what the disk takes to write it on a busy machine.
const LOST: Duration = Duration::from_secs(2);

fn seed() -> u64 {
    let given = std::env::var("OPENPAM_SOAK_SEED").ok().and_then(|text| text.parse().ok());
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    given.unwrap_or(now.as_secs())
}

/// A shell that counts, and what of it was seen when.
struct Counting {
    session: String,
    shell: Shell,
    /// The newest number, and when it was read.
    seen: Vec<(Instant, u64)>,
}

impl Counting {
    async fn start(world: &World) -> Self {
        let mut shell = Shell::open(&world.admin, &world.target_id).await;
        let session = session(&shell);
        shell.type_bytes(b"i=0; while :; do i=$((i+1)); echo n$i.; sleep 0.01; done\n").await;
        Self { session, shell, seen: Vec::new() }
    }

    async fn read_for(&mut self, time: Duration) {
        let until = Instant::now() + time;
        loop {
            let rest = until.saturating_duration_since(Instant::now());
            if rest.is_zero() || !tokio::time::timeout(rest, self.shell.receive()).await.unwrap_or(true) {
                return;
            }
            let text = String::from_utf8_lossy(&self.shell.progress.output);
            if let Some(number) = newest(&text) {
                self.seen.push((Instant::now(), number));
            }
        }
    }
}

/// The newest whole number in what a shell printed.
fn newest(text: &str) -> Option<u64> {
    let (before, _) = text.rsplit_once('.')?;
    before.rsplit_once('n')?.1.parse().ok()
}

async fn dies(times: usize, on_small_disk: bool) {
    let seed = seed();
    eprintln!("seed {seed}");
    let mut random = Random::new(seed);
    let mut world = World::start().await;
    let disk = on_small_disk.then(|| SmallDisk::mount(world.folder.path().join("small")));
    if let Some(disk) = &disk {
        move_to(&mut world, disk.folder()).await;
    }
    let mut all = Vec::new();
    for _ in 0..times {
        let mut shells = Vec::new();
        for _ in 0..SHELLS {
            shells.push(Counting::start(&world).await);
        }
        let time = Duration::from_millis(500 + random.below(2500));
        futures::future::join_all(shells.iter_mut().map(|shell| shell.read_for(time))).await;
        let mut died = Instant::now();
        if let Some(disk) = &disk {
            disk.fill();
            let time = Duration::from_millis(random.below(2000));
            futures::future::join_all(shells.iter_mut().map(|shell| shell.read_for(time))).await;
            world.satellite.kill().await;
            disk.make_room();
        } else {
            world.satellite.kill().await;
            died = Instant::now();
        }
        world.satellite.run();
        until_up(&world).await;
        all.extend(shells.into_iter().map(|shell| {
            let seen = shell.seen.into_iter().filter(|(at, _)| *at < died);
            (shell.session, seen.map(|(at, number)| (died - at, number)).collect::<Vec<_>>())
        }));
    }
    let (mut numbers, mut lost) = (0, Duration::ZERO);
    for (session, seen) in &all {
        let sure = seen.iter().rev().find(|(before, _)| *before > LOST).map_or(0, |(_, number)| *number);
        let row = eventually("the end in the books", async || {
            let row = world.admin.get(&format!("/api/v1/sessions/{session}")).await;
            (!row["end_time"].is_null()).then_some(row)
        })
        .await;
        let code = row["end_code"].as_str().expect("a code");
        assert!(code == "satellite_restarted" || disk.is_some() && code == "disk_full", "{row}");
        let path = format!("/api/v1/recordings/{session}/text");
        let recorded = eventually("the recording has what was seen before its last second", async || {
            let text = world.admin.request("GET", &path, None).await.text().await.ok()?;
            // Nothing may have been sealed yet of one that was killed at once.
            (newest(&text).unwrap_or_default() >= sure).then_some(text)
        })
        .await;
        let printed: Vec<u64> = recorded
            .lines()
            .filter_map(|line| line.trim().strip_prefix('n')?.strip_suffix('.')?.parse().ok())
            .collect();
        let count = printed.len() as u64;
        assert_eq!(printed, (1..=count).collect::<Vec<_>>(), "each once and in order");
        numbers += count;
        let gone =
            seen.iter().find(|(_, number)| *number > count).map_or(Duration::ZERO, |(before, _)| *before);
        lost = lost.max(gone);
    }
    let told = events(&world).await;
    for (session, _) in &all {
        let of = |kind: &str| told.get(&(session.clone(), kind.to_owned())).copied().unwrap_or_default();
        assert_eq!((of("session.opened"), of("session.ended")), (1, 1), "{session}");
    }
    eprintln!(
        "seed {seed}: killed {times} times: {} sessions, {numbers} lines recorded, each once; \
         of what was seen at most the last {lost:?} is lost",
        all.len()
    );
    // Verifies every chain and every recording.
    let folder = world.stop().await;
    drop(disk);
    folder.close().expect("removed");
}

/// The new process has a tunnel: the hub may not even have noticed that the former one was gone.
async fn until_up(world: &World) {
    eventually("the site is back", async || {
        let line = status(&world.satellite).await["line"].clone();
        (line["up"] == true).then_some(())
    })
    .await;
    world.until_reachable().await;
}

/// How often each kind of event of each session is in the books.
async fn events(world: &World) -> HashMap<(String, String), usize> {
    let mut told = HashMap::new();
    let mut cursor = String::new();
    loop {
        let page = world.admin.get(&format!("/api/v1/audit/events?limit=500{cursor}")).await;
        for event in page["items"].as_array().expect("items") {
            if let (Some(session), Some(kind)) = (event["session_id"].as_str(), event["kind"].as_str()) {
                *told.entry((session.to_owned(), kind.to_owned())).or_default() += 1;
            }
        }
        match &page["next"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            other => {
                assert_eq!(other, &json!(null));
                return told;
            }
        }
    }
}

#[tokio::test]
async fn killed_five_times_a_site_has_everything_that_was_acknowledged_once() {
    dies(5, false).await;
}

#[tokio::test]
async fn killed_twice_after_its_disk_was_full_a_site_has_everything_that_was_acknowledged_once() {
    dies(2, true).await;
}

#[tokio::test]
#[ignore = "soak: some minutes"]
async fn killed_fifty_times_a_site_has_everything_that_was_acknowledged_once() {
    dies(50, false).await;
}

#[tokio::test]
#[ignore = "soak: some minutes"]
async fn killed_fifty_times_after_its_disk_was_full_a_site_has_everything_that_was_acknowledged_once() {
    dies(50, true).await;
}
