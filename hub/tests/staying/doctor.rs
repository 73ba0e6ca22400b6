//! What the satellite's program says before and beside its work: preflight, `doctor`, `status`, exit codes.

use openpam_ids::TokenId;
use openpam_proto::token::JoinToken;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::ask::{self, verdict};
use crate::system::{Satellite, World, folder, free_port, id};

#[tokio::test]
async fn a_join_that_does_not_reach_its_hub_writes_nothing_and_names_what_to_ask_for() {
    let folder = folder();
    let satellite = Satellite::new(folder.path().join("satellite"));
    let closed = format!("127.0.0.1:{}", free_port());
    for (address, asks) in [
        (closed.as_str(), ["UDP outbound to", "TCP outbound to", &closed]),
        ("no-such-host.invalid:7443", ["does not resolve", "DNS", "no-such-host.invalid"]),
    ] {
        let token = JoinToken {
            addresses: vec![address.to_owned()],
            ca_sha256: [7; 32],
            id: TokenId::generate(),
            secret: Zeroizing::new([7; 32]),
        };
        let said = ask::satellite(&satellite, &["join", &token.encode()]).await;
        assert_eq!(said.code, Some(1), "{}", said.err);
        for words in asks.into_iter().chain(["[hub_unreachable]", "nothing was written"]) {
            assert!(said.err.contains(words), "{words:?} is missing: {}", said.err);
        }
        assert!(!satellite.state.exists(), "{address}: nothing may be written");
    }
}

#[tokio::test]
async fn a_join_to_another_hub_than_its_tokens_writes_nothing_and_says_so() {
    let world = World::start().await;
    let zone = id(&world.admin.create("zones", json!({"name": "plant-8", "type": "satellite"})).await);
    let token = world.admin.create("tokens", json!({"zone_id": zone})).await;
    let mut token = JoinToken::decode(token["token"].as_str().expect("a token")).expect("decodes");
    token.ca_sha256[0] ^= 1;
    let satellite = Satellite::new(world.folder.path().join("newcomer"));
    let said = ask::satellite(&satellite, &["join", &token.encode()]).await;
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(said.err.contains("[wrong_hub]") && said.err.contains("nothing was sent"), "{}", said.err);
    assert!(!satellite.state.exists(), "nothing may be written");
    world.stop().await;
}

#[tokio::test]
async fn status_and_doctor_say_what_is_and_exit_codes_are_as_the_help_says() {
    let mut world = World::start().await;
    let satellite = &world.satellite;
    let helps =
        [("run", "75"), ("run", "77"), ("run", "78"), ("status", "3"), ("drain", "3"), ("doctor", "1")];
    for (command, code) in helps {
        let help = ask::satellite(satellite, &[command, "--help"]).await.out;
        assert!(help.contains(code), "{command} --help does not name {code}: {help}");
    }

    let doctor = ask::satellite(satellite, &["doctor", "--json"]).await;
    assert_eq!(doctor.code, Some(0), "{}{}", doctor.out, doctor.err);
    let verdicts = doctor.json();
    for verdict in verdicts.as_array().expect("verdicts") {
        assert!(["ok", "warning"].contains(&verdict["level"].as_str().expect("a level")), "{verdict}");
        assert!(
            !verdict["found"].as_str().expect("text").is_empty() && verdict["code"].is_null(),
            "{verdict}"
        );
    }
    for check in
        ["program", "certificate", "permissions", "disk", "QUIC over UDP", "hub fingerprint", "clock skew"]
    {
        verdict(&verdicts, check);
    }
    let words = ask::satellite(satellite, &["doctor"]).await;
    assert!(words.code == Some(0) && words.out.contains("QUIC over UDP"), "{}", words.out);
    let status = ask::status(satellite).await;
    assert_eq!((&status["zone"], &status["line"]["up"]), (&json!("plant-7"), &json!(true)), "{status}");
    let words = ask::satellite(satellite, &["status"]).await;
    assert!(words.code == Some(0) && words.out.contains("up over QUIC"), "{}", words.out);

    let second = ask::satellite(satellite, &["run"]).await;
    assert_eq!(second.code, Some(75), "{}", second.err);
    assert_eq!(ask::status(satellite).await["line"]["up"], json!(true), "the first one goes on");

    world.satellite.stop().await;
    let satellite = &mut world.satellite;
    assert_eq!(ask::satellite(satellite, &["status"]).await.code, Some(3));
    assert_eq!(ask::satellite(satellite, &["drain"]).await.code, Some(3));
    let doctor = ask::satellite(satellite, &["doctor", "--json"]).await;
    assert_eq!(doctor.code, Some(1));
    let stopped: Value = doctor.json();
    assert_eq!(verdict(&stopped, "program")["code"], json!("not_running"), "{stopped}");
    assert_eq!(verdict(&stopped, "QUIC over UDP")["level"], json!("ok"), "{stopped}");

    let fresh = Satellite::new(world.folder.path().join("fresh"));
    let run = ask::satellite(&fresh, &["run"]).await;
    assert!(run.code == Some(78) && run.err.contains("openpam-satellite join"), "{}", run.err);
    satellite.settings = vec![("OPENPAM_MAX_SESSIONS", "0".to_owned())];
    let run = ask::satellite(satellite, &["run"]).await;
    assert!(run.code == Some(78) && run.err.contains("max_sessions"), "{}", run.err);
    world.stop().await;
}
