//! Checks of a line, for people: real handshakes with the real hub, one verdict each, and what to do about a failure.
//!
//! They change nothing. The satellite's `join` and `doctor` and the hub's `doctor` use them.

use std::time::Duration;

use data_encoding::HEXLOWER;
use serde::Serialize;

use crate::dial::{Allowed, Checked, DialError, DialOptions, Dialler};
use crate::tls::Clock;

/// One check takes at most this.
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

/// One line of a report.
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
    /// As it should be.
    #[must_use]
    pub fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, level: Level::Ok, found: found.into(), advice: String::new(), code: None }
    }

    /// Somebody should know.
    #[must_use]
    pub fn warning(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { level: Level::Warning, advice: advice.into(), ..Self::ok(check, found) }
    }

    /// It does not work.
    #[must_use]
    pub fn failed(
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
#[derive(Clone, Copy, Debug)]
pub struct Hub<'a> {
    /// Where: `host:port`.
    pub addresses: &'a [String],
    /// SHA-256 of its root certificate.
    pub root_sha256: [u8; 32],
    /// How it is dialled.
    pub options: &'a DialOptions,
}

/// What the checks of a line found.
#[derive(Clone, Debug)]
pub struct Line {
    /// Transports, and whether it is the hub that is meant.
    pub verdicts: Vec<Verdict>,
    /// The best answer, with the hub's time.
    pub answered: Option<Checked>,
}

/// Whether the hub's names resolve.
pub async fn names(addresses: &[String], options: &DialOptions) -> Verdict {
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

/// Handshakes over every transport that may be used.
pub async fn line(hub: Hub<'_>, clock: &Clock) -> Line {
    let dialler = Dialler::new(hub.addresses.to_vec(), hub.options.clone(), clock.clone());
    let check = |allowed| {
        let asked = dialler.time(hub.root_sha256, allowed);
        async move {
            let reason = "no answer in time".to_owned();
            let late = || DialError::Unreachable { address: "hub".to_owned(), reason };
            tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err(late()))
        }
    };
    let without_quic = hub.options.without_quic();
    let (over_quic, over_tcp) = match (&without_quic, hub.options.allowed) {
        (Some(_), _) => (None, Some(check(Allowed::Tcp).await)),
        (None, Allowed::Quic) => (Some(check(Allowed::Quic).await), None),
        (None, _) => {
            let (quic, tcp) = tokio::join!(check(Allowed::Quic), check(Allowed::Tcp));
            (Some(quic), Some(tcp))
        }
    };
    let works = [&over_quic, &over_tcp].into_iter().any(|result| matches!(result, Some(Ok(_))));
    let place = hub.addresses.join(", ");
    let quic = match &over_quic {
        None => Verdict::ok("QUIC over UDP", format!("not used: {}", without_quic.unwrap_or_default())),
        Some(result) => {
            let advice =
                format!("ask the firewall's owner for UDP outbound to {place}, and for its answers back in");
            judged("QUIC over UDP", result, works, advice)
        }
    };
    let tcp = match &over_tcp {
        None => Verdict::ok("TLS over TCP", "not used: transport = \"quic\" is set"),
        Some(result) => judged("TLS over TCP", result, works, tcp_advice(&place, hub.options)),
    };
    let fingerprint = fingerprint(&hub, [&over_quic, &over_tcp]);
    let answered = over_quic.into_iter().chain(over_tcp).find_map(Result::ok);
    Line { verdicts: vec![quic, tcp, fingerprint], answered }
}

fn tcp_advice(place: &str, options: &DialOptions) -> String {
    match &options.proxy {
        Some(proxy) => {
            format!("check the proxy {proxy}: it must let CONNECT through to {place}, and not open TLS")
        }
        None => format!(
            "ask the firewall's owner for TCP outbound to {place}, without TLS inspection; or set a proxy"
        ),
    }
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
    let results = || results.into_iter().flatten();
    if results().any(Result::is_ok) {
        return Verdict::ok(CHECK, format!("sha256:{}", HEXLOWER.encode(&hub.root_sha256)));
    }
    if results().any(|result| matches!(result, Err(DialError::WrongHub { .. }))) {
        return Verdict::failed(
            CHECK,
            "wrong_hub",
            "what answers there is not the hub that is meant",
            "check the address, and that no device in between opens TLS; nothing was sent",
        );
    }
    Verdict::warning(CHECK, "not compared: nothing answered", "")
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

/// A number of bytes in one unit that people read at a glance.
#[must_use]
pub fn size(bytes: u64) -> String {
    match bytes {
        bytes if bytes < 10_000 => format!("{bytes} bytes"),
        bytes if bytes < 10_000_000 => format!("{} kB", bytes / 1000),
        bytes if bytes < 10_000_000_000 => format!("{} MB", bytes / 1_000_000),
        bytes => format!("{} GB", bytes / 1_000_000_000),
    }
}
