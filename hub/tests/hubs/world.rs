//! Two hubs that share everything they have to, and a site with a tunnel to each.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use openpam_hub::bus::server as nats;
use openpam_hub::keys::Keys;
use openpam_hub::postgres;
use openpam_link::ca::NODE_LIFETIME;
use serde_json::{Value, json};
use sqlx::{ConnectOptions, PgPool};

use crate::system::api::Api;
use crate::system::target::Target;
use crate::system::zone::Zone;
use crate::system::{
    ADMIN, Hub, NATS, PASSWORD, POSTGRES, Place, Satellite, eventually, folder, free_port, id, server_pid,
};

/// `deploy/dev/setup test` puts it there.
fn nats_program() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/bin/nats-server")
}

/// PostgreSQL and NATS of the installation: neither is any hub's child.
struct Servers {
    folder: PathBuf,
    nats: Option<nats::Managed>,
}

impl Drop for Servers {
    fn drop(&mut self) {
        for server in [POSTGRES, NATS] {
            if let Some(pid) = server_pid(&self.folder, server) {
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::QUIT);
            }
        }
    }
}

pub(crate) struct World {
    pub(crate) a: Hub,
    pub(crate) b: Hub,
    pub(crate) satellite: Satellite,
    pub(crate) target: Target,
    /// The admin, signed in at hub a, and with the same cookie at hub b.
    pub(crate) at_a: Api,
    pub(crate) at_b: Api,
    pub(crate) zone_id: String,
    pub(crate) target_id: String,
    pub(crate) credential_id: String,
    pub(crate) satellite_id: String,
    pub(crate) books: PgPool,
    servers: Servers,
    pub(crate) folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(Vec::new(), None).await
    }

    /// `settings` are both hubs'; with `blind` satellites are told an address of hub a where nobody answers.
    pub(crate) async fn start_with(settings: Vec<(&'static str, String)>, blind: Option<u16>) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = folder();
        let servers_folder = folder.path().join("servers");
        std::fs::create_dir_all(&servers_folder).expect("a folder");
        let mut servers = Servers { folder: servers_folder.clone(), nats: None };
        let settings_of_postgres =
            postgres::Settings { data_dir: servers_folder.clone(), bin_dir: None, durable: false };
        let database = postgres::Managed::start(settings_of_postgres).await.expect("PostgreSQL starts");
        let ways = database.ways();
        let nats_port = free_port();
        let secrets = folder.path().join("secrets");
        let shared = [
            ("OPENPAM_DATABASE_URL", ways.hub.to_url_lossy().to_string()),
            ("OPENPAM_DATABASE_OWNER_URL", ways.owner.to_url_lossy().to_string()),
            ("OPENPAM_DATABASE_VERIFIER_URL", ways.verifier.to_url_lossy().to_string()),
            ("OPENPAM_SECRETS_DIR", secrets.display().to_string()),
            ("OPENPAM_RECORDINGS_DIR", folder.path().join("recordings").display().to_string()),
            ("OPENPAM_NATS_URL", format!("nats://127.0.0.1:{nats_port}")),
        ];
        let place = Place { hub_settings: [shared.to_vec(), settings].concat(), ..Place::default() };
        let mut a = Hub::new_in(folder.path(), "hub-a", &place);
        if let Some(port) = blind {
            a.settings.push(("OPENPAM_TUNNEL_ADDRESSES", format!("127.0.0.1:{port}")));
        }
        let mut b = Hub::new_in(folder.path(), "hub-b", &place);
        // Together, on empty books and without a key: one makes them.
        tokio::join!(a.run(), b.run());
        a.add_user(ADMIN, PASSWORD, "admin").await;
        let keys = Keys::read(&secrets, NODE_LIFETIME).expect("the hubs' keys");
        let listen = Some(SocketAddr::from(([127, 0, 0, 1], nats_port)));
        let settings = nats::Settings { data_dir: servers_folder, program: Some(nats_program()), listen };
        servers.nats = Some(nats::Managed::start(settings, &keys.bus.present()).await.expect("NATS starts"));
        let target = Target::start(folder.path()).await;
        let at_a = Api::sign_in(&a.url(), ADMIN, PASSWORD).await;
        let at_b = Api { url: b.url(), ..at_a.clone() };
        let maker = if blind.is_some() { &at_b } else { &at_a };
        let Zone { id: zone_id, satellite } =
            Zone::start(maker, "plant-7", folder.path().join("satellite"), &Place::default()).await;
        let row = json!({
            "zone_id": zone_id, "name": "press-4", "hostname": "127.0.0.1", "protocol": "ssh", "port": target.port,
        });
        let target_id = id(&at_a.create("targets", row).await);
        let credential =
            json!({"target_id": target_id, "username": target.account, "password": target.password});
        let credential_id = id(&at_a.create("credentials", credential).await);
        let me = at_a.get("/api/v1/auth/me").await;
        at_a.create("grants", json!({"user_id": me["id"], "target_id": target_id})).await;
        let books = PgPool::connect_with(ways.owner.clone()).await.expect("the books");
        let satellite_id = id(&at_a.get("/api/v1/admin/satellites").await["items"][0]);
        let world = Self {
            a,
            b,
            satellite,
            target,
            at_a,
            at_b,
            zone_id,
            target_id,
            credential_id,
            satellite_id,
            books,
            servers,
            folder,
        };
        if blind.is_none() {
            world.until_reachable(&world.at_a).await;
        }
        world.until_reachable(&world.at_b).await;
        world
    }

    /// Waits until that hub has a tunnel to the site.
    pub(crate) async fn until_reachable(&self, at: &Api) {
        let path = format!("/api/v1/targets/{}", self.target_id);
        eventually(&format!("{} has a tunnel to the site", at.url), || async {
            let row = at.try_get(&path).await?;
            (row["reachable"] == json!(true)).then_some(())
        })
        .await;
    }

    /// A user of their own with a grant on the target: their id, the grant's, and they, signed in at hub b.
    pub(crate) async fn person(&self, name: &str) -> (String, String, Api) {
        let user = json!({"username": name, "role": "user", "password": PASSWORD});
        let user_id = id(&self.at_a.create("users", user).await);
        let grant = json!({"user_id": user_id, "target_id": self.target_id});
        let grant_id = id(&self.at_a.create("grants", grant).await);
        (user_id, grant_id, Api::sign_in(&self.b.url(), name, PASSWORD).await)
    }

    /// What a hub says to Prometheus under that name.
    pub(crate) async fn metric(hub: &Hub, name: &str) -> Option<f64> {
        let text = reqwest::get(hub.metrics_url()).await.ok()?.text().await.ok()?;
        let line = text.lines().find(|line| line.starts_with(&format!("{name} ")))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    /// The session's row, as a hub shows it.
    pub(crate) async fn session(at: &Api, session: &Value) -> Value {
        at.get(&format!("/api/v1/sessions/{}", session.as_str().expect("an id"))).await
    }

    /// Ends everything in order. Whatever happened, the books still fit.
    pub(crate) async fn stop(mut self) {
        self.satellite.stop().await;
        let (status, said) = self.a.run_command(&["audit", "verify"]).await;
        assert!(status.success(), "audit verify: {said}");
        self.books.close().await;
        self.a.stop().await;
        self.b.stop().await;
        self.target.stop().await;
        if let Some(nats) = self.servers.nats.take() {
            nats.stop().await;
        }
    }
}
