//! A desktop that is opened: what its client must know, and what moves on its screen.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::json;

use super::client::Client;
use crate::system::desktop::vnc::VncServer;
use crate::system::desktop::xrdp::Xrdp;
use crate::system::{World, id};
use crate::text;

/// Prints a line of text that does not compress after the other, until it is told to stop.
const MOVE: &str = "while [ ! -e stop ]; do
    while [ ! -e stop ] && read -r line; do echo \"$line\"; sleep 0.01; done <noise
done
rm -f stop
";
/// In which no line comes twice on one screen.
const NOISE_BYTES: usize = 200_000;
/// A terminal that does not take keys yet is tried again after this.
const TRY_AGAIN: Duration = Duration::from_secs(2);
const TRIES: usize = 20;
/// Nothing is drawn for so long: the picture is still.
const STILL: Duration = Duration::from_millis(700);

/// How guacd reaches a desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rdp,
    Vnc,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Rdp, Self::Vnc];

    pub(crate) const fn protocol(self) -> &'static str {
        match self {
            Self::Rdp => "rdp",
            Self::Vnc => "vnc",
        }
    }
}

pub(crate) struct Desk {
    pub(crate) kind: Kind,
    port: u16,
    account: String,
    password: String,
    /// Where its terminal works.
    home: PathBuf,
}

impl Desk {
    pub(crate) fn of_xrdp(xrdp: &Xrdp, seed: u64) -> anyhow::Result<Self> {
        let home = xrdp.folder.join("home");
        Self::new(Kind::Rdp, xrdp.port, (&xrdp.account, &xrdp.password), home, seed)
    }

    pub(crate) fn of_vnc(vnc: &VncServer, seed: u64) -> anyhow::Result<Self> {
        Self::new(Kind::Vnc, vnc.port, ("any", &vnc.password), vnc.folder.clone(), seed)
    }

    fn new(kind: Kind, port: u16, account: (&str, &str), home: PathBuf, seed: u64) -> anyhow::Result<Self> {
        let (account, password) = (account.0.to_owned(), account.1.to_owned());
        fs::write(home.join("move"), MOVE)?;
        fs::write(home.join("noise"), text::noise_lines(seed, NOISE_BYTES))?;
        Ok(Self { kind, port, account, password, home })
    }

    pub(crate) const fn protocol(&self) -> &'static str {
        self.kind.protocol()
    }

    /// The value of an argument that guacd names, as satellites give it.
    pub(crate) fn argument(&self, name: &str) -> String {
        match (name, self.kind) {
            (name, _) if name.starts_with("VERSION_") => name.to_owned(),
            ("hostname", _) => "127.0.0.1".to_owned(),
            ("port", _) => self.port.to_string(),
            ("username", _) => self.account.clone(),
            ("password", _) => self.password.clone(),
            ("width", Kind::Rdp) => "1024".to_owned(),
            ("height", Kind::Rdp) => "768".to_owned(),
            ("dpi", Kind::Rdp) => "96".to_owned(),
            ("security", Kind::Rdp) => "any".to_owned(),
            ("ignore-cert", Kind::Rdp) => "true".to_owned(),
            ("resize-method", Kind::Rdp) => "display-update".to_owned(),
            ("client-name", Kind::Rdp) => "OpenPAM".to_owned(),
            _ => String::new(),
        }
    }

    /// Its target in a zone, which the admin may open.
    pub(crate) async fn target(&self, world: &World, zone_id: &str) -> String {
        let Self { port, account, password, .. } = self;
        let protocol = self.protocol();
        let row = json!({
            "zone_id": zone_id, "name": format!("{protocol}-{port}-{}", zone_id.len()), "hostname": "127.0.0.1",
            "protocol": protocol, "port": port,
        });
        let target_id = id(&world.admin.create("targets", row).await);
        let credential = json!({"target_id": target_id, "username": account, "password": password});
        world.admin.create("credentials", credential).await;
        let me = world.admin.get("/api/v1/auth/me").await;
        world.admin.create("grants", json!({"user_id": id(&me), "target_id": target_id})).await;
        target_id
    }

    /// Until the terminal there takes keys: what is typed makes a file.
    pub(crate) async fn until_terminal(&self, client: &mut Client) -> anyhow::Result<()> {
        client.soon("a picture").await?;
        let file = self.home.join("typed");
        for _ in 0..TRIES {
            client.click(300, 200).await?;
            client.type_line("touch typed").await?;
            client.frames_for(TRY_AGAIN).await?;
            if file.exists() {
                client.type_line("clear").await?;
                client.until_still(STILL).await?;
                return Ok(fs::remove_file(file)?);
            }
        }
        anyhow::bail!("the terminal takes no keys")
    }

    /// The picture moves from now on.
    pub(crate) async fn begin_to_move(&self, client: &mut Client) -> anyhow::Result<()> {
        client.type_line("sh ./move").await?;
        // It has begun when lines run.
        let frames = client.frames_for(TRY_AGAIN / 2).await?;
        ensure!(frames > 0, "nothing moves");
        Ok(())
    }

    pub(crate) async fn come_to_rest(&self, client: &mut Client) -> anyhow::Result<()> {
        fs::write(self.home.join("stop"), "").context("a file")?;
        client.until_still(STILL).await?;
        client.type_line("clear").await?;
        client.until_still(STILL).await
    }
}
