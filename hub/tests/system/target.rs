//! The target: an OpenSSH server, on loopback unless told otherwise, that lets one throw-away account in, by password or key.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use super::account::Account;
use super::process::{Process, run, text};
use super::{eventually, free_port};

pub(crate) struct Target {
    /// Where it listens.
    pub(crate) address: Ipv4Addr,
    pub(crate) port: u16,
    pub(crate) account: String,
    pub(crate) password: String,
    pub(crate) folder: PathBuf,
    /// Further lines of its configuration, before all others.
    pub(crate) settings: String,
    /// Words that start the server where it stands.
    prefix: Vec<String>,
    process: Option<Process>,
    /// Ended with it.
    _account: Account,
}

impl Target {
    /// Makes the account and starts the server.
    pub(crate) async fn start(parent: &Path) -> Self {
        Self::start_behind(parent, Vec::new()).await
    }

    /// The same, the server started by the words `prefix`.
    pub(crate) async fn start_behind(parent: &Path, prefix: Vec<String>) -> Self {
        Self::start_at(parent, Ipv4Addr::LOCALHOST, prefix).await
    }

    /// The same, listening at this address.
    pub(crate) async fn start_at(parent: &Path, address: Ipv4Addr, prefix: Vec<String>) -> Self {
        let folder = parent.join("target");
        std::fs::create_dir_all(&folder).expect("a folder");
        let account = Account::make(&folder.join("home")).await;
        let mut target = Self {
            address,
            port: free_port(),
            account: account.name.clone(),
            password: account.password.clone(),
            folder,
            settings: String::new(),
            prefix,
            process: None,
            _account: account,
        };
        target.new_host_key().await;
        target.run().await;
        target
    }

    /// The account's home.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    /// A new private key that the server lets in.
    pub(crate) async fn authorized_key(&self) -> String {
        self.authorized_key_of(&["-t", "ed25519"], "").await
    }

    /// One that `ssh-keygen` makes of these words, with this passphrase.
    pub(crate) async fn authorized_key_of(&self, words: &[&str], passphrase: &str) -> String {
        let key = self.folder.join("user_key");
        let _ = std::fs::remove_file(&key);
        let file = text(&key);
        run("ssh-keygen", &[&["-q", "-N", passphrase, "-f", &file], words].concat()).await;
        std::fs::copy(key.with_extension("pub"), self.folder.join("authorized_keys")).expect("copies");
        std::fs::read_to_string(key).expect("a key")
    }

    /// Gives the server another host key.
    pub(crate) async fn new_host_key(&self) {
        self.new_host_key_of("ed25519").await;
    }

    /// One of this kind.
    pub(crate) async fn new_host_key_of(&self, kind: &str) {
        let key = self.folder.join("host_key");
        let _ = std::fs::remove_file(&key);
        let _ = std::fs::remove_file(key.with_extension("pub"));
        run("ssh-keygen", &["-q", "-t", kind, "-N", "", "-f", &text(&key)]).await;
    }

    /// Starts the server and waits until it listens.
    pub(crate) async fn run(&mut self) {
        std::fs::create_dir_all("/run/sshd").expect("sshd's folder");
        let config = format!(
            "{}\nPort {}\nListenAddress {}\nHostKey {}/host_key\nPidFile none\nUsePAM no\nStrictModes no\n\
             PasswordAuthentication yes\nKbdInteractiveAuthentication no\nAuthorizedKeysFile {}/authorized_keys\n\
             AllowUsers {}\nMaxStartups 300:30:400\nMaxSessions 300\nPrintMotd no\nPrintLastLog no\nUseDNS no\n",
            self.settings,
            self.port,
            self.address,
            self.folder.display(),
            self.folder.display(),
            self.account
        );
        let file = self.folder.join("sshd_config");
        std::fs::write(&file, config).expect("a configuration");
        let mut command = super::process::command_behind(&self.prefix, "/usr/sbin/sshd");
        command.args(["-D", "-e", "-f"]).arg(&file);
        let log = self.folder.join("sshd.log");
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        let before = said().len();
        self.process = Some(Process::start("sshd", command, &log));
        // Asked of its log, since its loopback need not be ours.
        eventually("sshd listens", || async {
            said()[before..].contains("Server listening on").then_some(())
        })
        .await;
    }

    /// Stops the server; open sessions of it live on.
    pub(crate) async fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }
}
