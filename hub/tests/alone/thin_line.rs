//! A large policy on its way to a site over a thin line that is lost again and again; then one person of ten thousand changes.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::line::{ETHERNET_BYTES, Line, Manners};
use crate::person::patch;
use crate::site::Site;
use crate::system::zone::{Zone, add_target};
use crate::system::{Place, World, eventually_within, id};
use crate::told::status;

/// What one person's change may cost a site, compressed.
const MOST_BYTES_OF_A_CHANGE: u64 = 4096;

/// Runs SQL in the hub's own PostgreSQL.
async fn sql(world: &World, text: &str) {
    let socket = world.hub.data().join("postgres/socket");
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "psql", "-U", "postgres"]);
        command
    } else {
        Command::new("psql")
    };
    command.args(["-q", "-v", "ON_ERROR_STOP=1", "-d", "openpam", "-h"]).arg(socket).current_dir("/");
    let mut running = command.stdin(Stdio::piped()).kill_on_drop(true).spawn().expect("psql runs");
    let mut input = running.stdin.take().expect("piped");
    input.write_all(text.as_bytes()).await.expect("reads");
    drop(input);
    assert!(running.wait().await.expect("ends").success());
}

/// So many people with made-up names, in a group that may open everything in that zone.
async fn people(world: &World, count: usize, zone: &str) {
    let group = id(&world.admin.create("groups", json!({"name": "everybody"})).await);
    world.admin.create("grants", json!({"group_id": group, "zone_id": zone})).await;
    let text = format!(
        "BEGIN;
         CREATE TEMPORARY TABLE made ON COMMIT DROP AS
             SELECT gen_random_uuid() AS id, 'person.' || substr(md5(random()::text), 1, 12) || n AS name
               FROM generate_series(1, {count}) n;
         INSERT INTO users (id, entra_id, email, username) SELECT id, name, name || '@example.com', name FROM made;
         INSERT INTO group_members (group_id, user_id) SELECT '{group}', id FROM made;
         COMMIT;"
    );
    sql(world, &text).await;
}

/// How many bytes of policies came, by the satellite's log, from the `skip`th fetch on; and how often one went on.
fn fetched(log: &str, skip: usize) -> (Vec<u64>, usize) {
    let number = |line: &str, name: &str| {
        let (_, rest) = line.split_once(&format!(" {name}="))?;
        rest.split(' ').next()?.parse::<u64>().ok()
    };
    let lines = log.lines().filter(|line| line.contains("a policy came"));
    let bytes = lines.skip(skip).filter_map(|line| number(line, "bytes")).collect();
    (bytes, log.matches("the policy goes on from where it was cut off").count())
}

async fn arrives(count: usize, at_least_bytes: u64, losses: usize, patience: Duration) {
    let mut site = Site::start(Line::lay(ETHERNET_BYTES).await, &[]).await;
    let place = Place::default();
    let state = site.world.folder.path().join("other");
    let mut other = Zone::start(&site.world.admin, "plant-8", state, &place).await;
    add_target(&site.world.admin, &other.id, "press-9", ("127.0.0.1", 9), None).await;
    eventually_within(Duration::from_secs(30), "the other site has its policy", async || {
        status(&other.satellite).await["policy"]["version"].as_u64()
    })
    .await;

    site.line.set(|manners| {
        *manners = Manners { rate_kbit_s: Some(64), delay: Duration::from_millis(30), ..Manners::default() };
    });
    let log = site.world.satellite.log();
    let read = || std::fs::read_to_string(&log).expect("a log");
    let before = fetched(&read(), 0).0.len();
    people(&site.world, count, &site.world.zone_id).await;
    let begun = Instant::now();
    let share = Duration::from_millis(at_least_bytes / 8) / u32::try_from(losses + 1).expect("few");
    for loss in 0..losses {
        tokio::time::sleep(share).await;
        // The line is dead for a while and the hub or the site comes back as another process.
        site.line.set(|manners| manners.down = true);
        tokio::time::sleep(Duration::from_secs(2)).await;
        site.line.set(|manners| manners.down = false);
        if loss % 2 == 0 {
            site.world.hub.kill().await;
            site.world.hub.run().await;
        } else {
            site.world.satellite.kill().await;
            site.world.satellite.run();
        }
    }
    let (bytes, went_on) = eventually_within(patience, "the policy is at the site", async || {
        let (bytes, went_on) = fetched(&read(), before);
        (bytes.iter().sum::<u64>() >= at_least_bytes).then_some((bytes, went_on))
    })
    .await;
    let took = begun.elapsed();
    assert!(went_on >= losses.min(1), "it went on {went_on} times after {losses} losses");
    let total: u64 = bytes.iter().sum();
    eprintln!(
        "{count} people: {total} bytes over 64 kbit/s in {took:?}; the line was lost {losses} times, it went on {went_on} times"
    );

    // One of them is disabled: the site concerned hears little of it, the other one nothing.
    site.line.set(|manners| *manners = Manners::default());
    site.world.until_reachable().await;
    let users = site.world.admin.get("/api/v1/admin/users?limit=100").await;
    let made = |row: &&Value| row["username"].as_str().is_some_and(|name| name.starts_with("person."));
    let member = id(users["items"].as_array().expect("items").iter().find(made).expect("one of them"));
    let (here, there) = (fetched(&read(), 0).0.len(), status(&other.satellite).await["policy"].clone());
    patch(&site.world, &format!("users/{member}"), json!({"enabled": false})).await;
    let bytes = eventually_within(Duration::from_secs(30), "the change is at the site", async || {
        fetched(&read(), here).0.first().copied()
    })
    .await;
    assert!(bytes <= MOST_BYTES_OF_A_CHANGE, "{bytes}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(status(&other.satellite).await["policy"], there, "nothing of it concerns the other site");
    eprintln!("one person of {count}: {bytes} bytes to the site, none to the other");
    other.satellite.stop().await;
    site.stop().await;
}

#[tokio::test]
async fn a_policy_of_200_kb_arrives_over_64_kbit_s_with_losses_in_between() {
    arrives(10_000, 200_000, 2, Duration::from_secs(120)).await;
}

#[tokio::test]
#[ignore = "soak: a quarter of an hour"]
async fn a_policy_of_5_mb_arrives_over_64_kbit_s_with_losses_in_between() {
    arrives(200_000, 5_000_000, 6, Duration::from_secs(1500)).await;
}
