//! Where the newest policy of a zone is pointed to, and who hears of it.

use std::time::Duration;

use async_nats::jetstream;
use futures::StreamExt;
use nkeys::KeyPair;
use openpam_hub::bus::authority::policy_subject;
use openpam_hub::bus::{accounts, keep, pointer};
use openpam_hub::policy::issue;
use openpam_ids::ZoneId;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::harness::world::{Who, World};
use crate::keep::there;
use crate::place::{PROGRAMS, Party, program};

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn the_newest_policy_of_a_zone_is_pointed_to_and_its_satellite_hears_of_it() {
    for name in PROGRAMS {
        let settings = format!("nats_server = {:?}", program(name));
        let (world, stop) = (World::with(&settings).await, CancellationToken::new());
        let hub = &world.test.hub;
        let issuing = tokio::spawn(issue::run(hub.clone(), stop.clone()));
        let keeping = tokio::spawn(keep::run(hub.clone(), stop.clone()));
        let url = there(&world, 1).await;
        let credentials = hub.keys.bus.present().hub_user().expect("signs");
        let client = accounts::options(&credentials).expect("a key").connect(&url).await.expect("connects");
        let pointed = async |zone: ZoneId| {
            let bucket = jetstream::new(client.clone()).get_key_value(pointer::BUCKET).await.ok()?;
            let pointer = bucket.get(zone.to_string()).await.expect("the bucket")?;
            Some(serde_json::from_slice::<Value>(&pointer).expect("JSON"))
        };
        let until_pointed = async || {
            timeout(PATIENCE, async {
                loop {
                    let (head, pointer) = (hub.policies.head(world.zone), pointed(world.zone).await);
                    if let Some((head, pointer)) = head.zip(pointer)
                        && pointer["version"] == head.policy.version
                    {
                        assert_eq!(pointer["bytes"], head.bytes);
                        return head.policy.version;
                    }
                    sleep(Duration::from_millis(20)).await;
                }
            })
            .await
            .expect("in time")
        };
        until_pointed().await;

        let key = KeyPair::new_user();
        let token =
            hub.keys.bus.present().satellite(world.zone, world.satellite, &key.public_key()).expect("signs");
        let site = Party::connect(&url, token, key).await.expect("connects");
        let mut heard = site.client.subscribe(policy_subject(world.zone)).await.expect("subscribes");
        assert_eq!(site.answer().await, "");
        let disabled = json!({ "enabled": false });
        let admin = world.cookie(Who::Admin).await;
        let path = format!("/api/v1/admin/targets/{}", world.target);
        world.test.call("PATCH", &path, admin.as_deref(), Some(&disabled)).await;
        let said = timeout(PATIENCE, heard.next()).await.expect("in time").expect("a pointer");
        let said: Value = serde_json::from_slice(&said.payload).expect("JSON");
        assert_eq!(said["version"], until_pointed().await, "{said}");

        // A zone that is gone has none.
        let zone = json!({ "name": "soon gone" });
        let made = world.test.call("POST", "/api/v1/admin/zones", admin.as_deref(), Some(&zone)).await.json();
        let gone: ZoneId = made["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let until = async |there: bool| {
            let wanted = async {
                while pointed(gone).await.is_some() != there {
                    sleep(Duration::from_millis(20)).await;
                }
            };
            timeout(PATIENCE, wanted).await.expect("in time");
        };
        until(true).await;
        world.test.call("DELETE", &format!("/api/v1/admin/zones/{gone}"), admin.as_deref(), None).await;
        until(false).await;
        stop.cancel();
        keeping.await.expect("ends");
        issuing.await.expect("ends");
    }
}
