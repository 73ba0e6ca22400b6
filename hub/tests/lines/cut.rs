//! The line dies and comes back: the browser's WebSocket stays, and not a byte is lost or doubled either way, in a plain
//! client and in a page beside it.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::both_ways::BothWays;
use crate::line::{ETHERNET_BYTES, Line};
use crate::page::Page;
use crate::site::{SOON, Site};
use crate::system::api::Api;
use crate::system::shell::Shell;
use crate::system::{PASSWORD, id};

/// Keys typed while the line is cut.
const KEYS: usize = 400;
/// Before the cut, and after it.
const AROUND: usize = 100;

async fn outlives(cut: Duration, transport: &str, times: usize) {
    let mut site = Site::start_over(Line::lay(ETHERNET_BYTES).await, transport).await;
    site.until_over(transport, SOON).await;
    for time in 0..times {
        let mut shell = Shell::open(&site.world.admin, &site.world.target_id).await;
        let keys = KEYS + 2 * AROUND;
        let both = BothWays::start(&mut shell, &time.to_string(), keys, "0.05").await;
        let mut page = Page::open(&site).await;
        let pages = BothWays::start_in(&mut page, &format!("{time}-page"), keys, "0.05").await;
        let pages_keys = String::from_utf8(pages.keys.clone()).expect("text");
        let (before, rest) = both.keys.split_at(AROUND);
        let (during, after) = rest.split_at(KEYS);
        let (pages_before, pages_rest) = pages_keys.split_at(AROUND);
        let (pages_during, pages_after) = pages_rest.split_at(KEYS);
        let second = Duration::from_secs(1);
        tokio::join!(type_slowly(&mut shell, before, second), page.type_over(pages_before, second));

        site.line.set(|manners| manners.down = true);
        tokio::join!(type_slowly(&mut shell, during, cut), page.type_over(pages_during, cut));
        site.line.set(|manners| manners.down = false);
        let lifted = Instant::now();
        let had = shell.progress.output.len();
        while shell.progress.output.len() == had {
            assert!(shell.receive().await, "the WebSocket stays: {:?}", shell.closed);
        }
        eprintln!("{transport} cut for {cut:?}: bytes flow again {:?} after it was lifted", lifted.elapsed());
        tokio::join!(type_slowly(&mut shell, after, second), page.type_over(pages_after, second));

        let (bytes, hash) = pages.check_in(&site, &mut page).await;
        eprintln!("in the page {bytes} bytes of output (SHA-256 {hash}), {keys} keys, all there");
        page.close().await;
        let (bytes, hash) = both.check(&site, &mut shell).await;
        let told = |code: &str| shell.notices.iter().filter(|notice| notice["code"] == code).count();
        assert_eq!(told("link_lost"), told("link_restored"), "{:?}", shell.notices);
        eprintln!(
            "{bytes} bytes of output (SHA-256 {hash}), {keys} keys, all there; the line was lost {} times",
            told("link_lost")
        );
        shell.close().await;
    }
    site.stop().await;
}

/// Types bytes evenly over so much time, and reads meanwhile.
async fn type_slowly(shell: &mut Shell, bytes: &[u8], time: Duration) {
    let begun = Instant::now();
    for (index, key) in bytes.iter().enumerate() {
        shell.type_bytes(&[*key]).await;
        let due = time.mul_f64((index + 1) as f64 / bytes.len() as f64);
        while let Some(left) = due.checked_sub(begun.elapsed()) {
            match tokio::time::timeout(left, shell.receive()).await {
                Ok(open) => assert!(open, "the WebSocket stays: {:?}", shell.closed),
                Err(_) => break,
            }
        }
    }
}

#[tokio::test]
async fn a_shell_outlives_a_quic_line_that_is_cut_for_5_s() {
    outlives(Duration::from_secs(5), "quic", 1).await;
}

#[tokio::test]
async fn a_shell_outlives_a_quic_line_that_is_cut_for_20_s() {
    outlives(Duration::from_secs(20), "quic", 1).await;
}

#[tokio::test]
async fn a_shell_outlives_a_tcp_line_that_is_cut_for_20_s() {
    outlives(Duration::from_secs(20), "tcp", 1).await;
}

#[tokio::test]
async fn a_browser_that_comes_while_the_line_is_down_has_the_session_when_it_is_back() {
    let mut site = Site::start_over(Line::lay(ETHERNET_BYTES).await, "quic").await;
    site.until_over("quic", SOON).await;
    let (admin, target) = (site.world.admin.clone(), site.world.target_id.clone());
    let mut first = Shell::open(&admin, &target).await;
    first.command("echo from the $((1))st", "from the 1st").await;
    site.line.set(|manners| manners.down = true);
    first.until_notice("link_lost").await;
    let progress = first.progress.clone();
    site.line.set(|manners| manners.down = false);
    // Whichever the site hears first: the hub on behalf of the first browser does not take it from the second.
    let (mut second, closed) =
        tokio::join!(Shell::resume_when_possible(&admin, &target, &progress), first.until_closed());
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("taken_over"), &json!(false)), "{closed}");
    second.command("echo from the $((2))nd", "from the 2nd").await;
    second.close().await;
    site.stop().await;
}

/// Somebody with a grant and a shell; the grant's id.
async fn somebody(site: &Site, name: &str) -> (Api, String, Shell) {
    let (admin, target) = (&site.world.admin, &site.world.target_id);
    let user = admin.create("users", json!({"username": name, "password": PASSWORD, "role": "user"})).await;
    let grant = admin.create("grants", json!({"user_id": user["id"], "target_id": target})).await;
    let api = Api::sign_in(&site.world.hub.url(), name, PASSWORD).await;
    let shell = Shell::open(&api, target).await;
    (api, id(&grant), shell)
}

async fn done(api: &Api, method: &str, path: &str) {
    let answer = api.request(method, path, None).await;
    assert!(answer.status().is_success(), "{method} {path}: {}", answer.status());
}

#[tokio::test]
async fn what_is_decided_while_the_line_is_down_holds_when_it_is_back() {
    let mut site = Site::start_over(Line::lay(ETHERNET_BYTES).await, "quic").await;
    site.until_over("quic", SOON).await;
    let (ann, _, mut leaves) = somebody(&site, "ann").await;
    let (_, grant, mut loses) = somebody(&site, "bob").await;
    let (_, _, mut ends) = somebody(&site, "cyd").await;
    site.line.set(|manners| manners.down = true);
    for shell in [&mut leaves, &mut loses, &mut ends] {
        shell.until_notice("link_lost").await;
    }

    done(&ann, "POST", "/api/v1/auth/logout").await;
    let closed = leaves.until_closed().await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("signed_out"), &json!(false)), "{closed}");
    done(&site.world.admin, "DELETE", &format!("/api/v1/admin/grants/{grant}")).await;
    ends.send_json(json!({"type": "close"})).await;

    site.line.set(|manners| manners.down = false);
    let closed = loses.until_closed().await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("not_granted"), &json!(true)), "{closed}");
    let closed = ends.until_closed().await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("closed_by_user"), &json!(true)), "{closed}");
    site.stop().await;
}

#[tokio::test]
#[ignore = "soak: three minutes"]
async fn a_shell_outlives_a_line_that_is_cut_for_60_s_three_times() {
    outlives(Duration::from_secs(60), "quic", 3).await;
}

#[tokio::test]
#[ignore = "soak: half an hour"]
async fn a_shell_outlives_a_line_that_is_cut_for_10_minutes_three_times() {
    outlives(Duration::from_secs(600), "quic", 3).await;
}
