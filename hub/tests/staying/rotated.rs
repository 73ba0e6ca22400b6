//! Another intermediate under the same root: who goes on, who renews, and who is refused.

use std::time::Duration;

use openpam_hub::keys::{Keys, Nodes};
use openpam_link::ca::NODE_LIFETIME;
use openpam_link::dial::{Allowed, DialError, DialOptions, Dialler, Hint};
use openpam_link::identity::NodeIdentity;
use openpam_link::tls::system_clock;
use openpam_proto::close::CloseCode;
use openpam_satellite::state::read_membership;
use serde_json::json;

use crate::ask;
use crate::system::process::run_with_input;
use crate::system::shell::Shell;
use crate::system::{Hub, Satellite, World, eventually, id};

/// The hub looks for a rotation every 5 s: certificates of the former intermediate are taken for a while longer.
const OVERLAP: Duration = Duration::from_secs(12);

fn authority(hub: &Hub) -> Nodes {
    Keys::open(&hub.secrets(), NODE_LIFETIME).expect("the hub's keys").nodes
}

fn identity(satellite: &Satellite) -> NodeIdentity {
    read_membership(&satellite.state).expect("has joined").1
}

/// The key that signed a satellite's certificate.
fn signed_by(satellite: &Satellite) -> String {
    identity(satellite).certified().expect("a certificate").issuer_key_id
}

/// Another satellite, in a zone of its own.
async fn joined(world: &World, zone: &str) -> Satellite {
    let zone_id = id(&world.admin.create("zones", json!({"name": zone, "type": "satellite"})).await);
    let token = world.admin.create("tokens", json!({"zone_id": zone_id})).await;
    let satellite = Satellite::new(world.folder.path().join(zone));
    let (joined, output) = satellite.join(token["token"].as_str().expect("a token"), &[]).await;
    assert!(joined, "{output}");
    satellite
}

/// The hub closes a tunnel that is dialled with this identity: with that code, if the line lets it say why.
async fn closed_with(world: &World, identity: &NodeIdentity, allowed: Allowed) -> Option<CloseCode> {
    let address = format!("127.0.0.1:{}", world.hub.tunnel_port);
    let options = DialOptions { allowed, ..DialOptions::default() };
    let dialler = Dialler::new(vec![address], options, system_clock());
    match dialler.tunnel(identity, Hint::default()).await {
        Ok(dialled) => dialled.tunnel.closed().await.code,
        Err(DialError::Closed { code }) => Some(code),
        Err(error) => panic!("{allowed:?}: {error}"),
    }
}

#[tokio::test]
async fn a_rotated_intermediate_costs_no_tunnel_and_whoever_was_away_renews() {
    let mut world = World::start().await;
    let mut away = joined(&world, "away").await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    let nodes = authority(&world.hub);
    let before = nodes.authority().key_id().to_owned();
    let old = identity(&world.satellite);

    nodes.rotate(None, OVERLAP).expect("rotates");
    let present = nodes.authority().key_id().to_owned();
    assert_ne!(before, present);
    ask::until_logged(&world.hub.log(), "the authority's intermediate was rotated").await;
    assert_eq!(signed_by(&joined(&world, "newcomer").await), present, "new joins get the new one");
    shell.command("echo dur''ing", "during").await;

    eventually("the overlap is over", || async { (!nodes.accepts(&before)).then_some(()) }).await;
    assert_eq!(signed_by(&world.satellite), before, "it had no reason to renew");
    for allowed in [Allowed::Quic, Allowed::Tcp] {
        // Over TCP the reason may fall with the line; then a satellite dials again, as is done here.
        eventually(&format!("over {allowed:?} the hub says why"), || async {
            let code = closed_with(&world, &old, allowed).await?;
            assert_eq!(code, CloseCode::CertificateExpired, "over {allowed:?}");
            Some(())
        })
        .await;
    }
    shell.command("echo af''ter", "after").await;
    let log = ask::log(&world.satellite.log());
    assert!(!log.contains("tunnel is down"), "who is connected stays: {log}");
    shell.close().await;

    away.run();
    eventually("who was away is back", || async {
        (ask::row(&world, "away").await["state"] == "online").then_some(())
    })
    .await;
    assert_eq!(signed_by(&away), present);
    world.satellite.stop().await;
    world.satellite.run();
    eventually("a restarted one has renewed", || async {
        (signed_by(&world.satellite) == present).then_some(())
    })
    .await;
    world.until_reachable().await;
    ask::a_shell_works(&world).await;

    // The command does the same, and says which key signs from now on.
    let mut command = world.hub.command();
    command.args(["ca", "rotate", "--overlap-days", "1"]);
    let (status, output) = run_with_input(command, "").await;
    nodes.reread().expect("reads");
    assert!(status.success() && output.contains(nodes.authority().key_id()), "{output}");
    assert_ne!(nodes.authority().key_id(), present);
    ask::a_shell_works(&world).await;
    away.stop().await;
    world.stop().await;
}
