//! What keeps a satellite from its hub, found out by doing it: real handshakes with the real hub, and a look at the
//! machine. It writes nothing.
//!
//! `join` begins with it, `doctor` ends with it.

use std::path::Path;
use std::time::Duration;

use data_encoding::HEXLOWER;
use openpam_link::dial::{Allowed, Checked, DialError, DialOptions, Dialler};
use serde::Serialize;

use crate::clock::{self, Reading, SiteClock};
use crate::health;

/// With less free space nothing can be recorded.
const LEAST_FREE_BYTES: u64 = 64 * 1024 * 1024;
/// With less, a site that is cut off for long will run out.
const LITTLE_FREE_BYTES: u64 = 1024 * 1024 * 1024;
/// A clock that differs by more is worth a word.
const SKEW_MS: u64 = 60 * 1000;
/// One check of the network takes at most this.
const PATIENCE: Duration = Duration::from_secs(12);

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works, but somebody should know.
    Warning,
    /// It does not work.
    Failed,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What was looked at.
    pub check: &'static str,
    /// How it went.
    pub level: Level,
    /// What was found.
    pub found: String,
    /// What to do; empty where nothing is.
    pub advice: String,
    /// Stable code of a failure.
    pub code: Option<String>,
}

impl Verdict {
    pub(crate) fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, level: Level::Ok, found: found.into(), advice: String::new(), code: None }
    }

    pub(crate) fn warning(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { level: Level::Warning, advice: advice.into(), ..Self::ok(check, found) }
    }

    pub(crate) fn failed(
        check: &'static str,
        code: impl Into<String>,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { level: Level::Failed, code: Some(code.into()), ..Self::warning(check, found, advice) }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mark = match self.level {
            Level::Ok => "ok     ",
            Level::Warning => "warning",
            Level::Failed => "FAILED ",
        };
        write!(f, "{mark}  {:<16}  {}", self.check, self.found)?;
        if !self.advice.is_empty() {
            write!(f, "\n         {:<16}  -> {}", "", self.advice)?;
        }
        Ok(())
    }
}

/// The hub that is to be reached.
pub struct Hub<'a> {
    /// Where: `host:port`.
    pub addresses: &'a [String],
    /// SHA-256 of its root certificate.
    pub root_sha256: [u8; 32],
    /// How it is dialled.
    pub options: &'a DialOptions,
}

/// Looks at everything and tells each verdict as it is found. A clock that is unknown is set to the hub's time.
pub async fn run(
    folder: &Path,
    hub: Hub<'_>,
    clock: &SiteClock,
    mut tell: impl FnMut(&Verdict),
) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let mut say = |verdict: Verdict| {
        tell(&verdict);
        verdicts.push(verdict);
    };
    say(permissions(folder));
    say(disk(folder));
    say(names(hub.addresses, hub.options).await);
    for verdict in line(&hub, clock).await {
        say(verdict);
    }
    verdicts
}

fn permissions(folder: &Path) -> Verdict {
    use rustix::fs::{Access, access};
    const CHECK: &str = "permissions";
    let existing = folder.ancestors().find(|path| path.exists()).unwrap_or(folder);
    match access(existing, Access::WRITE_OK | Access::EXEC_OK) {
        Ok(()) => Verdict::ok(CHECK, format!("{} can be written", folder.display())),
        Err(error) => Verdict::failed(
            CHECK,
            "state",
            format!("{}: {error}", existing.display()),
            "run this as the satellite's own user (sudo -u openpam-satellite), or choose another --state",
        ),
    }
}

fn disk(folder: &Path) -> Verdict {
    const CHECK: &str = "disk";
    let existing = folder.ancestors().find(|path| path.exists()).unwrap_or(folder);
    let Some(disk) = health::disk(existing) else {
        return Verdict::warning(CHECK, "its free space is not known", "");
    };
    let found = format!("{} MB free of {} MB", disk.free_bytes / 1_000_000, disk.bytes / 1_000_000);
    match disk.free_bytes {
        free if free < LEAST_FREE_BYTES => {
            Verdict::failed(CHECK, "disk_full", found, "make room: sessions cannot be recorded")
        }
        free if free < LITTLE_FREE_BYTES => Verdict::warning(
            CHECK,
            found,
            "recordings wait here while the hub is out of reach: more room lasts longer",
        ),
        _ => Verdict::ok(CHECK, found),
    }
}

async fn names(addresses: &[String], options: &DialOptions) -> Verdict {
    const CHECK: &str = "name resolution";
    if let Some(proxy) = &options.proxy {
        return Verdict::ok(CHECK, format!("left to the proxy {proxy}"));
    }
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for address in addresses {
        match tokio::time::timeout(PATIENCE, tokio::net::lookup_host(address.as_str())).await {
            Ok(Ok(resolved)) => found.push(format!(
                "{address} is {}",
                resolved.map(|address| address.ip().to_string()).collect::<Vec<_>>().join(", ")
            )),
            Ok(Err(error)) => missing.push(format!("{address}: {error}")),
            Err(_) => missing.push(format!("{address}: no answer in time")),
        }
    }
    match (found.is_empty(), missing.is_empty()) {
        (_, true) => Verdict::ok(CHECK, found.join("; ")),
        (false, false) => Verdict::warning(CHECK, missing.join("; "), "another address of the hub resolves"),
        (true, false) => Verdict::failed(
            CHECK,
            "hub_unreachable",
            missing.join("; "),
            "check this machine's DNS, or have the name added to the site's DNS or /etc/hosts",
        ),
    }
}

async fn line(hub: &Hub<'_>, clock: &SiteClock) -> Vec<Verdict> {
    let dialler = Dialler::new(hub.addresses.to_vec(), hub.options.clone(), clock.for_tls());
    let check = |allowed| {
        let asked = dialler.time(hub.root_sha256, allowed);
        async move {
            let late = || DialError::Unreachable {
                address: "hub".to_owned(),
                reason: "no answer in time".to_owned(),
            };
            tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err(late()))
        }
    };
    let quic = hub.options.without_quic();
    let (over_quic, over_tcp) = match (&quic, hub.options.allowed) {
        (Some(_), _) => (None, Some(check(Allowed::Tcp).await)),
        (None, Allowed::Quic) => (Some(check(Allowed::Quic).await), None),
        (None, _) => {
            let (quic, tcp) = tokio::join!(check(Allowed::Quic), check(Allowed::Tcp));
            (Some(quic), Some(tcp))
        }
    };
    let works = matches!(over_quic, Some(Ok(_))) || matches!(over_tcp, Some(Ok(_)));
    let place = hub.addresses.join(", ");
    let mut verdicts = vec![
        match &over_quic {
            None => Verdict::ok("QUIC over UDP", format!("not used: {}", quic.unwrap_or_default())),
            Some(result) => {
                let advice =
                    format!("ask the firewall's owner for UDP outbound to {place}, and answers back in");
                judged("QUIC over UDP", result, works, advice)
            }
        },
        match &over_tcp {
            None => Verdict::ok("TLS over TCP", "not used: transport = \"quic\" is set"),
            Some(result) => {
                let advice = format!(
                    "ask the firewall's owner for TCP outbound to {place}, without TLS inspection; or set a proxy"
                );
                judged("TLS over TCP", result, works, advice)
            }
        },
    ];
    verdicts.push(fingerprint(hub, [&over_quic, &over_tcp]));
    let checked = over_quic.into_iter().chain(over_tcp).find_map(Result::ok);
    verdicts.extend(checked.map(|checked| skew(&checked, clock)));
    verdicts
}

fn judged(check: &'static str, result: &Result<Checked, DialError>, works: bool, advice: String) -> Verdict {
    match result {
        Ok(checked) => {
            Verdict::ok(check, format!("{} answered in {} ms", checked.address, checked.took.as_millis()))
        }
        // The tunnel has another way.
        Err(error) if works => Verdict::warning(check, error.to_string(), advice),
        Err(error) => Verdict::failed(check, error.code(), error.to_string(), advice),
    }
}

fn fingerprint(hub: &Hub<'_>, results: [&Option<Result<Checked, DialError>>; 2]) -> Verdict {
    const CHECK: &str = "hub fingerprint";
    let is = |wanted: fn(&Result<Checked, DialError>) -> bool| {
        results.iter().any(|result| result.as_ref().is_some_and(wanted))
    };
    if is(Result::is_ok) {
        return Verdict::ok(CHECK, format!("sha256:{}", HEXLOWER.encode(&hub.root_sha256)));
    }
    if is(|result| matches!(result, Err(DialError::WrongHub { .. }))) {
        return Verdict::failed(
            CHECK,
            "wrong_hub",
            "what answers there is not the hub that the token is of",
            "check the address, and that no device in between opens TLS; nothing was sent",
        );
    }
    Verdict::warning(CHECK, "not compared: nothing answered", "")
}

fn skew(checked: &Checked, clock: &SiteClock) -> Verdict {
    const CHECK: &str = "clock skew";
    let half_ms = i64::try_from(checked.took.as_millis() / 2).unwrap_or_default();
    let skew_ms = clock::now_ms().saturating_add(half_ms).saturating_sub(checked.time_ms);
    let words = if skew_ms.unsigned_abs() < SKEW_MS {
        format!("{skew_ms} ms")
    } else {
        let how = if skew_ms < 0 { "behind" } else { "ahead of" };
        format!("this machine is {} {how} the hub", span(skew_ms.unsigned_abs()))
    };
    if clock.look() == Reading::Unknown {
        clock.set(checked.time_ms);
        let advice =
            "the hub's time is used; set the clock (timedatectl set-ntp true) and see to its battery";
        return Verdict::warning(CHECK, words, advice);
    }
    match skew_ms.unsigned_abs() {
        skew if skew < SKEW_MS => Verdict::ok(CHECK, words),
        _ => Verdict::warning(CHECK, words, "set the clock: timedatectl set-ntp true"),
    }
}

/// A duration in one unit that people read at a glance.
#[must_use]
pub fn span(ms: u64) -> String {
    match ms / 1000 {
        s if s < 120 => format!("{s} s"),
        s if s < 2 * 3600 => format!("{} min", s / 60),
        s if s < 2 * 24 * 3600 => format!("{} h", s / 3600),
        s => format!("{} days", s / (24 * 3600)),
    }
}
