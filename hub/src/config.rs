//! The hub's configuration: the embedded default file, then the given file, then the environment.
//!
//! Refuses unknown keys and combinations that would serve passwords in the clear. The commented default file
//! beside this one is the manual. `serve` and `user add` load it once; nothing rereads it.

mod bucket;
mod network;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use openpam_link::listener::ListenerOptions;
use openpam_link::quic::Congestion;
use serde::Deserialize;

pub use self::bucket::{AccessKey, Bucket};
pub use self::network::Network;
use crate::secrets::Secret;

/// The embedded default file.
pub const DEFAULT_FILE: &str = include_str!("default-config.toml");

/// What `serve` needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where browsers and API clients connect.
    pub listen: SocketAddr,
    /// What is spoken there.
    pub web: Web,
    /// Names and addresses in the hub's own web certificate; empty: this machine's name and `localhost`.
    pub web_names: Vec<String>,
    /// Whose forwarding headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// Where satellites connect.
    pub tunnel_listen: SocketAddr,
    /// What join tokens carry: `host:port`.
    pub tunnel_addresses: Vec<String>,
    /// Where metrics are served.
    pub metrics_listen: SocketAddr,
    /// This hub's own folder.
    pub data_dir: PathBuf,
    /// Keys and the sealed store.
    pub secrets_dir: PathBuf,
    /// The folder of recordings, where they lie in none of an object store.
    pub recordings_dir: PathBuf,
    /// The object store where recordings lie; absent: in that folder.
    pub recordings_s3: Option<Bucket>,
    /// An existing PostgreSQL; absent: the managed one.
    pub database_url: Option<Secret>,
    /// The same as the owner of its tables; absent: the hub's own role owns them.
    pub database_owner_url: Option<Secret>,
    /// The same as a role that only reads, for `audit verify`.
    pub database_verifier_url: Option<Secret>,
    /// PostgreSQL's programs, for the managed one.
    pub postgres_bin_dir: Option<PathBuf>,
    /// An existing NATS that takes this installation's accounts; absent: the managed server.
    pub nats_url: Option<String>,
    /// Where leaf nodes of sites connect to it; absent: there are none.
    pub nats_leaf_url: Option<String>,
    /// nats-server's program, for the managed one.
    pub nats_server: Option<PathBuf>,
    /// Where the managed one lets clients connect; absent: a free port of this machine.
    pub nats_listen: Option<SocketAddr>,
    /// How long a detached session stays.
    pub session_grace: Duration,
    /// How long a node's certificate is good.
    pub certificate_lifetime: Duration,
    /// A satellite whose certificate ran out longer ago than this needs an admin's word.
    pub readmit_after: Duration,
    /// Joins a minute, from everywhere and from one address.
    pub joins_per_minute: (u32, u32),
    /// Tunnel handshakes at the same time, from everywhere and from one address.
    pub tunnel_handshakes: (usize, usize),
    /// A tunnel handshake must be done within this.
    pub tunnel_handshake_timeout: Duration,
    /// How tunnels fill the line.
    pub tunnel_congestion: Congestion,
    /// Whether the hub starts a satellite for each zone of type `hub`.
    pub start_satellites: bool,
    /// That program, if not beside the hub's own or on the PATH.
    pub satellite_program: Option<PathBuf>,
    /// A sign-in ends after so long without use.
    pub sign_in_idle: Duration,
    /// A sign-in ends after so long in any case.
    pub sign_in_lifetime: Duration,
}

/// What is spoken to browsers.
#[derive(Debug, Clone)]
pub enum Web {
    /// Plain HTTP: on loopback, or to trusted proxies alone.
    Plain,
    /// HTTPS with a certificate of the hub's own authority.
    OwnCertificate,
    /// HTTPS with these files.
    Files(TlsFiles),
}

/// PEM files for HTTPS.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// Certificate chain.
    pub cert: PathBuf,
    /// Private key.
    pub key: PathBuf,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A key is unknown or has the wrong kind of value.
    #[error("configuration: {}", .0.message())]
    Parse(#[from] toml::de::Error),
    /// An environment variable does not fit.
    #[error("{name} is not a {kind}")]
    Environment {
        /// Which.
        name: String,
        /// What was expected.
        kind: &'static str,
    },
    /// The settings contradict each other.
    #[error("configuration: {0}")]
    Contradiction(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    listen: SocketAddr,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    web_names: Vec<String>,
    trusted_proxies: Vec<Network>,
    tunnel_listen: SocketAddr,
    tunnel_addresses: Vec<String>,
    metrics_listen: SocketAddr,
    data_dir: Option<PathBuf>,
    secrets_dir: Option<PathBuf>,
    recordings_dir: Option<PathBuf>,
    recordings_s3_bucket: Option<String>,
    recordings_s3_endpoint: Option<String>,
    recordings_s3_region: Option<String>,
    recordings_s3_prefix: Option<String>,
    recordings_s3_access_key_id: Option<String>,
    recordings_s3_secret_access_key: Option<Secret>,
    recordings_s3_ca: Option<PathBuf>,
    recordings_s3_plain_http: bool,
    database_url: Option<Secret>,
    database_owner_url: Option<Secret>,
    database_verifier_url: Option<Secret>,
    postgres_bin_dir: Option<PathBuf>,
    nats_url: Option<String>,
    nats_leaf_url: Option<String>,
    nats_server: Option<PathBuf>,
    nats_listen: Option<SocketAddr>,
    session_grace_seconds: u32,
    certificate_hours: u32,
    readmit_days: u32,
    joins_per_minute: u32,
    joins_per_minute_per_address: u32,
    tunnel_handshakes: u32,
    tunnel_handshakes_per_address: u32,
    tunnel_handshake_seconds: u32,
    tunnel_congestion: String,
    start_satellites: bool,
    satellite_program: Option<PathBuf>,
    sign_in_idle_minutes: u32,
    sign_in_hours: u32,
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    Switch,
    List,
}

const KEYS: [(&str, Kind); 40] = [
    ("listen", Kind::Text),
    ("tls_cert", Kind::Text),
    ("tls_key", Kind::Text),
    ("web_names", Kind::List),
    ("trusted_proxies", Kind::List),
    ("tunnel_listen", Kind::Text),
    ("tunnel_addresses", Kind::List),
    ("metrics_listen", Kind::Text),
    ("data_dir", Kind::Text),
    ("secrets_dir", Kind::Text),
    ("recordings_dir", Kind::Text),
    ("recordings_s3_bucket", Kind::Text),
    ("recordings_s3_endpoint", Kind::Text),
    ("recordings_s3_region", Kind::Text),
    ("recordings_s3_prefix", Kind::Text),
    ("recordings_s3_access_key_id", Kind::Text),
    ("recordings_s3_secret_access_key", Kind::Text),
    ("recordings_s3_ca", Kind::Text),
    ("recordings_s3_plain_http", Kind::Switch),
    ("database_url", Kind::Text),
    ("database_owner_url", Kind::Text),
    ("database_verifier_url", Kind::Text),
    ("postgres_bin_dir", Kind::Text),
    ("nats_url", Kind::Text),
    ("nats_leaf_url", Kind::Text),
    ("nats_server", Kind::Text),
    ("nats_listen", Kind::Text),
    ("session_grace_seconds", Kind::Number),
    ("certificate_hours", Kind::Number),
    ("readmit_days", Kind::Number),
    ("joins_per_minute", Kind::Number),
    ("joins_per_minute_per_address", Kind::Number),
    ("tunnel_handshakes", Kind::Number),
    ("tunnel_handshakes_per_address", Kind::Number),
    ("tunnel_handshake_seconds", Kind::Number),
    ("tunnel_congestion", Kind::Text),
    ("start_satellites", Kind::Switch),
    ("satellite_program", Kind::Text),
    ("sign_in_idle_minutes", Kind::Number),
    ("sign_in_hours", Kind::Number),
];

impl Config {
    /// Loads defaults, `file` if given, and the environment; `data_dir` (from the command line) wins over all.
    ///
    /// # Errors
    /// [`ConfigError`] with what to correct.
    pub fn load(file: Option<&Path>, data_dir: Option<PathBuf>) -> Result<Self, ConfigError> {
        let text = match file {
            Some(path) => fs::read_to_string(path)
                .map_err(|source| ConfigError::Read { path: path.to_path_buf(), source })?,
            None => String::new(),
        };
        Self::from_parts(&text, &|name| std::env::var(name).ok(), data_dir)
    }

    /// As [`Config::load`], from texts.
    ///
    /// # Errors
    /// [`ConfigError`] with what to correct.
    pub fn from_parts(
        file: &str,
        environment: &dyn Fn(&str) -> Option<String>,
        data_dir: Option<PathBuf>,
    ) -> Result<Self, ConfigError> {
        let mut table: toml::Table = toml::from_str(DEFAULT_FILE)?;
        table.extend(toml::from_str::<toml::Table>(file)?);
        for (key, kind) in KEYS {
            let name = format!("OPENPAM_{}", key.to_uppercase());
            if let Some(text) = environment(&name) {
                table.insert(key.to_owned(), value(&name, kind, &text)?);
            }
        }
        let keys: Keys = table.try_into()?;
        let data_dir = data_dir.or(keys.data_dir.clone()).unwrap_or_else(|| default_data_dir(environment));
        keys.check(data_dir)
    }

    /// The tunnel port's settings.
    #[must_use]
    pub const fn tunnel_options(&self) -> ListenerOptions {
        ListenerOptions {
            handshake_timeout: self.tunnel_handshake_timeout,
            max_handshakes: self.tunnel_handshakes.0,
            max_handshakes_per_address: self.tunnel_handshakes.1,
            congestion: self.tunnel_congestion,
        }
    }

    /// Whether the hub itself speaks HTTPS.
    #[must_use]
    pub const fn speaks_https(&self) -> bool {
        !matches!(self.web, Web::Plain)
    }
}

impl Keys {
    fn check(self, data_dir: PathBuf) -> Result<Config, ConfigError> {
        if self.database_url.is_none()
            && (self.database_owner_url.is_some() || self.database_verifier_url.is_some())
        {
            let what = "database_owner_url and database_verifier_url go with database_url";
            return Err(ConfigError::Contradiction(what.to_owned()));
        }
        let web = match (self.tls_cert, self.tls_key) {
            (Some(cert), Some(key)) => Web::Files(TlsFiles { cert, key }),
            (None, None) if self.listen.ip().is_loopback() || !self.trusted_proxies.is_empty() => Web::Plain,
            (None, None) => Web::OwnCertificate,
            _ => return Err(ConfigError::Contradiction("tls_cert and tls_key go together".to_owned())),
        };
        let recordings_s3 = bucket::Settings {
            bucket: self.recordings_s3_bucket,
            endpoint: self.recordings_s3_endpoint,
            region: self.recordings_s3_region,
            prefix: self.recordings_s3_prefix,
            access_key_id: self.recordings_s3_access_key_id,
            secret_access_key: self.recordings_s3_secret_access_key,
            ca: self.recordings_s3_ca,
            plain_http: self.recordings_s3_plain_http,
        };
        let recordings_s3 = recordings_s3.check().map_err(ConfigError::Contradiction)?;
        let tunnel_addresses = if self.tunnel_addresses.is_empty() {
            vec![format!("localhost:{}", self.tunnel_listen.port())]
        } else {
            self.tunnel_addresses
        };
        Ok(Config {
            listen: self.listen,
            web,
            web_names: self.web_names,
            trusted_proxies: self.trusted_proxies,
            tunnel_listen: self.tunnel_listen,
            tunnel_addresses,
            metrics_listen: self.metrics_listen,
            secrets_dir: self.secrets_dir.unwrap_or_else(|| sibling(&data_dir)),
            recordings_dir: self.recordings_dir.unwrap_or_else(|| data_dir.join("recordings")),
            data_dir,
            recordings_s3,
            database_url: self.database_url,
            database_owner_url: self.database_owner_url,
            database_verifier_url: self.database_verifier_url,
            postgres_bin_dir: self.postgres_bin_dir,
            nats_url: self.nats_url,
            nats_leaf_url: self.nats_leaf_url,
            nats_server: self.nats_server,
            nats_listen: self.nats_listen,
            start_satellites: self.start_satellites,
            satellite_program: self.satellite_program,
            session_grace: Duration::from_secs(self.session_grace_seconds.into()),
            certificate_lifetime: Duration::from_secs(
                u64::from(at_least_1("certificate_hours", self.certificate_hours)?) * 3600,
            ),
            readmit_after: Duration::from_secs(u64::from(self.readmit_days) * 24 * 3600),
            joins_per_minute: (
                at_least_1("joins_per_minute", self.joins_per_minute)?,
                at_least_1("joins_per_minute_per_address", self.joins_per_minute_per_address)?,
            ),
            tunnel_handshakes: (
                at_least_1("tunnel_handshakes", self.tunnel_handshakes)? as usize,
                at_least_1("tunnel_handshakes_per_address", self.tunnel_handshakes_per_address)? as usize,
            ),
            tunnel_handshake_timeout: Duration::from_secs(
                at_least_1("tunnel_handshake_seconds", self.tunnel_handshake_seconds)?.into(),
            ),
            tunnel_congestion: self
                .tunnel_congestion
                .parse()
                .map_err(|error| ConfigError::Contradiction(format!("tunnel_congestion: {error}")))?,
            sign_in_idle: Duration::from_secs(u64::from(self.sign_in_idle_minutes) * 60),
            sign_in_lifetime: Duration::from_secs(u64::from(self.sign_in_hours) * 3600),
        })
    }
}

fn at_least_1(key: &str, number: u32) -> Result<u32, ConfigError> {
    if number == 0 {
        return Err(ConfigError::Contradiction(format!("{key} must be at least 1")));
    }
    Ok(number)
}

fn value(name: &str, kind: Kind, text: &str) -> Result<toml::Value, ConfigError> {
    Ok(match kind {
        Kind::Text => toml::Value::String(text.to_owned()),
        Kind::Number => toml::Value::Integer(
            text.trim()
                .parse()
                .map_err(|_| ConfigError::Environment { name: name.to_owned(), kind: "whole number" })?,
        ),
        Kind::Switch => toml::Value::Boolean(text.trim().parse().map_err(|_| ConfigError::Environment {
            name: name.to_owned(),
            kind: "switch: true or false",
        })?),
        Kind::List => toml::Value::Array(
            text.split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(|item| toml::Value::String(item.to_owned()))
                .collect(),
        ),
    })
}

fn default_data_dir(environment: &dyn Fn(&str) -> Option<String>) -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return PathBuf::from("/var/lib/openpam-hub");
    }
    let state = environment("XDG_STATE_HOME").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let home = || PathBuf::from(environment("HOME").unwrap_or_else(|| ".".to_owned())).join(".local/state");
    state.unwrap_or_else(home).join("openpam-hub")
}

fn sibling(data_dir: &Path) -> PathBuf {
    let mut name = data_dir.file_name().unwrap_or_default().to_owned();
    name.push("-secrets");
    data_dir.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none(_: &str) -> Option<String> {
        None
    }

    fn load(file: &str) -> Result<Config, ConfigError> {
        Config::from_parts(file, &none, Some("/srv/hub".into()))
    }

    #[test]
    fn the_default_file_parses_and_stays_on_loopback() {
        let config = load("").expect("the default file is the manual");
        assert!(config.listen.ip().is_loopback() && !config.speaks_https());
        assert_eq!(config.tunnel_addresses, ["localhost:7443"]);
        assert_eq!(config.secrets_dir, Path::new("/srv/hub-secrets"));
        assert_eq!(config.recordings_dir, Path::new("/srv/hub/recordings"));
        assert_eq!(config.session_grace, Duration::from_secs(1800));
    }

    #[test]
    fn every_key_is_explained_in_the_default_file_and_every_explained_key_parses() {
        let uncommented: String = DEFAULT_FILE
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(key) if key.contains(" = ") && !key.starts_with("http") => format!("{key}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let table: toml::Table = toml::from_str(&uncommented).expect("the commented lines are settings");
        for (key, _) in KEYS {
            assert!(table.contains_key(key), "{key} is missing in default-config.toml");
        }
        load(&uncommented).expect("parses with everything switched on");
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_it() {
        let error = load("lisden = \"127.0.0.1:1\"").expect_err("refused").to_string();
        assert!(error.contains("lisden"), "{error}");
    }

    #[test]
    fn plain_http_is_spoken_on_loopback_and_to_named_proxies_alone() {
        let web = |file: &str| load(file).expect("loads").web;
        assert!(matches!(web(""), Web::Plain));
        assert!(matches!(web("listen = \"0.0.0.0:8080\""), Web::OwnCertificate));
        assert!(matches!(web("listen = \"0.0.0.0:8080\"\ntrusted_proxies = [\"10.0.0.0/8\"]"), Web::Plain));
        assert!(matches!(web("tls_cert = \"/c\"\ntls_key = \"/k\""), Web::Files(_)));
        assert!(load("tls_cert = \"/c\"").is_err());
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let environment = |name: &str| match name {
            "OPENPAM_SESSION_GRACE_SECONDS" => Some("7".to_owned()),
            "OPENPAM_TUNNEL_ADDRESSES" => Some("a:1, b:2".to_owned()),
            _ => None,
        };
        let config = Config::from_parts("session_grace_seconds = 5", &environment, None).expect("loads");
        assert_eq!(config.session_grace, Duration::from_secs(7));
        assert_eq!(config.tunnel_addresses, ["a:1", "b:2"]);
    }

    #[test]
    fn no_password_and_no_key_is_printed() {
        let config = load("database_url = \"postgres://u:hunter2@h/d\"").expect("loads");
        assert!(!format!("{config:?}").contains("hunter2"));
        let bucket = "recordings_s3_bucket = \"b\"\nrecordings_s3_region = \"r\"\n\
                      recordings_s3_access_key_id = \"id\"\nrecordings_s3_secret_access_key = \"hunter2\"";
        let config = load(bucket).expect("loads");
        assert!(config.recordings_s3.is_some() && !format!("{config:?}").contains("hunter2"));
    }
}
