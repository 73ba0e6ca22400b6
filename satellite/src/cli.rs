//! The command line of `openpam-satellite`, and its words for errors.

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use zeroize::Zeroizing;

use crate::join::{self, JoinError};
use crate::node;
use crate::state::StateDir;
use crate::uplink::Expelled;

/// Where a satellite keeps its state when run as root.
const SYSTEM_STATE: &str = "/var/lib/openpam-satellite";
/// A token is a few hundred characters.
const MAX_TOKEN_BYTES: u64 = 8 * 1024;

/// The node of a site: opens, records and guards the sessions of its machines.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    after_help = "Examples:
  openpam-satellite join opam1_…            join with a token from the hub's zone page
  openpam-satellite join --token-file t     the same, with the token in a file
  echo opam1_… | openpam-satellite join -   the same, from standard input
  openpam-satellite run                     serve this site until stopped"
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Folder of key, certificate, store and recording spool.
    #[arg(long, global = true, env = "OPENPAM_STATE", value_name = "DIR")]
    state: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Join the hub that issued a token.
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
    /// Serve this site until stopped.
    Run,
}

/// Threads that carry sessions: half of the machine. A key passes many tasks on its way; on few threads most of them
/// follow each other without waking another core, and the site's machine has other work too.
#[must_use]
pub fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1))
}

/// Runs the command; 0 if it did what was asked.
pub async fn main(cli: Cli) -> ExitCode {
    match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}{}", code_of(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    let state = StateDir::open(&cli.state.unwrap_or_else(default_state))?;
    match cli.command {
        Command::Join { token, token_file, replace } => {
            let token = read_token(token, token_file)?;
            let membership = join::join(&state, &token, replace).await?;
            eprintln!("joined zone {} as satellite {}", membership.zone, membership.satellite_id);
            eprintln!("start it with: openpam-satellite run");
            Ok(())
        }
        Command::Run => node::run(state).await,
    }
}

fn code_of(error: &anyhow::Error) -> String {
    let code = error
        .downcast_ref::<JoinError>()
        .map(JoinError::code)
        .or_else(|| error.downcast_ref::<Expelled>().map(|expelled| expelled.code));
    code.map(|code| format!(" [{code}]")).unwrap_or_default()
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
        Some(folder) if !is_root() => folder.join("openpam-satellite"),
        _ => PathBuf::from(SYSTEM_STATE),
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0)
}
