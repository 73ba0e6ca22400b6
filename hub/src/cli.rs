//! The command line: what is typed, and how failures are said and exit codes chosen.

mod bus;

use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use data_encoding::HEXLOWER;
use openpam_link::check::Verdict;
use openpam_link::program;
use openpam_policy::Role;
use serde::Serialize;

use crate::api;
use crate::backup::{self, Archives};
use crate::config::{self, Config};
use crate::configuration::{self, How, MAX_BYTES, Outcome};
use crate::join_tokens;
use crate::keys::Keys;
use crate::report;
use crate::secrets::Secret;
use crate::serve::serve;
use crate::stop;
use crate::store::installation::TakenBack;
use crate::user_add::{Request, UserAddError, user_add};
use crate::verify;

/// `user add`: the name is taken.
const EXIT_ALREADY_EXISTS: u8 = 3;
/// `status`: no hub runs.
const EXIT_NOT_RUNNING: u8 = 3;
/// `apply --dry-run`: there is a difference.
const EXIT_DIFFERENCE: u8 = 2;
/// A password line longer than this is refused.
const MAX_PASSWORD_LINE: u64 = 4096;
/// More of an answer is not read.
const MAX_ANSWER: u64 = 16;

const EXAMPLES: &str = "Examples:
  openpam-hub serve
  openpam-hub serve --config /etc/openpam/hub.toml
  openpam-hub status
  openpam-hub doctor
  openpam-hub audit verify
  openpam-hub backup /backup/hub.tar --secrets /safe/hub.tar
  openpam-hub stop
  openpam-hub user add ann --role admin < password-file
  openpam-hub token create plant-7
  openpam-hub export hub.yaml
  openpam-hub apply hub.yaml --dry-run
  openpam-hub openapi > openapi.json";

/// The hub of OpenPAM: sign-in, books, relay, certificate authority.
#[derive(Debug, Parser)]
#[command(name = "openpam-hub", version, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the hub until SIGTERM or SIGINT.
    #[command(after_help = "Example:\n  openpam-hub serve --config /etc/openpam/hub.toml")]
    Serve(Place),
    /// Keep local accounts.
    #[command(subcommand)]
    User(UserCommand),
    /// End the satellites of the hub's own zones, and the hub. SIGTERM to the hub leaves those satellites running.
    #[command(after_help = "Example:\n  openpam-hub stop --data /srv/hub")]
    Stop(Place),
    /// Say what is up, what waits and what expires. Exit code 3: no hub runs here.
    #[command(
        after_help = "Examples:\n  openpam-hub status\n  openpam-hub status --json | jq '.satellites[].state'"
    )]
    Status {
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Look for everything that may be wrong, with real handshakes, and say what to do. Exit code 1: something is.
    #[command(after_help = "Examples:\n  openpam-hub doctor\n  openpam-hub doctor --json")]
    Doctor {
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Prove what happened.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Take a backup into two archives, whether the hub runs or not: books and recordings into one, keys and sealed secrets
    /// into the other. Keep them apart: who has both has every stored secret.
    #[command(
        after_help = "Example:\n  openpam-hub backup /backup/hub-$(date +%F).tar --secrets /safe/hub-$(date +%F).tar"
    )]
    Backup {
        /// Books and recordings go into this new file.
        #[arg(value_name = "FILE")]
        books: PathBuf,
        /// Keys and sealed secrets go into this new file.
        #[arg(long, value_name = "FILE")]
        secrets: PathBuf,
        /// Leave the recordings out: they are backed up in another way, or not at all.
        #[arg(long)]
        without_recordings: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Restore a backup into empty folders and an empty database, and check all of it. Everybody has to sign in again, and
    /// unused join tokens are revoked. Satellites come back by themselves if the hub is where they look for it, and tell
    /// again what happened since the backup. Exit code 1: something does not fit.
    #[command(
        after_help = "Example:\n  openpam-hub restore /backup/hub-2026-11-28.tar --secrets /safe/hub-2026-11-28.tar"
    )]
    Restore {
        /// The archive of books and recordings.
        #[arg(value_name = "FILE")]
        books: PathBuf,
        /// The archive of keys and sealed secrets.
        #[arg(long, value_name = "FILE")]
        secrets: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Write the configuration as YAML, for a team that keeps it in git: zones, targets, users, groups and grants, by name
    /// and in order. No credential, password or secret is in it.
    #[command(
        after_help = "Examples:\n  openpam-hub export > hub.yaml\n  openpam-hub export hub.yaml && git diff hub.yaml"
    )]
    Export {
        /// Into this file, which is replaced; standard output by default.
        file: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
    /// Make the configuration what a file says: shows the difference, asks, and does all of it or nothing, whether the hub
    /// runs or not. What the file does not name is left alone. New users have no password. Exit code with --dry-run 2:
    /// there is a difference.
    #[command(after_help = "Examples:
  openpam-hub apply hub.yaml
  openpam-hub apply hub.yaml --dry-run          exit code 0: no difference, 2: some
  openpam-hub apply hub.yaml --prune --yes      also remove what the file does not name
  git show HEAD:hub.yaml | openpam-hub apply - --yes")]
    Apply {
        /// As export writes it, at most 16 MiB; - for standard input.
        file: PathBuf,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        /// Only show what would be done.
        #[arg(long)]
        dry_run: bool,
        /// Also remove what a section of the file does not name, as a deletion in the pages does. A section, or a list of
        /// members, that is left out altogether stays.
        #[arg(long)]
        prune: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Let satellites join.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Keep the certificate authority that signs hubs and satellites.
    #[command(subcommand)]
    Ca(CaCommand),
    /// Let others hear what happens.
    #[command(subcommand)]
    Bus(bus::BusCommand),
    /// Keep the key that signs what sites decide by.
    #[command(subcommand)]
    PolicyKey(PolicyKeyCommand),
    /// Print the default configuration with every setting explained.
    #[command(after_help = "Example:\n  openpam-hub config > /etc/openpam/hub.toml")]
    Config,
    /// Print the completions for a shell.
    #[command(after_help = "Example:\n  openpam-hub completions bash > /etc/bash_completion.d/openpam-hub")]
    Completions {
        /// Which shell.
        shell: Shell,
    },
    /// Print the OpenAPI document of the REST API.
    #[command(after_help = "Example:\n  openpam-hub openapi > openapi.json")]
    Openapi,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Check every chain of events, the book of sessions against its satellites' words, every recording, and all chains
    /// against what the hub has countersigned; say up to which moment each site is witnessed. Changes nothing and may
    /// run beside the hub. Exit code 1: something does not fit.
    #[command(
        after_help = "Examples:\n  openpam-hub audit verify\n  openpam-hub audit verify --json | jq '.findings[].place'"
    )]
    Verify {
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a join token for a zone, and print the command that a satellite joins with: once, on standard output. Whether the
    /// hub runs or not.
    #[command(
        after_help = "Examples:\n  openpam-hub token create plant-7\n  openpam-hub token create plant-7 --hours 72 | ssh box.plant-7 sudo sh"
    )]
    Create {
        /// The zone's name.
        zone: String,
        /// So long it is good: at most 720.
        #[arg(long, value_name = "HOURS", default_value_t = 1)]
        hours: u32,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Subcommand)]
enum PolicyKeyCommand {
    /// Make another key and sign with it from now on. Hubs that run notice it by themselves, sign every zone's policy anew
    /// and tell the sites; one that is away is told when it is back. Prints the key's public half.
    #[command(after_help = "Examples:
  openpam-hub policy-key rotate
  openpam-hub policy-key rotate --overlap-days 0    # the present key was stolen")]
    Rotate {
        /// So long sites still take what the present key has signed; 0: they drop it as soon as they are told.
        #[arg(long, value_name = "DAYS", default_value_t = 28)]
        overlap_days: u32,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Subcommand)]
enum CaCommand {
    /// Make another intermediate under the same root and sign with it from now on. Hubs that run notice it by
    /// themselves; satellites get it with their next renewal.
    #[command(after_help = "Examples:
  openpam-hub ca rotate
  openpam-hub ca rotate --root-key /media/safe/root.key --overlap-days 0")]
    Rotate {
        /// So long certificates of the present one still open tunnels; later they are renewed first.
        #[arg(long, value_name = "DAYS", default_value_t = 14)]
        overlap_days: u32,
        /// The root's private key, if it is kept elsewhere than in secrets_dir.
        #[arg(long, value_name = "FILE")]
        root_key: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Make a local account; the password is read from standard input, one line. Exit code 3: the name is taken.
    #[command(after_help = "Example:\n  openpam-hub user add ann --role admin < password-file")]
    Add {
        /// The name to sign in with.
        name: String,
        /// What they may do: admin, auditor or user. None of them opens a target: that takes a grant.
        #[arg(long)]
        role: Role,
        /// Mail address.
        #[arg(long)]
        email: Option<String>,
        /// The name to show.
        #[arg(long)]
        display_name: Option<String>,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Args)]
struct Place {
    /// Configuration file (TOML). Every key can also be given as OPENPAM_<KEY> in the environment.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Data folder; wins over data_dir of the configuration.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Runs what the command line says.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    program::start_log("openpam-hub", "info,sqlx=warn,object_store=warn,async_nats=warn", false);
    program::prepare();
    let result = match cli.command {
        Command::Serve(place) => place.load().and_then(|config| block_on(serve(config))),
        Command::Stop(place) => place.load().and_then(|config| halt(&config)),
        Command::Status { json, place } => return or_fail(status(&place, json)),
        Command::Doctor { json, place } => return or_fail(doctor(&place, json)),
        Command::Audit(AuditCommand::Verify { json, place }) => return or_fail(verify(&place, json)),
        Command::Backup { books, secrets, without_recordings, place } => {
            take_backup(&place, Archives { books, secrets }, !without_recordings)
        }
        Command::Restore { books, secrets, place } => {
            return or_fail(restore_backup(&place, &Archives { books, secrets }));
        }
        Command::Export { file, place } => export(&place, file.as_deref()),
        Command::Apply { file, yes, dry_run, prune, place } => {
            return or_fail(apply(&place, &file, Consent { yes, dry_run }, How { dry_run, prune }));
        }
        Command::Token(TokenCommand::Create { zone, hours, place }) => {
            place.load().and_then(|config| create_token(&config, &zone, hours))
        }
        Command::Ca(CaCommand::Rotate { overlap_days, root_key, place }) => {
            place.load().and_then(|config| rotate(&config, root_key.as_deref(), overlap_days))
        }
        Command::Bus(command) => command.run(),
        Command::PolicyKey(PolicyKeyCommand::Rotate { overlap_days, place }) => {
            place.load().and_then(|config| rotate_policy_key(&config, overlap_days))
        }
        Command::Config => say(config::DEFAULT_FILE),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "openpam-hub", &mut text);
            say(&String::from_utf8_lossy(&text))
        }
        Command::User(UserCommand::Add { name, role, email, display_name, place }) => {
            return add(&place, name, role, email, display_name);
        }
        Command::Openapi => say(&api::document()),
    };
    result.map_or_else(|error| fail(&error, 1), |()| ExitCode::SUCCESS)
}

fn add(
    place: &Place,
    username: String,
    role: Role,
    email: Option<String>,
    display_name: Option<String>,
) -> ExitCode {
    let run = || -> Result<(), UserAddError> {
        let config = place.load()?;
        let password = read_password()?;
        let request = Request { username, role, email, display_name, password };
        let id = block_on(async { Ok(user_add(&config, request).await) })??;
        Ok(say(&format!("user {id}\n"))?)
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ UserAddError::AlreadyExists(_)) => fail(&error.into(), EXIT_ALREADY_EXISTS),
        Err(UserAddError::Other(error)) => fail(&error, 1),
        Err(error) => fail(&error.into(), 1),
    }
}

/// Says what is done while it is: both take a while.
fn tell(done: &str) {
    // A reader that went away needs no more.
    let _ = say(&format!("{done}\n"));
}

fn take_backup(place: &Place, archives: Archives, with_recordings: bool) -> anyhow::Result<()> {
    let config = place.load()?;
    let taken = block_on(backup::take(&config, archives, with_recordings, tell))?;
    say(&format!("backup of {}: {} bytes in both archives\n", taken.at, taken.bytes))
}

fn restore_backup(place: &Place, archives: &Archives) -> anyhow::Result<ExitCode> {
    let config = place.load()?;
    let restored = block_on(backup::restore(&config, archives, tell))?;
    let TakenBack { sign_ins, tokens, own_satellites } = restored.taken_back;
    say(&format!(
        "restored the books of {}; epoch {}\nended {sign_ins} sign-ins, revoked {tokens} unused join tokens and {own_satellites} \
         satellites of own zones\nWhat was withdrawn since then (accounts, grants, satellites) holds again: look through it.\n",
        restored.backup_at, restored.epoch
    ))?;
    verify(place, false)
}

fn export(place: &Place, file: Option<&Path>) -> anyhow::Result<()> {
    let text = block_on(configuration::export(&place.load()?))?;
    match file {
        Some(file) => write_whole(file, &text).with_context(|| file.display().to_string()),
        None => say(&text),
    }
}

/// All of it or nothing: what is there stays until the new text is on the disk.
fn write_whole(file: &Path, text: &str) -> std::io::Result<()> {
    if file.exists() && !file.is_file() {
        return std::fs::write(file, text);
    }
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = file.with_file_name(name);
    std::fs::write(&new, text)?;
    std::fs::File::open(&new)?.sync_all()?;
    std::fs::rename(&new, file)
}

/// Whether a difference is to be asked about.
#[derive(Clone, Copy)]
struct Consent {
    yes: bool,
    dry_run: bool,
}

impl Consent {
    /// Shows the difference and says whether it is to be done.
    fn get(self, difference: &str) -> anyhow::Result<bool> {
        say(difference)?;
        if self.dry_run || self.yes {
            return Ok(!self.dry_run);
        }
        let input = std::io::stdin();
        ensure!(
            input.is_terminal(),
            "nobody can be asked, for there is no terminal: nothing was changed; say --yes, or --dry-run to only look"
        );
        say("do it? [y/N] ")?;
        let mut answer = String::new();
        input.lock().take(MAX_ANSWER).read_line(&mut answer)?;
        Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
    }
}

fn apply(place: &Place, file: &Path, consent: Consent, how: How) -> anyhow::Result<ExitCode> {
    let config = place.load()?;
    let text = read_configuration(file).with_context(|| file.display().to_string())?;
    let outcome = block_on(configuration::apply(&config, &text, how, |difference| consent.get(difference)));
    match outcome.with_context(|| file.display().to_string())? {
        Outcome::NoDifference(said) | Outcome::Done(said) => say(&said).map(|()| ExitCode::SUCCESS),
        Outcome::Shown if consent.dry_run => Ok(ExitCode::from(EXIT_DIFFERENCE)),
        Outcome::Shown => say("nothing was changed\n").map(|()| ExitCode::FAILURE),
    }
}

fn read_configuration(file: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    // One more than is allowed, so that it is seen.
    match file.to_str() {
        Some("-") => std::io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes)?,
        _ => std::fs::File::open(file)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?,
    };
    String::from_utf8(bytes).context("it is not UTF-8")
}

fn create_token(config: &Config, zone: &str, hours: u32) -> anyhow::Result<()> {
    let lifetime = Duration::from_secs(u64::from(hours) * 3600);
    let token = block_on(join_tokens::create(config, zone, lifetime))?;
    say(&format!("{}\n", *join_tokens::command(&token)))
}

fn halt(config: &Config) -> anyhow::Result<()> {
    match stop::stop(config)? {
        0 => say(&format!("nothing runs on {}\n", config.data_dir.display())),
        stopped => say(&format!("stopped {stopped} processes\n")),
    }
}

fn status(place: &Place, json: bool) -> anyhow::Result<ExitCode> {
    let config = place.load()?;
    if stop::hub(&config).is_none() {
        // The books are not opened for a hub that does not run.
        say(&format!("no hub runs on {}\n", config.data_dir.display()))?;
        return Ok(ExitCode::from(EXIT_NOT_RUNNING));
    }
    let status = block_on(report::read(&config))?;
    say(&if json { to_json(&status)? } else { report::words(&status) })?;
    Ok(ExitCode::SUCCESS)
}

fn doctor(place: &Place, json: bool) -> anyhow::Result<ExitCode> {
    let config = place.load()?;
    let tell = |verdict: &Verdict| {
        if !json {
            // A reader that went away needs no more.
            let _ = say(&format!("{verdict}\n"));
        }
    };
    let verdicts = block_on(async { Ok(report::doctor(&config, tell).await) })?;
    if json {
        say(&to_json(&verdicts)?)?;
    }
    Ok(if report::has_failure(&verdicts) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn verify(place: &Place, json: bool) -> anyhow::Result<ExitCode> {
    let report = block_on(verify::run(&place.load()?))?;
    say(&if json { to_json(&report)? } else { report.to_string() })?;
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn rotate(config: &Config, root_key: Option<&Path>, overlap_days: u32) -> anyhow::Result<()> {
    let keys = Keys::read(&config.secrets_dir, config.certificate_lifetime)?;
    keys.nodes.rotate(root_key, Duration::from_secs(u64::from(overlap_days) * 24 * 3600))?;
    say(&format!("{}\n", keys.nodes.authority().key_id()))
}

fn rotate_policy_key(config: &Config, overlap_days: u32) -> anyhow::Result<()> {
    let keys = Keys::read(&config.secrets_dir, config.certificate_lifetime)?.policy;
    keys.rotate(Duration::from_secs(u64::from(overlap_days) * 24 * 3600))?;
    say(&format!("{}\n", HEXLOWER.encode(&keys.present().public())))
}

fn to_json(value: &impl Serialize) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

fn or_fail(result: anyhow::Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| fail(&error, 1))
}

impl Place {
    fn load(&self) -> anyhow::Result<Config> {
        Ok(Config::load(self.config.as_deref(), self.data.clone())?)
    }
}

fn read_password() -> anyhow::Result<Secret> {
    let mut line = String::new();
    let mut input = std::io::stdin().lock().take(MAX_PASSWORD_LINE);
    input.read_line(&mut line)?;
    let secret = Secret::new(line.trim_end_matches(['\r', '\n']).to_owned());
    zeroize::Zeroize::zeroize(&mut line);
    Ok(secret)
}

fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let result = program::runtime()?.block_on(future);
    program::end_log();
    result
}

fn say(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// One line on standard error: outermost first, causes behind.
fn fail(error: &anyhow::Error, code: u8) -> ExitCode {
    let line = format!("openpam-hub: {error:#}\n");
    // If standard error is closed there is nobody to tell.
    let _ = std::io::stderr().write_all(line.as_bytes());
    ExitCode::from(code)
}
