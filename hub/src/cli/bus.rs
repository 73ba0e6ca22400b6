//! `openpam-hub bus …`: what others need who listen to the bus, or run its servers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Subcommand;

use super::{Place, say, to_json};
use crate::bus::schemas;
use crate::config::Config;
use crate::keys::Keys;
use crate::time::Time;

#[derive(Debug, Subcommand)]
pub(super) enum BusCommand {
    /// Make credentials for a program that listens to the events of sessions, schedules and users over NATS, and can say
    /// nothing. They are printed once, on standard output.
    #[command(after_help = "Examples:
  openpam-hub bus listener siem > siem.creds
  nats --server nats://127.0.0.1:4222 --creds siem.creds sub 'openpam.session.*'
  nats --server nats://127.0.0.1:4222 --creds siem.creds --inbox-prefix _INBOX_siem consumer next OPENPAM siem")]
    Listener {
        /// Letters, digits, `-` and `_`: at most 64.
        name: String,
        /// So long they are good.
        #[arg(long, value_name = "DAYS", default_value_t = 365)]
        days: u32,
        #[command(flatten)]
        place: Place,
    },
    /// Make another key for the bus: every account of it is another one, whoever was let in before is cut off. Hubs that run
    /// notice within seconds, sites connect anew by themselves; listeners need new credentials, a NATS of your own needs what
    /// `server-config` says then. The stream of events begins anew.
    #[command(after_help = "Examples:
  openpam-hub bus rotate
  openpam-hub bus rotate && openpam-hub bus listener siem > siem.creds")]
    Rotate {
        #[command(flatten)]
        place: Place,
    },
    /// Print the JSON Schema of a type of event; without one, list the types.
    #[command(after_help = "Examples:
  openpam-hub bus schema
  openpam-hub bus schema openpam.session.ended > ended.schema.json")]
    Schema {
        /// Such as openpam.session.ended.
        #[arg(value_name = "TYPE")]
        of: Option<String>,
    },
    /// Print what a nats-server of one's own has to be told, so that it takes this installation's accounts: who signs, who is
    /// who. A cluster's servers all get the same; then nats_url names them.
    #[command(after_help = "Example:
  openpam-hub bus server-config > /etc/nats/openpam.conf
  with `include openpam.conf` in nats-server's own configuration, beside `jetstream {}` and where it listens")]
    ServerConfig {
        /// Where that server keeps the accounts: a folder of its own.
        #[arg(long, value_name = "FOLDER", default_value = "/var/lib/nats/accounts")]
        accounts: PathBuf,
        #[command(flatten)]
        place: Place,
    },
}

impl BusCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Listener { name, days, place } => listener(&place.load()?, &name, days),
            Self::Rotate { place } => rotate(&place.load()?),
            Self::Schema { of } => schema(of.as_deref()),
            Self::ServerConfig { accounts, place } => server_config(&place.load()?, &accounts),
        }
    }
}

fn listener(config: &Config, name: &str, days: u32) -> anyhow::Result<()> {
    let fits = (1..=64).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    ensure!(fits, "a listener's name has 1 to 64 letters, digits, - and _");
    ensure!(days > 0, "credentials are good for a day at least");
    let authority = Keys::read(&config.secrets_dir, config.certificate_lifetime)?.bus.present();
    let until = Time::now().after(Duration::from_secs(u64::from(days) * 24 * 3600));
    say(&authority.listener(name, Some(until))?.to_file())
}

/// Prints the public key by which it is known.
fn rotate(config: &Config) -> anyhow::Result<()> {
    let keys = Keys::read(&config.secrets_dir, config.certificate_lifetime)?.bus;
    keys.rotate()?;
    say(&format!("{}\n", keys.present().operator_key()))
}

fn schema(of: Option<&str>) -> anyhow::Result<()> {
    let Some(of) = of else {
        return say(&schemas::types().map(|name| format!("{name}\n")).collect::<String>());
    };
    let unknown = || format!("there is no event {of}: `openpam-hub bus schema` lists them all");
    say(&to_json(&schemas::schema(of).with_context(unknown)?)?)
}

fn server_config(config: &Config, accounts: &Path) -> anyhow::Result<()> {
    let authority = Keys::read(&config.secrets_dir, config.certificate_lifetime)?.bus.present();
    say(&authority.configuration(accounts)?)
}
