//! The hub's own network: a zone of type `hub`, whose satellite the hub starts beside itself.

use std::time::Duration;

use serde_json::{Value, json};

use crate::system::api::Api;
use crate::system::shell::Shell;
use crate::system::target::Target;
use crate::system::{ADMIN, Hub, PASSWORD, eventually, folder, id};

struct OwnZone {
    hub: Hub,
    admin: Api,
    target: Target,
    target_id: String,
    _folder: tempfile::TempDir,
}

impl OwnZone {
    async fn start() -> Self {
        let folder = folder();
        let (hub, target) = tokio::join!(Hub::start(folder.path(), "hub"), Target::start(folder.path()));
        let admin = Api::sign_in(&hub.url(), ADMIN, PASSWORD).await;
        let zone = id(&admin.create("zones", json!({"name": "head office", "type": "hub"})).await);
        let row = json!({
            "zone_id": zone, "name": "server-1", "hostname": "127.0.0.1", "protocol": "ssh", "port": target.port,
        });
        let target_id = id(&admin.create("targets", row).await);
        let credential =
            json!({"target_id": target_id, "username": target.account, "password": target.password});
        admin.create("credentials", credential).await;
        let me = admin.get("/api/v1/auth/me").await;
        admin.create("grants", json!({"user_id": me["id"], "target_id": target_id})).await;
        let world = Self { hub, admin, target, target_id, _folder: folder };
        world.until_reachable().await;
        world
    }

    async fn until_reachable(&self) {
        let path = format!("/api/v1/targets/{}", self.target_id);
        eventually("the target in the hub's own zone is reachable", || async {
            let row = self.admin.try_get(&path).await?;
            (row["reachable"] == json!(true)).then_some(())
        })
        .await;
    }

    async fn status(&self) -> (Option<i32>, Value) {
        let (status, output) = self.hub.run_command(&["status", "--json"]).await;
        (status.code(), serde_json::from_str(&output).unwrap_or_default())
    }
}

#[tokio::test]
async fn its_shells_live_through_a_killed_and_a_restarted_hub_and_end_with_openpam_hub_stop() {
    let mut world = OwnZone::start().await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    shell.command("echo be''fore", "before").await;
    let satellite = world.status().await.1["satellite_pids"][0].clone();
    assert!(satellite.is_u64(), "{satellite}");

    world.hub.kill().await;
    world.hub.run().await;
    let mut shell = Shell::resume_when_possible(&world.admin, &world.target_id, &shell.drop_line()).await;
    shell.command("echo af''ter", "after").await;

    // SIGTERM, too, is for the hub alone.
    world.hub.stop().await;
    world.hub.run().await;
    let mut shell = Shell::resume_when_possible(&world.admin, &world.target_id, &shell.drop_line()).await;
    shell.command("echo ag''ain", "again").await;
    assert_eq!(world.status().await.1["satellite_pids"], json!([satellite]), "no second one runs");

    let session = shell.progress.session_id.clone().expect("an id");
    let (status, output) = world.hub.run_command(&["stop"]).await;
    assert!(status.success() && output.contains("stopped 2"), "{output}");
    assert_eq!(world.status().await.0, Some(3), "nothing runs");
    world.hub.stop_waiting().await;

    world.hub.run().await;
    world.until_reachable().await;
    let row = eventually("the books know how it ended", || async {
        let row = world.admin.try_get(&format!("/api/v1/sessions/{session}")).await?;
        (row["session_status"] != json!("active")).then_some(row)
    })
    .await;
    assert_eq!(row["end_code"], "satellite_restarted", "{row}");
    world.hub.run_command(&["stop"]).await;
    world.target.stop().await;
}

#[tokio::test]
async fn a_revoked_satellite_of_the_hubs_own_zone_does_not_come_back_by_itself() {
    let world = OwnZone::start().await;
    let rows = world.admin.get("/api/v1/admin/satellites").await;
    let satellite = id(&rows["items"][0]);
    let revoked =
        world.admin.request("POST", &format!("/api/v1/admin/satellites/{satellite}/revoke"), None).await;
    assert!(revoked.status().is_success());
    eventually("its process ends", || async {
        (world.status().await.1["satellite_pids"] == json!([])).then_some(())
    })
    .await;
    // As long as an ended one would need to be started again.
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert_eq!(world.status().await.1["satellite_pids"], json!([]));
    assert_eq!(world.admin.get("/api/v1/admin/satellites").await["items"].as_array().map(Vec::len), Some(1));
    world.hub.run_command(&["stop"]).await;
}

#[tokio::test]
async fn doctor_and_status_say_what_is_up_and_what_is_wrong() {
    let world = OwnZone::start().await;
    let (status, output) = world.hub.run_command(&["doctor", "--json"]).await;
    assert!(status.success(), "{output}");
    let verdicts: Value = serde_json::from_str(&output).expect("JSON");
    let checks =
        verdicts.as_array().expect("a list").iter().map(|verdict| verdict["check"].as_str().expect("text"));
    for expected in ["program", "keys", "database", "web", "QUIC over UDP", "TLS over TCP", "hub fingerprint"]
    {
        assert!(checks.clone().any(|check| check == expected), "{expected}: {output}");
    }
    let (status, output) = world.hub.run_command(&["status"]).await;
    assert!(status.success(), "{output}");
    for expected in ["runs as process", "head office", "online", "intermediate until"] {
        assert!(output.contains(expected), "{expected}: {output}");
    }
    world.hub.run_command(&["stop"]).await;
    let (status, output) = world.hub.run_command(&["doctor"]).await;
    assert_eq!(status.code(), Some(1), "{output}");
    assert!(output.contains("FAILED   program") && output.contains("openpam-hub serve"), "{output}");
}
