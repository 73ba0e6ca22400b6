//! The real program on a data folder of its own: takeover of PostgreSQL, two hubs, `user add`, a clean stop.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::harness::PASSWORD;

/// A folder that PostgreSQL's user can enter; what still runs in it ends with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Self(PathBuf::from(format!("/tmp/openpam-t-{}", openpam_ids::Uuid::now_v7().simple())))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_openpam-hub"));
        command.args(arguments).arg("--data").arg(self.0.join("data"));
        for (key, value) in [
            ("OPENPAM_LISTEN", "127.0.0.1:0"),
            ("OPENPAM_METRICS_LISTEN", "127.0.0.1:0"),
            ("OPENPAM_TUNNEL_LISTEN", "127.0.0.1:0"),
        ] {
            command.env(key, value);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn serve(&self) -> Hub {
        self.serve_on("127.0.0.1:0", "http://127.0.0.1")
    }

    /// Serves on `listen`; what it says it is ready on begins with `url`.
    fn serve_on(&self, listen: &str, url: &str) -> Hub {
        self.serve_with(url, &[("OPENPAM_LISTEN", listen)])
    }

    /// Serves with this in its environment.
    fn serve_with(&self, url: &str, environment: &[(&str, &str)]) -> Hub {
        fs::create_dir_all(&self.0).expect("a folder");
        let log = fs::File::options().create(true).append(true).open(self.0.join("log")).expect("a log");
        let mut child = self
            .command(&["serve"])
            .envs(environment.iter().copied())
            .stderr(log)
            .spawn()
            .expect("the hub starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("piped");
        BufReader::new(out).read_line(&mut line).expect("reads");
        let log = fs::read_to_string(self.0.join("log")).unwrap_or_default();
        let port = line.trim().strip_prefix(&format!("openpam-hub ready on {url}:"));
        let port = port.unwrap_or_else(|| panic!("{line:?} {log}")).parse().expect("a port");
        Hub { child, port }
    }

    fn user_add(&self, name: &str) -> Output {
        let mut command = self.command(&["user", "add", name, "--role", "admin"]);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("starts");
        writeln!(child.stdin.take().expect("piped"), "{PASSWORD}").expect("takes the password");
        child.wait_with_output().expect("ends")
    }

    fn postgres(&self) -> Option<i32> {
        self.server("data/postgres/cluster", "postmaster.pid")
    }

    fn nats(&self) -> Option<i32> {
        self.server("data/nats", "nats.pid")
    }

    /// The server that runs there.
    fn server(&self, folder: &str, pid_file: &str) -> Option<i32> {
        let folder = self.0.join(folder);
        let note = fs::read_to_string(folder.join(pid_file)).ok()?;
        let pid = note.lines().next()?.trim().parse().ok()?;
        let works_in = fs::read_link(format!("/proc/{pid}/cwd")).ok()?;
        (works_in == folder.canonicalize().ok()?).then_some(pid)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(pid) = self.postgres().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::QUIT);
            wait_until("PostgreSQL ends", || {
                !Path::new(&format!("/proc/{}/cwd", pid.as_raw_nonzero())).exists()
            });
        }
        if let Some(pid) = self.nats().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::KILL);
        }
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct Hub {
    child: Child,
    port: u16,
}

impl Hub {
    fn kill(mut self) {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("ends");
    }

    fn terminate(mut self) -> bool {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a pid");
        kill_process(pid, Signal::TERM).expect("SIGTERM");
        wait_until("the hub ends", || self.child.try_wait().expect("waits").is_some());
        self.child.wait().expect("ended").success()
    }

    async fn sign_in(&self, name: &str) -> u16 {
        self.post_login(name).await.status().as_u16()
    }

    async fn post_login(&self, name: &str) -> reqwest::Response {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let body = serde_json::json!({ "username": name, "password": PASSWORD });
        let url = format!("http://127.0.0.1:{}/api/v1/auth/login", self.port);
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        // Nobody who is no proxy says what a request is called.
        client.post(url).header("x-request-id", "forged").json(&body).send().await.expect("answers")
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_until(what: &str, condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut condition = condition;
    while !condition() {
        assert!(Instant::now() < deadline, "{what}: not within 20 s");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn the_log_can_be_json_and_its_lines_name_the_request_that_an_answer_names() {
    let folder = Folder::new();
    fs::create_dir_all(&folder.0).expect("a folder");
    assert!(folder.user_add("ann").status.success());
    let json = ("OPENPAM_LOG_FORMAT", "json");
    let hub =
        folder.serve_with("http://127.0.0.1", &[json, ("OPENPAM_LOG", "info,openpam_hub::request_id=debug")]);
    let answer = hub.post_login("ann").await;
    let id = answer.headers()["x-request-id"].to_str().expect("text").to_owned();
    assert_ne!(id, "forged");
    assert!(hub.terminate());
    let log = fs::read_to_string(folder.0.join("log")).expect("a log");
    assert!(!log.contains(PASSWORD), "no secret stands there");
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let answered: Vec<_> = lines.iter().filter(|line| line["spans"][0]["id"] == id.as_str()).collect();
    let [line] = answered.as_slice() else { panic!("{log}") };
    assert_eq!((&line["message"], &line["status"]), (&"answered".into(), &200.into()));
    assert_eq!(line["spans"][0]["path"], "/api/v1/auth/login");
}

#[tokio::test]
async fn user_add_works_before_beside_and_after_the_hub_and_names_a_taken_name() {
    let folder = Folder::new();
    fs::create_dir_all(&folder.0).expect("a folder");
    let first = folder.user_add("ann");
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    assert_eq!(folder.postgres(), None, "PostgreSQL was started for the moment only");
    let hub = folder.serve();
    assert_eq!(hub.sign_in("ann").await, 200);
    assert!(folder.user_add("Bob").status.success());
    wait_until("nats-server runs", || folder.nats().is_some());
    assert_eq!(hub.sign_in("bob").await, 200);
    let twice = folder.user_add("ann");
    assert_eq!(twice.status.code(), Some(3));
    assert_eq!(
        String::from_utf8_lossy(&twice.stderr).lines().last(),
        Some("openpam-hub: that user name is there already")
    );
    assert!(hub.terminate());
    assert_eq!((folder.postgres(), folder.nats()), (None, None), "a stopped hub stops its servers");
    assert!(folder.user_add("eve").status.success());
}

#[tokio::test]
async fn a_postgresql_that_outlived_its_hub_is_taken_over_or_replaced_within_5_s() {
    let folder = Folder::new();
    let hub = folder.serve();
    assert!(folder.user_add("ann").status.success());
    let before = folder.postgres().expect("runs");
    hub.kill();
    assert_eq!(folder.postgres(), Some(before), "PostgreSQL outlives its hub");
    let hub = folder.serve();
    assert_eq!(folder.postgres(), Some(before), "taken over");
    assert_eq!(hub.sign_in("ann").await, 200);
    hub.kill();
    // It lives but does not answer.
    let pid = Pid::from_raw(before).expect("a pid");
    kill_process(pid, Signal::STOP).expect("stops it");
    let started = Instant::now();
    let hub = folder.serve();
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert_ne!(folder.postgres(), Some(before), "replaced");
    assert_eq!(hub.sign_in("ann").await, 200);
    assert!(hub.terminate());
}

#[tokio::test]
async fn a_dead_postgresql_is_started_again_under_a_running_hub() {
    let folder = Folder::new();
    let hub = folder.serve();
    assert!(folder.user_add("ann").status.success());
    let before = folder.postgres().expect("runs");
    kill_process(Pid::from_raw(before).expect("a pid"), Signal::QUIT).expect("kills it");
    wait_until("a new PostgreSQL", || folder.postgres().is_some_and(|pid| pid != before));
    let deadline = Instant::now() + Duration::from_secs(20);
    while hub.sign_in("ann").await != 200 {
        assert!(Instant::now() < deadline, "no sign-in within 20 s");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(hub.terminate());
}

#[tokio::test]
async fn off_loopback_the_hub_speaks_https_with_a_certificate_of_its_own_authority() {
    let folder = Folder::new();
    let hub = folder.serve_on("0.0.0.0:0", "https://0.0.0.0");
    assert!(folder.user_add("ann").status.success());
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let root = fs::read(folder.0.join("data-secrets/keys/root.pem")).expect("the root's certificate");
    let root = reqwest::Certificate::from_pem(&root).expect("a certificate");
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([root]).build().expect("a client");
    let body = serde_json::json!({ "username": "ann", "password": PASSWORD });
    let url = format!("https://localhost:{}/api/v1/auth/login", hub.port);
    let answer = client.post(url).json(&body).send().await.expect("the certificate is good");
    let cookie = answer.headers()["set-cookie"].to_str().expect("text");
    assert!(
        cookie.starts_with("__Host-") && cookie.contains("Secure") && cookie.contains("HttpOnly"),
        "{cookie}"
    );
    assert!(answer.headers().contains_key("strict-transport-security"));
    let plain = client.get(format!("http://localhost:{}/health", hub.port)).send().await;
    assert!(!plain.is_ok_and(|answer| answer.status().is_success()), "plain HTTP is not answered");
    assert!(hub.terminate());
}

#[test]
fn a_second_hub_on_one_data_folder_leaves_with_one_line() {
    let folder = Folder::new();
    let first = folder.serve();
    let second = folder.command(&["serve"]).output().expect("ends");
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("another openpam-hub runs on"), "{said}");
    assert!(first.terminate());
}

#[test]
fn the_openapi_document_is_printed_without_a_database() {
    let output = Command::new(env!("CARGO_BIN_EXE_openpam-hub")).arg("openapi").output().expect("runs");
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(document["paths"]["/api/v1/auth/login"]["post"].is_object());
}

#[test]
fn the_books_are_verified_beside_the_hub_and_without_it() {
    let folder = Folder::new();
    let verify = |hub: &str| {
        let output = folder.command(&["audit", "verify"]).output().expect("runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{hub}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(said.contains(": 1 events until ") && said.ends_with("everything fits\n"), "{hub}: {said}");
    };
    let hub = folder.serve();
    assert!(folder.user_add("ann").status.success());
    verify("it runs");
    assert!(hub.terminate());
    verify("it does not");
}
