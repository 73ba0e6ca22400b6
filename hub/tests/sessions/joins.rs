//! Joining with the real programs: tokens that are not taken, each with its own code in the satellite's output,
//! and the same satellite joining with a good one right after.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use openpam_ids::HubId;
use openpam_link::ca::Authority;
use openpam_link::listener::{Arrival, Listener, ListenerOptions};
use openpam_link::quic::ResetKey;
use openpam_proto::renew::{Time, ToSite};
use openpam_proto::token::JoinToken;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::system::api::Api;
use crate::system::{ADMIN, Hub, PASSWORD, Satellite, World, eventually, folder, id};

/// A hub with an admin, and the making of zones and tokens.
struct Office {
    hub: Hub,
    admin: Api,
    folder: tempfile::TempDir,
}

impl Office {
    async fn open() -> Self {
        let folder = folder();
        let hub = Hub::start(folder.path(), "hub").await;
        let admin = Api::sign_in(&hub.url(), ADMIN, PASSWORD).await;
        Self { hub, admin, folder }
    }

    async fn token(&self, zone: &str, lifetime_seconds: u32) -> Value {
        let zone = id(&self.admin.create("zones", json!({"name": zone, "type": "satellite"})).await);
        self.admin.create("tokens", json!({"zone_id": zone, "lifetime_seconds": lifetime_seconds})).await
    }

    fn satellite(&self, name: &str) -> Satellite {
        Satellite::new(self.folder.path().join(name))
    }
}

fn text(token: &Value) -> &str {
    token["token"].as_str().expect("a token")
}

/// Joins in vain; the output must hold the code.
async fn refused(satellite: &Satellite, token: &str, code: &str) {
    let (joined, output) = satellite.join(token, &[]).await;
    assert!(!joined && output.contains(&format!("[{code}]")), "{code} expected: {output}");
    assert!(!satellite.state.join("node.json").exists(), "a refused join leaves no membership");
}

#[tokio::test]
async fn bad_tokens_are_refused_with_their_codes_and_a_good_one_is_taken_right_after() {
    let mut office = Office::open().await;
    let satellite = office.satellite("satellite");

    refused(&satellite, "nonsense", "token_malformed").await;
    let good = office.token("plant-1", 600).await;
    let cut = &text(&good)[..text(&good).len() - 3];
    refused(&satellite, cut, "token_malformed").await;
    let mut tampered = JoinToken::decode(text(&good)).expect("decodes");
    tampered.secret[7] ^= 1;
    refused(&satellite, &tampered.encode(), "token_unknown").await;

    let short = office.token("plant-2", 1).await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    refused(&satellite, text(&short), "token_expired").await;

    let revoked = office.token("plant-3", 600).await;
    let path = format!("/api/v1/admin/tokens/{}/revoke", id(&revoked));
    assert!(office.admin.request("POST", &path, None).await.status().is_success());
    refused(&satellite, text(&revoked), "token_revoked").await;

    let used = office.token("plant-4", 600).await;
    let first = office.satellite("first");
    let (joined, output) = first.join(text(&used), &[]).await;
    assert!(joined, "{output}");
    refused(&satellite, text(&used), "token_used").await;

    let (joined, output) = satellite.join(text(&good), &[]).await;
    assert!(joined && output.contains("joined zone plant-1"), "{output}");
    // Its own key may repeat the join: an answer can get lost.
    let (joined, output) = satellite.join(text(&good), &["--replace"]).await;
    assert!(!joined || output.contains("joined zone plant-1"), "{output}");
    office.hub.stop().await;
}

#[tokio::test]
async fn a_token_from_a_file_or_as_an_argument_joins_too() {
    let mut office = Office::open().await;
    let satellite = office.satellite("by-file");
    let token = office.token("plant-1", 600).await;
    let file = office.folder.path().join("token");
    std::fs::write(&file, text(&token)).expect("writes");
    let mut command = satellite.command();
    command.args(["join", "--token-file"]).arg(&file);
    let (status, output) = crate::system::process::run_with_input(command, "").await;
    assert!(status.success(), "{output}");

    let satellite = office.satellite("by-argument");
    let token = office.token("plant-2", 600).await;
    let mut command = satellite.command();
    command.args(["join", text(&token)]);
    let (status, output) = crate::system::process::run_with_input(command, "").await;
    assert!(status.success(), "{output}");
    office.hub.stop().await;
}

#[tokio::test]
async fn a_token_of_another_hubs_ca_sends_no_byte_of_its_secret() {
    let mut office = Office::open().await;
    let satellite = office.satellite("satellite");
    let good = office.token("plant-1", 600).await;

    // Another hub's tunnel port that records every request it can read.
    let pem = Authority::create(SystemTime::now()).expect("creates");
    let other =
        Authority::load(&pem.root_cert, &pem.intermediate_cert, &pem.intermediate_key).expect("loads");
    let reset = ResetKey::new(Zeroizing::new([7; ResetKey::BYTES]));
    let identity = other.issue_hub(HubId::generate(), SystemTime::now()).expect("issues");
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let options = ListenerOptions::default();
    let mut listener = Listener::bind(address, &identity, &reset, options).await.expect("binds");
    let address = listener.local_address().to_string();

    let mut foreign = JoinToken::decode(text(&good)).expect("decodes");
    foreign.addresses = vec![address];
    refused(&satellite, &foreign.encode(), "wrong_hub").await;
    let heard = tokio::time::timeout(Duration::from_millis(500), listener.next()).await;
    assert!(heard.is_err(), "the other hub got something: {heard:?}");

    // The recorder does record: a token that pins this hub's root gives its secret away.
    foreign.ca_sha256 = other.root_sha256();
    let encoded = foreign.encode();
    let first_join = async {
        loop {
            match listener.next().await {
                // The preflight asks the time.
                Some(Arrival::Time(reply)) => reply.send(&ToSite::Time(Time { time_ms: 0 })).await,
                Some(Arrival::Join(request, _)) => break request,
                other => panic!("a join arrives: {other:?}"),
            }
        }
    };
    let (request, _) = tokio::join!(first_join, async {
        tokio::time::timeout(Duration::from_secs(20), satellite.join(&encoded, &[])).await
    });
    assert_eq!(&request.secret()[..], &foreign.secret[..]);

    let (joined, output) = satellite.join(text(&good), &[]).await;
    assert!(joined, "{output}");
    office.hub.stop().await;
}

#[tokio::test]
async fn a_revoked_satellite_is_told_at_once_and_at_its_next_connect_and_joins_anew() {
    let mut world = World::start().await;
    let rows = world.admin.get("/api/v1/admin/satellites").await;
    let row = rows["items"][0].clone();
    assert_eq!(
        (&row["state"], &row["transport"], &row["zone"]),
        (&json!("online"), &json!("quic"), &json!("plant-7"))
    );
    world.satellite.stop().await;
    eventually("it is offline", || async {
        let rows = world.admin.get("/api/v1/admin/satellites").await;
        (rows["items"][0]["state"] == "offline").then_some(())
    })
    .await;
    let path = format!("/api/v1/admin/satellites/{}/revoke", id(&row));
    assert!(world.admin.request("POST", &path, None).await.status().is_success());
    let (success, output) = world.satellite.run_to_its_end().await;
    assert!(!success && output.contains("[satellite_revoked]"), "{output}");

    let token = world.admin.create("tokens", json!({"zone_id": world.zone_id})).await;
    let (joined, output) = world.satellite.join(text(&token), &["--replace"]).await;
    assert!(joined, "{output}");
    world.satellite.run();
    world.until_reachable().await;

    // Revoked while it is connected: its sessions end and it leaves.
    let mut shell = crate::system::shell::Shell::open(&world.admin, &world.target_id).await;
    let rows = world.admin.get("/api/v1/admin/satellites").await;
    let rows = rows["items"].as_array().expect("items");
    let row = rows.iter().find(|row| row["state"] == "online").expect("one is online");
    let path = format!("/api/v1/admin/satellites/{}/revoke", id(row));
    assert!(world.admin.request("POST", &path, None).await.status().is_success());
    let closed = shell.until_closed().await;
    assert!(
        ["terminated_by_admin", "zone_offline"].contains(&closed["code"].as_str().unwrap_or_default()),
        "{closed}"
    );
    eventually("it says why it leaves", || async {
        let log = std::fs::read_to_string(world.satellite.log()).ok()?;
        log.contains("[satellite_revoked]").then_some(())
    })
    .await;
    world.stop().await;
}

#[tokio::test]
async fn a_second_hub_on_the_same_tunnel_port_says_so() {
    let mut office = Office::open().await;
    let mut second = tokio::process::Command::new(crate::system::program("openpam-hub"));
    second
        .arg("serve")
        .env("OPENPAM_DATA_DIR", office.folder.path().join("other"))
        .env("OPENPAM_LISTEN", "127.0.0.1:0")
        .env("OPENPAM_METRICS_LISTEN", "127.0.0.1:0")
        .env("OPENPAM_TUNNEL_LISTEN", format!("127.0.0.1:{}", office.hub.tunnel_port));
    let (status, output) = crate::system::process::run_with_input(second, "").await;
    // Its database would have been taken over by the next start.
    crate::system::end_servers(&office.folder.path().join("other"));
    assert!(!status.success() && output.contains(&office.hub.tunnel_port.to_string()), "{output}");
    office.hub.stop().await;
}

#[tokio::test]
async fn a_token_of_the_command_line_is_as_good_as_one_of_the_pages() {
    let office = Office::open().await;
    office.admin.create("zones", json!({"name": "plant-7"})).await;
    let create = async |zone: &str, hours: &str| {
        let (status, said) = office.hub.run_command(&["token", "create", zone, "--hours", hours]).await;
        (status.success(), said)
    };
    for (zone, hours, because) in [
        ("plant-8", "1", "there is no zone of that name"),
        ("plant-7", "0", "at least a second"),
        ("plant-7", "721", "at most 30 days"),
    ] {
        let (made, said) = create(zone, hours).await;
        assert!(!made && said.contains(because), "{said}");
    }
    let (made, said) = create("plant-7", "720").await;
    let token = said.trim().strip_prefix("openpam-satellite join ").filter(|_| made);
    let token = token.unwrap_or_else(|| panic!("{said}")).to_owned();
    let satellite = office.satellite("satellite");
    let (joined, output) = satellite.join(&token, &[]).await;
    assert!(joined, "{output}");
    let events = office.admin.get("/api/v1/audit/events?kind=token.created").await;
    assert_eq!(events["items"][0]["detail"]["by"], json!("command line"), "{events}");
    assert!(!events.to_string().contains(&token), "the secret is nowhere else");
}
