//! A VNC server with a screen of its own and a password, which needs no root.

use std::path::{Path, PathBuf};

use super::super::process::{self, Process};
use super::super::{eventually, free_port};
use super::screen::{Left, Screen, windows};

const START: &str = r#"set -e
printf '%s\n' "$PASSWORD" | tigervncpasswd -f >password
Xtigervnc "$DISPLAY" -rfbport "$1" -localhost -SecurityTypes VncAuth -PasswordFile password -geometry 1024x768 -depth 24 -noreset &
until xsetroot 2>/dev/null; do sleep 0.02; done
. ./windows.sh
wait
"#;

pub(crate) struct VncServer {
    pub(crate) port: u16,
    /// Eight characters: VNC looks at no more. It knows no accounts.
    pub(crate) password: String,
    pub(crate) folder: PathBuf,
    screen: Screen,
    _process: Process,
    _left: Left,
}

impl VncServer {
    /// Starts it on loopback in a new folder below `parent`, and waits until it listens.
    pub(crate) async fn start(parent: &Path) -> Self {
        let port = free_port();
        let folder = parent.join(format!("vnc-{port}"));
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("windows.sh"), windows("")).expect("writes");
        let screen = Screen::new(port);
        let left = Left(screen.clone());
        let password: String = uuid::Uuid::new_v4().simple().to_string().chars().take(8).collect();
        let mut command = process::command_with_all(&[], "sh");
        command.args(["-c", START, "vnc", &port.to_string()]).current_dir(&folder);
        command.env("HOME", &folder).env("DISPLAY", screen.display()).env("PASSWORD", &password);
        let process = Process::start("Xtigervnc", command, &folder.join("output.log"));
        eventually("the VNC server listens", || async {
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok().map(|_| ())
        })
        .await;
        Self { port, password, folder, screen, _process: process, _left: left }
    }

    /// What it shows.
    pub(crate) fn screen(&self) -> &Screen {
        &self.screen
    }
}
