//! Records what guacd says, for the tests of `openpam-proto`: see `tunnel/proto/tests/guacd/README.md`.

use std::path::Path;
use std::time::Duration;

use crate::parts::{open_nla, open_vnc, open_xrdp, until_terminal};
use crate::raw::Raw;
use crate::system::desktop::nla::NlaServer;
use crate::system::desktop::screen::Screen;
use crate::system::desktop::vnc::VncServer;
use crate::system::desktop::xrdp::Xrdp;
use crate::system::guacd::Guacd;
use crate::system::{folder, free_port};

/// No recording is larger.
const LIMIT_BYTES: usize = 300_000;

/// About ten seconds: a line is typed, the terminal is moved by its title.
async fn work(raw: &mut Raw, screen: &Screen) {
    until_terminal(raw, screen).await;
    pass(raw, 2000).await;
    let drawn = raw.drawn;
    raw.type_line("echo Guacamole; ls -la /usr | head").await;
    raw.until_drawn(drawn).await;
    pass(raw, 2000).await;
    let drawn = raw.drawn;
    let (from, to) = ((300, 48), (480, 220));
    raw.mouse(from.0, from.1, 0).await;
    for step in 0..=8 {
        let between = |from: u32, to: u32| from + (to - from) * step / 8;
        raw.mouse(between(from.0, to.0), between(from.1, to.1), 1).await;
        pass(raw, 100).await;
    }
    raw.mouse(to.0, to.1, 0).await;
    raw.until_drawn(drawn).await;
    pass(raw, 2000).await;
    raw.send(&["disconnect"]).await;
}

async fn pass(raw: &mut Raw, millis: u64) {
    raw.read_during(tokio::time::sleep(Duration::from_millis(millis))).await;
}

fn keep(name: &str, raw: &Raw) {
    assert!(raw.read().len() <= LIMIT_BYTES, "{name}: {} bytes", raw.read().len());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tunnel/proto/tests/guacd");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(name), raw.read()).expect("writes");
}

#[tokio::test]
#[ignore = "writes into the sources"]
async fn recordings_are_made() {
    let folder = folder();
    let guacd = Guacd::start(folder.path()).await;

    let desktop = Xrdp::start(folder.path()).await;
    let mut raw = open_xrdp(&guacd, &desktop).await;
    work(&mut raw, desktop.screen()).await;
    keep("xrdp.guac", &raw);

    let desktop = NlaServer::start(folder.path()).await;
    let mut raw = open_nla(&guacd, desktop.port, &desktop.password).await;
    work(&mut raw, desktop.screen()).await;
    keep("nla.guac", &raw);

    let mut raw = open_nla(&guacd, desktop.port, "wrong").await;
    raw.until("error").await;
    keep("rejected.guac", &raw);

    let desktop = VncServer::start(folder.path()).await;
    let mut raw = open_vnc(&guacd, &desktop).await;
    work(&mut raw, desktop.screen()).await;
    keep("vnc.guac", &raw);

    let mut raw = open_nla(&guacd, free_port(), "any").await;
    raw.until("error").await;
    keep("refused.guac", &raw);
}
