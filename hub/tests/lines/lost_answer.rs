//! The hub attaches a browser again over a new tunnel, the site hears it, and its answer is lost with the line: the next
//! time the session is still that browser's.

use std::time::Duration;

use openpam_hub::postgres;
use serde_json::json;
use sqlx::ConnectOptions;

use crate::line::{ETHERNET_BYTES, Line};
use crate::site::{SOON, Site};
use crate::system::eventually;
use crate::system::shell::Shell;

/// Each way, while the answer is to be caught.
const ONE_WAY: Duration = Duration::from_millis(400);
/// From the hub's word that the site is there to the cut: the attach has arrived, its answer has not.
const CAUGHT_AFTER: Duration = Duration::from_millis(550);
const NOTICED: Duration = Duration::from_secs(20);
/// A slow machine may miss the moment.
const TRIES: usize = 3;

/// How often the site let somebody attach to the session, as its events say.
async fn attached(site: &Site) -> i64 {
    let ways = postgres::of_running_hub(&site.world.hub.data()).await.expect("the books answer");
    let mut db = ways.verifier.connect().await.expect("connects");
    sqlx::query_scalar("SELECT count(*) FROM audit_events WHERE kind = 'session.attached'")
        .fetch_one(&mut db)
        .await
        .expect("counts")
}

#[tokio::test]
async fn an_answer_that_is_lost_with_the_line_costs_the_browser_nothing() {
    let mut site = Site::start_over(Line::lay(ETHERNET_BYTES).await, "quic").await;
    site.until_over("quic", SOON).await;
    let mut shell = Shell::open(&site.world.admin, &site.world.target_id).await;
    shell.command("echo here", "here\r\n").await;
    for time in 0..TRIES {
        site.line.set(|manners| manners.down = true);
        site.until_not_over("quic", NOTICED).await;
        site.line.set(|manners| (manners.down, manners.delay) = (false, ONE_WAY));
        site.until_over("quic", NOTICED).await;
        tokio::time::sleep(CAUGHT_AFTER).await;
        site.line.set(|manners| manners.down = true);
        site.until_not_over("quic", NOTICED).await;
        site.line.set(|manners| (manners.down, manners.delay) = (false, Duration::ZERO));
        let from = shell.progress.output.len();
        shell.type_bytes(format!("echo back {time}\n").as_bytes()).await;
        shell.until(from, &format!("back {time}\r\n")).await;
        // The first, the one whose answer is lost, and the one that came through.
        let expected = 3 + 2 * time as i64;
        let hit = eventually("the site's events are here", || async {
            let count = attached(&site).await;
            (count >= expected - 1).then_some(count >= expected)
        })
        .await;
        eprintln!("try {time}: the answer was lost: {hit}");
        if hit {
            let told = |code| shell.notices.iter().filter(|notice| notice["code"] == json!(code)).count();
            assert_eq!(
                (told("link_lost"), told("link_restored")),
                (time + 1, time + 1),
                "{:?}",
                shell.notices
            );
            shell.close().await;
            return site.stop().await;
        }
    }
    panic!("the moment was missed {TRIES} times");
}
