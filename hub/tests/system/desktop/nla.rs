//! An RDP server that wants the password before anything else (NLA), as Windows does: it mirrors one screen.
//!
//! The account is of this server alone, which needs no root.

use std::path::{Path, PathBuf};

use super::super::process::{self, Process};
use super::super::{eventually, free_port};
use super::screen::{Left, Screen, windows};

/// The account.
pub(crate) const ACCOUNT: &str = "operator";

const START: &str = r#"set -e
winpr-hash -u "$ACCOUNT" -p "$PASSWORD" -f sam >sam
Xvfb "$DISPLAY" -screen 0 1024x768x24 -nolisten tcp -noreset &
until xsetroot 2>/dev/null; do sleep 0.02; done
. ./windows.sh
exec freerdp-shadow-cli /bind-address:127.0.0.1 "/port:$1" "/sam-file:$PWD/sam" +auth /sec:nla
"#;

pub(crate) struct NlaServer {
    pub(crate) port: u16,
    pub(crate) password: String,
    pub(crate) folder: PathBuf,
    screen: Screen,
    _process: Process,
    _left: Left,
}

impl NlaServer {
    /// Starts it on loopback in a new folder below `parent`, and waits until it listens.
    pub(crate) async fn start(parent: &Path) -> Self {
        let port = free_port();
        let folder = parent.join(format!("nla-{port}"));
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("windows.sh"), windows("")).expect("writes");
        let screen = Screen::new(port);
        let left = Left(screen.clone());
        let password = format!("pw-{}", uuid::Uuid::new_v4().simple());
        let mut command = process::command_with_all(&[], "sh");
        command.args(["-c", START, "nla", &port.to_string()]).current_dir(&folder);
        command.env("HOME", &folder).env("DISPLAY", screen.display());
        command.env("ACCOUNT", ACCOUNT).env("PASSWORD", &password);
        let process = Process::start("freerdp-shadow", command, &folder.join("output.log"));
        eventually("the NLA server listens", || async {
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok().map(|_| ())
        })
        .await;
        Self { port, password, folder, screen, _process: process, _left: left }
    }

    /// The screen that it mirrors.
    pub(crate) fn screen(&self) -> &Screen {
        &self.screen
    }
}
