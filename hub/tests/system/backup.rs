//! Backups of a world's hub, and the loss of its machine.

use std::path::{Path, PathBuf};

use super::{Hub, end_servers, eventually};

/// Two archives, taken or not.
pub(crate) struct Backup {
    pub(crate) books: PathBuf,
    pub(crate) secrets: PathBuf,
}

impl Backup {
    pub(crate) fn below(folder: &Path, name: &str) -> Self {
        Self {
            books: folder.join(format!("{name}-books.tar")),
            secrets: folder.join(format!("{name}-secrets.tar")),
        }
    }

    /// Runs `openpam-hub backup` or `restore`; whether it worked, and what it said.
    pub(crate) async fn run(&self, hub: &Hub, command: &str) -> (bool, String) {
        self.run_with(hub, command, &[]).await
    }

    /// The same with further arguments.
    pub(crate) async fn run_with(&self, hub: &Hub, command: &str, more: &[&str]) -> (bool, String) {
        let [books, secrets] = [&self.books, &self.secrets].map(|path| path.to_str().expect("text"));
        let arguments = [&[command, books, "--secrets", secrets], more].concat();
        let (status, said) = hub.run_command(&arguments).await;
        (status.success(), said)
    }
}

/// The machine is gone: processes, data and keys.
pub(crate) async fn lose(hub: &mut Hub) {
    hub.kill().await;
    end_servers(&hub.data());
    eventually("PostgreSQL is gone", || async {
        std::fs::remove_dir_all(hub.data()).ok();
        (!hub.data().exists()).then_some(())
    })
    .await;
    std::fs::remove_dir_all(hub.secrets()).expect("removes");
}
