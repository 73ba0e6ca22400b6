//! What the servers are prepared with: one key that opens the target and the sshd for `ssh -J`, the target's rows at
//! the hub, and the files that are printed.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::line::System;
use crate::processes::Processes;
use crate::report::Recordings;
use crate::servers::Servers;
use crate::ssh::Ssh;
use crate::system::World;
use crate::system::api::Api;
use crate::system::target::Target;
use crate::system::zone::add_target;
use crate::text;
use crate::websocket::Browser;

/// The file is printed as often as needed: it stays in the page cache.
const FILE_BYTES: usize = 10_000_000;
/// How often the hub is asked whether it has all of the recordings.
const LOOK_EVERY: Duration = Duration::from_millis(250);

pub(crate) struct Stand<'a> {
    servers: &'a Servers,
    target_id: String,
    /// The same machine once more, in the second zone.
    target_id_over_tcp: Option<String>,
    config: PathBuf,
    pub(crate) seed: u64,
    /// Prints the file so often that it makes what the plan wants.
    pub(crate) bulk_command: String,
    /// What the target's terminal makes of that at least, in bytes.
    pub(crate) bulk_printed: u64,
}

impl<'a> Stand<'a> {
    pub(crate) async fn prepare(servers: &'a Servers, seed: u64, bulk_bytes: usize) -> anyhow::Result<Self> {
        let world = &servers.world;
        let folder = world.folder.path();
        let key = make_key(folder).await?;
        let mut hosts = vec![("target", &world.target)];
        hosts.extend(servers.jump.as_ref().map(|jump| ("jump", jump)));
        for (_, sshd) in &hosts {
            fs::copy(key.with_extension("pub"), sshd.folder.join("authorized_keys"))?;
        }
        let config = folder.join("ssh_config");
        fs::write(&config, ssh_config(folder, &key, &hosts))?;
        fs::write(folder.join("known_hosts"), known_hosts(&hosts)?)?;
        let private_key = fs::read_to_string(&key)?;
        let target_id = target_with_key(world, &world.zone_id, "press-4-by-key", &private_key).await;
        let mut target_id_over_tcp = None;
        if let Some(zone) = &servers.over_tcp {
            let target_id = target_with_key(world, &zone.id, "press-4-over-tcp", &private_key).await;
            world.until_target_is_reachable(&target_id).await;
            target_id_over_tcp = Some(target_id);
        }
        // A login shell reads this one.
        let home = world.target.folder.join("home");
        fs::write(home.join(".bash_profile"), "PS1='ready$ '\n")?;
        let text = text::log_lines(seed, FILE_BYTES.min(bulk_bytes));
        let times = bulk_bytes.div_ceil(text.len());
        fs::write(home.join("log"), &text)?;
        // The terminal makes two characters of each line's end.
        let printed = times * (text.len() + text.lines().count());
        Ok(Self {
            servers,
            target_id,
            target_id_over_tcp,
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
        Ssh::start(&arguments, &self.servers.world.folder.path().join("ssh.log"))
    }

    /// A new session of the signed-in admin.
    pub(crate) async fn browser(&self, system: System) -> anyhow::Result<Browser> {
        Browser::start(&self.servers.world.admin, self.target(system)?).await
    }

    /// Waits until the site has its tunnel.
    pub(crate) async fn until_reachable(&self, system: System) -> anyhow::Result<()> {
        self.servers.world.until_target_is_reachable(self.target(system)?).await;
        Ok(())
    }

    fn target(&self, system: System) -> anyhow::Result<&String> {
        match system {
            System::OpenPamTcp => self.target_id_over_tcp.as_ref().context("no second zone"),
            _ => Ok(&self.target_id),
        }
    }

    /// Watches a session.
    pub(crate) async fn watch(&self, auditor: &Api, session: &str) -> anyhow::Result<Browser> {
        Browser::watch(auditor, &self.target_id, session).await
    }

    /// The same session on another WebSocket, the old one dropped.
    pub(crate) async fn attach_again(&self, browser: &mut Browser) -> anyhow::Result<()> {
        browser.attach_again(&self.servers.world.admin, &self.target_id).await
    }

    /// What stands between client and target: hub and satellite; the second sshd's processes of its sessions.
    pub(crate) fn gateway(&self, system: System) -> Processes {
        let Servers { world, over_tcp, jump, .. } = self.servers;
        match system {
            System::Direct => Processes::of(&[]),
            System::Jump => jump.as_ref().map_or(Processes::of(&[]), |jump| {
                Processes::below(&jump.folder.join("sshd_config").display().to_string())
            }),
            System::OpenPam => Processes::of(&[world.hub.pid(), world.satellite.pid()]),
            System::OpenPamTcp => {
                let satellite = over_tcp.as_ref().map(|zone| zone.satellite.pid());
                Processes::of(&[Some(world.hub.pid()), satellite].into_iter().flatten().collect::<Vec<_>>())
            }
        }
    }

    /// What the hub has recorded, once it has all of it or this has passed.
    pub(crate) async fn recordings(&self, patience: Duration) -> Recordings {
        let deadline = Instant::now() + patience;
        loop {
            let list = self.servers.world.admin.get("/api/v1/recordings?limit=200").await;
            let items = list.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let complete = |item: &&Value| item.get("complete") == Some(&Value::Bool(true));
            let found = Recordings {
                complete: items.iter().filter(complete).count(),
                all: items.len(),
                bytes: items.iter().filter_map(|item| item.get("size_bytes")?.as_u64()).sum(),
            };
            if found.complete == found.all || Instant::now() >= deadline {
                return found;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// The world's target once more, with the key in place of the password: as `ssh` signs in.
async fn target_with_key(world: &World, zone_id: &str, name: &str, key: &str) -> String {
    let credential = json!({"username": world.target.account, "private_key": key});
    add_target(&world.admin, zone_id, name, ("127.0.0.1", world.target.port), Some(credential)).await
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
fn ssh_config(folder: &Path, key: &Path, hosts: &[(&str, &Target)]) -> String {
    let mut text = String::new();
    for (name, sshd) in hosts {
        let Target { address, port, account, .. } = sshd;
        text.push_str(&format!("Host {name}\n HostName {address}\n Port {port}\n User {account}\n"));
    }
    text.push_str(&format!(
        "Host *\n IdentityFile {}\n IdentitiesOnly yes\n IdentityAgent none\n UserKnownHostsFile {}\n \
         GlobalKnownHostsFile none\n StrictHostKeyChecking yes\n UpdateHostKeys no\n BatchMode yes\n \
         ControlPath none\n LogLevel ERROR\n KexAlgorithms curve25519-sha256\n",
        key.display(),
        folder.join("known_hosts").display(),
    ));
    text
}

fn known_hosts(hosts: &[(&str, &Target)]) -> anyhow::Result<String> {
    let mut lines = String::new();
    for (_, sshd) in hosts {
        let key = fs::read_to_string(sshd.folder.join("host_key.pub")).context("a host key")?;
        lines.push_str(&format!("[{}]:{} {key}", sshd.address, sshd.port));
    }
    Ok(lines)
}
