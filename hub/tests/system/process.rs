//! Processes of a test: each in its own group, its output in a file, ended by its id.

use std::ffi::OsStr;
use std::fs::File;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

/// A program under test.
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    id: u32,
}

impl Process {
    pub(crate) fn start(name: &'static str, mut command: Command, log: &Path) -> Self {
        let log = File::options().create(true).append(true).open(log).expect("a log");
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a handle"))
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        let id = child.id().expect("just started");
        Self { name, child, id }
    }

    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("killed");
    }

    pub(crate) async fn terminate(self) {
        signal("TERM", self.id).await;
        self.ended().await;
    }

    /// Waits for its end.
    pub(crate) async fn ended(mut self) -> ExitStatus {
        let ended = tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await;
        ended.unwrap_or_else(|_| panic!("{} does not end", self.name)).expect("ends")
    }
}

/// A command for a program that the kernel kills when the test is killed.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    command_behind(&[], program)
}

/// The same, started by the words `prefix`, which replace themselves by the program (as nsenter does).
pub(crate) fn command_behind(prefix: &[String], program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).args(prefix).arg(program);
    command
}

/// The same for a program that starts others: in a namespace of processes, which all end with it, and of mounts.
pub(crate) fn command_with_all(prefix: &[String], program: impl AsRef<OsStr>) -> Command {
    let mut command = command_behind(prefix, "unshare");
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-current-user"]);
    }
    command.args(["--mount", "--pid", "--mount-proc", "--fork", "--kill-child=KILL", "--"]).arg(program);
    command
}

/// Runs a command that has to succeed.
pub(crate) async fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status().await.expect("runs");
    assert!(status.success(), "{program} {arguments:?} failed; these tests need root");
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Sends a signal to one process.
pub(crate) async fn signal(name: &str, id: u32) {
    let status = Command::new("kill").args([format!("-{name}"), id.to_string()]).status().await;
    assert!(status.expect("kill runs").success(), "no process {id}");
}

/// Runs a command to its end; its status and everything it printed.
pub(crate) async fn run_with_input(mut command: Command, input: &str) -> (ExitStatus, String) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("starts");
    let mut stdin = child.stdin.take().expect("piped");
    // A program that does not read its input is none the worse.
    let _ = stdin.write_all(input.as_bytes()).await;
    let _ = stdin.write_all(b"\n").await;
    drop(stdin);
    let output = tokio::time::timeout(super::PATIENCE, child.wait_with_output())
        .await
        .expect("ends in time")
        .expect("ends");
    let text = [output.stdout, output.stderr].concat();
    (output.status, String::from_utf8_lossy(&text).into_owned())
}
