//! One PostgreSQL for all test processes of a run, and a fresh database per test.
//!
//! It lies in a short folder under /tmp that the database's user can reach. Every test process holds a shared
//! lock; a watchdog ends the server and removes its data once nobody holds one.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use openpam_hub::postgres::{Managed, Settings};
use openpam_hub::store;
use openpam_hub::store::ways::{MIGRATIONS, Ways};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use tokio::sync::OnceCell;

/// A server without durability, and a template with the schema.
struct Cluster {
    ways: Ways,
    superuser: PgConnectOptions,
    template: String,
    /// Held while this process lives.
    _in_use: File,
}

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();

/// A fresh database with the schema, as the hub's role; and how to reach it as any.
pub(crate) async fn database() -> (PgPool, Ways) {
    let ways = fresh().await;
    (store::connect(ways.hub.clone()).await.expect("the new database answers"), ways)
}

/// How to reach a fresh database.
pub(crate) async fn fresh() -> Ways {
    let cluster = CLUSTER.get_or_init(start).await;
    let name = format!("t_{}", openpam_ids::Uuid::now_v7().simple());
    let mut superuser = PgConnection::connect_with(&cluster.superuser).await.expect("may connect");
    let owner = cluster.ways.owner.get_username();
    let make = format!("CREATE DATABASE {name} TEMPLATE {} OWNER {owner}", cluster.template);
    sqlx::query(AssertSqlSafe(make)).execute(&mut superuser).await.expect("a database");
    superuser.close().await.expect("closes");
    cluster.ways.clone().database(&name)
}

async fn start() -> Cluster {
    let dir = PathBuf::from(format!("/tmp/openpam-tests-{}", rustix::process::geteuid().as_raw()));
    DirBuilder::new().recursive(true).mode(0o711).create(&dir).expect("a folder in /tmp");
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o711)).expect("open to pass through");
    let in_use = lock_file(&dir.join("in-use.lock"));
    in_use.lock_shared().expect("waits for a watchdog at work");
    let starting = lock_file(&dir.join("starting.lock"));
    starting.lock().expect("one starts, the others wait");
    let settings = Settings { data_dir: dir.clone(), bin_dir: None, durable: false };
    let managed = Managed::start(settings).await.expect("PostgreSQL starts");
    watch(&dir, managed.pid());
    let template = template(&managed).await;
    drop(starting);
    Cluster { ways: managed.ways(), superuser: managed.superuser(), template, _in_use: in_use }
}

fn lock_file(path: &Path) -> File {
    OpenOptions::new().write(true).create(true).truncate(false).open(path).expect("a lock file")
}

/// Named after the migrations: a changed schema gets a new one.
async fn template(managed: &Managed) -> String {
    let sum: u64 = MIGRATIONS
        .iter()
        .flat_map(|migration| migration.checksum.iter())
        .fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let name = format!("template_{sum:016x}");
    let mut superuser = PgConnection::connect_with(&managed.superuser()).await.expect("may connect");
    let there: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_database WHERE datname = $1")
        .bind(&name)
        .fetch_one(&mut superuser)
        .await
        .expect("counts");
    if there == 0 {
        let half = format!("half_{sum:016x}");
        let ways = managed.ways().database(&half);
        let make = format!("CREATE DATABASE {half} OWNER {}", ways.owner.get_username());
        for sql in [format!("DROP DATABASE IF EXISTS {half}"), make] {
            sqlx::query(AssertSqlSafe(sql)).execute(&mut superuser).await.expect("makes the template");
        }
        ways.migrate().await.expect("the migrations apply");
        let rename = format!("ALTER DATABASE {half} RENAME TO {name}");
        sqlx::query(AssertSqlSafe(rename)).execute(&mut superuser).await.expect("the template is whole");
    }
    name
}

/// Starts the watchdog of this server, unless it has one.
fn watch(dir: &Path, pid: u32) {
    let note = dir.join("watched");
    if fs::read_to_string(&note).is_ok_and(|text| text == pid.to_string()) {
        return;
    }
    let script = format!(
        "while sleep 2; do flock -n -x in-use.lock sh -c \
         'kill -INT {pid}; while kill -0 {pid} 2>/dev/null; do sleep 0.1; done; rm -rf postgres watched' && exit; done"
    );
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).current_dir(dir).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Outlives this process; whoever is its parent then waits for it.
    std::mem::forget(command.spawn().expect("the watchdog starts"));
    fs::write(note, pid.to_string()).expect("notes it");
}
