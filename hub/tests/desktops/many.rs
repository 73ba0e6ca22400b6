//! Desktops side by side through one satellite, each with a picture that moves.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::Value;

use crate::browser::Browser;
use crate::sessions::{Plant, file, types, until_terminal};
use crate::system::desktop::xrdp::Xrdp;

/// What a process holds in memory, in MiB.
fn resident_mib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
}

/// Every desktop shows lines that run, all that time; then each still takes keys.
async fn side_by_side(count: usize, time: Duration) {
    let plant = Plant::start().await;
    let memory = || (resident_mib(plant.world.hub.pid()), resident_mib(plant.world.satellite.pid()));
    let empty = memory();
    let mut desktops = Vec::new();
    for _ in 0..count {
        desktops.push(Xrdp::start(plant.folder.path()).await);
    }
    let mut browsers = Vec::new();
    for desktop in &desktops {
        let target_id =
            plant.target("rdp", desktop.port, &desktop.account, &desktop.password, Value::Null).await;
        let mut browser = Browser::open(&plant.world.admin, "rdp", &target_id).await;
        until_terminal(&mut browser, desktop.screen()).await;
        browser.type_line("while [ ! -e stop ]; do date; sleep 0.1; done").await;
        browsers.push(browser);
    }
    let begun = Instant::now();
    let frames = |browser: &Browser| browser.counts.get("sync").copied().unwrap_or_default();
    let before = browsers.iter().map(frames).sum::<usize>();
    let watched = browsers.iter_mut().map(|browser| browser.read_during(tokio::time::sleep(time)));
    join_all(watched).await;
    let (full, seconds) = (memory(), begun.elapsed().as_secs_f64());
    let shown = browsers.iter().map(frames).sum::<usize>() - before;
    eprintln!(
        "{count} desktops for {seconds:.0} s: {:.1} frames a second each; hub {} to {} MiB, satellite {} to {} MiB",
        shown as f64 / seconds / count as f64,
        empty.0,
        full.0,
        empty.1,
        full.1,
    );
    assert!(shown as f64 >= seconds * count as f64, "each moved: {shown} frames");
    for (browser, desktop) in browsers.iter_mut().zip(&desktops) {
        std::fs::write(file(desktop, "stop"), "").expect("writes");
        browser.read_during(tokio::time::sleep(Duration::from_millis(500))).await;
        types(browser, &file(desktop, "typed")).await;
    }
    for browser in browsers {
        assert_eq!(browser.close().await["code"], "closed_by_user");
    }
    plant.stop().await;
}

#[tokio::test]
async fn three_desktops_stand_side_by_side() {
    side_by_side(3, Duration::from_secs(3)).await;
}

#[tokio::test]
#[ignore = "soak: twenty desktops for a minute"]
async fn twenty_desktops_stand_side_by_side_for_a_minute() {
    side_by_side(20, Duration::from_secs(60)).await;
}
