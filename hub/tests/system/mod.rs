//! A whole installation on loopback for tests and benchmarks: the real programs, a real PostgreSQL, a real sshd.
//!
//! Every world has its own folder, ports, and account on this machine, and ends what it started when dropped.
//! It needs root, for the account that the target lets in; without root it says so and fails.

#![expect(dead_code, reason = "each test uses a part")]
#![expect(clippy::indexing_slicing, reason = "a wrong index fails the test, as it should")]

pub(crate) mod account;
pub(crate) mod api;
pub(crate) mod backup;
pub(crate) mod bucket;
pub(crate) mod bus;
pub(crate) mod collector;
pub(crate) mod desktop;
pub(crate) mod guacd;
pub(crate) mod process;
pub(crate) mod random;
pub(crate) mod shell;
pub(crate) mod target;
pub(crate) mod zone;

use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use self::api::Api;
use self::process::Process;
use self::target::Target;
use self::zone::Zone;

/// Nothing here takes longer on a busy machine of two cores.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How detailed logs are unless a test says otherwise.
const INFO: &str = "info,sqlx=warn,async_nats=warn";

/// Where the parts of a world stand.
#[derive(Clone)]
pub(crate) struct Place {
    /// The address of this machine at which the hub takes tunnels.
    pub(crate) tunnel_host: String,
    /// Words that start a program at the site.
    pub(crate) site_prefix: Vec<String>,
    /// Settings of the hub, as environment.
    pub(crate) hub_settings: Vec<(&'static str, String)>,
    /// Settings of the satellite, as environment.
    pub(crate) satellite_settings: Vec<(&'static str, String)>,
    /// How detailed logs are.
    pub(crate) log: &'static str,
}

impl Default for Place {
    /// Everything on loopback.
    fn default() -> Self {
        Self {
            tunnel_host: "127.0.0.1".to_owned(),
            site_prefix: Vec::new(),
            hub_settings: Vec::new(),
            satellite_settings: Vec::new(),
            log: INFO,
        }
    }
}

/// The admin every world has.
pub(crate) const ADMIN: &str = "admin";
/// The admin's password.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// The programs under test lie beside each other.
pub(crate) fn program(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_openpam-hub")).with_file_name(name);
    assert!(
        path.exists(),
        "{} is missing: build the whole workspace (cargo build --workspace)",
        path.display()
    );
    path
}

/// A free port, for TCP and UDP alike. Below those that the system gives to whoever asks for any: nobody else gets it
/// before its program has it.
pub(crate) fn free_port() -> u16 {
    const PORTS: std::ops::Range<u32> = 12_000..32_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Each test process begins elsewhere.
    let begin = std::process::id().wrapping_mul(137);
    loop {
        let at = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % (PORTS.end - PORTS.start);
        let port = u16::try_from(PORTS.start + at).expect("below 65,536");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() && UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Waits until `look` finds something; fails the test when it never does.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, look: impl FnMut() -> F) -> T {
    eventually_within(PATIENCE, what, look).await
}

/// The same, with more patience.
pub(crate) async fn eventually_within<T, F: Future<Output = Option<T>>>(
    patience: Duration,
    what: &str,
    mut look: impl FnMut() -> F,
) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A hub in its folder, running or not.
pub(crate) struct Hub {
    pub(crate) folder: PathBuf,
    pub(crate) http_port: u16,
    pub(crate) tunnel_port: u16,
    metrics_port: u16,
    tunnel_host: String,
    /// As environment; for its next start.
    pub(crate) settings: Vec<(&'static str, String)>,
    log: &'static str,
    process: Option<Process>,
}

impl Hub {
    /// Starts a hub with an admin in a new folder below `parent`.
    pub(crate) async fn start(parent: &Path, name: &str) -> Self {
        Self::start_in(parent, name, &Place::default()).await
    }

    /// The same, in a place of one's choice.
    pub(crate) async fn start_in(parent: &Path, name: &str, place: &Place) -> Self {
        let mut hub = Self::new_in(parent, name, place);
        hub.run().await;
        hub.add_user(ADMIN, PASSWORD, "admin").await;
        hub
    }

    /// One that does not run yet, and has no admin.
    pub(crate) fn new_in(parent: &Path, name: &str, place: &Place) -> Self {
        let folder = parent.join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        Self {
            folder,
            http_port: free_port(),
            tunnel_port: free_port(),
            metrics_port: free_port(),
            tunnel_host: place.tunnel_host.clone(),
            settings: place.hub_settings.clone(),
            log: place.log,
            process: None,
        }
    }

    pub(crate) fn command(&self) -> tokio::process::Command {
        let mut command = process::command(program("openpam-hub"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("OPENPAM_LISTEN", format!("127.0.0.1:{}", self.http_port))
            .env("OPENPAM_TUNNEL_LISTEN", format!("{}:{}", self.tunnel_host, self.tunnel_port))
            .env("OPENPAM_TUNNEL_ADDRESSES", format!("{}:{}", self.tunnel_host, self.tunnel_port))
            .env("OPENPAM_METRICS_LISTEN", format!("127.0.0.1:{}", self.metrics_port))
            .env("OPENPAM_LOG", self.log)
            .env("OPENPAM_DATA_DIR", self.data())
            .env("OPENPAM_SECRETS_DIR", self.secrets())
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Its data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Its keys and sealed store.
    pub(crate) fn secrets(&self) -> PathBuf {
        self.folder.join("secrets")
    }

    /// Where its output goes.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("hub.log")
    }

    /// Starts the process and waits until it is ready.
    pub(crate) async fn run(&mut self) {
        let mut command = self.command();
        command.arg("serve");
        self.process = Some(Process::start("hub", command, &self.log()));
        let url = format!("{}/ready", self.url());
        let client = reqwest::Client::new();
        eventually("the hub is ready", || async {
            client.get(&url).send().await.ok().filter(|answer| answer.status().is_success()).map(|_| ())
        })
        .await;
    }

    /// Kills the process at once, as a crash would. Its PostgreSQL is left alone.
    pub(crate) async fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }

    /// The base of all addresses.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.http_port)
    }

    /// Where Prometheus asks.
    pub(crate) fn metrics_url(&self) -> String {
        format!("http://127.0.0.1:{}/metrics", self.metrics_port)
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.process.as_ref().expect("runs").id()
    }

    /// Runs `openpam-hub user add`.
    pub(crate) async fn add_user(&self, name: &str, password: &str, role: &str) {
        let mut command = self.command();
        command.args(["user", "add", name, "--role", role]);
        let (status, output) = process::run_with_input(command, password).await;
        assert!(status.success(), "user add {name}: {output}");
    }

    /// Runs `openpam-hub` with these arguments to its end; status and output.
    pub(crate) async fn run_command(&self, arguments: &[&str]) -> (std::process::ExitStatus, String) {
        let mut command = self.command();
        command.args(arguments);
        process::run_with_input(command, "").await
    }

    /// Waits for the end of a hub that was told to stop by somebody else.
    pub(crate) async fn stop_waiting(&mut self) {
        if let Some(process) = self.process.take() {
            process.ended().await;
        }
    }

    /// Ends hub and PostgreSQL in order.
    pub(crate) async fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            process.terminate().await;
        }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        // A hub that is killed leaves its servers and the satellites of its own zones running: after a failed test nobody
        // else ends them.
        end_satellites(&self.data());
        end_servers(&self.data());
    }
}

/// Ends the satellites of own zones that a hub left running with this data folder.
fn end_satellites(data: &Path) {
    for folder in std::fs::read_dir(data.join("zones")).into_iter().flatten().flatten() {
        let lock = folder.path().join("lock");
        let held = std::fs::File::open(&lock).is_ok_and(|file| file.try_lock_shared().is_err());
        let pid = std::fs::read_to_string(&lock).ok().and_then(|note| note.trim().parse().ok());
        if let Some(pid) = pid.filter(|_| held).and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
        end_server(&folder.path(), NATS);
    }
}

/// Where servers of a hub or a satellite work in its folder, and write down which process they are.
pub(crate) const POSTGRES: (&str, &str) = ("postgres/cluster", "postmaster.pid");
pub(crate) const NATS: (&str, &str) = ("nats", "nats.pid");

/// Ends the PostgreSQL and the nats-server that a hub left running in this data folder.
pub(crate) fn end_servers(data: &Path) {
    for server in [POSTGRES, NATS] {
        end_server(data, server);
    }
}

fn end_server(data: &Path, server: (&str, &str)) {
    if let Some(pid) = server_pid(data, server) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::QUIT);
    }
}

/// That server of the hub or satellite with this folder, if it runs; its file may have been left by another process.
pub(crate) fn server_pid(data: &Path, (folder, pid_file): (&str, &str)) -> Option<rustix::process::Pid> {
    let folder = data.join(folder);
    let note = std::fs::read_to_string(folder.join(pid_file)).ok()?;
    let pid: i32 = note.lines().next()?.trim().parse().ok()?;
    let works_in = std::fs::read_link(format!("/proc/{pid}/cwd")).ok()?;
    rustix::process::Pid::from_raw(pid)
        .filter(|_| folder.canonicalize().is_ok_and(|folder| works_in == folder))
}

/// A satellite in its state folder, running or not.
pub(crate) struct Satellite {
    pub(crate) state: PathBuf,
    prefix: Vec<String>,
    /// As environment; for its next start.
    pub(crate) settings: Vec<(&'static str, String)>,
    log: &'static str,
    process: Option<Process>,
}

impl Drop for Satellite {
    fn drop(&mut self) {
        // A killed one leaves its leaf node running.
        end_server(&self.state, NATS);
    }
}

impl Satellite {
    pub(crate) fn new(state: PathBuf) -> Self {
        Self::new_in(state, &Place::default())
    }

    /// The same, in a place of one's choice.
    pub(crate) fn new_in(state: PathBuf, place: &Place) -> Self {
        Self {
            state,
            prefix: place.site_prefix.clone(),
            settings: place.satellite_settings.clone(),
            log: place.log,
            process: None,
        }
    }

    /// Where its output goes.
    pub(crate) fn log(&self) -> PathBuf {
        self.state.with_extension("log")
    }

    pub(crate) fn command(&self) -> tokio::process::Command {
        let mut command = process::command_behind(&self.prefix, program("openpam-satellite"));
        command.env("OPENPAM_LOG", self.log).envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.arg("--state").arg(&self.state);
        command
    }

    /// Runs `openpam-satellite join -`; exit status and everything it printed.
    pub(crate) async fn join(&self, token: &str, more: &[&str]) -> (bool, String) {
        let mut command = self.command();
        command.args(["join", "-"]).args(more);
        let (status, output) = process::run_with_input(command, token).await;
        (status.success(), output)
    }

    /// Runs `openpam-satellite run` until it ends by itself.
    pub(crate) async fn run_to_its_end(&self) -> (bool, String) {
        let mut command = self.command();
        command.arg("run");
        let (status, output) = process::run_with_input(command, "").await;
        (status.success(), output)
    }

    pub(crate) fn run(&mut self) {
        let mut command = self.command();
        command.arg("run");
        self.process = Some(Process::start("satellite", command, &self.log()));
    }

    pub(crate) async fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }

    pub(crate) async fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            process.terminate().await;
        }
    }

    /// Waits until the process ends by itself; its exit code.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        self.process.take().expect("runs").ended().await.code()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.as_ref().expect("runs").id()
    }
}

/// A hub, one zone with its satellite, one target in it, and the admin who may open it.
pub(crate) struct World {
    pub(crate) hub: Hub,
    pub(crate) satellite: Satellite,
    pub(crate) target: Target,
    pub(crate) admin: Api,
    pub(crate) zone_id: String,
    pub(crate) target_id: String,
    pub(crate) credential_id: String,
    pub(crate) folder: tempfile::TempDir,
    /// Whether its books are verified at the end.
    pub(crate) is_verified: bool,
}

impl World {
    /// Starts everything and waits until the target can be reached.
    pub(crate) async fn start() -> Self {
        Self::start_in(Place::default()).await
    }

    /// The same, with logs as detailed as `log` says.
    pub(crate) async fn start_logging(log: &'static str) -> Self {
        Self::start_in(Place { log, ..Place::default() }).await
    }

    /// The same, in a place of one's choice.
    pub(crate) async fn start_in(place: Place) -> Self {
        let folder = folder();
        let (hub, target) = tokio::join!(
            Hub::start_in(folder.path(), "hub", &place),
            Target::start_behind(folder.path(), place.site_prefix.clone())
        );
        let admin = Api::sign_in(&hub.url(), ADMIN, PASSWORD).await;
        let state = folder.path().join("satellite");
        let Zone { id: zone_id, satellite } = Zone::start(&admin, "plant-7", state, &place).await;
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
            hub,
            satellite,
            target,
            admin,
            zone_id,
            target_id,
            credential_id,
            folder,
            is_verified: true,
        };
        world.until_reachable().await;
        world
    }

    /// Another target in the zone, open to the admin; `credential` without its target.
    pub(crate) async fn another_target(
        &self,
        name: &str,
        hostname: &str,
        port: u16,
        credential: Option<Value>,
    ) -> String {
        zone::add_target(&self.admin, &self.zone_id, name, (hostname, port), credential).await
    }

    /// Waits until the target's row says that it can be reached.
    pub(crate) async fn until_reachable(&self) {
        self.until_target_is_reachable(&self.target_id).await;
    }

    /// The same of another target.
    pub(crate) async fn until_target_is_reachable(&self, target_id: &str) {
        let path = format!("/api/v1/targets/{target_id}");
        eventually("the target is reachable", || async {
            let row = self.admin.try_get(&path).await?;
            (row["reachable"] == json!(true)).then_some(())
        })
        .await;
    }

    /// What `audit verify` says of the books, and whether everything fits.
    pub(crate) async fn verify(&self) -> (bool, String) {
        let (status, said) = self.hub.run_command(&["audit", "verify"]).await;
        (status.success(), said)
    }

    /// Ends everything in order; a world that is only dropped is killed. Whatever happened in it, its books still fit.
    pub(crate) async fn stop(mut self) -> tempfile::TempDir {
        self.satellite.stop().await;
        if self.is_verified {
            let (fits, said) = self.verify().await;
            assert!(fits, "audit verify: {said}");
        }
        self.hub.stop().await;
        self.target.stop().await;
        self.folder
    }
}

/// A folder that PostgreSQL's user can reach too; with OPENPAM_TEST_KEEP set it stays, logs and all.
pub(crate) fn folder() -> tempfile::TempDir {
    let keep = std::env::var_os("OPENPAM_TEST_KEEP").is_some();
    let folder = tempfile::Builder::new().prefix("openpam-test-").disable_cleanup(keep).tempdir_in("/tmp");
    let folder = folder.expect("a folder");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("permissions");
    folder
}

/// The `id` of a row.
pub(crate) fn id(row: &Value) -> String {
    row["id"].as_str().unwrap_or_else(|| panic!("no id in {row}")).to_owned()
}
