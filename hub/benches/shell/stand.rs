//! What everything is measured on: a whole installation, the target that all ways lead to, a second sshd for
//! `ssh -J`, one key that opens both, and the file that is printed.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::cpu::Processes;
use crate::line::System;
use crate::report::Recordings;
use crate::ssh::Ssh;
use crate::system::target::Target;
use crate::system::{World, id};
use crate::text;
use crate::websocket::Browser;

/// The file is printed as often as needed: it stays in the page cache.
const FILE_BYTES: usize = 10_000_000;

/// What was started and has to be ended.
pub(crate) struct Servers {
    world: World,
    jump: Target,
}

impl Servers {
    pub(crate) async fn start() -> Self {
        let world = World::start().await;
        let jump = Target::start(&world.folder.path().join("jump")).await;
        Self { world, jump }
    }

    /// Ends everything in order.
    pub(crate) async fn stop(mut self) {
        self.jump.stop().await;
        drop(self.jump);
        self.world.stop().await;
    }
}

pub(crate) struct Stand<'a> {
    world: &'a World,
    jump: &'a Target,
    target_id: String,
    config: PathBuf,
    pub(crate) seed: u64,
    /// Prints the file so often that it makes what the plan wants.
    pub(crate) bulk_command: String,
    /// What the target's terminal makes of that at least, in bytes.
    pub(crate) bulk_printed: u64,
}

impl<'a> Stand<'a> {
    pub(crate) async fn prepare(servers: &'a Servers, seed: u64, bulk_bytes: usize) -> anyhow::Result<Self> {
        let Servers { world, jump } = servers;
        let folder = world.folder.path();
        let key = make_key(folder).await?;
        for sshd in [&world.target, jump] {
            fs::copy(key.with_extension("pub"), sshd.folder.join("authorized_keys"))?;
        }
        let config = folder.join("ssh_config");
        fs::write(&config, ssh_config(folder, &key, &world.target, jump))?;
        fs::write(folder.join("known_hosts"), known_hosts(&[&world.target, jump])?)?;
        // A login shell reads this one.
        let home = world.target.folder.join("home");
        fs::write(home.join(".bash_profile"), "PS1='ready$ '\n")?;
        let text = text::log_lines(seed, FILE_BYTES.min(bulk_bytes));
        let times = bulk_bytes.div_ceil(text.len());
        fs::write(home.join("log"), &text)?;
        // The terminal makes two characters of each line's end.
        let printed = times * (text.len() + text.lines().count());
        Ok(Self {
            world,
            jump,
            target_id: target_with_key(world, &fs::read_to_string(&key)?).await,
            config,
            seed,
            bulk_command: format!("cat{}\n", " log".repeat(times)),
            bulk_printed: printed as u64,
        })
    }

    /// `ssh` to the target, through the second sshd or not.
    pub(crate) fn ssh(&self, jump: bool) -> anyhow::Result<Ssh> {
        let words = ["-F", "-tt"].map(OsStr::new);
        let [config, terminal] = words;
        let mut arguments = vec![config, self.config.as_os_str(), terminal];
        if jump {
            arguments.extend(["-J", "jump"].map(OsStr::new));
        }
        arguments.push(OsStr::new("target"));
        Ssh::start(&arguments, &self.world.folder.path().join("ssh.log"))
    }

    /// A new session of the signed-in admin.
    pub(crate) async fn browser(&self) -> anyhow::Result<Browser> {
        Browser::start(&self.world.admin, &self.target_id).await
    }

    /// What stands between client and target: hub and satellite; the second sshd's processes of its sessions.
    pub(crate) fn gateway(&self, system: System) -> Processes {
        match system {
            System::Direct => Processes::of(&[]),
            System::Jump => Processes::below(&self.jump.folder.join("sshd_config").display().to_string()),
            System::OpenPam => Processes::of(&[self.world.hub.pid(), self.world.satellite.pid()]),
        }
    }

    /// What the hub has recorded, once it has all of it or a while has passed.
    pub(crate) async fn recordings(&self) -> Recordings {
        let mut found = Recordings::default();
        for _ in 0..20 {
            let list = self.world.admin.get("/api/v1/recordings?limit=200").await;
            let items = list.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let complete = |item: &&Value| item.get("complete") == Some(&Value::Bool(true));
            found = Recordings {
                complete: items.iter().filter(complete).count(),
                all: items.len(),
                bytes: items.iter().filter_map(|item| item.get("size_bytes")?.as_u64()).sum(),
            };
            if found.complete == found.all {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(250)).await;
        }
        found
    }
}

/// The world's target once more, with the key in place of the password: as `ssh` signs in.
async fn target_with_key(world: &World, key: &str) -> String {
    let (zone, admin) = (&world.zone_id, &world.admin);
    let row = json!({
        "zone_id": zone, "name": "press-4-by-key", "hostname": "127.0.0.1", "protocol": "ssh",
        "port": world.target.port,
    });
    let target_id = id(&admin.create("targets", row).await);
    let credential = json!({"target_id": target_id, "username": world.target.account, "private_key": key});
    admin.create("credentials", credential).await;
    let me = admin.get("/api/v1/auth/me").await;
    admin.create("grants", json!({"user_id": id(&me), "target_id": target_id})).await;
    target_id
}

async fn make_key(folder: &Path) -> anyhow::Result<PathBuf> {
    let key = folder.join("key");
    let made =
        Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status().await?;
    ensure!(made.success(), "ssh-keygen made no key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600))?;
    Ok(key)
}

/// Nothing of the person's own configuration, no questions, no agent, ciphers as they come. The key exchange is the
/// one that the satellite agrees on with this sshd: OpenSSH's default one alone takes its client many milliseconds.
fn ssh_config(folder: &Path, key: &Path, target: &Target, jump: &Target) -> String {
    let host = |name: &str, sshd: &Target| {
        format!("Host {name}\n HostName 127.0.0.1\n Port {}\n User {}\n", sshd.port, sshd.account)
    };
    format!(
        "{}{}Host *\n IdentityFile {}\n IdentitiesOnly yes\n IdentityAgent none\n UserKnownHostsFile {}\n \
         GlobalKnownHostsFile none\n StrictHostKeyChecking yes\n UpdateHostKeys no\n BatchMode yes\n \
         ControlPath none\n LogLevel ERROR\n KexAlgorithms curve25519-sha256\n",
        host("target", target),
        host("jump", jump),
        key.display(),
        folder.join("known_hosts").display(),
    )
}

fn known_hosts(all: &[&Target]) -> anyhow::Result<String> {
    let mut lines = String::new();
    for sshd in all {
        let key = fs::read_to_string(sshd.folder.join("host_key.pub")).context("a host key")?;
        lines.push_str(&format!("[127.0.0.1]:{} {key}", sshd.port));
    }
    Ok(lines)
}
