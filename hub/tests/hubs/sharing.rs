//! What the hubs share: books, secrets, keys, recordings, who leads; and what they say of each other.

use std::time::Duration;

use serde_json::{Value, json};

use crate::system::api::Api;
use crate::system::shell::{Progress, Shell};
use crate::system::{ADMIN, Hub, eventually, id};
use crate::world::World;

#[tokio::test]
async fn a_sign_in_at_one_hub_opens_a_shell_through_the_other_that_outlives_either() {
    let mut world = World::start().await;
    let mut shell = Shell::open(&world.at_b, &world.target_id).await;
    shell.command("echo through $((40 + 2))", "through 42").await;
    let session = json!(shell.progress.session_id);
    assert_eq!(World::session(&world.at_a, &session).await["session_status"], "active");

    world.a.kill().await;
    shell.command("echo without $((40 + 3))", "without 43").await;
    world.a.run().await;
    world.until_reachable(&world.at_a).await;
    world.b.kill().await;
    let mut shell = Shell::resume_when_possible(&world.at_a, &world.target_id, &shell.drop_line()).await;
    shell.command("echo other $((40 + 4))", "other 44").await;
    world.b.run().await;
    world.until_reachable(&world.at_b).await;
    shell.close().await;
    let text =
        eventually("the recording is whole, and read at the hub that did not carry the end", || async {
            let row = world.at_b.get("/api/v1/recordings").await["items"][0].clone();
            let path = format!("/api/v1/recordings/{}/text", row["session_id"].as_str()?);
            (row["complete"] == json!(true)).then_some(())?;
            Some(world.at_b.text(&path).await)
        })
        .await;
    for said in ["through 42", "without 43", "other 44"] {
        assert!(text.contains(said), "{text}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_secret_that_is_set_at_one_hub_is_used_by_the_other() {
    let world = World::start().await;
    // Each has read the store before the other writes.
    for at in [&world.at_a, &world.at_b] {
        Shell::open(at, &world.target_id).await.close().await;
    }
    let path = format!("/api/v1/admin/credentials/{}", world.credential_id);
    let set = async |at: &Api, password: &str| {
        let row = at.get(&path).await;
        let change = json!({"password": password, "version": row["version"]});
        let answer = at.request("PATCH", &path, Some(&change)).await;
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap_or_default());
    };
    set(&world.at_a, "wrong").await;
    let shell = format!("/api/ws/connect/ssh/{}?cols=80&rows=24", world.target_id);
    let refused = Shell::attach(&world.at_b, &shell, Progress::default()).await.err().expect("refused");
    assert_eq!(refused["code"], "credential_rejected", "{refused}");
    set(&world.at_b, &world.target.password).await;
    Shell::open(&world.at_a, &world.target_id).await.close().await;

    // Both write at once; nothing of either is lost.
    let add = |at: Api, number: usize| {
        let row = json!({
            "zone_id": world.zone_id, "name": format!("press-1{number}"), "hostname": "127.0.0.1", "protocol": "ssh",
            "port": world.target.port,
        });
        let (account, password) = (world.target.account.clone(), world.target.password.clone());
        async move {
            let target = id(&at.create("targets", row).await);
            let credential = json!({"target_id": target, "username": account, "password": password});
            at.create("credentials", credential).await;
            let me = at.get("/api/v1/auth/me").await;
            at.create("grants", json!({"user_id": me["id"], "target_id": target})).await;
            target
        }
    };
    let adding = (0..10).map(|number| add([&world.at_a, &world.at_b][number % 2].clone(), number));
    let targets = futures::future::join_all(adding).await;
    for (number, target) in targets.iter().enumerate() {
        Shell::open([&world.at_b, &world.at_a][number % 2], target).await.close().await;
    }
    world.stop().await;
}

#[tokio::test]
async fn keys_that_are_rotated_at_one_hub_are_the_others_too() {
    let world = World::start().await;
    let authority = |said: &str| said.lines().next().map(str::to_owned);
    for command in [["ca", "rotate"], ["policy-key", "rotate"]] {
        let (status, said) = world.a.run_command(&command).await;
        assert!(status.success() && authority(&said).is_some(), "{command:?}: {said}");
    }
    let log = |hub: &Hub| std::fs::read_to_string(hub.log()).expect("its log");
    eventually("both hubs have the new keys", || async {
        let noticed = |hub| {
            let log = log(hub);
            log.contains("the authority's intermediate was rotated")
                && log.contains("the key of policies was rotated")
        };
        (noticed(&world.a) && noticed(&world.b)).then_some(())
    })
    .await;
    eventually("the site decides by what the new key signed", || async {
        let row = world.at_b.get(&format!("/api/v1/admin/satellites/{}", world.satellite_id)).await;
        row["policy_refused"].is_null().then_some(())
    })
    .await;
    for at in [&world.at_a, &world.at_b] {
        Shell::open(at, &world.target_id).await.close().await;
    }
    world.stop().await;
}

#[tokio::test]
async fn hubs_find_each_other_one_of_them_leads_and_doctor_says_how_they_are() {
    let mut world = World::start().await;
    let hubs = async |hub: &Hub, wanted: f64| {
        eventually(&format!("{wanted} hubs are there"), || async {
            (World::metric(hub, "openpam_hubs").await? == wanted).then_some(())
        })
        .await;
    };
    let leads = async |hub: &Hub| World::metric(hub, "openpam_hub_leads").await == Some(1.0);
    hubs(&world.a, 2.0).await;
    hubs(&world.b, 2.0).await;
    eventually("the place of recordings is known of both", || async {
        let (_, said) = world.a.run_command(&["doctor"]).await;
        said.contains("2 are there, and share what they have to").then_some(())
    })
    .await;
    let (status, said) = world.b.run_command(&["status", "--json"]).await;
    assert!(status.success(), "{said}");
    let status: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(status["hubs"].as_array().map(Vec::len), Some(2), "{status}");
    assert_eq!(status["hubs"].as_array().unwrap().iter().filter(|hub| hub["this"] == true).count(), 1);

    assert!(leads(&world.a).await != leads(&world.b).await, "one of them leads");
    let told = async |at: &Api| at.get("/api/v1/admin/bus").await["waiting"].clone();
    eventually("the bus has everything", || async { (told(&world.at_a).await == json!(0)).then_some(()) })
        .await;
    // The one that leads dies without a word.
    let a_leads = leads(&world.a).await;
    if a_leads {
        world.a.kill().await
    } else {
        world.b.kill().await
    }
    let left = if a_leads { &world.b } else { &world.a };
    eventually("the other one leads", || async { leads(left).await.then_some(()) }).await;
    hubs(left, 1.0).await;
    let api = Api { url: left.url(), ..world.at_a.clone() };
    Shell::open(&api, &world.target_id).await.close().await;
    eventually("the bus has everything again", || async { (told(&api).await == json!(0)).then_some(()) })
        .await;

    let dead = if a_leads { &mut world.a } else { &mut world.b };
    dead.run().await;
    for at in [&world.at_a, &world.at_b] {
        world.until_reachable(at).await;
    }
    // One that goes in order says so.
    world.b.stop().await;
    let begun = std::time::Instant::now();
    hubs(&world.a, 1.0).await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    world.b.run().await;
    assert_eq!(world.at_b.get("/api/v1/auth/me").await["username"], ADMIN);
    world.stop().await;
}
