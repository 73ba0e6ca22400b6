//! The line dies and comes back: the browser's WebSocket stays, and not a byte is lost or doubled either way, in a plain
//! client and in a page beside it.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::beside::Beside;
use crate::line::{ETHERNET_BYTES, Line};
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
        let mut beside = Beside::start(&site, &time.to_string(), KEYS + 2 * AROUND).await;
        beside.type_next(AROUND, Duration::from_secs(1)).await;

        site.line.set(|manners| manners.down = true);
        beside.type_next(KEYS, cut).await;
        site.line.set(|manners| manners.down = false);
        let lifted = Instant::now();
        let shell = &mut beside.typist.shell;
        let had = shell.progress.output.len();
        while shell.progress.output.len() == had {
            assert!(shell.receive().await, "the WebSocket stays: {:?}", shell.closed);
        }
        eprintln!("{transport} cut for {cut:?}: bytes flow again {:?} after it was lifted", lifted.elapsed());

        let typist = beside.check(&site).await;
        assert_eq!(typist.resumed, 0, "the WebSocket stays");
        let shell = typist.shell;
        let told = |code: &str| shell.notices.iter().filter(|notice| notice["code"] == code).count();
        assert_eq!(told("link_lost"), told("link_restored"), "{:?}", shell.notices);
        eprintln!("the line was lost {} times", told("link_lost"));
        shell.close().await;
    }
    site.stop().await;
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
async fn a_shell_outlives_a_tcp_line_that_is_cut_for_5_s() {
    outlives(Duration::from_secs(5), "tcp", 1).await;
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
