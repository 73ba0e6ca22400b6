//! What this satellite says of itself to people: `status` and `doctor`, and the socket in its state folder.
//!
//! The uplinks write the part about the lines on a [`board`]; the rest is read when somebody asks.

pub mod board;

use openpam_ids::SatelliteId;
use serde::{Deserialize, Serialize};

/// The line to one hub.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Whether a tunnel stands.
    pub up: bool,
    /// `quic` or `tcp`, while one stands.
    pub transport: Option<String>,
    /// Why it does not use QUIC.
    pub note: Option<String>,
    /// Since when it is up or down: milliseconds since 1970 UTC.
    pub since_ms: i64,
    /// The hub instance, where it is known: while a tunnel stands, and of one that another hub told of.
    pub hub_id: Option<String>,
    /// What the last attempt failed of; none while it is up.
    pub error: Option<Trouble>,
    /// Since when the site has been without any hub: milliseconds since 1970 UTC. A hub that is there ends it once the site
    /// holds its policy.
    #[serde(default)]
    pub away_since_ms: Option<i64>,
}

/// Why there is no tunnel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Stable code.
    pub code: String,
    /// For people.
    pub message: String,
}

/// Everything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The program's version.
    pub version: String,
    /// Who this is.
    pub satellite_id: SatelliteId,
    /// Its zone's name.
    pub zone: String,
    /// Where its hub is.
    pub addresses: Vec<String>,
    /// Since when the program runs: milliseconds since 1970 UTC.
    pub running_since_ms: i64,
    /// The best line of them.
    pub line: Line,
    /// One for each hub.
    #[serde(default)]
    pub lines: Vec<Line>,
    /// When its certificate runs out: milliseconds since 1970 UTC.
    pub certificate_expires_ms: i64,
    /// When it is renewed.
    pub certificate_renewal_ms: i64,
    /// Which renewal it is of.
    pub certificate_generation: u64,
    /// `sound`, `unknown` or `jumped`.
    pub clock: String,
    /// How far the machine's clock is ahead of the time that counts, in milliseconds.
    pub clock_skew_ms: i64,
    /// Living sessions.
    pub sessions: usize,
    /// As many there may be.
    pub max_sessions: usize,
    /// Whether new sessions are refused because the program is about to stop.
    pub draining: bool,
    /// Audit events that wait for the hub.
    pub events_waiting: u64,
    /// Recorded bytes that wait for the hub.
    pub spool_bytes: u64,
    /// Free space of the disk.
    pub disk_free_bytes: Option<u64>,
    /// Its size.
    pub disk_bytes: Option<u64>,
    /// The disk is so full that new sessions are refused.
    pub disk_full: bool,
    /// As many recordings wait for the hub as may: new sessions are refused.
    #[serde(default)]
    pub spool_full: bool,
    /// By what the site decides; none: it opens no session.
    #[serde(default)]
    pub policy: Option<PolicyStatus>,
    /// Why the hub's newest policy was refused.
    #[serde(default)]
    pub policy_refused: Option<String>,
    /// What draws its desktops; none: not known yet, or the site's own configuration lets none be opened.
    #[serde(default)]
    pub guacd: Option<GuacdStatus>,
}

/// The site's guacd, which draws its desktops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuacdStatus {
    /// Host and port.
    pub address: String,
    /// Whether it is reached over TLS.
    pub tls: bool,
    /// Whether it answers.
    pub here: bool,
    /// It is of this version, or of a newer one that says no more.
    pub version: Option<String>,
    /// Of `rdp` and `vnc` those that it has.
    pub protocols: Vec<String>,
    /// Since when it answers, or does not: milliseconds since 1970 UTC.
    pub since_ms: i64,
    /// Why it does not.
    pub error: Option<String>,
    /// Whether somebody wanted a desktop since the program began.
    pub asked: bool,
}

/// The policy that a site decides by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyStatus {
    /// Which.
    pub version: u64,
    /// Raised when the hub is restored from a backup.
    pub epoch: u64,
    /// When the hub issued it: milliseconds since 1970 UTC.
    pub issued_ms: i64,
    /// While there is no hub: until when it lets sessions open, in milliseconds since 1970 UTC.
    pub opens_until_ms: Option<i64>,
}
