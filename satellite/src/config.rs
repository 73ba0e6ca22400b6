//! The satellite's configuration: the embedded default file, then the machine's file, then the environment.
//!
//! Refuses unknown keys. The commented default file beside this one is the manual. Loaded once at the start.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use openpam_link::dial::DialOptions;
use openpam_proto::limits::MAX_CHANNELS_PER_LANE;
use serde::Deserialize;

use crate::desktop::wire::{self, GuacdAt};
use crate::reach::{self, Reach};
use crate::session::spill::SpillLimits;
use crate::spool::guard::SpoolLimits;

/// The embedded default file.
pub const DEFAULT_FILE: &str = include_str!("default-config.toml");
/// The machine's file.
pub const SYSTEM_FILE: &str = "/etc/openpam/satellite.toml";

/// What `join` and `run` need to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// How the hub is dialled.
    pub dial: DialOptions,
    /// Bounds of the site's sessions.
    pub limits: Limits,
    /// What sessions may reach.
    pub reach: Reach,
    /// nats-server's program; absent: what the PATH has.
    pub nats_server: Option<PathBuf>,
    /// Where guacd listens.
    pub guacd: GuacdAt,
    /// The folder in which guacd is given drives for desktops; absent: no files go to them or come from them.
    pub guacd_drive: Option<PathBuf>,
}

/// Bounds of the site's sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Sessions at the same time, dials included.
    pub sessions: usize,
    /// Browsers on one session at the same time.
    pub attachments_per_session: usize,
    /// Watchers on one session at the same time.
    pub watchers_per_session: usize,
    /// How far output may run ahead of what a browser acknowledged.
    pub output_window_bytes: u64,
    /// Output on the disk while nobody is attached.
    pub spill: SpillLimits,
    /// Recordings that wait for the hub.
    pub spool: SpoolLimits,
    /// Recordings go up at most at so many bytes a second; 0: as fast as the line carries.
    pub upload_bytes_per_second: u64,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A key is unknown or has the wrong kind of value.
    #[error("configuration: {}", .0.message())]
    Parse(#[from] toml::de::Error),
    /// A value makes no sense.
    #[error("configuration: {key}: {reason}")]
    Value {
        /// Which.
        key: &'static str,
        /// What is expected.
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    transport: String,
    proxy: Option<String>,
    congestion: String,
    max_sessions: usize,
    max_attachments_per_session: usize,
    max_watchers_per_session: usize,
    max_output_window_kib: usize,
    max_spill_mib: usize,
    max_spill_total_mib: usize,
    max_spool_mib: usize,
    spool_full: String,
    max_upload_kib_s: usize,
    nats_server: Option<PathBuf>,
    guacd: String,
    guacd_tls: bool,
    guacd_ca: Option<PathBuf>,
    guacd_drive: Option<PathBuf>,
    reach_networks: Vec<String>,
    reach_ports: Vec<String>,
    reach_protocols: Vec<String>,
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    Switch,
    List,
}

const KEYS: [(&str, Kind); 20] = [
    ("transport", Kind::Text),
    ("proxy", Kind::Text),
    ("congestion", Kind::Text),
    ("max_sessions", Kind::Number),
    ("max_attachments_per_session", Kind::Number),
    ("max_watchers_per_session", Kind::Number),
    ("max_output_window_kib", Kind::Number),
    ("max_spill_mib", Kind::Number),
    ("max_spill_total_mib", Kind::Number),
    ("max_spool_mib", Kind::Number),
    ("spool_full", Kind::Text),
    ("max_upload_kib_s", Kind::Number),
    ("nats_server", Kind::Text),
    ("guacd", Kind::Text),
    ("guacd_tls", Kind::Switch),
    ("guacd_ca", Kind::Text),
    ("guacd_drive", Kind::Text),
    ("reach_networks", Kind::List),
    ("reach_ports", Kind::List),
    ("reach_protocols", Kind::List),
];

impl Config {
    /// Loads defaults, the file (the machine's own if none is given and it is there), and the environment.
    ///
    /// # Errors
    /// [`ConfigError`] with what to correct.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let path = file.unwrap_or(Path::new(SYSTEM_FILE));
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if file.is_none() && error.kind() == ErrorKind::NotFound => String::new(),
            Err(source) => return Err(ConfigError::Read { path: path.to_owned(), source }),
        };
        Self::from_parts(&text, &|name| std::env::var(name).ok())
    }

    /// As [`Config::load`], from texts.
    ///
    /// # Errors
    /// [`ConfigError`] with what to correct.
    pub fn from_parts(file: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut table: toml::Table = toml::from_str(DEFAULT_FILE)?;
        table.extend(toml::from_str::<toml::Table>(file)?);
        for (key, kind) in KEYS {
            if let Some(text) = environment(&format!("OPENPAM_{}", key.to_uppercase())) {
                table.insert(key.to_owned(), value(key, kind, &text)?);
            }
        }
        table.try_into::<Keys>()?.check()
    }
}

impl Keys {
    fn check(self) -> Result<Config, ConfigError> {
        let number = |key, number: usize, most: usize| match number {
            0 => Err(wrong(key, "at least 1")),
            number if number > most => Err(wrong(key, format!("at most {most}"))),
            number => Ok(number),
        };
        let mebibytes = |key, count| number(key, count, 1024 * 1024).map(|count| count as u64 * 1024 * 1024);
        let dial = DialOptions {
            allowed: self.transport.parse().map_err(|reason: String| wrong("transport", reason))?,
            proxy: self
                .proxy
                .filter(|proxy| !proxy.is_empty())
                .map(|proxy| {
                    proxy
                        .parse()
                        .map_err(|error: openpam_link::proxy::NoProxy| wrong("proxy", error.to_string()))
                })
                .transpose()?,
            congestion: self.congestion.parse().map_err(|reason: String| wrong("congestion", reason))?,
        };
        let limits = Limits {
            sessions: number("max_sessions", self.max_sessions, 4000)?,
            attachments_per_session: number(
                "max_attachments_per_session",
                self.max_attachments_per_session,
                MAX_CHANNELS_PER_LANE / 2,
            )?,
            watchers_per_session: number(
                "max_watchers_per_session",
                self.max_watchers_per_session,
                MAX_CHANNELS_PER_LANE / 2,
            )?,
            output_window_bytes: number("max_output_window_kib", self.max_output_window_kib, 64 * 1024)?
                as u64
                * 1024,
            spill: SpillLimits {
                session_bytes: mebibytes("max_spill_mib", self.max_spill_mib)?,
                total_bytes: mebibytes("max_spill_total_mib", self.max_spill_total_mib)?,
            },
            spool: SpoolLimits {
                bytes: mebibytes("max_spool_mib", self.max_spool_mib)?,
                ends_sessions: match self.spool_full.as_str() {
                    "end" => true,
                    "go_on" => false,
                    _ => return Err(wrong("spool_full", "end or go_on")),
                },
            },
            upload_bytes_per_second: match self.max_upload_kib_s {
                0 => 0,
                rate => number("max_upload_kib_s", rate, 1024 * 1024)? as u64 * 1024,
            },
        };
        let network = |text: &String| {
            let address = || text.parse::<std::net::IpAddr>().map(Into::into);
            text.parse()
                .or_else(|_| address())
                .map_err(|_| wrong("reach_networks", format!("{text:?} is no network such as 10.7.0.0/16")))
        };
        let ports = |text: &String| {
            let reason = format!("{text:?} is no port or range such as 22 or 3389-3399");
            reach::ports(text).ok_or_else(|| wrong("reach_ports", reason))
        };
        let protocol = |text: String| match text.as_str() {
            "ssh" | "rdp" | "vnc" => Ok(text),
            _ => Err(wrong("reach_protocols", format!("{text:?} is no protocol; ssh, rdp or vnc is"))),
        };
        let reach = Reach {
            networks: self.reach_networks.iter().map(network).collect::<Result<_, _>>()?,
            ports: self.reach_ports.iter().map(ports).collect::<Result<_, _>>()?,
            protocols: self.reach_protocols.into_iter().map(protocol).collect::<Result<_, _>>()?,
        };
        let guacd = guacd(self.guacd, self.guacd_tls, self.guacd_ca.as_deref())?;
        if self.guacd_drive.as_ref().is_some_and(|folder| !folder.is_absolute()) {
            return Err(wrong("guacd_drive", "a folder by its whole path, such as /var/lib/openpam-drive"));
        }
        let (nats_server, guacd_drive) = (self.nats_server, self.guacd_drive);
        Ok(Config { dial, limits, reach, nats_server, guacd, guacd_drive })
    }
}

fn guacd(address: String, tls: bool, ca: Option<&Path>) -> Result<GuacdAt, ConfigError> {
    let port = |(host, port): (&str, &str)| !host.is_empty() && port.parse::<u16>().is_ok();
    if !address.rsplit_once(':').is_some_and(port) {
        return Err(wrong("guacd", "a host and a port, such as 127.0.0.1:4822"));
    }
    let authorities = match ca {
        _ if !tls => None,
        None => {
            return Err(wrong("guacd_ca", "with guacd_tls, the PEM file of whom guacd's certificate is of"));
        }
        Some(file) => Some(wire::authorities(file).map_err(|reason| wrong("guacd_ca", reason))?),
    };
    Ok(GuacdAt { address, authorities: authorities.map(Arc::new) })
}

fn wrong(key: &'static str, reason: impl Into<String>) -> ConfigError {
    ConfigError::Value { key, reason: reason.into() }
}

fn value(key: &'static str, kind: Kind, text: &str) -> Result<toml::Value, ConfigError> {
    let items = || text.split(',').map(str::trim).filter(|item| !item.is_empty());
    Ok(match kind {
        Kind::Text => toml::Value::String(text.to_owned()),
        Kind::Number => {
            toml::Value::Integer(text.trim().parse().map_err(|_| wrong(key, "a whole number is expected"))?)
        }
        Kind::Switch => {
            toml::Value::Boolean(text.trim().parse().map_err(|_| wrong(key, "true or false is expected"))?)
        }
        Kind::List => toml::Value::Array(items().map(|item| toml::Value::String(item.to_owned())).collect()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str) -> Result<Config, ConfigError> {
        Config::from_parts(file, &|_| None)
    }

    #[test]
    fn the_default_file_parses_and_limits_nothing() {
        let config = load("").expect("the default file is the manual");
        assert_eq!(config.reach, Reach::default());
        assert_eq!(config.dial.without_quic(), None);
        assert_eq!(
            config.limits,
            Limits {
                sessions: 500,
                attachments_per_session: 8,
                watchers_per_session: 4,
                output_window_bytes: 4 * 1024 * 1024,
                spill: SpillLimits { session_bytes: 64 * 1024 * 1024, total_bytes: 1024 * 1024 * 1024 },
                spool: SpoolLimits { bytes: 10 * 1024 * 1024 * 1024, ends_sessions: true },
                upload_bytes_per_second: 0,
            }
        );
    }

    #[test]
    fn every_key_is_explained_in_the_default_file_and_every_explained_key_parses() {
        let uncommented = DEFAULT_FILE.replace("# proxy = ", "proxy = ");
        let uncommented = uncommented.replace("# nats_server = ", "nats_server = ");
        let uncommented = uncommented.replace("# guacd_ca = ", "guacd_ca = ");
        let uncommented = uncommented.replace("# guacd_drive = ", "guacd_drive = ");
        let table: toml::Table = toml::from_str(&uncommented).expect("settings");
        for (key, _) in KEYS {
            assert!(table.contains_key(key), "{key} is missing in default-config.toml");
        }
        let config = load(&uncommented).expect("parses with everything switched on");
        assert!(config.dial.without_quic().is_some_and(|why| why.contains("proxy.plant.example")));
    }

    #[test]
    fn a_wrong_value_is_named_with_what_is_expected() {
        for (file, says) in [
            ("transprot = \"quic\"", "transprot"),
            ("transport = \"udp\"", "auto, quic or tcp"),
            ("proxy = \"proxy:1\"", "http://"),
            ("max_sessions = 0", "max_sessions: at least 1"),
            ("spool_full = \"drop\"", "spool_full: end or go_on"),
            ("guacd = \"guacd\"", "guacd: a host and a port"),
            ("guacd_tls = true", "guacd_ca: with guacd_tls"),
            ("guacd_tls = true\nguacd_ca = \"/nowhere/ca.pem\"", "guacd_ca: /nowhere/ca.pem"),
            ("reach_networks = [\"10.0.0/8\"]", "10.0.0/8"),
            ("reach_ports = [\"ssh\"]", "no port"),
            ("reach_protocols = [\"telnet\"]", "ssh, rdp or vnc"),
        ] {
            let error = load(file).expect_err(file).to_string();
            assert!(error.contains(says), "{file}: {error}");
        }
    }

    #[test]
    fn guacd_is_reached_over_tls_only_with_an_authority() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ca.pem");
        let tls = |name: &str| match name {
            "OPENPAM_GUACD_TLS" => Some("true".to_owned()),
            "OPENPAM_GUACD_CA" => Some(file.display().to_string()),
            _ => None,
        };
        for (pem, says) in [
            ("", "holds no certificate"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "ca.pem"),
        ] {
            fs::write(&file, pem).expect("writes");
            let error = Config::from_parts("", &tls).expect_err(pem).to_string();
            assert!(error.contains("guacd_ca") && error.contains(says), "{error}");
        }
        let authority = openpam_link::ca::Authority::create(std::time::SystemTime::now()).expect("creates");
        fs::write(&file, &authority.root_cert).expect("writes");
        assert!(Config::from_parts("", &tls).expect("loads").guacd.authorities.is_some());
        let spelled = Config::from_parts("", &|name| (name == "OPENPAM_GUACD_TLS").then(|| "yes".to_owned()));
        assert!(spelled.expect_err("is no switch").to_string().contains("true or false"));
        assert!(load("").expect("loads").guacd.authorities.is_none());
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let environment = |name: &str| match name {
            "OPENPAM_REACH_NETWORKS" => Some("10.7.0.0/16, 192.0.2.1".to_owned()),
            "OPENPAM_MAX_SESSIONS" => Some("3".to_owned()),
            _ => None,
        };
        let config = Config::from_parts("max_sessions = 9", &environment).expect("loads");
        assert_eq!((config.limits.sessions, config.reach.networks.len()), (3, 2));
    }
}
