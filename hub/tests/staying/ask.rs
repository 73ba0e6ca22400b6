//! What people at the hub and at the site are told: rows of the API, `status`, `doctor`, logs.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::system::shell::{Progress, Shell};
use crate::system::{PATIENCE, Satellite, World, eventually, id};

/// What a program said, and how it ended.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.err))
    }
}

/// Runs `openpam-satellite` with that satellite's state folder and settings to its end.
pub(crate) async fn satellite(satellite: &Satellite, arguments: &[&str]) -> Said {
    let mut command = satellite.command();
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output()).await.expect("ends in time");
    let output = output.expect("starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

/// `status --json` of a satellite that runs.
pub(crate) async fn status(of: &Satellite) -> Value {
    eventually("the satellite answers", || async {
        let said = satellite(of, &["status", "--json"]).await;
        (said.code == Some(0)).then(|| said.json())
    })
    .await
}

/// The one verdict of `doctor --json` about `check`.
pub(crate) fn verdict<'a>(doctor: &'a Value, check: &str) -> &'a Value {
    let verdicts = doctor.as_array().expect("verdicts");
    let found = verdicts.iter().find(|verdict| verdict["check"] == check);
    found.unwrap_or_else(|| panic!("no {check} in {doctor}"))
}

/// What the program wrote so far.
pub(crate) fn log(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// Waits until a log holds `text`.
pub(crate) async fn until_logged(path: &Path, text: &str) {
    eventually(&format!("{} says {text:?}", path.display()), || async {
        log(path).contains(text).then_some(())
    })
    .await;
}

/// The row of the satellite that joined last in a zone with this name.
pub(crate) async fn row(world: &World, zone: &str) -> Value {
    let rows = world.admin.get("/api/v1/admin/satellites").await;
    let found = rows["items"].as_array().expect("items").iter().find(|row| row["zone"] == zone).cloned();
    found.unwrap_or_else(|| panic!("no satellite of {zone} in {rows}"))
}

/// Waits until the row of the world's satellite is as wanted; the row, and how long that took.
pub(crate) async fn until_row(
    world: &World,
    what: &str,
    wanted: impl Fn(&Value) -> bool,
) -> (Value, Duration) {
    let begun = Instant::now();
    let row =
        eventually(what, || async { Some(row(world, "plant-7").await).filter(|row| wanted(row)) }).await;
    (row, begun.elapsed())
}

/// Posts an admin's decision about the world's satellite; the HTTP status.
pub(crate) async fn decide(world: &World, decision: &str) -> u16 {
    let id = id(&row(world, "plant-7").await);
    let path = format!("/api/v1/admin/satellites/{id}/{decision}");
    world.admin.request("POST", &path, None).await.status().as_u16()
}

/// Tries to open a shell: it, or the close instead.
pub(crate) async fn open(world: &World, target_id: &str) -> Result<Shell, Value> {
    let path = format!("/api/ws/connect/ssh/{target_id}?cols=80&rows=24");
    Shell::attach(&world.admin, &path, Progress::default()).await
}

/// Opens a shell in vain; the close instead.
pub(crate) async fn refused(world: &World, target_id: &str) -> Value {
    match open(world, target_id).await {
        Ok(_) => panic!("the shell opened"),
        Err(closed) => closed,
    }
}

/// A shell works from here to the target and back.
pub(crate) async fn a_shell_works(world: &World) {
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    shell.command("echo it wo''rks", "it works").await;
    assert_eq!(shell.close().await["code"], json!("closed_by_user"));
}

/// The row of a session in the book, once it is closed there.
pub(crate) async fn until_closed_in_books(world: &World, session: &str) -> Value {
    eventually(&format!("the books close session {session}"), || async {
        let rows = world.admin.try_get("/api/v1/audit?limit=500").await?;
        let row = rows["items"].as_array()?.iter().find(|row| row["session_id"] == session)?.clone();
        (!row["end_time"].is_null()).then_some(row)
    })
    .await
}
