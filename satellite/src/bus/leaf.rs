//! A nats-server at the site, as a leaf node of the hub's bus: it reaches it through the tunnel alone, and lets in this
//! program alone.
//!
//! Without the program, or with one that is too old, the satellite's own client goes through the tunnel.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use data_encoding::HEXLOWER;
use openpam_link::nats_server::{self, Ports, credentials_file};
use openpam_link::server_process::ServerProcess;
use openpam_proto::channel::BusHeader;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use super::door;
use super::site::SiteBus;

const PID_FILE: &str = "nats.pid";
const CONFIGURATION: &str = "leaf.conf";
const CREDENTIALS: &str = "site.creds";
const START_PATIENCE: Duration = Duration::from_secs(10);
const STOP_PATIENCE: Duration = Duration::from_secs(2);
/// A server that died is noticed this soon.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// After a failure it is tried again.
const AGAIN: Duration = Duration::from_secs(30);

/// The only user that the leaf node knows.
pub(super) const USER: &str = "satellite";

/// Where the leaf node lets in this program.
#[derive(Clone)]
pub(super) struct LeafNode {
    pub(super) url: String,
    pub(super) password: Zeroizing<String>,
}

/// Keeps the server for as long as this program runs, once a hub has let it in; what it is reached by stands in `site`.
pub(super) async fn keep(site: &SiteBus, folder: &Path, program: Option<&Path>) {
    // One that outlived a killed satellite looks for a door that is gone.
    if let Some(left) = ServerProcess::running(folder, PID_FILE) {
        left.kill(STOP_PATIENCE).await;
    }
    let program = match nats_server::program(program).await {
        Ok(program) => program,
        Err(error) => {
            tracing::info!(%error, "no leaf node: the satellite's own client uses the bus");
            return;
        }
    };
    loop {
        let mut tokens = site.watch_token();
        let Ok(Some(token)) = tokens.wait_for(Option::is_some).await.map(|token| token.clone()) else {
            return;
        };
        let ended = tokio::select! {
            Err(error) = serve(site, folder, &program, &token) => Some(error),
            Ok(()) = tokens.changed() => None,
        };
        site.leaf(None);
        let Some(error) = ended else {
            tracing::info!("the leaf node begins anew: its account is another one");
            continue;
        };
        tracing::warn!(
            error = format!("{error:#}"),
            "no leaf node for now; the satellite's own client uses the bus"
        );
        sleep(AGAIN).await;
    }
}

async fn serve(
    site: &SiteBus,
    folder: &Path,
    program: &Path,
    token: &str,
) -> anyhow::Result<std::convert::Infallible> {
    let door = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let password = password()?;
    let seed = Zeroizing::new(site.key().seed()?);
    write(folder, door.local_addr()?, &password, &credentials_file(token, &seed))?;
    let header = BusHeader { leaf: true };
    tokio::select! {
        ended = door::open(&door, &header, || site.lane()) => Ok(ended?),
        ended = keep_running(site, folder, program, &password) => ended,
    }
}

async fn keep_running(
    site: &SiteBus,
    folder: &Path,
    program: &Path,
    password: &str,
) -> anyhow::Result<std::convert::Infallible> {
    loop {
        let (mut server, ports) = launch(folder, program).await?;
        let url = ports.nats.first().context("it listens nowhere")?.clone();
        site.leaf(Some(LeafNode { url, password: Zeroizing::new(password.to_owned()) }));
        while server.0.is_alive() {
            sleep(LOOK_EVERY).await;
        }
        site.leaf(None);
        tracing::warn!("the leaf node has ended and is started again");
    }
}

/// Ends with whoever holds it.
struct Running(ServerProcess);

impl Drop for Running {
    fn drop(&mut self) {
        // The number of one that has ended may be another's by now.
        if self.0.is_alive() {
            self.0.interrupt();
        }
    }
}

async fn launch(folder: &Path, program: &Path) -> anyhow::Result<(Running, Ports)> {
    let log = folder.join("nats.log");
    let out = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&log)?;
    let mut command = Command::new(program);
    command.args(["-c", CONFIGURATION, "-P", PID_FILE]).current_dir(folder);
    command.stdout(out.try_clone()?).stderr(out).process_group(0).kill_on_drop(false);
    let begun = Instant::now();
    let child = command.spawn().with_context(|| program.display().to_string())?;
    let mut server = Running(ServerProcess::of_child(child, folder.to_path_buf())?);
    while server.0.is_alive() && begun.elapsed() < START_PATIENCE {
        if let Some(ports) = nats_server::ports(folder, server.0.pid()) {
            tracing::info!(pid = server.0.pid(), "started nats-server as a leaf node");
            return Ok((server, ports));
        }
        sleep(Duration::from_millis(20)).await;
    }
    anyhow::bail!("nats-server does not start: see {}", log.display())
}

fn write(folder: &Path, door: SocketAddr, password: &str, credentials: &str) -> anyhow::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    // Written by those that ended.
    for old in fs::read_dir(folder)?.filter_map(Result::ok) {
        if old.path().extension().is_some_and(|extension| extension == "ports") {
            fs::remove_file(old.path())?;
        }
    }
    let configuration = format!(
        "# Written by the satellite at each start.\n\
         log_file: \"nats.log\"\nlogfile_size_limit: 1MB\nlogfile_max_num: 2\n\
         listen: \"127.0.0.1:-1\"\nports_file_dir: \".\"\nmax_payload: 256KB\n\
         authorization {{ user: {USER}, password: \"{password}\" }}\n\
         leafnodes {{ reconnect: 1, remotes: [ {{ url: \"nats-leaf://{door}\", credentials: \"{CREDENTIALS}\" }} ] }}\n"
    );
    for (name, text) in [(CONFIGURATION, configuration.as_str()), (CREDENTIALS, credentials)] {
        let path: PathBuf = folder.join(name);
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&path)?;
        file.write_all(text.as_bytes()).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn password() -> io::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new([0; 24]);
    aws_lc_rs::rand::fill(&mut bytes[..]).map_err(io::Error::other)?;
    Ok(Zeroizing::new(HEXLOWER.encode(&bytes[..])))
}
