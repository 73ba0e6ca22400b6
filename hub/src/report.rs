//! `openpam-hub status` and `doctor`: what is up, what waits, what expires; what is wrong, and what to do.

mod hubs;
mod recordings;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Duration;

use openpam_ids::HubId;
use openpam_link::check::{self, Level, Verdict, span};
use openpam_link::dial::DialOptions;
use openpam_link::nats_server;
use openpam_link::tls::system_clock;
use serde::Serialize;
use tokio::net::TcpStream;

use crate::books::Books;
use crate::bus::keep::BusError;
use crate::bus::look;
use crate::config::Config;
use crate::instance::hub_id;
use crate::keys::{Former, Keys};
use crate::own_zones;
use crate::stop;
use crate::store::kinds::ZoneType;
use crate::store::{self, Page, instances, satellites, sessions};
use crate::time::Time;

/// The books learn every 30 s that a satellite is here.
const SEEN_LATELY: Duration = Duration::from_secs(75);
/// Satellites shown; an installation with more has the page.
const MAX_SATELLITES: u16 = 500;
/// Something that expires sooner is worth a warning.
const SOON: Duration = Duration::from_secs(90 * 24 * 3600);
/// Own sockets answer this soon.
const PATIENCE: Duration = Duration::from_secs(3);

/// The hub on one screen.
#[derive(Debug, Serialize)]
pub struct Status {
    /// The program's version.
    pub version: &'static str,
    /// The running hub's process; `null`: none runs.
    pub pid: Option<u32>,
    /// The processes of the satellites of its own zones.
    pub satellite_pids: Vec<u32>,
    /// Where browsers connect.
    pub listen: SocketAddr,
    /// Where satellites connect.
    pub tunnel_listen: SocketAddr,
    /// Every hub of the installation that is there.
    pub hubs: Vec<HubStatus>,
    /// Running sessions.
    pub sessions: usize,
    /// Satellites that are not revoked.
    pub satellites: Vec<SatelliteStatus>,
    /// When the intermediate that signs nodes expires.
    pub intermediate_expires_at: Time,
    /// Former intermediates.
    pub former_intermediates: Vec<Former>,
}

/// A hub in one line.
#[derive(Debug, Serialize)]
pub struct HubStatus {
    /// Which.
    pub id: HubId,
    /// Whether it is the one that was asked.
    pub this: bool,
    /// Where satellites reach it.
    pub addresses: Vec<String>,
    /// Its version.
    pub version: String,
    /// Since when it runs.
    pub started_at: Time,
}

/// A satellite in one line.
#[derive(Debug, Serialize)]
pub struct SatelliteStatus {
    /// Its zone's name.
    pub zone: String,
    /// The machine's name.
    pub name: String,
    /// `online`, `offline`, `quarantined` or `waits` (for an admin's word).
    pub state: &'static str,
    /// When it was last heard of.
    pub last_seen: Option<Time>,
    /// Its version.
    pub version: Option<String>,
    /// When its certificate expires.
    pub certificate_expires_at: Option<Time>,
}

/// Reads it from the books and the keys.
///
/// # Errors
/// If the books or the keys can't be read.
pub async fn read(config: &Config) -> anyhow::Result<Status> {
    let keys = Keys::read(&config.secrets_dir, config.certificate_lifetime)?;
    let books = Books::open(config).await?;
    let page = Page { limit: MAX_SATELLITES, after: None };
    let rows = satellites::list(&books.pool, page).await;
    let active = sessions::count_active(&books.pool).await;
    let hubs = instances::present(&books.pool).await;
    books.close().await;
    let (now, this) = (Time::now(), hub_id(&config.data_dir)?);
    Ok(Status {
        version: env!("CARGO_PKG_VERSION"),
        pid: stop::hub(config).map(|hub| hub.pid),
        satellite_pids: stop::satellites(config).iter().map(|satellite| satellite.pid).collect(),
        listen: config.listen,
        tunnel_listen: config.tunnel_listen,
        hubs: hubs?.into_iter().map(|hub| shown_hub(hub, this)).collect(),
        sessions: active?,
        satellites: rows?.into_iter().filter(|row| !row.revoked).map(|row| shown(row, now)).collect(),
        intermediate_expires_at: Time::from_ms(keys.nodes.authority().expires_s().saturating_mul(1000)),
        former_intermediates: keys.nodes.former(),
    })
}

fn shown_hub(hub: instances::Instance, this: HubId) -> HubStatus {
    let instances::Instance { id, addresses, version, started_at, .. } = hub;
    HubStatus { id, this: id == this, addresses, version, started_at }
}

fn shown(row: satellites::Satellite, now: Time) -> SatelliteStatus {
    let lately = row.last_seen.is_some_and(|seen| seen.after(SEEN_LATELY) > now);
    let state = match (row.quarantined, row.readmission_asked_at.is_some(), lately) {
        (true, ..) => "quarantined",
        (_, true, _) => "waits",
        (.., true) => "online",
        _ => "offline",
    };
    SatelliteStatus {
        zone: row.zone,
        name: row.name,
        state,
        last_seen: row.last_seen,
        version: row.version,
        certificate_expires_at: row.certificate_expires_at,
    }
}

/// The status in words.
#[must_use]
pub fn words(status: &Status) -> String {
    let mut text = String::new();
    let running = match status.pid {
        Some(pid) => format!("runs as process {pid}, version {}", status.version),
        None => "does NOT run".to_owned(),
    };
    let beside = match status.satellite_pids.as_slice() {
        [] => "none".to_owned(),
        pids => format!("processes {}", pids.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")),
    };
    let authority = format!(
        "intermediate until {}, {} former",
        day(status.intermediate_expires_at),
        status.former_intermediates.len()
    );
    let rows = [
        ("hub", running),
        ("browsers", status.listen.to_string()),
        ("tunnels", format!("{} (UDP and TCP)", status.tunnel_listen)),
        ("own satellites", beside),
        ("hubs", status.hubs.len().to_string()),
        ("sessions", status.sessions.to_string()),
        ("authority", authority),
        ("satellites", status.satellites.len().to_string()),
    ];
    // Writing to a String cannot fail.
    for (name, value) in rows {
        let _ = writeln!(text, "{name:<15} {value}");
    }
    for hub in status.hubs.iter().filter(|_| status.hubs.len() > 1) {
        let this = if hub.this { " (this one)" } else { "" };
        let _ = writeln!(
            text,
            "  hub         {}, version {}, since {}{this}",
            hub.addresses.join(", "),
            hub.version,
            day(hub.started_at)
        );
    }
    for satellite in &status.satellites {
        let seen = satellite
            .last_seen
            .map_or_else(|| "never seen".to_owned(), |seen| format!("seen {} ago", span(since(seen))));
        let expires = satellite
            .certificate_expires_at
            .map(|at| format!(", certificate until {}", day(at)))
            .unwrap_or_default();
        let version = satellite.version.as_deref().unwrap_or("?");
        let _ = writeln!(
            text,
            "  {:<11} {} ({}), version {version}, {seen}{expires}",
            satellite.state, satellite.zone, satellite.name
        );
    }
    text
}

fn since(time: Time) -> u64 {
    u64::try_from(Time::now().as_ms().saturating_sub(time.as_ms())).unwrap_or_default()
}

fn day(time: Time) -> String {
    time.timestamp().strftime("%F %R UTC").to_string()
}

/// Everything that may be wrong here, each verdict told as it is found.
pub async fn doctor(config: &Config, mut tell: impl FnMut(&Verdict)) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let mut say = |verdict: Verdict| {
        tell(&verdict);
        verdicts.push(verdict);
    };
    let running = stop::hub(config);
    say(match &running {
        Some(hub) => Verdict::ok("program", format!("runs as process {}", hub.pid)),
        None => Verdict::failed(
            "program",
            "not_running",
            format!("no hub runs on {}", config.data_dir.display()),
            "start it: systemctl start openpam-hub, or openpam-hub serve",
        ),
    });
    let keys = Keys::read(&config.secrets_dir, config.certificate_lifetime);
    say(match &keys {
        Ok(keys) => authority(keys),
        Err(error) => Verdict::failed("keys", "keys", chain(error), "restore secrets_dir from its backup"),
    });
    say(database(config).await);
    if let (Some(_), Ok(keys)) = (&running, &keys) {
        say(bus(config, keys).await);
    }
    for verdict in hubs::look(config).await {
        say(verdict);
    }
    for verdict in recordings::look(config).await {
        say(verdict);
    }
    if let (Some(_), Ok(keys)) = (running, &keys) {
        say(browsers(config).await);
        let options = DialOptions::default();
        let root_sha256 = keys.nodes.authority().root_sha256();
        for address in own_zones::addresses_for(config, ZoneType::Hub) {
            let hub = check::Hub { addresses: &[address], root_sha256, options: &options };
            for verdict in check::line(hub, &system_clock()).await.verdicts {
                say(verdict);
            }
        }
    }
    verdicts
}

fn authority(keys: &Keys) -> Verdict {
    const CHECK: &str = "keys";
    let expires = Time::from_ms(keys.nodes.authority().expires_s().saturating_mul(1000));
    let found = format!("the intermediate is good until {}", day(expires));
    if Time::now().after(SOON) > expires {
        return Verdict::warning(CHECK, found, "make the next one: openpam-hub ca rotate");
    }
    Verdict::ok(CHECK, found)
}

async fn database(config: &Config) -> Verdict {
    const CHECK: &str = "database";
    let books = match Books::open(config).await {
        Ok(books) => books,
        Err(error) => {
            let advice = "look at postgres/postgres.log in the data folder, or at database_url";
            return Verdict::failed(CHECK, "database", format!("{error:#}"), advice);
        }
    };
    let answer = store::may_delete_evidence(&books.pool).await;
    books.close().await;
    match answer {
        Ok(false) => Verdict::ok(CHECK, "answers; the hub's role cannot change the audit trail"),
        Ok(true) => Verdict::warning(
            CHECK,
            "answers; the hub's role owns the audit trail and could delete it",
            "give the tables to another role and set database_owner_url",
        ),
        Err(error) => Verdict::failed(CHECK, "database", chain(&error), "look at its log"),
    }
}

async fn bus(config: &Config, keys: &Keys) -> Verdict {
    const CHECK: &str = "bus";
    let seen = match look::look_from_outside(config, &keys.bus.present()).await {
        Ok(seen) => seen,
        Err(BusError::Lost) => {
            // Which of the two it is the hub says in its log; a program that is missing is the common case.
            let why = nats_server::program(config.nats_server.as_deref()).await.err();
            let found = why.as_ref().map_or("nats-server does not run".to_owned(), ToString::to_string);
            return Verdict::warning(
                CHECK,
                found,
                "sessions do without; nobody else hears of events: see nats/nats.log",
            );
        }
        Err(error) => {
            return Verdict::failed(
                CHECK,
                "bus",
                chain(&error),
                "look at nats/nats.log in the data folder, or at nats_url",
            );
        }
    };
    let versions: BTreeSet<&str> = seen.servers.iter().map(|server| server.version.as_str()).collect();
    let versions = versions.into_iter().collect::<Vec<_>>().join(", ");
    let leaf_nodes: i64 = seen.servers.iter().map(|server| server.leaf_nodes).sum();
    let stream = seen.stream.map_or("no stream yet".to_owned(), |stream| {
        format!("{} events in the stream {}, kept {} times", stream.messages, stream.name, stream.replicas)
    });
    let servers = match seen.servers.len() {
        1 => "1 server".to_owned(),
        more => format!("{more} servers"),
    };
    Verdict::ok(CHECK, format!("{servers} (nats-server {versions}), {leaf_nodes} leaf nodes, {stream}"))
}

async fn browsers(config: &Config) -> Verdict {
    const CHECK: &str = "web";
    let connected = tokio::time::timeout(PATIENCE, TcpStream::connect(config.listen)).await;
    match connected {
        Ok(Ok(_)) => Verdict::ok(CHECK, format!("{} takes connections", config.listen)),
        _ => Verdict::failed(
            CHECK,
            "web",
            format!("{} takes no connection", config.listen),
            "look at the hub's log",
        ),
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// Whether something does not work.
#[must_use]
pub fn has_failure(verdicts: &[Verdict]) -> bool {
    verdicts.iter().any(|verdict| verdict.level == Level::Failed)
}
