//! `status` and `doctor` in words: one screen, the most important first.

mod guacd;

use std::fmt::Write;
use std::iter;
use std::path::Path;

use futures::future::join_all;
use jiff::Timestamp;
use openpam_link::check::{self, Hub, Verdict, size, span};
use openpam_link::dial::DialOptions;
use openpam_link::identity::{NodeIdentity, sha256};

use crate::clock::SiteClock;
use crate::desktop::drive::Drives;
use crate::desktop::wire::Wire;
use crate::hubs;
use crate::local::{self, LocalError, Request};
use crate::preflight;
use crate::renewal;
use crate::state::Membership;
use crate::status::{Line, Status};

/// A disk with less free space is worth a warning, as a share of its size.
const LITTLE_FREE_PERCENT: u64 = 5;

/// The status on one screen.
#[must_use]
pub fn status(status: &Status, now_ms: i64) -> String {
    let sessions = format!(
        "{} of at most {}{}",
        status.sessions,
        status.max_sessions,
        if status.draining { ", DRAINING: new ones are refused" } else { "" }
    );
    let full = if status.spool_full { ", FULL: new sessions are refused" } else { "" };
    let waiting =
        format!("{} audit events, {} of recordings{full}", status.events_waiting, size(status.spool_bytes));
    let certificate = format!(
        "until {}, renewed {} (generation {})",
        time(status.certificate_expires_ms),
        if status.certificate_renewal_ms <= now_ms {
            "now".to_owned()
        } else {
            format!("in {}", span((status.certificate_renewal_ms - now_ms).unsigned_abs()))
        },
        status.certificate_generation
    );
    let clock = match status.clock.as_str() {
        "sound" if status.clock_skew_ms.unsigned_abs() < 60_000 => "right".to_owned(),
        "sound" => {
            format!("off by {}; the hub's time is used", span(status.clock_skew_ms.unsigned_abs()))
        }
        // No hub has said the time since the start.
        word => format!("{word}: behind what was seen before, or far ahead of it; the hub will be asked"),
    };
    let disk = match (status.disk_free_bytes, status.disk_bytes) {
        (Some(free), Some(all)) => format!(
            "{} free of {}{}",
            size(free),
            size(all),
            if status.disk_full { ", FULL: new sessions are refused" } else { "" }
        ),
        _ => "not known".to_owned(),
    };
    let tunnels = match status.lines.as_slice() {
        [] | [_] => vec![("tunnel", tunnel(&status.line, now_ms))],
        lines => lines.iter().map(|line| ("tunnel", named(line, now_ms))).collect(),
    };
    let mut rows = vec![
        ("satellite", format!("{} of zone {}, version {}", status.satellite_id, status.zone, status.version)),
        ("hub", status.addresses.join(", ")),
    ];
    rows.extend(tunnels);
    rows.extend([
        ("sessions", sessions),
        ("policy", policy(status)),
        ("guacd", guacd::row(status.guacd.as_ref(), now_ms)),
        ("waiting", waiting),
        ("certificate", certificate),
        ("clock", clock),
        ("disk", disk),
    ]);
    let mut text = summary(status, now_ms) + "\n\n";
    for (name, value) in rows {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<12} {value}");
    }
    text
}

/// How a line is.
fn tunnel(line: &Line, now_ms: i64) -> String {
    let since = span(u64::try_from(now_ms.saturating_sub(line.since_ms)).unwrap_or_default());
    match (line.up, &line.transport) {
        (true, Some(transport)) => {
            let note = line.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
            format!("up over {}{note}, for {since}", transport.to_uppercase())
        }
        _ => {
            let why = line.error.as_ref().map(|trouble| format!(": {} [{}]", trouble.message, trouble.code));
            format!("DOWN for {since}{}", why.unwrap_or_else(|| ": dialling".to_owned()))
        }
    }
}

/// And to which hub it goes.
fn named(line: &Line, now_ms: i64) -> String {
    let hub_id = line.hub_id.as_deref().unwrap_or("?");
    format!("to hub {hub_id}: {}", tunnel(line, now_ms))
}

/// The one line for somebody who stands in front of the machine.
fn summary(status: &Status, now_ms: i64) -> String {
    let line = &status.line;
    let since = span(u64::try_from(now_ms.saturating_sub(line.since_ms)).unwrap_or_default());
    let mut said = if line.up { format!("ONLINE {since}") } else { format!("OFFLINE {since}") };
    match &status.policy {
        Some(policy) => {
            let _ = write!(said, "; enforcing policy v{}", policy.version);
            match policy.opens_until_ms {
                _ if line.up && line.away_since_ms.is_some() => {
                    said += "; the hub's newer one is still to come"
                }
                Some(until_ms) if until_ms > now_ms => {
                    let _ = write!(said, "; new sessions until {}", soon(until_ms, now_ms));
                }
                Some(_) => said += "; no new sessions: the hub was away for too long",
                None => {}
            }
        }
        None => said += "; NO POLICY: sessions open once the hub's is here",
    }
    if status.spool_bytes > 0 || !line.up {
        let _ = write!(said, "; {} waiting", size(status.spool_bytes));
    }
    said
}

fn policy(status: &Status) -> String {
    let refused =
        status.policy_refused.as_ref().map(|reason| format!("; the hub's newest was REFUSED: {reason}"));
    let held =
        status.policy.as_ref().map(|policy| format!("v{} of {}", policy.version, time(policy.issued_ms)));
    held.unwrap_or_else(|| "none".to_owned()) + &refused.unwrap_or_default()
}

/// The time alone, where that is within a day.
fn soon(ms: i64, now_ms: i64) -> String {
    let whole = time(ms);
    if ms - now_ms < 24 * 3600 * 1000 {
        whole.split_at_checked(11).map_or(whole.clone(), |(_, clock)| clock.to_owned())
    } else {
        whole
    }
}

/// Everything that may be wrong here, each verdict told as it is found. Without a way to guacd that is not looked at, nor where
/// it has its drives.
pub async fn doctor(
    folder: &Path,
    joined: &(Membership, NodeIdentity),
    options: &DialOptions,
    guacd: Option<(&Wire, Option<&Drives>)>,
    mut tell: impl FnMut(&Verdict),
) -> Vec<Verdict> {
    let (membership, identity) = joined;
    // What a doctor finds out of the time changes nothing.
    let clock = SiteClock::fleeting();
    let mut verdicts = Vec::new();
    for verdict in [program(folder).await, certificate(identity, clock.now_ms())] {
        tell(&verdict);
        verdicts.push(verdict);
    }
    let root_sha256 = sha256(&identity.root);
    let hub = Hub { addresses: &membership.addresses, root_sha256, options };
    verdicts.extend(preflight::run(folder, hub, &clock, &mut tell).await);
    if let Some((wire, drives)) = guacd {
        let drive = drives.map(guacd::drive);
        for verdict in iter::once(guacd::check(folder, wire).await).chain(drive) {
            tell(&verdict);
            verdicts.push(verdict);
        }
    }
    let listed = hubs::read(&folder.join(hubs::FILE));
    // Those that are only where joining said were looked at.
    let others = listed.iter().filter(|hub| {
        !hub.addresses.is_empty() && hub.addresses.iter().any(|there| !membership.addresses.contains(there))
    });
    let lines = others.map(|hub| {
        let (line, clock) = (Hub { addresses: &hub.addresses, root_sha256, options }, clock.for_tls());
        async move { (hub.hub_id, check::line(line, &clock).await.verdicts) }
    });
    for (hub_id, found) in join_all(lines).await {
        for mut verdict in found {
            verdict.found = format!("hub {hub_id}: {}", verdict.found);
            tell(&verdict);
            verdicts.push(verdict);
        }
    }
    verdicts
}

async fn program(folder: &Path) -> Verdict {
    const CHECK: &str = "program";
    let status = match local::ask(folder, Request::Status).await {
        Ok(status) => status,
        Err(error @ LocalError::NotRunning(_)) => {
            let advice = "start it: systemctl start openpam-satellite, or openpam-satellite run";
            return Verdict::failed(CHECK, "not_running", error.to_string(), advice);
        }
        Err(error) => return Verdict::failed(CHECK, "not_running", error.to_string(), "look at its log"),
    };
    let little = match (status.disk_free_bytes, status.disk_bytes) {
        (Some(free), Some(all)) => free < all / 100 * LITTLE_FREE_PERCENT,
        _ => false,
    };
    match &status.line.error {
        Some(trouble) if !status.line.up => {
            let advice = match trouble.code.as_str() {
                "quarantined" | "readmit_needed" => "an administrator decides, on the hub's page Satellites",
                "satellite_revoked" | "satellite_unknown" => {
                    "get a new token and run: openpam-satellite join --replace TOKEN"
                }
                _ => "see what is said about the line below",
            };
            Verdict::failed(CHECK, trouble.code.clone(), format!("no tunnel: {}", trouble.message), advice)
        }
        _ if status.draining => {
            Verdict::warning(CHECK, "runs, but takes no new sessions", "restart it, or run: drain --cancel")
        }
        _ if little => Verdict::warning(CHECK, "runs, but the disk is nearly full", "make room"),
        _ => {
            let transport = status.line.transport.as_deref().unwrap_or("no transport yet");
            let found = format!("runs, {} sessions, tunnel over {transport}", status.sessions);
            match stands(&status) {
                (up, all) if up == all => Verdict::ok(CHECK, found),
                (up, all) => Verdict::warning(
                    CHECK,
                    format!("{found}, to {up} of {all} hubs"),
                    "sessions go on through those that stand; openpam-satellite status says what is wrong",
                ),
            }
        }
    }
}

/// How many hubs there are tunnels to, and of how many.
fn stands(status: &Status) -> (usize, usize) {
    (status.lines.iter().filter(|line| line.up).count(), status.lines.len())
}

fn certificate(identity: &NodeIdentity, now_ms: i64) -> Verdict {
    const CHECK: &str = "certificate";
    let expires_ms = identity.certified().map_or(0, |certified| certified.not_after_s.saturating_mul(1000));
    if renewal::has_expired(identity, now_ms) {
        let found = format!("ran out {}", time(expires_ms));
        return Verdict::warning(CHECK, found, "it is renewed as soon as the hub is reached");
    }
    Verdict::ok(CHECK, format!("good until {}", time(expires_ms)))
}

fn time(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .map_or_else(|_| "?".to_owned(), |time| time.strftime("%F %R UTC").to_string())
}
