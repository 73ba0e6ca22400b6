//! A whole installation on loopback for tests and benchmarks: the real programs, a real PostgreSQL, a real sshd.
//!
//! Every world has its own folder, ports, and account on this machine, and ends what it started when dropped.
//! It needs root, for the account that the target lets in; without root it says so and fails.

#![expect(dead_code, reason = "each test uses a part")]

pub mod api;
pub mod process;
pub mod shell;
pub mod target;

use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use self::api::Api;
use self::process::Process;
use self::target::Target;

/// Nothing here takes longer on a busy machine of two cores.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The admin every world has.
pub const ADMIN: &str = "admin";
/// The admin's password.
pub const PASSWORD: &str = "correct horse battery staple";

/// The programs under test lie beside each other.
pub fn program(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_openpam-hub")).with_file_name(name);
    assert!(path.exists(), "{} is missing: build the whole workspace (cargo build --workspace)", path.display());
    path
}

/// A free port, for TCP and UDP alike.
pub fn free_port() -> u16 {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = tcp.local_addr().expect("bound").port();
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Waits until `look` finds something; fails the test when it never does.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A hub in its folder, running or not.
pub struct Hub {
    pub folder: PathBuf,
    pub http_port: u16,
    pub tunnel_port: u16,
    metrics_port: u16,
    process: Option<Process>,
}

impl Hub {
    /// Starts a hub with an admin in a new folder below `parent`.
    pub async fn start(parent: &Path, name: &str) -> Self {
        let folder = parent.join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut hub = Self {
            folder,
            http_port: free_port(),
            tunnel_port: free_port(),
            metrics_port: free_port(),
            process: None,
        };
        hub.run().await;
        hub.add_user(ADMIN, PASSWORD, "admin").await;
        hub
    }

    fn command(&self) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(program("openpam-hub"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("OPENPAM_LISTEN", format!("127.0.0.1:{}", self.http_port))
            .env("OPENPAM_TUNNEL_LISTEN", format!("127.0.0.1:{}", self.tunnel_port))
            .env("OPENPAM_TUNNEL_ADDRESSES", format!("127.0.0.1:{}", self.tunnel_port))
            .env("OPENPAM_METRICS_LISTEN", format!("127.0.0.1:{}", self.metrics_port))
            .env("OPENPAM_DATA_DIR", self.folder.join("data"))
            .env("OPENPAM_SECRETS_DIR", self.folder.join("secrets"));
        command
    }

    /// Starts the process and waits until it is ready.
    pub async fn run(&mut self) {
        let mut command = self.command();
        command.arg("serve");
        self.process = Some(Process::start("hub", command, &self.folder.join("hub.log")));
        let url = format!("{}/ready", self.url());
        let client = reqwest::Client::new();
        eventually("the hub is ready", || async {
            client.get(&url).send().await.ok().filter(|answer| answer.status().is_success()).map(|_| ())
        })
        .await;
    }

    /// Kills the process at once, as a crash would. Its PostgreSQL is left alone.
    pub async fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }

    /// The base of all addresses.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.http_port)
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("runs").id()
    }

    /// Runs `openpam-hub user add`.
    pub async fn add_user(&self, name: &str, password: &str, role: &str) {
        let mut command = self.command();
        command.args(["user", "add", name, "--role", role]);
        let (status, output) = process::run_with_input(command, password).await;
        assert!(status.success(), "user add {name}: {output}");
    }

    /// Ends hub and PostgreSQL in order.
    pub async fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            process.terminate().await;
        }
    }
}

/// A satellite in its state folder, running or not.
pub struct Satellite {
    pub state: PathBuf,
    process: Option<Process>,
}

impl Satellite {
    pub fn new(state: PathBuf) -> Self {
        Self { state, process: None }
    }

    pub fn command(&self) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(program("openpam-satellite"));
        command.arg("--state").arg(&self.state);
        command
    }

    /// Runs `openpam-satellite join -`; exit status and everything it printed.
    pub async fn join(&self, token: &str, more: &[&str]) -> (bool, String) {
        let mut command = self.command();
        command.args(["join", "-"]).args(more);
        let (status, output) = process::run_with_input(command, token).await;
        (status.success(), output)
    }

    /// Runs `openpam-satellite run` until it ends by itself.
    pub async fn run_to_its_end(&self) -> (bool, String) {
        let mut command = self.command();
        command.arg("run");
        let (status, output) = process::run_with_input(command, "").await;
        (status.success(), output)
    }

    pub fn run(&mut self) {
        let mut command = self.command();
        command.arg("run");
        let log = self.state.with_extension("log");
        self.process = Some(Process::start("satellite", command, &log));
    }

    pub async fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }

    pub async fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            process.terminate().await;
        }
    }

    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("runs").id()
    }
}

/// A hub, one zone with its satellite, one target in it, and the admin who may open it.
pub struct World {
    pub hub: Hub,
    pub satellite: Satellite,
    pub target: Target,
    pub admin: Api,
    pub zone_id: String,
    pub target_id: String,
    pub credential_id: String,
    pub folder: tempfile::TempDir,
}

impl World {
    /// Starts everything and waits until the target can be reached.
    pub async fn start() -> Self {
        let folder = folder();
        let mut hub_and_target = (Hub::start(folder.path(), "hub").await, Target::start(folder.path()).await);
        let (hub, target) = (&mut hub_and_target.0, &hub_and_target.1);
        let admin = Api::sign_in(&hub.url(), ADMIN, PASSWORD).await;
        let zone = admin.create("zones", json!({"name": "plant-7", "type": "satellite"})).await;
        let zone_id = id(&zone);
        let token = admin.create("tokens", json!({"zone_id": zone_id})).await;
        let mut satellite = Satellite::new(folder.path().join("satellite"));
        let (joined, output) = satellite.join(token["token"].as_str().expect("a token"), &[]).await;
        assert!(joined, "join: {output}");
        satellite.run();
        let row = json!({
            "zone_id": zone_id, "name": "press-4", "hostname": "127.0.0.1", "protocol": "ssh", "port": target.port,
        });
        let target_id = id(&admin.create("targets", row).await);
        let credential =
            json!({"target_id": target_id, "username": target.account, "password": target.password});
        let credential_id = id(&admin.create("credentials", credential).await);
        let me = admin.get("/api/v1/auth/me").await;
        admin.create("grants", json!({"user_id": me["id"], "target_id": target_id})).await;
        let world = Self {
            hub: hub_and_target.0,
            satellite,
            target: hub_and_target.1,
            admin,
            zone_id,
            target_id,
            credential_id,
            folder,
        };
        world.until_reachable().await;
        world
    }

    /// Waits until the target's row says that it can be reached.
    pub async fn until_reachable(&self) {
        let path = format!("/api/v1/targets/{}", self.target_id);
        eventually("the target is reachable", || async {
            let row = self.admin.try_get(&path).await?;
            (row["reachable"] == json!(true)).then_some(())
        })
        .await;
    }

    /// Ends everything in order; a world that is only dropped is killed.
    pub async fn stop(mut self) -> tempfile::TempDir {
        self.satellite.stop().await;
        self.hub.stop().await;
        self.target.stop().await;
        self.folder
    }
}

/// A folder that PostgreSQL's user can reach too.
pub fn folder() -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("openpam-test-").tempdir_in("/tmp").expect("a folder");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("permissions");
    folder
}

/// The `id` of a row.
pub fn id(row: &Value) -> String {
    row["id"].as_str().unwrap_or_else(|| panic!("no id in {row}")).to_owned()
}
