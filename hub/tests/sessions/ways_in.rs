//! The ways in to a target: every kind of key, a password that is asked for, old gear by its setting, a host key that
//! changed, and the test that says which hop failed.

use serde_json::{Value, json};

use crate::system::World;
use crate::system::shell::{Progress, Shell};

/// The close instead of a shell.
async fn refused(world: &World) -> Value {
    let path = format!("/api/ws/connect/ssh/{}", world.target_id);
    Shell::attach(&world.admin, &path, Progress::default()).await.err().expect("a refusal")
}

async fn opens(world: &World) {
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    shell.command("echo in$((1+1))", "in2").await;
    shell.close().await;
}

/// Changes the target's credential; status and answer.
async fn give(world: &World, secret: Value) -> (u16, Value) {
    let path = format!("/api/v1/admin/credentials/{}", world.credential_id);
    let answer = world.admin.request("PATCH", &path, Some(&secret)).await;
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

async fn post(world: &World, what: &str, body: Value) -> (u16, Value) {
    let path = format!("/api/v1/admin/targets/{}/{what}", world.target_id);
    let answer = world.admin.request("POST", &path, Some(&body)).await;
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

async fn target(world: &World) -> Value {
    world.admin.get(&format!("/api/v1/admin/targets/{}", world.target_id)).await
}

#[tokio::test]
async fn every_kind_of_key_opens_also_one_with_a_passphrase() {
    let world = World::start().await;
    for (words, passphrase) in [
        (&["-t", "ecdsa", "-b", "256"][..], ""),
        (&["-t", "ecdsa", "-b", "521"], "a passphrase"),
        (&["-t", "rsa", "-b", "3072"], ""),
        (&["-t", "rsa", "-b", "2048", "-m", "PKCS8"], "a passphrase"),
        (&["-t", "rsa", "-b", "2048", "-m", "PEM"], ""),
        (&["-t", "ed25519"], "a passphrase"),
    ] {
        let key = world.target.authorized_key_of(words, passphrase).await;
        let mut secret = json!({ "private_key": key });
        if !passphrase.is_empty() {
            let (status, answer) = give(&world, secret.clone()).await;
            assert_eq!((status, &answer["field"]), (400, &json!("passphrase")), "{words:?}: {answer}");
            let wrong = json!({ "private_key": key, "passphrase": "another" });
            let (status, answer) = give(&world, wrong).await;
            assert_eq!((status, &answer["field"]), (400, &json!("passphrase")), "{words:?}: {answer}");
            secret["passphrase"] = json!(passphrase);
        }
        let (status, answer) = give(&world, secret).await;
        assert_eq!(status, 200, "{words:?}: {answer}");
        opens(&world).await;
    }
    let short = world.target.authorized_key_of(&["-t", "rsa", "-b", "1024"], "").await;
    let public = std::fs::read_to_string(world.target.folder.join("user_key.pub")).expect("a key");
    let slow = world.target.authorized_key_of(&["-t", "ed25519", "-a", "300"], "a passphrase").await;
    for (key, says) in [(short, "2048 bits"), (public, "no private key"), (slow, "too many rounds")] {
        let (status, answer) =
            give(&world, json!({ "private_key": key, "passphrase": "a passphrase" })).await;
        assert_eq!((status, &answer["field"]), (400, &json!("private_key")), "{answer}");
        assert!(answer["detail"].as_str().is_some_and(|detail| detail.contains(says)), "{answer}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_target_that_asks_for_the_password_is_answered_and_one_that_asks_for_more_is_not() {
    let mut world = World::start().await;
    world.target.stop().await;
    world.target.settings =
        "UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication yes\nPubkeyAuthentication no"
            .to_owned();
    world.target.run().await;
    opens(&world).await;
    give(&world, json!({ "password": "not it" })).await;
    let closed = refused(&world).await;
    assert_eq!(closed["code"], "credential_rejected");
    assert!(closed["message"].as_str().is_some_and(|message| message.contains("wrong secret")), "{closed}");

    // A second factor is nobody's to give here.
    world.target.stop().await;
    world.target.settings.push_str("\nAuthenticationMethods keyboard-interactive,keyboard-interactive");
    world.target.run().await;
    give(&world, json!({ "password": world.target.password })).await;
    let closed = refused(&world).await;
    assert_eq!(closed["code"], "credential_rejected", "{closed}");
    world.stop().await;
}

#[tokio::test]
async fn old_gear_opens_only_once_an_admin_allowed_its_algorithms() {
    let mut world = World::start().await;
    world.target.stop().await;
    world.target.new_host_key_of("rsa").await;
    let old = "HostKeyAlgorithms ssh-rsa\nKexAlgorithms diffie-hellman-group14-sha1,diffie-hellman-group1-sha1\n\
               Ciphers aes128-cbc,3des-cbc\nMACs hmac-sha1";
    world.target.settings = old.to_owned();
    world.target.run().await;
    let closed = refused(&world).await;
    assert_eq!(
        (&closed["code"], &closed["hop"]),
        (&json!("target_unreachable"), &json!("target")),
        "{closed}"
    );
    let message = closed["message"].as_str().expect("a message");
    assert!(message.contains("group14-sha1") && message.contains("allow old algorithms"), "{message}");
    let path = format!("/api/v1/admin/targets/{}", world.target_id);
    world.admin.request("PATCH", &path, Some(&json!({ "old_algorithms": true }))).await;
    opens(&world).await;
    world.target.stop().await;
    world.target.settings = old.replace("aes128-cbc,", "").replace("diffie-hellman-group14-sha1,", "");
    world.target.run().await;
    opens(&world).await;
    world.stop().await;
}

#[tokio::test]
async fn another_host_key_is_shown_to_an_admin_who_accepts_or_refuses_it() {
    let mut world = World::start().await;
    opens(&world).await;
    let first = target(&world).await["host_keys"][0]["fingerprint"].clone();
    for kind in ["ed25519", "ecdsa"] {
        let known = target(&world).await["host_keys"].clone();
        world.target.stop().await;
        world.target.new_host_key_of(kind).await;
        world.target.run().await;
        assert_eq!(refused(&world).await["code"], "host_key_changed");
        assert_eq!(refused(&world).await["code"], "host_key_changed");
        let shown = target(&world).await;
        assert_eq!(shown["host_keys"], known, "nothing is replaced by itself");
        let offered = shown["offered_host_key"]["fingerprint"].clone();
        assert!(offered.as_str().is_some_and(|text| text.starts_with("SHA256:")), "{kind}: {shown}");
        let said = world.admin.get("/api/v1/audit/events?kind=target.host_key_offered").await;
        let told =
            said["items"].as_array().expect("rows").iter().filter(|row| row["detail"]["offered"] == offered);
        assert_eq!(told.count(), 1, "told once: {said}");

        let (status, _) = post(&world, "host-key/refuse", json!({ "fingerprint": offered })).await;
        assert_eq!(status, 200);
        assert_eq!(target(&world).await["offered_host_key"], Value::Null);
        let (status, _) = post(&world, "host-key/accept", json!({ "fingerprint": offered })).await;
        assert_eq!(status, 409, "nothing is accepted that is not shown");
        assert_eq!(refused(&world).await["code"], "host_key_changed");

        let (status, _) = post(&world, "host-key/accept", json!({ "fingerprint": first })).await;
        assert_eq!(status, 409);
        let (status, accepted) = post(&world, "host-key/accept", json!({ "fingerprint": offered })).await;
        assert_eq!((status, &accepted["host_keys"][0]["fingerprint"]), (200, &offered));
        assert_eq!(accepted["host_keys"].as_array().map(Vec::len), Some(1));
        opens(&world).await;
    }
    world.stop().await;
}

#[tokio::test]
async fn a_test_says_which_hop_failed_and_leaves_no_session() {
    let mut world = World::start().await;
    let (status, result) = post(&world, "test", json!({})).await;
    assert_eq!((status, &result["ok"], &result["code"]), (200, &json!(true), &Value::Null), "{result}");
    let steps: Vec<_> =
        result["steps"].as_array().expect("steps").iter().map(|step| step["name"].clone()).collect();
    assert!(steps.contains(&json!("site")) && steps.last() == Some(&json!("target")), "{steps:?}");
    assert_eq!(result["username"], world.target.account);

    let good = world.target.password.clone();
    give(&world, json!({ "password": "not it" })).await;
    let (_, result) = post(&world, "test", json!({ "credential_id": world.credential_id })).await;
    assert_eq!((&result["ok"], &result["hop"]), (&json!(false), &json!("target")));
    assert_eq!(result["code"], "credential_rejected");
    give(&world, json!({ "password": good })).await;

    world.target.stop().await;
    let (_, result) = post(&world, "test", json!({})).await;
    assert_eq!((&result["code"], &result["hop"]), (&json!("target_unreachable"), &json!("target")));

    world.satellite.kill().await;
    let offline = crate::system::eventually("the site is known to be away", async || {
        let (_, result) = post(&world, "test", json!({})).await;
        (result["code"] == "zone_offline").then_some(result)
    })
    .await;
    assert_eq!(offline["hop"], "site");

    let none = json!({ "credential_id": "00000000-0000-7000-8000-000000000000" });
    assert_eq!(post(&world, "test", none).await.1["hop"], "hub");
    assert_eq!(world.admin.get("/api/v1/sessions").await["items"], json!([]));
    let events = world.admin.get("/api/v1/audit/events?kind=target.tested").await;
    assert!(events["items"].as_array().is_some_and(|rows| rows.len() >= 5), "{events}");
    world.stop().await;
}
