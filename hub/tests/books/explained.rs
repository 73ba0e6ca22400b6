//! What sites enforce, who can get in there without the hub, and why somebody may open something: answers for people.

use std::time::Duration;

use openpam_hub::policy;
use openpam_hub::store::satellites;
use openpam_ids::SatelliteId;
use openpam_proto::snapshot::PolicyVersion;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::harness::Answer;
use crate::harness::world::{Who, World};

/// A world whose hub issues policies while this lives.
struct Issuing {
    world: World,
    stop: CancellationToken,
}

impl Drop for Issuing {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Issuing {
    async fn new() -> Self {
        let (world, stop) = (World::new().await, CancellationToken::new());
        tokio::spawn(policy::issue::run(world.test.hub.clone(), stop.clone()));
        Self { world, stop }
    }

    /// The newest policy of the zone, with every change so far.
    async fn newest(&self) -> PolicyVersion {
        for _ in 0..10 {
            let hub = &self.world.test.hub;
            let settled = policy::settled(&hub.pool, &hub.policies, self.world.zone).await;
            if let Some(version) = settled.expect("the books") {
                return version;
            }
        }
        panic!("no policy was issued");
    }

    /// The site says that it holds that one, and is gone.
    async fn site_held(&self, version: PolicyVersion) {
        let (pool, id) = (&self.world.test.hub.pool, self.world.satellite);
        satellites::holds_policy(pool, id, Some(version), None).await.expect("noted");
        satellites::seen(pool, id, "0.1.0", openpam_hub::sites::Transport::Quic, None, None)
            .await
            .expect("seen");
    }

    async fn ask(&self, path: &str) -> Answer {
        let auditor = self.world.cookie(Who::Auditor).await.expect("signed in");
        self.world.test.get(path, &auditor).await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.ask(path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    async fn change(&self, method: &str, path: &str, body: &Value) -> Value {
        let admin = self.world.cookie(Who::Admin).await;
        let path = format!("/api/v1/admin/{path}");
        let answer = self.world.test.call(method, &path, admin.as_deref(), Some(body)).await;
        assert!(answer.status.is_success(), "{answer:?}");
        if answer.text.is_empty() { Value::Null } else { answer.json() }
    }

    async fn satellite(&self) -> Value {
        let id: SatelliteId = self.world.satellite;
        let admin = self.world.cookie(Who::Admin).await.expect("signed in");
        let one = self.world.test.get(&format!("/api/v1/admin/satellites/{id}"), &admin).await.json();
        let list = self.world.test.get("/api/v1/admin/satellites", &admin).await.json();
        assert_eq!(list["items"][0]["offline_until"], one["offline_until"]);
        one
    }

    fn alone(&self) -> String {
        format!("/api/v1/admin/zones/{}/access-alone", self.world.zone)
    }

    fn why(&self) -> String {
        format!("/api/v1/admin/access?user_id={}&target_id={}", self.world.user, self.world.target)
    }
}

fn moment(value: &Value) -> jiff::Timestamp {
    value.as_str().expect("a time").parse().expect("a time")
}

#[tokio::test]
async fn a_site_that_is_away_says_since_when_by_what_it_decides_and_until_when() {
    let test = Issuing::new().await;
    let held = test.newest().await;
    let never = test.satellite().await;
    assert_eq!((&never["offline_until"], &never["policy_version"]), (&Value::Null, &Value::Null));

    test.site_held(held).await;
    let grants = test.change("GET", "grants", &json!({})).await;
    let grant = grants["items"][0]["id"].as_str().expect("an id").to_owned();
    test.change("PATCH", &format!("grants/{grant}"), &json!({ "offline_seconds": 60 })).await;
    let newest = test.newest().await;
    assert!(newest.version > held.version);
    let away = test.satellite().await;
    assert_eq!(away["state"], "offline");
    assert_eq!(
        (&away["policy_version"], &away["newest_policy_version"]),
        (&json!(held.version), &json!(newest.version))
    );
    assert!(moment(&away["newest_policy_at"]) > moment(&away["policy_taken_at"]));
    // By what it holds, which allows a day, and not by the newest.
    let goes_on = moment(&away["offline_until"]).duration_since(moment(&away["offline_since"]));
    assert_eq!(goes_on, jiff::SignedDuration::from_hours(24));

    test.world.site_online();
    let online = test.satellite().await;
    assert_eq!((&online["offline_since"], &online["offline_until"]), (&Value::Null, &Value::Null));
    assert_eq!(online["policy_version"], json!(held.version));
}

#[tokio::test]
async fn who_gets_in_without_the_hub_is_decided_by_the_policy_that_the_site_holds() {
    let test = Issuing::new().await;
    let (world, newest) = (&test.world, test.newest().await);
    let first = test.get(&test.alone()).await;
    assert_eq!((&first["held"], &first["policy_version"]), (&json!(false), &json!(newest.version)));
    assert_eq!(first["items"][0]["user"], "user");

    test.site_held(newest).await;
    test.change(
        "POST",
        "grants",
        &json!({ "user_id": world.stranger, "target_id": world.target, "offline_seconds": 300 }),
    )
    .await;
    let newer = test.newest().await;
    let held = test.get(&test.alone()).await;
    assert_eq!((&held["held"], &held["policy_version"]), (&json!(true), &json!(newest.version)));
    assert_eq!(
        held["items"].as_array().map(Vec::len),
        Some(1),
        "the site does not know the stranger: {held}"
    );

    test.site_held(newer).await;
    let all = test.get(&test.alone()).await;
    let rows: Vec<_> =
        all["items"].as_array().expect("items").iter().map(|row| (&row["user"], &row["target"])).collect();
    assert_eq!(rows, [(&json!("stranger"), &json!("press")), (&json!("user"), &json!("press"))]);
    let allowed = moment(&all["items"][0]["until"]).duration_since(moment(&all["away_since"]));
    assert_eq!(allowed, jiff::SignedDuration::from_secs(300));

    let part = test.get(&format!("{}?limit=1", test.alone())).await;
    let next = part["next"].as_str().expect("it goes on");
    let rest = test.get(&format!("{}?limit=1&cursor={next}", test.alone())).await;
    assert_eq!((&rest["items"][0]["user"], &rest["next"]), (&json!("user"), &Value::Null));
    for refused in ["?limit=501", "?limit=0", "?cursor=nonsense"] {
        assert_eq!(test.ask(&format!("{}{refused}", test.alone())).await.status, 400, "{refused}");
    }
    let other = openpam_ids::ZoneId::generate();
    assert_eq!(test.ask(&format!("/api/v1/admin/zones/{other}/access-alone")).await.status, 404);
}

#[tokio::test]
async fn why_somebody_may_open_a_target_names_every_grant_and_where_hub_and_site_differ() {
    let test = Issuing::new().await;
    let world = &test.world;
    test.change("PUT", &format!("groups/{}/members/{}", world.group, world.user), &json!({})).await;
    let begins = jiff::Timestamp::now().checked_add(Duration::from_secs(3600)).expect("a time");
    let ends = begins.checked_add(Duration::from_secs(3600)).expect("a time");
    let windows = json!({ "start_time": begins.to_string(), "end_time": ends.to_string() });
    test.change(
        "POST",
        "grants",
        &json!({
            "group_id": world.group, "target_id": world.target, "schedule": windows,
            "clipboard_copy": false, "file_download": true,
        }),
    )
    .await;

    let asked = test.get(&test.why()).await;
    assert_eq!((&asked["hub"]["allowed"], &asked["hub"]["reason"]), (&json!(true), &Value::Null));
    assert_eq!(
        (&asked["user"], &asked["target"], &asked["zone"]),
        (&json!("user"), &json!("press"), &json!("plant-7"))
    );
    assert_eq!(asked["site"], Value::Null, "the site holds no policy");
    let grants = asked["hub"]["grants"].as_array().expect("grants");
    let own = grants.iter().find(|grant| grant["user"] == "user").expect("a grant of their own").clone();
    assert_eq!(
        (&own["zone"], &own["state"], &own["counts"]),
        (&json!("plant-7"), &json!("holds"), &json!(true))
    );
    assert_eq!(asked["hub"]["grant_id"], own["id"]);
    let group = grants.iter().find(|grant| grant["group"] == "fitters").expect("one of their group");
    assert_eq!(
        (&group["target"], &group["state"], &group["counts"]),
        (&json!("press"), &json!("closed"), &json!(false))
    );
    assert_eq!(moment(&group["opens_at"]).as_second(), begins.as_second());
    let ways = ["clipboard_copy", "clipboard_paste", "file_download", "file_upload"];
    for (grant, passes) in [(&own, [true, true, false, false]), (group, [false, true, true, false])] {
        assert_eq!(ways.map(|way| &grant[way]), passes.map(Value::from).each_ref(), "{grant}");
    }

    // A schedule counts as a grant of its user on its target.
    let schedule =
        json!({ "user_id": world.user, "target_id": world.target, "start_time": begins, "end_time": ends });
    let admin = world.cookie(Who::Admin).await;
    let made = world.test.call("POST", "/api/v1/schedules", admin.as_deref(), Some(&schedule)).await;
    assert_eq!(made.status, 201, "{made:?}");
    let asked = test.get(&test.why()).await;
    let grants = asked["hub"]["grants"].as_array().expect("grants");
    let scheduled: Vec<_> = grants.iter().filter(|grant| grant["scheduled"] == true).collect();
    let [scheduled] = scheduled.as_slice() else { panic!("one schedule: {asked}") };
    assert_eq!((&scheduled["id"], &scheduled["state"]), (&made.json()["id"], &json!("closed")));
    assert_eq!((&scheduled["user"], &scheduled["target"]), (&json!("user"), &json!("press")));

    // The site is gone with what it holds; then the grant is withdrawn.
    test.site_held(test.newest().await).await;
    test.change("DELETE", &format!("grants/{}", own["id"].as_str().expect("an id")), &json!({})).await;
    test.newest().await;
    let differ = test.get(&test.why()).await;
    assert_eq!(
        (&differ["hub"]["allowed"], &differ["hub"]["reason"]),
        (&json!(false), &json!("outside_window"))
    );
    assert_eq!(moment(&differ["hub"]["opens_at"]).as_second(), begins.as_second());
    assert_eq!(differ["site"]["allowed"], true);
    let end = moment(&differ["site"]["ends_at"]).duration_since(moment(&differ["site"]["away_since"]));
    assert_eq!(end, jiff::SignedDuration::from_hours(24));

    let later = begins.checked_add(Duration::from_secs(60)).expect("a time");
    let later = test.get(&format!("{}&at={later}", test.why())).await;
    assert_eq!(later["hub"]["allowed"], true);
    assert_eq!(moment(&later["hub"]["ends_at"]).as_second(), ends.as_second());
    let late = test.get(&format!("{}&at={}", test.why(), "2099-01-01T00:00:00Z")).await;
    assert_eq!((&late["site"]["reason"], &late["hub"]["opens_at"]), (&json!("hub_away"), &Value::Null));

    let nobody = openpam_ids::UserId::generate();
    let path = format!("/api/v1/admin/access?user_id={nobody}&target_id={}", world.target);
    assert_eq!(test.ask(&path).await.status, 404);
    let lacking = test.ask("/api/v1/admin/access").await;
    assert_eq!((lacking.status.as_u16(), &lacking.json()["field"]), (400, &json!("user_id")));
}
