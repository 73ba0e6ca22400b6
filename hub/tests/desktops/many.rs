//! Desktops side by side through one satellite, each with a picture that moves.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::browser::Browser;
use crate::sessions::{Plant, file, types, until_terminal};
use crate::system::desktop::xrdp::Xrdp;

/// What a process holds in memory, in MiB.
fn resident_mib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
}

/// Reads on until it is wanted back: whoever does not is let go.
fn keep(mut browser: Browser, wanted: CancellationToken) -> JoinHandle<Browser> {
    tokio::spawn(async move {
        browser.read_during(wanted.cancelled()).await;
        browser
    })
}

/// Every desktop shows lines that run, all that time; then each still takes keys.
async fn side_by_side(count: usize, time: Duration) {
    let plant = Plant::start().await;
    let memory = || (resident_mib(plant.world.hub.pid()), resident_mib(plant.world.satellite.pid()));
    let empty = memory();
    let (mut desktops, mut targets) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let desktop = Xrdp::start(plant.folder.path()).await;
        let (account, password) = (&desktop.account, &desktop.password);
        targets.push(plant.target("rdp", desktop.port, account, password, Value::Null).await);
        desktops.push(desktop);
    }
    let (wanted, mut kept) = (CancellationToken::new(), Vec::new());
    for (desktop, target_id) in desktops.iter().zip(&targets) {
        let mut browser = Browser::open(&plant.world.admin, "rdp", target_id).await;
        until_terminal(&mut browser, desktop.screen()).await;
        browser.type_line("while [ ! -e stop ]; do date; sleep 0.1; done").await;
        kept.push(keep(browser, wanted.clone()));
    }
    wanted.cancel();
    let mut browsers: Vec<_> = join_all(kept).await.into_iter().map(|kept| kept.expect("was kept")).collect();
    let (begun, first) = (Instant::now(), memory());
    let before: Vec<_> = browsers.iter().map(frames).collect();
    let watched = browsers.iter_mut().map(|browser| browser.read_during(tokio::time::sleep(time / 2)));
    join_all(watched).await;
    let half = memory();
    let watched = browsers.iter_mut().map(|browser| browser.read_during(tokio::time::sleep(time / 2)));
    join_all(watched).await;
    let (last, seconds) = (memory(), begun.elapsed().as_secs_f64());
    let shown = browsers.iter().zip(before).map(|(browser, before)| frames(browser) - before);
    let shown: Vec<_> = shown.map(|shown| shown as f64 / seconds).collect();
    let slowest = shown.iter().copied().fold(f64::INFINITY, f64::min);
    eprintln!(
        "{count} desktops for {seconds:.0} s: {:.1} frames a second each, {slowest:.1} the slowest; MiB before them, at \
         begin, half and end: hub {} {} {} {}, satellite {} {} {} {}; for each hub {:.1}, satellite {:.1}",
        shown.iter().sum::<f64>() / count as f64,
        empty.0,
        first.0,
        half.0,
        last.0,
        empty.1,
        first.1,
        half.1,
        last.1,
        (last.0 as f64 - empty.0 as f64) / count as f64,
        (last.1 as f64 - empty.1 as f64) / count as f64,
    );
    assert!(slowest >= 1.0, "each moved: {shown:?}");
    let may_grow = count as u64 / 2 + 4;
    assert!(last.0 <= half.0 + may_grow && last.1 <= half.1 + may_grow, "memory is bounded");
    let used = browsers.into_iter().zip(&desktops).map(async |(mut browser, desktop)| {
        std::fs::write(file(desktop, "stop"), "").expect("writes");
        browser.read_during(tokio::time::sleep(Duration::from_millis(500))).await;
        types(&mut browser, &file(desktop, "typed")).await;
        assert_eq!(browser.close().await["code"], "closed_by_user");
    });
    join_all(used).await;
    plant.stop().await;
}

fn frames(browser: &Browser) -> usize {
    browser.counts.get("sync").copied().unwrap_or_default()
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
