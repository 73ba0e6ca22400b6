//! Many light satellites lose their hub at once and are all back soon after its restart.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt};
use openpam_link::backoff::Backoff;
use openpam_link::channel::Channel;
use openpam_proto::control::{Pong, ToHub, ToSite};
use serde_json::json;

use crate::light::{self, Light};
use crate::system::api::Api;
use crate::system::{ADMIN, Hub, PASSWORD, eventually, folder};

/// As a satellite without sessions waits.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Joins at the same time.
const JOINERS: usize = 8;

/// Keeps a tunnel for ever and says how many of all have one.
async fn run(light: Light, up: Arc<AtomicUsize>, number: usize) {
    let mut backoff = Backoff::new(FIRST_WAIT, LONGEST_WAIT);
    // Spread evenly, the same in every run.
    let random = (number % 100) as f64 / 100.0;
    loop {
        if let Some(welcomed) = light.connect().await {
            backoff.reset();
            up.fetch_add(1, Ordering::Relaxed);
            answer_pings(welcomed.control).await;
            up.fetch_sub(1, Ordering::Relaxed);
        }
        tokio::time::sleep(backoff.wait(random)).await;
    }
}

async fn answer_pings(mut control: Channel) {
    while let Ok(Some(message)) = control.reader.next_message::<ToSite>().await {
        if let ToSite::Ping(ping) = message
            && control.writer.send(&ToHub::Pong(Pong { t: ping.t })).await.is_err()
        {
            return;
        }
    }
}

async fn comes_back(satellites: usize, within: Duration) {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let folder = folder();
    let mut hub = Hub::start_in(folder.path(), "hub", &light::place()).await;
    let admin = Api::sign_in(&hub.url(), ADMIN, PASSWORD).await;
    let begun = Instant::now();
    let fleet = stream::iter(0..satellites)
        .map(|number| Light::join(&admin, number))
        .buffer_unordered(JOINERS)
        .collect::<Vec<_>>()
        .await;
    let joined = begun.elapsed();
    let up = Arc::new(AtomicUsize::new(0));
    for (number, light) in fleet.into_iter().enumerate() {
        tokio::spawn(run(light, up.clone(), number));
    }
    let all_up = || async { (up.load(Ordering::Relaxed) == satellites).then_some(()) };
    eventually("all satellites are up", all_up).await;

    hub.kill().await;
    hub.run().await;
    let restarted = Instant::now();
    let cpu = || cpu_seconds(hub.pid());
    let before = cpu();
    eventually("all satellites are gone or back", || async {
        (up.load(Ordering::Relaxed) < satellites || restarted.elapsed() > within).then_some(())
    })
    .await;
    eventually("all satellites are back", all_up).await;
    // As the hub sees it.
    eventually("the hub counts all of them", || async {
        let mut online = 0;
        let mut cursor = String::new();
        loop {
            let page = admin.try_get(&format!("/api/v1/admin/satellites?limit=500{cursor}")).await?;
            let rows = page["items"].as_array()?;
            online += rows.iter().filter(|row| row["state"] == json!("online")).count();
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        (online == satellites).then_some(())
    })
    .await;
    let back = restarted.elapsed();
    let after = cpu();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let idle = (cpu() - after) / 10.0;
    eprintln!(
        "{satellites} satellites: joined in {:.1} s, all back {:.1} s after the hub's restart, which cost it {:.1} s \
         of CPU ({:.1} ms each); then it takes {:.0} % of a core for them",
        joined.as_secs_f64(),
        back.as_secs_f64(),
        after - before,
        (after - before) * 1000.0 / satellites as f64,
        idle * 100.0
    );
    assert!(back <= within, "{back:?}");
    hub.stop().await;
}

/// User and system time of a process so far.
fn cpu_seconds(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("runs");
    let fields = stat.rsplit_once(") ").expect("a name").1.split(' ').collect::<Vec<_>>();
    let ticks = |at: usize| fields[at].parse::<f64>().expect("a number");
    (ticks(11) + ticks(12)) / 100.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_satellites_are_back_soon_after_their_hubs_restart() {
    comes_back(30, Duration::from_secs(20)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "soak: a release build, the whole machine"]
async fn a_thousand_satellites_are_back_within_10_s_of_their_hubs_restart() {
    comes_back(1000, Duration::from_secs(10)).await;
}
