//! The command line of `openpam-satellite`, and its words for errors.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use openpam_link::check::{Hub, Level, Verdict};
use openpam_link::dial::DialOptions;
use openpam_proto::token::JoinToken;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::clock::{self, SiteClock};
use crate::config::{self, Config, ConfigError};
use crate::desktop::drive::Drives;
use crate::desktop::wire::Wire;
use crate::join::{self, JoinError};
use crate::local::{self, LocalError, Request};
use crate::node;
use crate::preflight;
use crate::report;
use crate::state::{self, StateDir, StateError};
use crate::uplink::Expelled;

/// Where a satellite keeps its state when run as root.
const SYSTEM_STATE: &str = "/var/lib/openpam-satellite";
/// A token is a few hundred characters.
const MAX_TOKEN_BYTES: u64 = 8 * 1024;
/// How often a drain looks whether a session is left.
const DRAIN_LOOK: Duration = Duration::from_millis(500);

/// Exit codes other than 0 and 1. Those of sysexits where it has one.
mod exit {
    /// `doctor` found a failure; `drain` or `status`: the program does not run.
    pub(super) const NOT_RUNNING: u8 = 3;
    /// Another one runs with this state folder (`EX_TEMPFAIL`).
    pub(super) const LOCKED: u8 = 75;
    /// The hub will not have this satellite any more (`EX_NOPERM`).
    pub(super) const EXPELLED: u8 = 77;
    /// Not joined, or the configuration is wrong (`EX_CONFIG`).
    pub(super) const CONFIG: u8 = 78;
}

/// The node of a site: opens, records and guards the sessions of its machines.
#[derive(Debug, Parser)]
#[command(
    name = "openpam-satellite",
    version,
    after_help = "Examples:
  openpam-satellite join opam1_…            join with a token from the hub's zone page
  echo opam1_… | openpam-satellite join -   the same, from standard input
  openpam-satellite run                     serve this site until stopped
  openpam-satellite status                  what is up, since when, what waits
  openpam-satellite doctor                  what is wrong, and what to do about it
  openpam-satellite config > satellite.toml every setting, explained"
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Folder of key, certificate, store and recording spool.
    #[arg(long, global = true, env = "OPENPAM_STATE", value_name = "DIR")]
    state: Option<PathBuf>,
    /// Configuration file; without it /etc/openpam/satellite.toml, if that is there.
    #[arg(long, global = true, env = "OPENPAM_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Join the hub that issued a token. Checks the line first, and writes nothing if that fails.
    #[command(after_help = "Examples:
  openpam-satellite join opam1_…
  openpam-satellite join --token-file /run/token
  sudo -u openpam-satellite openpam-satellite join -")]
    Join {
        /// The token, or - to read it from standard input.
        #[arg(value_name = "TOKEN", required_unless_present = "token_file")]
        token: Option<String>,
        /// Read the token from a file.
        #[arg(long, value_name = "FILE", conflicts_with = "token")]
        token_file: Option<PathBuf>,
        /// Join anew although this folder belongs to a zone already.
        #[arg(long)]
        replace: bool,
    },
    /// Serve this site until stopped. Exit code 75: another one runs here, 77: the hub expelled this satellite,
    /// 78: not joined, or wrong configuration.
    #[command(after_help = "Example:\n  openpam-satellite --state /srv/satellite run")]
    Run,
    /// Say what is up, over which transport, since when, what waits and what expires. Exit code 3: it does not run.
    #[command(
        after_help = "Examples:\n  openpam-satellite status\n  openpam-satellite status --json | jq .lines"
    )]
    Status {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Look for everything that may be wrong, with real handshakes, and say what to do. Exit code 1: something is.
    #[command(after_help = "Examples:\n  openpam-satellite doctor\n  openpam-satellite doctor --json")]
    Doctor {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take no new session, tell the browsers, and wait until no session is left. Exit code 3: it does not run.
    #[command(after_help = "Examples:
  openpam-satellite drain --wait 15m && systemctl restart openpam-satellite
  openpam-satellite drain --cancel")]
    Drain {
        /// Wait at most so long: seconds, or with m or h behind.
        #[arg(long, value_name = "TIME", default_value = "15m", value_parser = duration)]
        wait: Duration,
        /// Take new sessions again.
        #[arg(long)]
        cancel: bool,
    },
    /// Print the default configuration with every setting explained.
    #[command(after_help = "Example:\n  openpam-satellite config > /etc/openpam/satellite.toml")]
    Config,
    /// Print the completions for a shell.
    #[command(
        after_help = "Example:\n  openpam-satellite completions bash > /etc/bash_completion.d/openpam-satellite"
    )]
    Completions {
        /// Which shell.
        shell: Shell,
    },
}

/// Runs the command; 0 if it did what was asked.
pub async fn main(cli: Cli) -> ExitCode {
    match run(cli).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}{}", code_of(&error));
            ExitCode::from(exit_code(&error))
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let folder = cli.state.unwrap_or_else(default_state);
    let config = || Config::load(cli.config.as_deref());
    match cli.command {
        Command::Join { token, token_file, replace } => {
            let token = JoinToken::decode(&read_token(token, token_file)?).map_err(JoinError::from)?;
            join(&folder, &token, config()?.dial, replace).await?;
        }
        Command::Run => node::run(StateDir::open(&folder)?, config()?).await?,
        Command::Status { json } => {
            let status = local::ask(&folder, Request::Status).await?;
            say(&if json { to_json(&status)? } else { report::status(&status, clock::now_ms()) })?;
        }
        Command::Doctor { json } => return doctor(&folder, &config()?, json).await,
        Command::Drain { wait, cancel } => {
            if cancel {
                local::ask(&folder, Request::Resume).await?;
            } else {
                drain(&folder, wait).await?;
            }
        }
        Command::Config => say(config::DEFAULT_FILE)?,
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "openpam-satellite", &mut text);
            say(&String::from_utf8_lossy(&text))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The preflight refused; what it found was said already.
#[derive(Debug, thiserror::Error)]
#[error("{found}; nothing was written")]
struct Preflight {
    code: String,
    found: String,
}

async fn join(folder: &Path, token: &JoinToken, options: DialOptions, replace: bool) -> anyhow::Result<()> {
    if !replace && let Ok((membership, _)) = state::read_membership(folder) {
        return Err(JoinError::AlreadyJoined { zone: membership.zone }.into());
    }
    let clock = SiteClock::open(folder.join("clock"));
    let hub = Hub { addresses: &token.addresses, root_sha256: token.ca_sha256, options: &options };
    let verdicts = preflight::run(folder, hub, &clock, |verdict| eprintln!("{verdict}")).await;
    if let Some(failed) = first_failure(&verdicts) {
        let code = failed.code.clone().unwrap_or_default();
        return Err(Preflight { code, found: failed.found.clone() }.into());
    }
    let state = StateDir::open(folder)?;
    let membership = join::join(&state, token, options, &clock, replace).await?;
    clock.keep();
    eprintln!("joined zone {} as satellite {}", membership.zone, membership.satellite_id);
    eprintln!("start it: systemctl start openpam-satellite, or openpam-satellite run");
    Ok(())
}

/// The failure that says most: who answered wrongly, before that nobody did.
fn first_failure(verdicts: &[Verdict]) -> Option<&Verdict> {
    let failed = || verdicts.iter().filter(|verdict| verdict.level == Level::Failed);
    failed().find(|verdict| verdict.code.as_deref() == Some("wrong_hub")).or_else(|| failed().next())
}

async fn doctor(folder: &Path, config: &Config, json: bool) -> anyhow::Result<ExitCode> {
    let joined = state::read_membership(folder)?;
    let guacd = Wire::new(&config.guacd, SiteClock::fleeting().for_tls()).context("TLS to guacd")?;
    let drives = config.guacd_drive.clone().map(Drives::new);
    let guacd = config.reach.lets_desktops().then_some((&guacd, drives.as_ref()));
    let verdicts = report::doctor(folder, &joined, &config.dial, guacd, |verdict| {
        if !json {
            // A reader that went away needs no more.
            let _ = say(&format!("{verdict}\n"));
        }
    })
    .await;
    if json {
        say(&to_json(&verdicts)?)?;
    }
    let sound = verdicts.iter().all(|verdict| verdict.level != Level::Failed);
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn drain(folder: &Path, wait: Duration) -> anyhow::Result<()> {
    let deadline = Instant::now() + wait;
    let mut left = local::ask(folder, Request::Drain { within_s: wait.as_secs() }).await?.sessions;
    eprintln!("no new sessions; {left} left");
    while left > 0 && Instant::now() < deadline {
        tokio::time::sleep(DRAIN_LOOK).await;
        let now = match local::ask(folder, Request::Status).await {
            Ok(status) => status.sessions,
            // It was stopped meanwhile.
            Err(LocalError::NotRunning(_)) => 0,
            Err(error) => return Err(error.into()),
        };
        if now != left {
            eprintln!("{now} left");
        }
        left = now;
    }
    if left > 0 {
        eprintln!("{left} sessions are still open; they were told");
    }
    Ok(())
}

fn to_json(value: &impl Serialize) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

fn say(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.char_indices().find(|(_, c)| !c.is_ascii_digit()) {
        Some((at, _)) => text.split_at(at),
        None => (text, "s"),
    };
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err("a time is written 30s, 15m or 2h".to_owned()),
    };
    let number = number.parse::<u64>().map_err(|_| "a time is written 30s, 15m or 2h")?;
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

fn code_of(error: &anyhow::Error) -> String {
    let join = error.downcast_ref::<JoinError>().map(JoinError::code);
    let expelled = || error.downcast_ref::<Expelled>().map(|expelled| expelled.code);
    let preflight = || error.downcast_ref::<Preflight>().map(|preflight| preflight.code.as_str());
    let code = join.or_else(expelled).or_else(preflight);
    code.map(|code| format!(" [{code}]")).unwrap_or_default()
}

fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<Expelled>() {
        return exit::EXPELLED;
    }
    if error.is::<ConfigError>() {
        return exit::CONFIG;
    }
    match (error.downcast_ref::<StateError>(), error.downcast_ref::<LocalError>()) {
        (Some(StateError::NotJoined { .. }), _) => exit::CONFIG,
        (Some(StateError::Locked { .. }), _) => exit::LOCKED,
        (_, Some(LocalError::NotRunning(_))) => exit::NOT_RUNNING,
        _ => 1,
    }
}

fn read_token(token: Option<String>, file: Option<PathBuf>) -> anyhow::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    match (token, file) {
        (_, Some(path)) => {
            std::fs::File::open(&path)
                .and_then(|file| file.take(MAX_TOKEN_BYTES).read_to_string(&mut text))
                .with_context(|| format!("token file {}", path.display()))?;
        }
        (Some(token), None) if token == "-" => {
            std::io::stdin().take(MAX_TOKEN_BYTES).read_to_string(&mut text).context("standard input")?;
        }
        (token, None) => text.push_str(token.as_deref().unwrap_or_default()),
    }
    Ok(text)
}

fn default_state() -> PathBuf {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
    let user = || std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).or_else(home);
    match user() {
        Some(folder) if !is_the_systems() => folder.join("openpam-satellite"),
        _ => PathBuf::from(SYSTEM_STATE),
    }
}

/// Whether this is root, or the user whom the packaged folder belongs to.
fn is_the_systems() -> bool {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::geteuid();
    user.is_root() || std::fs::metadata(SYSTEM_STATE).is_ok_and(|meta| meta.uid() == user.as_raw())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound_and_every_command_has_an_example() {
        let mut command = Cli::command();
        command.clone().debug_assert();
        for command in command.get_subcommands_mut() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("openpam-satellite"), "{} has no example", command.get_name());
        }
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        assert_eq!(duration("30"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("15m"), Ok(Duration::from_secs(900)));
        assert!(duration("soon").is_err() && duration("5d").is_err());
    }
}
