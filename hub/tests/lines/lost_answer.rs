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
/// The books have what the site told this soon after the browser is back.
const TOLD_WITHIN: Duration = Duration::from_secs(3);
const LOOK_EVERY: Duration = Duration::from_millis(50);
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

/// How often the browser was told that.
fn said(shell: &Shell, code: &str) -> usize {
    shell.notices.iter().filter(|notice| notice["code"] == json!(code)).count()
}

#[tokio::test]
async fn an_answer_that_is_lost_with_the_line_costs_the_browser_nothing() {
    let mut site = Site::start_over(Line::lay(ETHERNET_BYTES).await, "quic").await;
    site.until_over("quic", SOON).await;
    let mut shell = Shell::open(&site.world.admin, &site.world.target_id).await;
    shell.command("echo here", "here\r\n").await;
    for time in 0..TRIES {
        let notices_before = (said(&shell, "link_lost"), said(&shell, "link_restored"));
        let before = eventually("the books have what the site told so far", || async {
            Some(attached(&site).await).filter(|count| *count > 0)
        })
        .await;
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
        // The one whose answer is lost, and the one that came through, which was told after it.
        let told = async {
            while attached(&site).await < before + 2 {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        let hit = tokio::time::timeout(TOLD_WITHIN, told).await.is_ok();
        eprintln!("try {time}: the answer was lost: {hit}");
        if hit {
            let (lost, restored) = notices_before;
            assert_eq!(
                (said(&shell, "link_lost"), said(&shell, "link_restored")),
                (lost + 1, restored + 1),
                "{:?}",
                shell.notices
            );
            shell.close().await;
            return site.stop().await;
        }
    }
    panic!("the moment was missed {TRIES} times");
}
