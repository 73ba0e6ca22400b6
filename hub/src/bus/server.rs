//! The managed nats-server: a child of the hub in its data folder, on ports of this machine alone.
//!
//! It runs in a process group of its own and outlives a killed hub, as the managed PostgreSQL does. Its streams lie in
//! `nats/streams`; what accounts there are it is told by the hub, and keeps in `nats/accounts`.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use openpam_link::nats_server::{self, ProgramError};
use openpam_link::server_process::ServerProcess;
use tokio::process::Command;
use tokio::time::sleep;
use tracing::{info, warn};

use super::authority::{Authority, NotSigned};

const PID_FILE: &str = "nats.pid";
const ACCOUNTS: &str = "accounts";
const STREAMS: &str = "streams";
/// Whose servers these are.
const SYSTEM_ACCOUNT: &str = "system_account: ";
const CONFIGURATION: &str = "nats.conf";
/// Its own name for itself would be a key.
const NAME: &str = "openpam-hub";
/// How each of them begins.
const TOKEN: &str = "eyJ";
const LEAF: &str = "leafnodes { host: \"127.0.0.1\", port: ";
const START_PATIENCE: Duration = Duration::from_secs(10);
const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// Where and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The hub's data folder; the server lives in `nats/` below it.
    pub data_dir: PathBuf,
    /// The program; absent: what the machine has.
    pub program: Option<PathBuf>,
    /// Where clients connect; absent: a free port of this machine.
    pub listen: Option<SocketAddr>,
}

/// Why there is no server. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// No program.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// A file or program failed.
    #[error("{}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It ended at once, or does not answer.
    #[error("nats-server does not start; its last words in {}: {words}", log.display())]
    NotStarted {
        /// Its log.
        log: PathBuf,
        /// The end of it.
        words: String,
    },
    /// Its configuration could not be signed.
    #[error(transparent)]
    NotSigned(#[from] NotSigned),
}

/// Where a running server listens: on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// For clients.
    pub clients: String,
    /// For leaf nodes.
    pub leaf_nodes: String,
    /// Of its monitoring (HTTP).
    pub monitoring: String,
}

/// The running server.
#[derive(Debug)]
pub struct Managed {
    settings: Settings,
    process: ServerProcess,
    addresses: Addresses,
}

impl Managed {
    /// Takes over the running server, or starts one. The caller holds the data folder's lock.
    ///
    /// # Errors
    /// [`ServerError`].
    pub async fn start(settings: Settings, authority: &Authority) -> Result<Self, ServerError> {
        let folder = settings.data_dir.join("nats");
        let running = ServerProcess::running(&folder, PID_FILE);
        // A port that it had before is taken only by itself, as far as anybody knows.
        let leaf_port = known_leaf_port(&folder).filter(|port| running.is_some() || is_free(*port));
        let leaf_port = leaf_port.map_or_else(free_port, Ok).map_err(at(&folder))?;
        let written = write_configuration(&folder, &settings, leaf_port, authority)?;
        if let Some(running) = running {
            if let Some(addresses) =
                addresses(&folder, running.pid()).filter(|_| written == Written::AsBefore)
            {
                info!(pid = running.pid(), "took over the running nats-server");
                return Ok(Self { settings, process: running, addresses });
            }
            warn!(pid = running.pid(), "the running nats-server is another one and is replaced");
            running.kill(STOP_PATIENCE).await;
        }
        if written == Written::OfOthers {
            info!("nats-server begins anew: its accounts are others than before");
            for below in [ACCOUNTS, STREAMS] {
                let path = folder.join(below);
                fs::remove_dir_all(&path).map_err(at(&path))?;
                make(&path)?;
            }
        }
        let (process, addresses) = launch(&folder, &settings).await?;
        Ok(Self { settings, process, addresses })
    }

    /// Where it listens.
    #[must_use]
    pub const fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Its process.
    #[must_use]
    pub const fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        self.process.is_alive()
    }

    /// Starts it again if it has died.
    ///
    /// # Errors
    /// [`ServerError`] if it does not start.
    pub async fn keep_running(&mut self) -> Result<(), ServerError> {
        if !self.process.is_alive() {
            warn!("nats-server has ended and is started again");
            (self.process, self.addresses) =
                launch(&self.settings.data_dir.join("nats"), &self.settings).await?;
        }
        Ok(())
    }

    /// Stops it, after a deadline by force. Says whether force was needed.
    pub async fn stop(mut self) -> bool {
        self.process.stop(STOP_PATIENCE).await
    }
}

/// Where the server of a running hub listens.
#[must_use]
pub fn running(data_dir: &Path) -> Option<Addresses> {
    let folder = data_dir.join("nats");
    addresses(&folder, ServerProcess::running(&folder, PID_FILE)?.pid())
}

/// What was written, against what was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    /// The same.
    AsBefore,
    /// It listens elsewhere, or there was nothing.
    Changed,
    /// Others sign and are let in: what accounts and streams lie there are nobody's any more.
    OfOthers,
}

fn make(folder: &Path) -> Result<(), ServerError> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(at(folder))
}

/// Writes what is to be.
fn write_configuration(
    folder: &Path,
    settings: &Settings,
    leaf_port: u16,
    authority: &Authority,
) -> Result<Written, ServerError> {
    for below in ["", ACCOUNTS, STREAMS] {
        make(&folder.join(below))?;
    }
    let (host, port) = settings.listen.map_or_else(
        || ("127.0.0.1".to_owned(), "-1".to_owned()),
        |listen| (listen.ip().to_string(), listen.port().to_string()),
    );
    let dir = folder.display();
    let text = format!(
        "# Written by the hub at each start.\n\
         server_name: \"{NAME}\"\nhost: \"{host}\"\nport: {port}\n\
         http: \"127.0.0.1:-1\"\nports_file_dir: \"{dir}\"\n\
         log_file: \"nats.log\"\nlogfile_size_limit: 10MB\nlogfile_max_num: 3\n\
         max_control_line: 4KB\nmax_payload: 1MB\n\
         jetstream {{ store_dir: \"{dir}/{STREAMS}\" }}\n\
         {LEAF}{leaf_port}, no_advertise: true }}\n{}",
        authority.configuration(&folder.join(ACCOUNTS))?
    );
    let path = folder.join(CONFIGURATION);
    // Claims say when they were made: what counts is whose they are, which the system account's line says.
    let known = fs::read_to_string(&path).ok();
    let lines =
        |text: &str| text.lines().filter(|line| !line.contains(TOKEN)).map(str::to_owned).collect::<Vec<_>>();
    let signer = |text: &str| text.lines().find(|line| line.starts_with(SYSTEM_ACCOUNT)).map(str::to_owned);
    let written = match known.as_deref() {
        Some(known) if lines(known) == lines(&text) => Written::AsBefore,
        Some(known) if signer(known).is_some_and(|known| Some(known) != signer(&text)) => Written::OfOthers,
        _ => Written::Changed,
    };
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(at(&path))?;
    file.write_all(text.as_bytes()).map_err(at(&path))?;
    Ok(written)
}

async fn launch(folder: &Path, settings: &Settings) -> Result<(ServerProcess, Addresses), ServerError> {
    let program = nats_server::program(settings.program.as_deref()).await?;
    let log = folder.join("nats.log");
    let out = OpenOptions::new().create(true).append(true).mode(0o600).open(&log).map_err(at(&log))?;
    let err = out.try_clone().map_err(at(&log))?;
    let mut command = Command::new(&program);
    command.arg("-c").arg(CONFIGURATION).arg("-P").arg(PID_FILE).current_dir(folder);
    command.stdout(out).stderr(err).process_group(0).kill_on_drop(false);
    let started = Instant::now();
    let child = command.spawn().map_err(at(&program))?;
    let mut process = ServerProcess::of_child(child, folder.to_path_buf()).map_err(at(&program))?;
    while process.is_alive() && started.elapsed() < START_PATIENCE {
        if let Some(addresses) = addresses(folder, process.pid()) {
            info!(pid = process.pid(), ms = started.elapsed().as_millis(), "started nats-server");
            return Ok((process, addresses));
        }
        sleep(Duration::from_millis(10)).await;
    }
    process.kill(STOP_PATIENCE).await;
    let words = fs::read_to_string(&log).unwrap_or_default();
    let words = words.lines().rev().take(3).collect::<Vec<_>>().join(" / ");
    Err(ServerError::NotStarted { log, words })
}

/// A server that does not tell leaf nodes where it listens writes it nowhere else either.
fn known_leaf_port(folder: &Path) -> Option<u16> {
    let text = fs::read_to_string(folder.join(CONFIGURATION)).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(LEAF))?;
    line.split(',').next()?.parse().ok()
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// It writes its other ports down once it listens.
fn addresses(folder: &Path, pid: u32) -> Option<Addresses> {
    let ports = nats_server::ports(folder, pid)?;
    let first = |urls: Vec<String>| urls.into_iter().next();
    Some(Addresses {
        clients: first(ports.nats)?,
        leaf_nodes: format!("nats://127.0.0.1:{}", known_leaf_port(folder)?),
        monitoring: first(ports.monitoring)?,
    })
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> ServerError {
    let path = path.to_path_buf();
    |source| ServerError::Io { path, source }
}
