//! A throw-away account of this machine, for whoever lets people in; it needs root.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::process::Command;

use super::process::{run, run_with_input, text};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// Gone at drop, with all that it runs.
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) password: String,
    pub(crate) home: PathBuf,
}

impl Account {
    /// Makes one whose home is the new folder `home`.
    pub(crate) async fn make(home: &Path) -> Self {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("opt{}x{number}", std::process::id());
        run("useradd", &["-M", "-d", &text(home), "-s", "/bin/bash", &name]).await;
        let password = format!("pw-{}", uuid::Uuid::new_v4().simple());
        let account = Self { name, password, home: home.to_owned() };
        std::fs::create_dir_all(home).expect("a home");
        std::fs::write(home.join(".bash_profile"), "PS1='ready$ '\n").expect("a profile");
        run("chown", &["-R", &account.name, &text(home)]).await;
        let secret = format!("{}:{}", account.name, account.password);
        let (status, output) = run_with_input(Command::new("chpasswd"), &secret).await;
        assert!(status.success(), "chpasswd: {output}");
        account
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let _ = std::process::Command::new("pkill").args(["-KILL", "-u", &self.name]).status();
        let _ = std::process::Command::new("userdel")
            .args(["-f", &self.name])
            .stderr(std::process::Stdio::null())
            .status();
    }
}
