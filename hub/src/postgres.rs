//! The managed PostgreSQL: a child of the hub in its data folder, reachable over a private socket alone.
//!
//! It runs in a process group of its own, so that a killed hub leaves it running; the next start takes it over
//! if it answers and replaces it if it does not. Durability stays on, except in tests. Root is never used for
//! it: a hub that runs as root drops to the user `postgres`. Dropping [`Managed`] leaves the server running.

mod cluster;
mod place;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use self::place::Place;
use crate::store::ways::Ways;
use openpam_link::server_process::ServerProcess;

/// A running server gets this long to answer before it is replaced; with stopping and starting within 5 s.
const TAKEOVER_PATIENCE: Duration = Duration::from_millis(1000);
/// Recovery after a power cut may take a while, as long as the process lives.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// A fast shutdown rolls back and writes a checkpoint; then the immediate one, then the end.
const STOP_PATIENCE: Duration = Duration::from_secs(8);
/// The hub's role, and the database's name.
const ROLE: &str = "openpam";
/// Who owns the database.
const OWNER: &str = "openpam_owner";
/// Who may only read it.
const VERIFIER: &str = "openpam_verifier";
/// The cluster's superuser: makes the roles and the database.
const SUPERUSER: &str = "postgres";
const ROLES: [&str; 4] = [SUPERUSER, OWNER, ROLE, VERIFIER];

/// Where and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The hub's data folder; the server lives in `postgres/` below it.
    pub data_dir: PathBuf,
    /// PostgreSQL's programs; absent: what the machine has.
    pub bin_dir: Option<PathBuf>,
    /// Whether commits wait for the disk. Only tests say no.
    pub durable: bool,
}

/// Why there is no database. Each message is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// No programs.
    #[error(
        "PostgreSQL's programs are not in {0}: install the package postgresql, or set postgres_bin_dir or database_url"
    )]
    NoPrograms(String),
    /// The data was written by another major version.
    #[error("{} was written by PostgreSQL {version}, whose programs are not installed", path.display())]
    OtherVersion {
        /// The cluster.
        path: PathBuf,
        /// Its version.
        version: String,
    },
    /// Running as root without the user to drop to.
    #[error(
        "PostgreSQL refuses to run as root and there is no user \"postgres\": install the package postgresql"
    )]
    NoUser,
    /// A folder above is closed to the database's user.
    #[error("PostgreSQL's user \"{user}\" cannot enter {}: choose a data_dir that it can reach", path.display())]
    Unreachable {
        /// The database's user.
        user: String,
        /// The closed folder.
        path: PathBuf,
    },
    /// A file or program failed.
    #[error("{what}")]
    Io {
        /// Which.
        what: String,
        /// Why.
        source: std::io::Error,
    },
    /// initdb failed.
    #[error("initdb failed: {0}")]
    InitDb(String),
    /// The server ended at once or does not answer.
    #[error("PostgreSQL does not start; its last words in {}: {words}", log.display())]
    NotStarted {
        /// Its log.
        log: PathBuf,
        /// The end of it.
        words: String,
    },
    /// The server answers but does not let us in or lacks our database.
    #[error("PostgreSQL")]
    Sql(#[from] sqlx::Error),
}

/// The running server.
#[derive(Debug)]
pub struct Managed {
    settings: Settings,
    place: Place,
    postmaster: ServerProcess,
}

impl Managed {
    /// Takes over the running server, or starts one, making the cluster at the first time.
    ///
    /// The caller holds the data folder's lock.
    ///
    /// # Errors
    /// [`PostgresError`].
    pub async fn start(settings: Settings) -> Result<Self, PostgresError> {
        let place = Place::prepare(&settings.data_dir)?;
        if let Some(running) = ServerProcess::running(&place.cluster(), "postmaster.pid") {
            if answers(&place.options(SUPERUSER, SUPERUSER), TAKEOVER_PATIENCE).await {
                info!(pid = running.pid(), "took over the running PostgreSQL");
                // An older hub may have started it, with fewer roles.
                cluster::write_access(&place)?;
                let managed = Self { settings, place, postmaster: running };
                managed.make_database().await?;
                return Ok(managed);
            }
            warn!(pid = running.pid(), "the running PostgreSQL does not answer and is replaced");
            running.kill(Duration::from_millis(500)).await;
        }
        let postmaster = launch(&settings, &place).await?;
        let managed = Self { settings, place, postmaster };
        managed.make_database().await?;
        Ok(managed)
    }

    /// How to reach the hub's database.
    #[must_use]
    pub fn ways(&self) -> Ways {
        ways(&self.place)
    }

    /// How to reach the cluster as its superuser.
    #[must_use]
    pub fn superuser(&self) -> PgConnectOptions {
        self.place.options(SUPERUSER, SUPERUSER)
    }

    /// The server's process.
    #[must_use]
    pub const fn pid(&self) -> u32 {
        self.postmaster.pid()
    }

    /// Starts the server again if it has died. Call it now and then.
    ///
    /// # Errors
    /// [`PostgresError`] if it does not start.
    pub async fn keep_running(&mut self) -> Result<(), PostgresError> {
        if !self.postmaster.is_alive() {
            warn!("PostgreSQL has ended and is started again");
            self.postmaster = launch(&self.settings, &self.place).await?;
        }
        Ok(())
    }

    /// Stops the server: fast, and after a deadline by force. Says whether force was needed.
    pub async fn stop(mut self) -> bool {
        self.postmaster.stop(STOP_PATIENCE).await
    }

    async fn make_database(&self) -> Result<(), PostgresError> {
        let mut superuser = PgConnection::connect_with(&self.superuser()).await?;
        sqlx::query("SELECT pg_reload_conf()").execute(&mut superuser).await?;
        for role in [OWNER, ROLE, VERIFIER] {
            if !is_there(&mut superuser, "SELECT count(*) FROM pg_roles WHERE rolname = $1", role).await? {
                sqlx::query(AssertSqlSafe(format!("CREATE ROLE {role} LOGIN")))
                    .execute(&mut superuser)
                    .await?;
            }
        }
        if !is_there(&mut superuser, "SELECT count(*) FROM pg_database WHERE datname = $1", ROLE).await? {
            let make = format!("CREATE DATABASE {ROLE} OWNER {OWNER}");
            sqlx::query(AssertSqlSafe(make)).execute(&mut superuser).await?;
        }
        superuser.close().await?;
        // Of a hub before there was an owner.
        let inside = self.place.options(SUPERUSER, ROLE);
        let mut superuser = PgConnection::connect_with(&inside).await?;
        let give = format!("REASSIGN OWNED BY {ROLE} TO {OWNER}");
        sqlx::query(AssertSqlSafe(give)).execute(&mut superuser).await?;
        superuser.close().await?;
        Ok(())
    }
}

async fn is_there(db: &mut PgConnection, question: &'static str, name: &str) -> Result<bool, sqlx::Error> {
    Ok(sqlx::query_scalar::<_, i64>(question).bind(name).fetch_one(db).await? > 0)
}

fn ways(place: &Place) -> Ways {
    let [hub, owner, verifier] = [ROLE, OWNER, VERIFIER].map(|role| place.options(role, ROLE));
    Ways { hub, owner, verifier }
}

/// How to reach the server that another process manages in this data folder; waits for it to answer.
///
/// # Errors
/// [`PostgresError::NotStarted`] if it does not within the patience of a start.
pub async fn of_running_hub(data_dir: &Path) -> Result<Ways, PostgresError> {
    let place = Place::existing(data_dir)?;
    let ways = ways(&place);
    if answers(&ways.hub, START_PATIENCE).await {
        return Ok(ways);
    }
    Err(PostgresError::NotStarted { words: place.last_words(), log: place.log() })
}

/// The folder of PostgreSQL's programs: as configured, else what the managed data needs, else the newest.
///
/// # Errors
/// [`PostgresError::NoPrograms`], [`PostgresError::OtherVersion`].
pub fn programs(data_dir: &Path, configured: Option<&Path>) -> Result<PathBuf, PostgresError> {
    cluster::programs(configured, &data_dir.join("postgres/cluster"))
}

/// What pg_dump and pg_restore are told to reach the managed database as its owner.
///
/// # Errors
/// [`PostgresError::Io`] without a data folder.
pub fn owner_arguments(data_dir: &Path) -> Result<Vec<OsString>, PostgresError> {
    let place = Place::existing(data_dir)?;
    let host = place.socket().as_os_str().to_owned();
    let names = ["--port=5432", "--dbname", ROLE, "--username", OWNER].map(OsString::from);
    Ok([vec!["--host".into(), host], names.to_vec()].concat())
}

async fn launch(settings: &Settings, place: &Place) -> Result<ServerProcess, PostgresError> {
    let bin_dir = cluster::programs(settings.bin_dir.as_deref(), &place.cluster())?;
    cluster::initialize(&bin_dir, place, settings.durable).await?;
    cluster::write_access(place)?;
    let started = Instant::now();
    // A server killed a moment ago may hold its shared memory a little longer: then the first try ends at once.
    loop {
        let mut postmaster = cluster::spawn(&bin_dir, place, settings.durable)?;
        while postmaster.is_alive() && started.elapsed() < START_PATIENCE {
            if answers_now(&place.options(SUPERUSER, SUPERUSER)).await {
                info!(pid = postmaster.pid(), ms = started.elapsed().as_millis(), "started PostgreSQL");
                return Ok(postmaster);
            }
            sleep(Duration::from_millis(20)).await;
        }
        if started.elapsed() > Duration::from_secs(3) {
            return Err(PostgresError::NotStarted { words: place.last_words(), log: place.log() });
        }
        sleep(Duration::from_millis(100)).await;
    }
}

async fn answers(options: &PgConnectOptions, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    while Instant::now() < deadline {
        if answers_now(options).await {
            return true;
        }
        sleep(Duration::from_millis(50)).await;
    }
    false
}

async fn answers_now(options: &PgConnectOptions) -> bool {
    let ask = async {
        let mut connection = PgConnection::connect_with(&options.clone().disable_statement_logging()).await?;
        connection.ping().await?;
        connection.close().await
    };
    matches!(timeout(Duration::from_secs(1), ask).await, Ok(Ok(())))
}
