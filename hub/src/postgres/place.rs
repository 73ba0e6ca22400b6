//! Where the managed PostgreSQL lives, and as whom.
//!
//! `DATA/postgres/` belongs to the database's user, mode 0700: `cluster/` the data, `socket/` the private socket,
//! `log` what the server says. A socket path is limited to 107 bytes; if it would be longer, the socket goes to
//! a short private folder whose name `DATA/postgres-socket` keeps.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnectOptions;
use tokio::process::Command;

use super::PostgresError;

/// sun_path holds 108 bytes with the closing zero (unix(7)); the server adds `/.s.PGSQL.5432`.
const MAX_SOCKET_DIR: usize = 107 - "/.s.PGSQL.5432".len();
/// How much of the log an error quotes.
const LAST_WORDS: usize = 600;

/// The folders, and the user to run as.
#[derive(Clone, Debug)]
pub(super) struct Place {
    root: PathBuf,
    socket: PathBuf,
    /// To drop to; `None`: run as the caller.
    user: Option<User>,
}

#[derive(Clone, Debug)]
struct User {
    name: String,
    uid: u32,
    gid: u32,
}

impl Place {
    /// Makes the folders and checks that the database's user can reach them.
    pub(super) fn prepare(data_dir: &Path) -> Result<Self, PostgresError> {
        let user = if rustix::process::geteuid().is_root() {
            Some(User::named("postgres").ok_or(PostgresError::NoUser)?)
        } else {
            None
        };
        let root = absolute(data_dir)?.join("postgres");
        if let Some(user) = &user {
            user.check_reach(root.parent().unwrap_or(&root))?;
        }
        let socket = socket_dir(data_dir, &root)?;
        let place = Self { root, socket, user };
        for dir in [&place.root, &place.socket] {
            private_dir(dir).map_err(io_at(dir))?;
            place.give(dir)?;
        }
        Ok(place)
    }

    /// The folders as another process made them.
    pub(super) fn existing(data_dir: &Path) -> Result<Self, PostgresError> {
        let root = absolute(data_dir)?.join("postgres");
        let socket = socket_dir(data_dir, &root)?;
        Ok(Self { root, socket, user: None })
    }

    pub(super) fn cluster(&self) -> PathBuf {
        self.root.join("cluster")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.root.join("log")
    }

    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }

    pub(super) fn options(&self, role: &str, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.socket)
            .port(5432)
            .username(role)
            .database(database)
            .application_name("openpam-hub")
    }

    /// Hands a file or folder to the database's user.
    pub(super) fn give(&self, path: &Path) -> Result<(), PostgresError> {
        match &self.user {
            Some(user) => chown(path, Some(user.uid), Some(user.gid)).map_err(io_at(path)),
            None => Ok(()),
        }
    }

    /// The system users who may be the database's roles: the hub's own, and the one the server runs as.
    pub(super) fn system_users(&self) -> Result<Vec<String>, PostgresError> {
        if let Some(user) = &self.user {
            return Ok(vec!["root".to_owned(), user.name.clone()]);
        }
        let answer = std::process::Command::new("id").arg("-un").output().map_err(io_at(Path::new("id")))?;
        Ok(vec![String::from_utf8_lossy(&answer.stdout).trim().to_owned()])
    }

    /// A command that runs as the database's user, in a folder it can read, with a plain environment.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = match &self.user {
            Some(user) => {
                let mut command = Command::new("setpriv");
                command.arg(format!("--reuid={}", user.uid)).arg(format!("--regid={}", user.gid));
                command.args(["--clear-groups", "--"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin").env("LC_ALL", "C").env("TZ", "UTC");
        command.current_dir("/").stdin(std::process::Stdio::null());
        command
    }

    pub(super) fn last_words(&self) -> String {
        let text = fs::read_to_string(self.log()).unwrap_or_default();
        let start = text.char_indices().rev().nth(LAST_WORDS).map_or(0, |(at, _)| at);
        text.get(start..).unwrap_or_default().trim().replace('\n', " | ")
    }
}

impl User {
    fn named(name: &str) -> Option<Self> {
        let passwd = fs::read_to_string("/etc/passwd").ok()?;
        let mut fields =
            passwd.lines().map(|line| line.split(':')).find(|line| line.clone().next() == Some(name))?;
        let uid = fields.nth(2)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Self { name: name.to_owned(), uid, gid })
    }

    fn check_reach(&self, dir: &Path) -> Result<(), PostgresError> {
        let mut above: Vec<&Path> = dir.ancestors().collect();
        above.reverse();
        for folder in above {
            let meta = fs::metadata(folder).map_err(io_at(folder))?;
            let bit = if meta.uid() == self.uid {
                0o100
            } else if meta.gid() == self.gid {
                0o010
            } else {
                0o001
            };
            if meta.mode() & bit == 0 {
                return Err(PostgresError::Unreachable {
                    user: self.name.clone(),
                    path: folder.to_path_buf(),
                });
            }
        }
        Ok(())
    }
}

fn socket_dir(data_dir: &Path, root: &Path) -> Result<PathBuf, PostgresError> {
    let inside = root.join("socket");
    if inside.as_os_str().len() <= MAX_SOCKET_DIR {
        return Ok(inside);
    }
    let note = data_dir.join("postgres-socket");
    if let Ok(text) = fs::read_to_string(&note) {
        return Ok(PathBuf::from(text.trim()));
    }
    let base =
        if Path::new("/run").metadata().is_ok_and(|meta| meta.uid() == rustix::process::geteuid().as_raw()) {
            "/run"
        } else {
            "/tmp"
        };
    let short =
        PathBuf::from(base).join(format!("openpam-{}", openpam_ids::HubId::generate().uuid().simple()));
    private_dir(&short).map_err(io_at(&short))?;
    fs::write(&note, short.as_os_str().as_encoded_bytes()).map_err(io_at(&note))?;
    Ok(short)
}

fn private_dir(dir: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

fn absolute(path: &Path) -> Result<PathBuf, PostgresError> {
    fs::canonicalize(path).map_err(io_at(path))
}

pub(super) fn io_at(path: &Path) -> impl FnOnce(io::Error) -> PostgresError {
    let what = path.display().to_string();
    move |source| PostgresError::Io { what, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_data_folder_gets_a_short_socket_folder_and_keeps_it() {
        let base = tempfile::tempdir().expect("a folder");
        let data = base.path().join("d".repeat(100));
        fs::create_dir(&data).expect("makes");
        let first = socket_dir(&data, &data.join("postgres")).expect("a place");
        assert!(first.as_os_str().len() <= MAX_SOCKET_DIR);
        assert_eq!(socket_dir(&data, &data.join("postgres")).expect("the same"), first);
        fs::remove_dir(first).expect("removes");
    }

    #[test]
    fn a_closed_folder_above_is_named() {
        use std::os::unix::fs::PermissionsExt;
        let base = tempfile::tempdir().expect("a folder");
        fs::set_permissions(base.path(), fs::Permissions::from_mode(0o700)).expect("closes it");
        let user = User { name: "nobody".to_owned(), uid: 65_534, gid: 65_534 };
        let Err(PostgresError::Unreachable { path, .. }) = user.check_reach(base.path()) else {
            panic!("another user cannot enter a folder of mode 0700");
        };
        assert_eq!(path, base.path());
    }
}
