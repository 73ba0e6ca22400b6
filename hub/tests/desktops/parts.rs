//! guacd and each kind of desktop alone: it is shown, takes keys, refuses who must be refused, and is gone at its end.

use std::path::Path;

use tokio::process::Command;

use crate::raw::Raw;
use crate::system::desktop::nla::{self, NlaServer};
use crate::system::desktop::screen::{Screen, TERMINAL};
use crate::system::desktop::vnc::VncServer;
use crate::system::desktop::xrdp::Xrdp;
use crate::system::guacd::Guacd;
use crate::system::{eventually, folder, free_port};

/// How a desktop of xrdp is opened.
pub(crate) async fn open_xrdp(guacd: &Guacd, desktop: &Xrdp) -> Raw {
    open_rdp(guacd, desktop.port, "any", (&desktop.account, &desktop.password)).await
}

pub(crate) async fn open_nla(guacd: &Guacd, port: u16, password: &str) -> Raw {
    open_rdp(guacd, port, "nla", (nla::ACCOUNT, password)).await
}

async fn open_rdp(guacd: &Guacd, port: u16, security: &str, (account, password): (&str, &str)) -> Raw {
    let port = port.to_string();
    let parameters = [
        ("hostname", "127.0.0.1"),
        ("port", &port),
        ("username", account),
        ("password", password),
        ("security", security),
        ("ignore-cert", "true"),
    ];
    Raw::open(guacd, "rdp", &parameters).await
}

pub(crate) async fn open_vnc(guacd: &Guacd, desktop: &VncServer) -> Raw {
    let port = desktop.port.to_string();
    let parameters = [("hostname", "127.0.0.1"), ("port", &port), ("password", &desktop.password)];
    Raw::open(guacd, "vnc", &parameters).await
}

/// Reads until the desktop has its terminal, and that the keys.
pub(crate) async fn until_terminal(raw: &mut Raw, screen: &Screen) {
    raw.until("size").await;
    let seen = eventually("a terminal on the screen", || async {
        let (found, _) = screen.run("xdotool", &["search", "--onlyvisible", "--class", "xterm"], "").await;
        found.then_some(())
    });
    raw.read_during(seen).await;
    raw.click(300, 200).await;
    let focused = eventually("the terminal has the keys", || async {
        let (_, name) = screen.run("xdotool", &["getwindowfocus", "getwindowname"], "").await;
        (name.trim() == TERMINAL).then_some(())
    });
    raw.read_during(focused).await;
}

/// Proves that keys arrive and are seen: what is typed makes a file. A mirrored screen may send nothing before it changes.
async fn types(raw: &mut Raw, screen: &Screen, file: &Path) {
    until_terminal(raw, screen).await;
    let drawn = raw.drawn;
    raw.type_line(&format!("touch '{}'", file.display())).await;
    raw.read_during(eventually("the file", || async { file.exists().then_some(()) })).await;
    raw.until_drawn(drawn).await;
}

#[tokio::test]
async fn two_desktops_of_xrdp_stand_side_by_side_and_leave_nothing_behind() {
    let folder = folder();
    let (guacd, one, other) =
        tokio::join!(Guacd::start(folder.path()), Xrdp::start(folder.path()), Xrdp::start(folder.path()));
    let mut accounts = Vec::new();
    for desktop in [one, other] {
        let mut raw = open_xrdp(&guacd, &desktop).await;
        types(&mut raw, desktop.screen(), &desktop.folder.join("home/typed")).await;
        let id = Command::new("id").args(["-u", &desktop.account]).output().await.expect("id runs");
        accounts.push(String::from_utf8(id.stdout).expect("a number").trim().to_owned());
    }
    for account in accounts {
        eventually("nothing runs any more", || async {
            let found = Command::new("pgrep").args(["-u", &account]).output().await.expect("pgrep runs");
            found.stdout.is_empty().then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_desktop_that_wants_nla_is_shown_to_who_knows_the_password() {
    let folder = folder();
    let (guacd, desktop) = tokio::join!(Guacd::start(folder.path()), NlaServer::start(folder.path()));
    let mut raw = open_nla(&guacd, desktop.port, &desktop.password).await;
    types(&mut raw, desktop.screen(), &desktop.folder.join("typed")).await;
    let mut raw = open_nla(&guacd, desktop.port, "wrong").await;
    raw.until("error").await;
}

#[tokio::test]
async fn a_vnc_server_is_shown() {
    let folder = folder();
    let (guacd, desktop) = tokio::join!(Guacd::start(folder.path()), VncServer::start(folder.path()));
    let mut raw = open_vnc(&guacd, &desktop).await;
    types(&mut raw, desktop.screen(), &desktop.folder.join("typed")).await;
}

#[tokio::test]
async fn where_nobody_listens_guacd_says_so() {
    let folder = folder();
    let guacd = Guacd::start(folder.path()).await;
    let mut raw = open_nla(&guacd, free_port(), "any").await;
    assert_eq!(raw.until("error").await[2], "519");
}
