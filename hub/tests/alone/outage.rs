//! After an outage: which decisions of the site today's policy would have made differently, exactly these.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::line::{ETHERNET_BYTES, Line};
use crate::person::{Person, ends_in, patch, session};
use crate::site::Site;
use crate::system::eventually;
use crate::told::{ended, until_away};

/// Windows that end while the site is alone end this long after it began.
const ENDS_S: i64 = 60;

#[tokio::test]
async fn the_report_after_an_outage_lists_exactly_what_todays_policy_would_have_decided_differently() {
    let mut site = Site::start(Line::lay(ETHERNET_BYTES).await, &[]).await;
    let world = &site.world;
    let end = Timestamp::now().checked_add(SignedDuration::from_secs(ENDS_S)).expect("in range");
    let revoked = Person::new(world, "revoked", json!({})).await;
    let disabled = Person::new(world, "disabled", json!({})).await;
    let unchanged = Person::new(world, "unchanged", json!({})).await;
    let shortened = Person::new(world, "shortened", ends_in(3600)).await;
    let extended = Person::new(world, "extended", ends_in(ENDS_S)).await;
    let over = Person::new(world, "over", ends_in(ENDS_S)).await;
    let budget = Person::new(world, "budget", json!({"offline_seconds": 5})).await;
    let generous = Person::new(world, "generous", json!({"offline_seconds": 5})).await;
    let everybody: [&Person; 8] =
        [&revoked, &disabled, &unchanged, &shortened, &extended, &over, &budget, &generous];
    let mut sessions = Vec::new();
    for person in everybody {
        let shell = person.open(world).await.expect("open");
        sessions.push(session(&shell));
    }
    // What the hub decides from now on does not reach the site.
    site.line.set(|manners| manners.down = true);
    until_away(&world.satellite).await;

    let gone = world.admin.request("DELETE", &format!("/api/v1/admin/grants/{}", revoked.grant), None).await;
    assert!(gone.status().is_success());
    patch(world, &format!("users/{}", disabled.id), json!({"enabled": false})).await;
    shortened.change_grant(world, ends_in(2)).await;
    extended.change_grant(world, ends_in(7200)).await;
    generous.change_grant(world, json!({"offline_seconds": 86400})).await;
    let rest = end.duration_since(Timestamp::now()) + SignedDuration::from_secs(3);
    tokio::time::sleep(Duration::try_from(rest).unwrap_or(Duration::from_secs(12))).await;
    site.line.set(|manners| manners.down = false);
    world.until_reachable().await;

    let report = eventually("the report", async || {
        let list = world.admin.get("/api/v1/outages").await;
        let first = list["items"].as_array()?.first()?.clone();
        let report = world.admin.get(&format!("/api/v1/outages/{}", first["id"].as_str()?)).await;
        (!report["sessions"].is_null()).then_some(report)
    })
    .await;
    assert_eq!(report["sessions"], 8, "{report}");
    let found: BTreeSet<(String, String, String)> = report["differences"]
        .as_array()
        .expect("differences")
        .iter()
        .map(|difference| {
            let text = |name: &str| difference[name].as_str().expect("text").to_owned();
            (text("user"), text("kind"), text("code"))
        })
        .collect();
    let wanted = [
        ("revoked", "went_on", "not_granted"),
        ("disabled", "went_on", "user_disabled"),
        ("shortened", "went_on", "window_ended"),
        ("extended", "ended", "window_ended"),
        ("generous", "ended", "policy_stale"),
    ];
    let wanted = wanted.map(|(user, kind, code)| (user.to_owned(), kind.to_owned(), code.to_owned()));
    assert_eq!(found, BTreeSet::from(wanted), "{report}");
    assert_eq!((&report["difference_count"], report["zone"].as_str()), (&json!(5), Some("plant-7")));
    assert!(report["policy_version"].as_i64() < report["newest_version"].as_i64(), "{report}");

    // What went on without right ended when the site was back.
    for (person, code) in [(0, "not_granted"), (1, "user_disabled"), (3, "window_ended")] {
        let (ended, _) = ended(world, &sessions[person]).await;
        assert_eq!(ended, code);
    }
    site.stop().await;
}
