//! An X11 screen of a test's desktop, as programs on this machine reach it.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::super::process::run_with_input;

/// The title of the terminal there.
pub(crate) const TERMINAL: &str = "target";

/// What runs once there is a screen: `more`, and the terminal. Windows that come before their manager may stay hidden.
pub(super) fn windows(more: &str) -> String {
    format!(
        "export LANG=C.UTF-8 PS1='ready$ '
xsetroot -solid '#204060'
openbox --startup \"sh -c '{more}exec xterm -geometry 80x24+40+40 -fa Monospace -fs 12 -T {TERMINAL} -e sh'\" &
"
    )
}

#[derive(Clone)]
pub(crate) struct Screen {
    /// The display's number: that of a free port, so that nobody else has it.
    number: u16,
    /// Who may look: an account, and its cookie. None: everybody on this machine.
    owner: Option<(String, PathBuf)>,
}

impl Screen {
    pub(super) fn new(number: u16) -> Self {
        let screen = Self { number, owner: None };
        screen.forget();
        screen
    }

    pub(super) fn of(self, account: &str, home: &Path) -> Self {
        Self { owner: Some((account.to_owned(), home.join(".Xauthority"))), ..self }
    }

    /// As the variable DISPLAY has it.
    pub(crate) fn display(&self) -> String {
        format!(":{}", self.number)
    }

    /// What `program` says when it runs on this screen with this standard input, such as `xclip`; whether it succeeded.
    pub(crate) async fn run(&self, program: &str, arguments: &[&str], input: &str) -> (bool, String) {
        let mut command = Command::new("setpriv");
        if let Some((account, cookie)) = &self.owner {
            command.args(["--reuid", account, "--regid", account, "--init-groups"]).env("XAUTHORITY", cookie);
        }
        command.arg("--").arg(program).args(arguments).env("DISPLAY", self.display());
        let (status, output) = run_with_input(command, input).await;
        (status.success(), output)
    }

    /// Removes what a killed server leaves.
    pub(super) fn forget(&self) {
        let _ = std::fs::remove_file(format!("/tmp/.X{}-lock", self.number));
        let _ = std::fs::remove_file(format!("/tmp/.X11-unix/X{}", self.number));
    }
}

/// The files of a screen, gone at drop: after the process that made them.
pub(super) struct Left(pub(super) Screen);

impl Drop for Left {
    fn drop(&mut self) {
        self.0.forget();
    }
}
