//! A guacd, on loopback unless told otherwise. What it wants to keep goes to a home of its own.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use super::process::{self, Process};
use super::{eventually, free_port};

pub(crate) struct Guacd {
    /// Where it listens.
    pub(crate) address: Ipv4Addr,
    pub(crate) port: u16,
    pub(crate) folder: PathBuf,
    /// Words that start it where it stands.
    prefix: Vec<String>,
    /// Whether it speaks TLS, with the certificate in its folder.
    tls: bool,
    process: Option<Process>,
}

impl Guacd {
    /// Starts one in a new folder below `parent`.
    pub(crate) async fn start(parent: &Path) -> Self {
        Self::start_at(parent, Ipv4Addr::LOCALHOST, Vec::new()).await
    }

    /// The same, listening at this address, started by the words `prefix`.
    pub(crate) async fn start_at(parent: &Path, address: Ipv4Addr, prefix: Vec<String>) -> Self {
        let mut guacd = Self::new(parent, address, prefix);
        guacd.run().await;
        guacd
    }

    /// The same on loopback, with a certificate of its own, which no authority has made.
    pub(crate) async fn start_tls(parent: &Path) -> Self {
        let mut guacd = Self { tls: true, ..Self::new(parent, Ipv4Addr::LOCALHOST, Vec::new()) };
        let [key, certificate] = ["key.pem", "cert.pem"].map(|name| process::text(&guacd.folder.join(name)));
        let mut command = tokio::process::Command::new("openssl");
        command.args("req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=guacd".split(' '));
        command.args("-addext basicConstraints=critical,CA:FALSE".split(' '));
        command.args(["-addext", &format!("subjectAltName=IP:{}", guacd.address)]);
        command.args(["-keyout", &key, "-out", &certificate]);
        let (status, output) = process::run_with_input(command, "").await;
        assert!(status.success(), "openssl: {output}");
        guacd.run().await;
        guacd
    }

    fn new(parent: &Path, address: Ipv4Addr, prefix: Vec<String>) -> Self {
        let port = free_port();
        let folder = parent.join(format!("guacd-{port}"));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self { address, port, folder, prefix, tls: false, process: None }
    }

    /// Its certificate.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.folder.join("cert.pem")
    }

    /// Where its output goes.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("guacd.log")
    }

    /// Starts it and waits until it listens.
    pub(crate) async fn run(&mut self) {
        let mut command = process::command_with_all(&self.prefix, "/usr/sbin/guacd");
        command.env("HOME", &self.folder).current_dir(&self.folder);
        command.args(["-f", "-L", "info", "-b", &self.address.to_string(), "-l", &self.port.to_string()]);
        if self.tls {
            command.args(["-C".as_ref(), self.certificate().as_os_str()]);
            command.args(["-K".as_ref(), self.folder.join("key.pem").as_os_str()]);
        }
        let log = self.log();
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        let before = said().len();
        self.process = Some(Process::start("guacd", command, &log));
        // Asked of its log, since its loopback need not be ours.
        eventually("guacd listens", || async {
            said().get(before..).is_some_and(|said| said.contains("Listening on host")).then_some(())
        })
        .await;
    }

    /// Kills it with every connection that it has.
    pub(crate) async fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }
}
