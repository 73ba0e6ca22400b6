//! The cluster on disk: finding the programs, initdb, who may connect, starting the server.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::PostgresError;
use super::place::{Place, io_at};
use openpam_link::server_process::ServerProcess;

const DEBIAN: &str = "/usr/lib/postgresql";

/// The folder of the programs: as configured, else what the existing data needs, else the newest.
pub(super) fn programs(configured: Option<&Path>, cluster: &Path) -> Result<PathBuf, PostgresError> {
    let version = fs::read_to_string(cluster.join("PG_VERSION")).ok().map(|text| text.trim().to_owned());
    let dir = match (configured, &version) {
        (Some(dir), _) => dir.to_path_buf(),
        (None, Some(version)) => Path::new(DEBIAN).join(version).join("bin"),
        (None, None) => newest().unwrap_or_else(|| Path::new(DEBIAN).join("*/bin")),
    };
    if dir.join("postgres").exists() && dir.join("initdb").exists() {
        return Ok(dir);
    }
    Err(match (configured, version) {
        (None, Some(version)) => PostgresError::OtherVersion { path: cluster.to_path_buf(), version },
        _ => PostgresError::NoPrograms(dir.display().to_string()),
    })
}

fn newest() -> Option<PathBuf> {
    let versions = fs::read_dir(DEBIAN).ok()?.flatten();
    let numbered = versions.filter_map(|entry| {
        let number: u32 = entry.file_name().to_str()?.parse().ok()?;
        Some((number, entry.path().join("bin")))
    });
    numbered.filter(|(_, bin)| bin.join("postgres").exists()).max().map(|(_, bin)| bin)
}

/// Makes the cluster if there is none. A half-made one (a crash in between) is made anew.
pub(super) async fn initialize(bin: &Path, place: &Place, durable: bool) -> Result<(), PostgresError> {
    let cluster = place.cluster();
    if cluster.exists() {
        return Ok(());
    }
    let making = cluster.with_file_name("cluster.new");
    if making.exists() {
        fs::remove_dir_all(&making).map_err(io_at(&making))?;
    }
    let initdb = bin.join("initdb");
    let mut command = place.command(&initdb);
    command.arg("-D").arg(&making).args(["-U", super::SUPERUSER, "-A", "peer", "-E", "UTF8", "--locale=C"]);
    command.arg("--data-checksums");
    if !durable {
        command.arg("--no-sync");
    }
    let output = command.output().await.map_err(io_at(&initdb))?;
    if !output.status.success() {
        return Err(PostgresError::InitDb(
            String::from_utf8_lossy(&output.stderr).trim().replace('\n', " | "),
        ));
    }
    fs::rename(&making, &cluster).map_err(io_at(&cluster))
}

/// Who may connect: over the socket alone, and only the hub's own system user, told by the kernel (peer).
pub(super) fn write_access(place: &Place) -> Result<(), PostgresError> {
    let mut ident = String::new();
    for user in place.system_users()? {
        for role in super::ROLES {
            ident.push_str(&format!("openpam \"{user}\" {role}\n"));
        }
    }
    for (name, text) in
        [("pg_hba.conf", "local all all peer map=openpam\n"), ("pg_ident.conf", ident.as_str())]
    {
        let path = place.cluster().join(name);
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(io_at(&path))?;
        place.give(&path)?;
    }
    Ok(())
}

/// Starts the server in a process group of its own.
pub(super) fn spawn(bin: &Path, place: &Place, durable: bool) -> Result<ServerProcess, PostgresError> {
    let log = place.log();
    let out = OpenOptions::new().create(true).append(true).mode(0o600).open(&log).map_err(io_at(&log))?;
    let err = out.try_clone().map_err(io_at(&log))?;
    let postgres = bin.join("postgres");
    let mut command = place.command(&postgres);
    command.arg("-D").arg(place.cluster());
    let socket = place.socket().display().to_string();
    let settings = [
        ("listen_addresses", ""),
        ("unix_socket_directories", socket.as_str()),
        ("unix_socket_permissions", "0700"),
        ("port", "5432"),
        ("timezone", "UTC"),
        ("log_timezone", "UTC"),
        // Under systemd's MemoryDenyWriteExecute it fails; our queries are short.
        ("jit", "off"),
        ("shared_buffers", "64MB"),
        ("fsync", if durable { "on" } else { "off" }),
        ("synchronous_commit", if durable { "on" } else { "off" }),
        ("full_page_writes", if durable { "on" } else { "off" }),
    ];
    for (name, value) in settings {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    command.stdout(out).stderr(err).process_group(0).kill_on_drop(false);
    let child = command.spawn().map_err(io_at(&postgres))?;
    ServerProcess::of_child(child, place.cluster()).map_err(io_at(&postgres))
}
