//! Recordings in an object store that speaks S3, in place of a folder: sealed there, complete although it stops in
//! between, in backups, and everything that is wrong with it said.

use serde_json::{Value, json};

use crate::system::api::Api;
use crate::system::backup::{Backup, lose};
use crate::system::bucket::{Bucket, PREFIX, READER};
use crate::system::shell::Shell;
use crate::system::{ADMIN, Hub, PASSWORD, Place, World, eventually, folder};

/// The store lies beside the world, so that it outlives it.
async fn world_with_bucket(parent: &std::path::Path) -> (World, Bucket) {
    let bucket = Bucket::start(parent).await;
    let world = World::start_in(Place { hub_settings: bucket.settings(), ..Place::default() }).await;
    (world, bucket)
}

async fn complete(api: &Api, session: &str) {
    eventually("the recording is complete", || async {
        let list = api.try_get("/api/v1/recordings?limit=100").await?;
        let row = list["items"].as_array()?.iter().find(|row| row["session_id"] == session)?.clone();
        (row["complete"] == json!(true)).then_some(())
    })
    .await;
}

async fn text(api: &Api, session: &str) -> String {
    complete(api, session).await;
    api.text(&format!("/api/v1/recordings/{session}/text")).await
}

async fn printed(world: &World, line: &str, shows: &str) -> String {
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    shell.command(line, shows).await;
    let session = shell.progress.session_id.clone().expect("an id");
    shell.close().await;
    session
}

/// The verdict of `openpam-hub doctor` on recordings, with these settings in place of the hub's.
async fn doctor(hub: &mut Hub, settings: &[(&'static str, &str)]) -> (bool, Value) {
    let kept = hub.settings.clone();
    hub.settings.extend(settings.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let output = hub.command().args(["doctor", "--json"]).output().await.expect("runs");
    hub.settings = kept;
    let verdicts: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let verdicts = verdicts.as_array().expect("verdicts");
    let verdict =
        verdicts.iter().find(|verdict| verdict["check"] == "recordings").expect("one on recordings");
    (output.status.success(), verdict.clone())
}

#[tokio::test]
async fn a_recording_lies_sealed_in_the_bucket_and_is_read_verified_and_missed_through_the_hub() {
    let parent = folder();
    let (mut world, bucket) = world_with_bucket(parent.path()).await;
    let session = printed(&world, "echo bucket$((40+2)) holds it", "bucket42 holds it").await;
    let said = text(&world.admin, &session).await;
    assert!(said.contains("bucket42 holds it"), "{said}");
    let cast = world.admin.text(&format!("/api/v1/recordings/{session}/cast")).await;
    assert!(cast.contains("\"version\":2") && cast.contains("bucket42 holds it"), "{cast}");

    let objects = bucket.objects().await;
    let first = format!("{PREFIX}/{session}/00000000.chunk");
    assert!(objects.iter().any(|(name, _)| *name == first), "{objects:?}");
    for (name, content) in &objects {
        assert!(name.starts_with(&format!("{PREFIX}/{session}/")), "{name}");
        for typed in ["bucket42", "holds it", "echo"] {
            let found = content.windows(typed.len()).any(|window| window == typed.as_bytes());
            assert!(!found, "{typed:?} is in the clear in {name}");
        }
    }
    assert!(!world.hub.data().join("recordings").exists(), "nothing lies in the folder");
    let (fits, said) = world.verify().await;
    assert!(fits && said.contains("recordings: 1 with"), "{said}");

    // Whoever owns the bucket can take it away, and is found out.
    bucket.delete(&first).await;
    let (fits, said) = world.verify().await;
    assert!(!fits && said.contains(&session) && said.contains("is not there"), "{said}");
    world.is_verified = false;
    world.stop().await;
}

#[tokio::test]
async fn a_store_that_stops_within_a_session_loses_nothing_and_holds_nobody_up() {
    let parent = folder();
    let (mut world, mut bucket) = world_with_bucket(parent.path()).await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    let session = shell.progress.session_id.clone().expect("an id");
    shell.command("seq 1 500; echo be''fore", "before").await;
    let arrives = eventually("its first chunk is in the bucket", || async {
        (!bucket.objects().await.is_empty()).then_some(())
    });
    shell.read_during(arrives).await;

    bucket.kill().await;
    shell.command("seq 501 1000; echo mean''while", "meanwhile").await;
    let log = world.hub.log();
    let told = eventually("the hub's log says why", || async {
        let log = std::fs::read_to_string(&log).ok()?;
        log.lines()
            .any(|line| line.contains("upload of a recording stopped") && line.contains("refused"))
            .then_some(())
    });
    shell.read_during(told).await;
    // Everything else goes on.
    shell.command("echo $((30+3)) alive", "33 alive").await;
    let (healthy, verdict) = shell.read_during(doctor(&mut world.hub, &[])).await;
    assert!(!healthy && verdict["level"] == "failed", "{verdict}");
    assert!(
        verdict["advice"].as_str().is_some_and(|advice| advice.contains("recordings_s3_endpoint")),
        "{verdict}"
    );
    shell.close().await;
    assert!(!bucket.runs());

    bucket.run().await;
    let said = text(&world.admin, &session).await;
    let numbers: Vec<u32> = said.lines().filter_map(|line| line.trim().parse().ok()).collect();
    assert_eq!(numbers, (1..=1000).collect::<Vec<_>>(), "all of it, in order");
    assert!(said.contains("33 alive"), "{said}");
    let log = std::fs::read_to_string(world.hub.log()).expect("a log");
    assert!(!log.contains("the-hubs-secret"), "the key's secret is in the log");
    eventually("its words are found", || async {
        let found = world.admin.try_get("/api/v1/recordings?text=meanwhile").await?;
        (found["items"].as_array()?.len() == 1).then_some(())
    })
    .await;
    world.stop().await;
}

#[tokio::test]
async fn doctor_says_what_is_wrong_with_the_key_the_rights_and_the_bucket() {
    let parent = folder();
    let bucket = Bucket::start(parent.path()).await;
    let mut hub =
        Hub::start_in(parent.path(), "hub", &Place { hub_settings: bucket.settings(), ..Place::default() })
            .await;
    const ID: &str = "OPENPAM_RECORDINGS_S3_ACCESS_KEY_ID";
    const SECRET: &str = "OPENPAM_RECORDINGS_S3_SECRET_ACCESS_KEY";
    let (_, verdict) = doctor(&mut hub, &[]).await;
    assert_eq!(verdict["level"], "ok", "{verdict}");
    assert!(bucket.objects().await.is_empty(), "what was tried is gone");
    for (settings, says) in [
        (vec![(SECRET, "another")], "recordings_s3_secret_access_key"),
        (vec![(ID, "nobody")], "recordings_s3_access_key_id"),
        (vec![(ID, READER.0), (SECRET, READER.1)], "s3:PutObject"),
        (vec![("OPENPAM_RECORDINGS_S3_BUCKET", "elsewhere")], "recordings_s3_bucket"),
    ] {
        let (healthy, verdict) = doctor(&mut hub, &settings).await;
        assert!(!healthy && verdict["level"] == "failed", "{verdict}");
        assert!(verdict["advice"].as_str().is_some_and(|advice| advice.contains(says)), "{says}: {verdict}");
        assert!(!verdict.to_string().contains("another"), "{verdict}");
    }
    // What cannot be meant is refused at the start.
    hub.settings.push(("OPENPAM_RECORDINGS_S3_ENDPOINT", "http://s3.example".to_owned()));
    let (status, said) = hub.run_command(&["serve"]).await;
    assert!(!status.success() && said.contains("recordings_s3_plain_http"), "{said}");
    hub.stop().await;
}

#[tokio::test]
async fn a_backup_holds_the_bucket_and_is_restored_into_an_empty_one_or_beside_the_one_that_is_left() {
    let parent = folder();
    let (mut world, bucket) = world_with_bucket(parent.path()).await;
    let session = printed(&world, "seq 1 3000; echo $((50+5)) kept", "55 kept").await;
    let before = text(&world.admin, &session).await;
    let kept = bucket.objects().await;
    let whole = Backup::below(parent.path(), "whole");
    let (taken, said) = whole.run(&world.hub, "backup").await;
    assert!(taken && said.contains(&format!("recordings: {} chunks", kept.len())), "{said}");
    let without = Backup::below(parent.path(), "without");
    let (taken, said) = without.run_with(&world.hub, "backup", &["--without-recordings"]).await;
    assert!(taken && !said.contains("recordings:"), "{said}");

    // What the site would be told between two restores of one backup, the second would not know.
    world.satellite.stop().await;
    // The bucket is still there: nothing is put beside what it has, and what it has can be kept.
    lose(&mut world.hub).await;
    let (restored, said) = whole.run(&world.hub, "restore").await;
    assert!(!restored && said.contains("s3://kept/hub") && said.contains("--without-recordings"), "{said}");
    assert!(!world.hub.data().exists(), "nothing was begun");
    let (restored, said) = without.run(&world.hub, "restore").await;
    assert!(restored && said.contains("everything fits\n"), "{said}");
    world.hub.run().await;
    world.admin = Api::sign_in(&world.hub.url(), ADMIN, PASSWORD).await;
    assert_eq!(text(&world.admin, &session).await, before);

    // Everything is gone: into another place.
    lose(&mut world.hub).await;
    world.hub.settings.push(("OPENPAM_RECORDINGS_S3_PREFIX", "second/place".to_owned()));
    let (restored, said) = whole.run(&world.hub, "restore").await;
    assert!(restored && said.contains("everything fits\n"), "{said}");
    world.hub.run().await;
    world.admin = Api::sign_in(&world.hub.url(), ADMIN, PASSWORD).await;
    assert_eq!(text(&world.admin, &session).await, before);
    let objects = bucket.objects().await;
    let second: Vec<_> = objects
        .iter()
        .filter_map(|(name, content)| {
            Some((format!("hub/{}", name.strip_prefix("second/place/")?), content.clone()))
        })
        .collect();
    assert_eq!(second, kept, "as they were");

    world.satellite.run();
    world.until_reachable().await;
    let fresh = printed(&world, "echo $((60+6)) new", "66 new").await;
    assert!(text(&world.admin, &fresh).await.contains("66 new"));
    world.stop().await;
}
