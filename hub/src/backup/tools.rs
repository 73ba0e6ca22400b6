//! PostgreSQL's own programs: pg_dump and pg_restore, as the owner of the books.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::config::Config;
use crate::postgres;
use crate::secrets::Secret;

/// How the programs reach the database.
pub(super) struct Tools {
    programs: PathBuf,
    arguments: Vec<OsString>,
    password: Option<Secret>,
}

impl Tools {
    /// For the database of this configuration.
    ///
    /// # Errors
    /// If the programs are not there, or the address cannot be read.
    pub(super) fn new(config: &Config) -> anyhow::Result<Self> {
        let programs = postgres::programs(&config.data_dir, config.postgres_bin_dir.as_deref())?;
        let url = config.database_owner_url.as_ref().or(config.database_url.as_ref());
        let Some(url) = url else {
            let arguments = postgres::owner_arguments(&config.data_dir)?;
            return Ok(Self { programs, arguments, password: None });
        };
        let mut url: Url = url.expose().parse().context("database_url")?;
        let password = url.password().map(|text| percent_decode_str(text).decode_utf8_lossy());
        let password = password.map(|text| Secret::new(text.into_owned()));
        url.set_password(None).map_err(|()| anyhow::anyhow!("database_url names no host"))?;
        Ok(Self { programs, arguments: vec![format!("--dbname={url}").into()], password })
    }

    /// Writes a snapshot of the database into a new file.
    pub(super) fn dump(&self, to: &Path) -> anyhow::Result<()> {
        let mut command = self.command("pg_dump");
        run(command
            .args(["--format=custom", "--no-owner", "--no-privileges", "--no-password"])
            .arg("--file")
            .arg(to))
    }

    /// Reads it into an empty database, wholly or not at all.
    pub(super) fn restore(&self, from: &Path) -> anyhow::Result<()> {
        let mut command = self.command("pg_restore");
        command.args([
            "--no-owner",
            "--no-privileges",
            "--no-password",
            "--exit-on-error",
            "--single-transaction",
        ]);
        run(command.arg(from))
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.args(&self.arguments).env("LC_ALL", "C");
        if let Some(password) = &self.password {
            command.env("PGPASSWORD", password.expose());
        }
        command
    }
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| name.clone())?;
    let words = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name}: {}", words.trim().replace('\n', " | "));
    Ok(())
}
