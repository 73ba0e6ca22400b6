//! A desktop as xrdp gives it: RDP without NLA, and a screen (Xorg) for the one throw-away account.
//!
//! With a wrong password it shows its own box to sign in; who wants a refusal takes the NLA server.

use std::path::{Path, PathBuf};

use super::super::account::Account;
use super::super::process::{self, Process, run, text};
use super::super::{eventually, free_port};
use super::screen::{Left, Screen, windows};

/// sesman's port is read from one file for all xrdp of a machine, their sockets lie in one folder: here each has its own.
const START: &str = r#"set -e
mkdir -p /run/xrdp
install -d -m 1777 /tmp/.X11-unix
mount --bind "$1/sesman.ini" /etc/xrdp/sesman.ini
mount -t tmpfs -o mode=755 tmpfs /run/xrdp
install -d -g xrdp -m 3777 /run/xrdp/sockdir
mount -t tmpfs -o mode=1777 tmpfs /tmp/.X11-unix
xrdp-sesman -n -c "$1/sesman.ini" &
until (exec 3<>"/dev/tcp/::1/$2" || exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; do sleep 0.02; done
xrdp -n -c "$1/xrdp.ini" &
wait -n
"#;

/// Where a redirected drive is, in the account's home, if the machine has FUSE.
pub(crate) const DRIVES: &str = "drives";

pub(crate) struct Xrdp {
    pub(crate) port: u16,
    pub(crate) account: String,
    pub(crate) password: String,
    pub(crate) folder: PathBuf,
    sesman_port: u16,
    screen: Screen,
    /// Words that start it where it stands.
    prefix: Vec<String>,
    process: Option<Process>,
    _left: Left,
    /// Ended with it.
    _account: Account,
}

impl Xrdp {
    /// Makes the account and starts the desktop on loopback.
    pub(crate) async fn start(parent: &Path) -> Self {
        Self::start_behind(parent, Vec::new()).await
    }

    /// The same, started by the words `prefix`.
    pub(crate) async fn start_behind(parent: &Path, prefix: Vec<String>) -> Self {
        let port = free_port();
        let folder = parent.join(format!("xrdp-{port}"));
        std::fs::create_dir_all(&folder).expect("a folder");
        let account = Account::make(&folder.join("home")).await;
        let screen = Screen::new(port).of(&account.name, &account.home);
        let mut desktop = Self {
            port,
            account: account.name.clone(),
            password: account.password.clone(),
            folder,
            sesman_port: free_port(),
            _left: Left(screen.clone()),
            screen,
            prefix,
            process: None,
            _account: account,
        };
        desktop.new_certificate().await;
        desktop.run().await;
        desktop
    }

    /// Gives it another certificate, for its next start.
    pub(crate) async fn new_certificate(&self) {
        let [key, certificate] = ["key.pem", "cert.pem"].map(|name| text(&self.folder.join(name)));
        let mut command = tokio::process::Command::new("openssl");
        command.args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=desktop",
        ]);
        command.args(["-keyout", &key, "-out", &certificate]);
        let (status, output) = process::run_with_input(command, "").await;
        assert!(status.success(), "openssl: {output}");
    }

    /// Starts it and waits until it listens.
    pub(crate) async fn run(&mut self) {
        self.screen.forget();
        self.write("sesman.ini", &self.sesman_ini());
        self.write("xrdp.ini", &self.xrdp_ini());
        let windows = windows("xclock -update 1 -geometry 200x200-10+10 & ");
        self.write("startwm.sh", &format!("#!/bin/sh\n{windows}wait\n"));
        run("chmod", &["755", &text(&self.folder.join("startwm.sh"))]).await;
        let mut command = process::command_with_all(&self.prefix, "bash");
        command.args(["-c", START, "xrdp", &text(&self.folder), &self.sesman_port.to_string()]);
        let log = self.folder.join("xrdp.log");
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        let before = said().len();
        self.process = Some(Process::start("xrdp", command, &self.folder.join("output.log")));
        // Asked of its log, since its loopback need not be ours.
        eventually("xrdp listens", || async {
            said().get(before..).is_some_and(|said| said.contains("listening to port")).then_some(())
        })
        .await;
    }

    /// Kills it, screen and all.
    pub(crate) async fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }

    /// The account's screen, once somebody opened it.
    pub(crate) fn screen(&self) -> &Screen {
        &self.screen
    }

    fn write(&self, name: &str, content: &str) {
        std::fs::write(self.folder.join(name), content).expect("writes");
    }

    fn sesman_ini(&self) -> String {
        let (folder, port) = (self.folder.display(), self.sesman_port);
        format!(
            "[Globals]
ListenAddress=127.0.0.1
ListenPort={port}
EnableUserWindowManager=false
DefaultWindowManager={folder}/startwm.sh
ReconnectScript=/bin/true

[Security]
AllowRootLogin=false
MaxLoginRetry=4
AlwaysGroupCheck=false

[Sessions]
X11DisplayOffset={}
MaxSessions=10
KillDisconnected=false
Policy=Default

[Logging]
LogFile={folder}/sesman.log
LogLevel=INFO
EnableSyslog=false

[Xorg]
param=/usr/lib/xorg/Xorg
param=-config
param=xrdp/xorg.conf
param=-noreset
param=-nolisten
param=tcp
param=-logfile
param=/dev/null

[Chansrv]
EnableFuseMount=true
FuseMountName={DRIVES}

[ChansrvLogging]
LogLevel=INFO
EnableSyslog=false
",
            self.port
        )
    }

    fn xrdp_ini(&self) -> String {
        let (folder, port) = (self.folder.display(), self.port);
        format!(
            "[Globals]
ini_version=1
fork=true
port=tcp://127.0.0.1:{port}
tcp_nodelay=true
tcp_keepalive=true
security_layer=negotiate
crypt_level=high
certificate={folder}/cert.pem
key_file={folder}/key.pem
ssl_protocols=TLSv1.2, TLSv1.3
allow_channels=true
bitmap_cache=true
bitmap_compression=true
bulk_compression=true
max_bpp=32
new_cursors=true
use_fastpath=both

[Logging]
LogFile={folder}/xrdp.log
LogLevel=INFO
EnableSyslog=false

[Channels]
rdpdr=true
rdpsnd=true
drdynvc=true
cliprdr=true

[Xorg]
name=Xorg
lib=libxup.so
username=ask
password=ask
ip=127.0.0.1
port=-1
code=20
"
        )
    }
}
