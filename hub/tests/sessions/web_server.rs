//! The web server in front of a hub: a real nginx with the site file that is shipped, in a folder and on ports of its own.
//!
//! Of the site only addresses, ports and paths are others, and what a test says. `nginx.conf` around it is the test's.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use openpam_link::ca::Authority;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::system::api::{Api, Way};
use crate::system::process::{self, Process};
use crate::system::{ADMIN, PASSWORD, eventually, free_port};

/// As it is shipped.
const SITE: &str = include_str!("../../../deploy/nginx/openpam.conf");
/// The server's name in it.
pub(crate) const NAME: &str = "pam.example";
const PROGRAM: &str = "/usr/sbin/nginx";
const WORKERS: usize = 2;

pub(crate) struct WebServer {
    pub(crate) folder: PathBuf,
    /// For HTTPS.
    pub(crate) port: u16,
    /// For those who come without TLS.
    pub(crate) plain_port: u16,
    process: Option<Process>,
}

impl WebServer {
    /// Starts it before the hub that listens on `upstream`. `settings` stand in `nginx.conf`; `changes` are made to the
    /// site: what stands there, and what instead.
    pub(crate) async fn start(
        folder: PathBuf,
        upstream: u16,
        settings: &str,
        changes: &[(&str, &str)],
    ) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mut server = Self { folder, port: free_port(), plain_port: free_port(), process: None };
        std::fs::create_dir_all(server.folder.join("temp")).expect("a folder");
        make_certificate(&server.folder);
        server.write("openpam.conf", &server.site(upstream, changes));
        server.write("nginx.conf", &server.around(settings));
        let (status, said) = process::run_with_input(server.command(&["-t"]), "").await;
        assert!(status.success() && !said.contains("[warn]"), "nginx -t: {said}");
        // With the test its first process is told to end, and ends its workers.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "--", PROGRAM]).args(server.arguments());
        server.process = Some(Process::start("nginx", command, &server.folder.join("output.log")));
        eventually("nginx listens", || async { TcpStream::connect(server.address()).await.ok() }).await;
        server
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.join(name), text).expect("writes");
    }

    /// What is read of its folder.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).expect("reads")
    }

    fn site(&self, upstream: u16, changes: &[(&str, &str)]) -> String {
        let folder = self.folder.display();
        // Warnings too: they tell when something is put on the disk.
        let error_log = format!("{folder}/error.log warn;");
        let here = [
            ("127.0.0.1:8080", format!("127.0.0.1:{upstream}")),
            ("listen 80;", format!("listen 127.0.0.1:{};", self.plain_port)),
            ("listen 443 ssl", format!("listen 127.0.0.1:{} ssl", self.port)),
            // Not every machine that tests has IPv6.
            ("listen [::]:80;", String::new()),
            ("listen [::]:443 ssl http2;", String::new()),
            ("/etc/nginx/openpam.", format!("{folder}/openpam.")),
            ("/var/log/nginx/openpam.access.log", format!("{folder}/access.log")),
            ("/var/log/nginx/openpam.error.log;", error_log),
        ];
        let here = here.iter().map(|(from, to)| (*from, to.as_str()));
        here.chain(changes.iter().copied()).fold(SITE.to_owned(), |site, (from, to)| {
            assert!(site.contains(from), "the site has no {from:?}");
            site.replace(from, to)
        })
    }

    fn around(&self, settings: &str) -> String {
        let folder = self.folder.display();
        let temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("    {name}_temp_path {folder}/temp/{name};\n"))
            .concat();
        format!(
            "daemon off;\nuser www-data;\nworker_processes {WORKERS};\npid {folder}/nginx.pid;\n\
             error_log {folder}/nginx.log notice;\n{settings}\nevents {{ worker_connections 256; }}\n\
             http {{\n{temp}    include {folder}/openpam.conf;\n}}\n"
        )
    }

    fn arguments(&self) -> [PathBuf; 4] {
        ["-e".into(), self.folder.join("nginx.log"), "-c".into(), self.folder.join("nginx.conf")]
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(self.arguments()).args(more);
        command
    }

    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The base of all addresses, as a browser has it.
    pub(crate) fn url(&self) -> String {
        format!("https://{NAME}:{}", self.port)
    }

    /// A client at this address that knows nobody but this server.
    pub(crate) fn client(&self, from: Ipv4Addr) -> reqwest::Client {
        let root = reqwest::Certificate::from_pem(self.read("root.pem").as_bytes()).expect("a certificate");
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let client = client.local_address(std::net::IpAddr::from(from)).resolve(NAME, self.address());
        client.tls_certs_only([root]).build().expect("a client")
    }

    /// The way of such a client's WebSockets.
    pub(crate) fn way(&self, from: Ipv4Addr) -> Way {
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_file(self.folder.join("root.pem")).expect("a certificate");
        roots.add(root).expect("a root");
        let tls = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        Way { from, to: self.address(), tls: Arc::new(tls), claims: &[] }
    }

    /// The admin, at this address.
    pub(crate) async fn sign_in(&self, from: Ipv4Addr) -> Api {
        let api = Api::sign_in_with(self.client(from), &self.url(), ADMIN, PASSWORD).await;
        Api { way: Some(self.way(from)), ..api }
    }

    fn workers(&self) -> Vec<String> {
        let id = self.process.as_ref().expect("runs").id();
        let children =
            std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).expect("its children");
        children.split_whitespace().map(str::to_owned).collect()
    }

    /// Lets it read its configuration again, and waits for its new workers; the old ones.
    pub(crate) async fn reload(&self) -> Vec<String> {
        let before = self.workers();
        let (status, said) = process::run_with_input(self.command(&["-s", "reload"]), "").await;
        assert!(status.success(), "nginx -s reload: {said}");
        eventually("new workers", || async {
            let new = self.workers().iter().filter(|worker| !before.contains(worker)).count();
            (new == WORKERS).then_some(())
        })
        .await;
        before
    }

    /// Ends it; every connection is cut.
    pub(crate) async fn stop(mut self) {
        if let Some(process) = self.process.take() {
            process.terminate().await;
        }
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        // After a failed test: a killed first process would leave its workers behind.
        let group = self.process.as_ref().and_then(|process| i32::try_from(process.id()).ok());
        if let Some(group) = group.and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// A certificate for the server's name, its key, and the root that a browser would trust.
fn make_certificate(folder: &Path) {
    let now = SystemTime::now();
    let made = Authority::create(now).expect("an authority");
    let authority = Authority::load(&made.root_cert, &made.intermediate_cert, &made.intermediate_key);
    let (chain, key) =
        authority.expect("loads").issue_web(vec![NAME.to_owned()], now).expect("a certificate");
    let chain = chain.iter().map(|der| pem("CERTIFICATE", der)).collect::<String>();
    std::fs::write(folder.join("root.pem"), made.root_cert).expect("writes");
    std::fs::write(folder.join("openpam.pem"), chain).expect("writes");
    std::fs::write(folder.join("openpam.key"), pem("PRIVATE KEY", &key)).expect("writes");
}

/// RFC 7468.
fn pem(label: &str, der: &[u8]) -> String {
    let text = data_encoding::BASE64.encode(der);
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n");
    format!("-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n")
}

/// What a process calls itself; `None`: it is gone.
pub(crate) fn title(process: &str) -> Option<String> {
    let title = std::fs::read(format!("/proc/{process}/cmdline")).ok()?;
    Some(String::from_utf8_lossy(&title).into_owned())
}
