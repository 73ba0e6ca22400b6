//! The hub's own network: for each zone of type `hub` a satellite, started beside the hub and outliving it.
//!
//! It is the same program and the same tunnel as at any site. It joins once, with a token that the hub makes itself; it
//! holds a lock on its folder, so the hub simply starts it and a second one leaves. One that was told to stop, or that
//! an administrator revoked, is not started again.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context;
use openpam_ids::ZoneId;
use openpam_proto::token::JoinToken;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use crate::app::{AppState, Hub};
use crate::config::Config;
use crate::join_tokens;
use crate::store::kinds::ZoneType;
use crate::store::zones::Zone;
use crate::store::{Page, tokens, zones};
use crate::time::Time;

/// How often zones and processes are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A satellite that ended is started again after this.
const START_AGAIN: Duration = Duration::from_secs(5);
/// The join's token is good for this long.
const TOKEN_LIFETIME: Duration = Duration::from_secs(600);
/// Zones of this kind that are served; there is hardly ever more than one.
const MAX_ZONES: u16 = 16;
/// The satellite's exit code when another one runs with its folder.
const EXIT_LOCKED: i32 = 75;
/// The satellite's exit code when the hub expelled it.
const EXIT_EXPELLED: i32 = 77;

/// Where the satellites of own zones keep their state.
#[must_use]
pub fn folder(config: &Config) -> PathBuf {
    config.data_dir.join("zones")
}

/// Where such a satellite finds this hub: over loopback, if it listens there.
#[must_use]
pub fn tunnel_address(config: &Config) -> String {
    let mut address = config.tunnel_listen;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv6() {
            [0, 0, 0, 0, 0, 0, 0, 1].into()
        } else {
            [127, 0, 0, 1].into()
        });
    }
    address.to_string()
}

/// Where a satellite of such a zone finds the hub from now on.
#[must_use]
pub fn addresses_for(config: &Config, zone_type: ZoneType) -> Vec<String> {
    match zone_type {
        ZoneType::Hub => {
            let own = tunnel_address(config);
            let others = config.tunnel_addresses.iter().filter(|address| **address != own).cloned();
            std::iter::once(own.clone()).chain(others).collect()
        }
        ZoneType::Satellite => config.tunnel_addresses.clone(),
    }
}

/// Runs until the hub stops; what it started goes on.
pub async fn run(hub: AppState, stop: CancellationToken) {
    if !hub.config.start_satellites {
        return;
    }
    let mut keeper = Keeper { hub, satellites: HashMap::new() };
    loop {
        keeper.look().await;
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

struct Keeper {
    hub: AppState,
    satellites: HashMap<ZoneId, Kept>,
}

/// What is known of one zone's satellite.
enum Kept {
    /// A process that this hub started.
    Ours(Child),
    /// Nothing of ours runs; tried again then.
    Due(Instant),
    /// It was told to stop, or may not come back.
    Over,
}

impl Keeper {
    async fn look(&mut self) {
        let page = Page { limit: MAX_ZONES, after: None };
        let zones = match zones::own(&self.hub.pool, page).await {
            Ok(zones) => zones,
            // The books are away; so are joins.
            Err(error) => return tracing::debug!(%error, "the hub's own zones could not be read"),
        };
        for zone in zones {
            let kept = self.satellites.remove(&zone.id).unwrap_or_else(|| Kept::Due(Instant::now()));
            let kept = self.keep(&zone, kept).await;
            self.satellites.insert(zone.id, kept);
        }
    }

    async fn keep(&self, zone: &Zone, kept: Kept) -> Kept {
        match kept {
            Kept::Ours(mut child) => match child.try_wait() {
                Ok(None) => Kept::Ours(child),
                Ok(Some(status)) => match status.code() {
                    // Another one runs: a hub before this one started it.
                    Some(EXIT_LOCKED) => Kept::Due(Instant::now() + START_AGAIN),
                    Some(0 | EXIT_EXPELLED) => {
                        tracing::info!(zone = zone.name, %status, "the satellite of the hub's own zone has stopped");
                        Kept::Over
                    }
                    _ => {
                        tracing::warn!(zone = zone.name, %status, "the satellite of the hub's own zone has ended");
                        Kept::Due(Instant::now() + START_AGAIN)
                    }
                },
                Err(_) => Kept::Due(Instant::now() + START_AGAIN),
            },
            Kept::Due(at) if Instant::now() < at || self.hub.sites.zone_online(zone.id) => Kept::Due(at),
            // The hub that leads makes one beside itself.
            Kept::Due(at) if !self.hub.leader.leads() && !self.folder(zone).join("node.json").exists() => {
                Kept::Due(at)
            }
            Kept::Due(_) => match self.start(zone).await {
                Ok(Some(child)) => Kept::Ours(child),
                Ok(None) => Kept::Over,
                Err(error) => {
                    tracing::warn!(zone = zone.name, "no satellite for the hub's own zone: {error:#}");
                    Kept::Due(Instant::now() + START_AGAIN)
                }
            },
            Kept::Over => Kept::Over,
        }
    }

    fn folder(&self, zone: &Zone) -> PathBuf {
        folder(&self.hub.config).join(zone.id.to_string())
    }

    /// Starts the zone's satellite, after it has joined; `None`: it may not.
    async fn start(&self, zone: &Zone) -> anyhow::Result<Option<Child>> {
        let folder = self.folder(zone);
        if !folder.join("node.json").exists() {
            if zones::had_satellite(&self.hub.pool, zone.id).await? {
                tracing::warn!(
                    zone = zone.name,
                    folder = %folder.display(),
                    "the satellite of this zone was revoked or lives elsewhere: join one there with a token"
                );
                return Ok(None);
            }
            join(&self.hub, zone.id, &folder).await.context("joining")?;
        }
        let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("satellite.log"))?;
        let mut command = satellite(&self.hub.config, &folder)?;
        // A group of its own: what ends the hub, or its terminal, does not end the sessions.
        command.arg("run").stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0);
        let child = command.spawn().with_context(|| program(&self.hub.config).display().to_string())?;
        tracing::info!(zone = zone.name, pid = child.id(), "the satellite of the hub's own zone was started");
        Ok(Some(child))
    }
}

async fn join(hub: &Hub, zone: ZoneId, folder: &Path) -> anyhow::Result<()> {
    let token = join_tokens::make(&hub.keys, vec![tunnel_address(&hub.config)])?;
    let expires_at = Time::now().after(TOKEN_LIFETIME);
    let mut db = hub.pool.acquire().await?;
    let hash = JoinToken::secret_hash(&token.secret[..]);
    tokens::create(&mut db, token.id, zone, &hash, expires_at, None).await?;
    drop(db);
    let mut command = satellite(&hub.config, folder)?;
    command.args(["join", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| program(&hub.config).display().to_string())?;
    let mut stdin = child.stdin.take().context("its standard input")?;
    stdin.write_all(token.encode().as_bytes()).await?;
    drop(stdin);
    let output = child.wait_with_output().await?;
    if !output.status.success() {
        anyhow::bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

/// The program with nothing of this hub's environment but what it needs.
fn satellite(config: &Config, folder: &Path) -> anyhow::Result<Command> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut command = Command::new(program(config));
    command.env_clear().arg("--state").arg(folder);
    command.envs(std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_passed_on)));
    Ok(command)
}

/// What says how and where to log. The service's name is each program's own.
fn is_passed_on(name: &str) -> bool {
    let telemetry = name.starts_with("OTEL_") && name != "OTEL_SERVICE_NAME";
    telemetry || ["PATH", "OPENPAM_LOG", "OPENPAM_LOG_FORMAT"].contains(&name)
}

/// As configured, else beside this program, else on the PATH.
fn program(config: &Config) -> PathBuf {
    const NAME: &str = "openpam-satellite";
    let beside =
        || std::env::current_exe().ok().map(|path| path.with_file_name(NAME)).filter(|path| path.exists());
    config.satellite_program.clone().or_else(beside).unwrap_or_else(|| NAME.into())
}
