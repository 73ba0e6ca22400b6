//! Somebody watches while the line is cut: they see all that happened meanwhile, and the session's user is told of them
//! again when the line is back.

use serde_json::json;

use crate::line::{ETHERNET_BYTES, Line};
use crate::site::{SOON, Site};
use crate::system::PASSWORD;
use crate::system::api::Api;
use crate::system::shell::{Progress, Shell};

#[tokio::test]
async fn a_watcher_outlives_a_cut_line_and_the_user_is_told_again() {
    let mut site = Site::start_over(Line::lay(ETHERNET_BYTES).await, "quic").await;
    site.until_over("quic", SOON).await;
    let admin = &site.world.admin;
    admin.create("users", json!({"username": "audra", "password": PASSWORD, "role": "auditor"})).await;
    let audra = Api::sign_in(&site.world.hub.url(), "audra", PASSWORD).await;
    let mut shell = Shell::open(admin, &site.world.target_id).await;
    shell.command("echo before", "before\r\n").await;
    let session = shell.progress.session_id.clone().expect("an id");
    let path = format!("/api/ws/connect/ssh/{}?cols=80&rows=24&session={session}", site.world.target_id);
    let mut watcher = Shell::attach(&audra, &path, Progress::default()).await.expect("watches");
    watcher.until(0, "before\r\n").await;
    shell.until_notice("watched").await;

    // It is printed while the line is cut, and long enough for the tunnel to be lost.
    shell.command("echo be''gun; for i in $(seq 1 30); do sleep 0.5; echo count $i; done", "begun\r\n").await;
    site.line.set(|manners| manners.down = true);
    for each in [&mut shell, &mut watcher] {
        each.until_notice("link_lost").await;
    }
    site.line.set(|manners| manners.down = false);
    for each in [&mut shell, &mut watcher] {
        each.until_notice("link_restored").await;
        each.until(0, "count 30\r\n").await;
    }
    let both = [&shell, &watcher].map(|each| {
        let text = String::from_utf8_lossy(&each.progress.output).into_owned();
        text.split_once("begun\r\n").map(|(_, counted)| counted.to_owned()).expect("it counted")
    });
    assert_eq!(both[0], both[1], "both have every byte once");
    assert_eq!(both[0].matches("count ").count(), 30);
    let watched = shell.notices.iter().filter(|notice| notice["code"] == "watched").collect::<Vec<_>>();
    assert_eq!(watched.len(), 2, "{:?}", shell.notices);
    assert_eq!(watched[1]["watchers"], json!(["audra"]));
    shell.close().await;
    site.stop().await;
}
