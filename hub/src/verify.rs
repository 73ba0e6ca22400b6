//! `openpam-hub audit verify`: whether the books are still what was written into them.
//!
//! Every chain of events from its first link on; the columns beside each event against the hashed bytes; the book of sessions
//! against what the satellites tell of them; every recording's chunks against their chain and its head in the books; all
//! chains against what hubs have signed about them. Reads in parts, changes nothing, and may run beside a hub. What is
//! taken from the very end of a chain shows as soon as it was countersigned, which takes ten seconds.

mod chain;
mod recording;
mod witness;

use std::fmt;

use anyhow::{Context, anyhow};
use serde::Serialize;
use sqlx::PgPool;
use uuid::Uuid;

use crate::books::Books;
use crate::config::Config;
use crate::keys::{Keys, SigningKey};
use crate::recordings::said::why;
use crate::recordings::{RecordingError, Recordings};
use crate::store::installation;
use crate::time::Time;
use crate::witness::Note;

/// Findings that are told; more are counted.
const MAX_FINDINGS: usize = 1000;

/// What was looked at and what was found.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// The chains, one per node.
    pub chains: Vec<Chain>,
    /// How many recordings were read.
    pub recordings: u64,
    /// How many chunks they have.
    pub chunks: u64,
    /// How many recordings were deleted, as their zones keep them no longer.
    pub deleted_recordings: u64,
    /// What restored backups did not have, as satellites' countersignatures show it.
    pub lost_by_restore: Vec<String>,
    /// What does not fit, at most 1000.
    pub findings: Vec<Finding>,
    /// How many more there are.
    pub further_findings: u64,
    /// Holes in satellites' chains, until it is known whether a restore made them.
    #[serde(skip)]
    holes: Vec<Hole>,
    /// What hubs noted of such holes.
    #[serde(skip)]
    lost: Vec<Lost>,
}

/// Events that are missing.
#[derive(Debug)]
struct Hole {
    place: String,
    lost: Lost,
}

/// Events of a node, from the first to the last.
#[derive(Debug, PartialEq, Eq)]
struct Lost {
    node: Uuid,
    from: u64,
    until: u64,
}

/// A node's chain of events.
#[derive(Debug, Serialize)]
pub struct Chain {
    /// The hub instance or satellite.
    pub node_id: Uuid,
    /// The satellite's name and zone; `null`: a hub instance.
    pub satellite: Option<String>,
    /// How many events it has.
    pub events: u64,
    /// The newest event's time, by the node's clock.
    pub until: Time,
    /// How far a hub has countersigned it.
    pub witnessed: Option<Witnessed>,
}

/// A head that a hub has countersigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Witnessed {
    /// When, by the hub's clock.
    pub at: Time,
    /// Up to which event.
    pub seq: u64,
}

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable.
    pub code: Code,
    /// Where: a chain and a place in it, or a session.
    pub place: String,
    /// What does not fit, in words.
    pub found: String,
}

/// The kinds of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// An event is not what was hashed.
    EventChanged,
    /// A place in a chain is empty.
    EventMissing,
    /// An event does not continue the one before.
    EventOutOfPlace,
    /// The book of sessions says something else than the session's satellite.
    SessionChanged,
    /// A satellite tells of a session that is not in the book.
    SessionMissing,
    /// A recording, or a chunk of it, is not there.
    RecordingMissing,
    /// A chunk is not what was kept, or is in another's place.
    RecordingChanged,
    /// The books do not have what a hub had signed that they have.
    HeadSetBack,
    /// A hub's statement is not what was hashed and signed.
    WitnessChanged,
    /// A hub's statement is not there.
    WitnessMissing,
}

impl Report {
    fn add(&mut self, code: Code, place: impl fmt::Display, found: impl Into<String>) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(Finding { code, place: place.to_string(), found: found.into() });
        } else {
            self.further_findings += 1;
        }
    }

    fn note(&mut self, note: String) {
        if self.lost_by_restore.len() < MAX_FINDINGS {
            self.lost_by_restore.push(note);
        }
    }

    /// All chains were read: what holes are left without a restore's word are findings.
    fn judge_holes(&mut self) {
        for Hole { place, lost } in std::mem::take(&mut self.holes) {
            let Lost { from, until, .. } = lost;
            if self.lost.contains(&lost) {
                self.note(format!(
                    "{place}: the events from {from} to {until} before it were lost by a restore"
                ));
            } else {
                let found = format!("the events from {from} to {until} are missing before it");
                self.add(Code::EventMissing, place, found);
            }
        }
    }

    /// Whether everything fits.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

impl Chain {
    fn name(&self) -> String {
        let satellite = self.satellite.as_ref().map(|name| format!("satellite {name}"));
        satellite.unwrap_or_else(|| format!("hub {}", self.node_id))
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} events until {}", self.name(), self.events, self.until)?;
        match self.witnessed {
            Some(witnessed) => write!(f, ", witnessed {} up to event {}", witnessed.at, witnessed.seq),
            None => write!(f, ", not witnessed yet"),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chain in &self.chains {
            writeln!(f, "{chain}")?;
        }
        writeln!(f, "recordings: {} with {} chunks", self.recordings, self.chunks)?;
        if self.deleted_recordings > 0 {
            writeln!(
                f,
                "deleted recordings: {}, kept as long as their zones keep them",
                self.deleted_recordings
            )?;
        }
        for lost in &self.lost_by_restore {
            writeln!(f, "note: {lost}")?;
        }
        for finding in &self.findings {
            writeln!(f, "FAILED {}: {}", finding.place, finding.found)?;
        }
        match self.findings.len() as u64 + self.further_findings {
            0 => writeln!(f, "everything fits"),
            1 => writeln!(f, "1 finding"),
            count => writeln!(f, "{count} findings"),
        }
    }
}

/// Verifies the books and recordings of this configuration.
///
/// # Errors
/// If something cannot be read.
pub async fn run(config: &Config) -> anyhow::Result<Report> {
    let keys = Keys::read(&config.secrets_dir, config.certificate_lifetime)?;
    let books = Books::open_to_read(config).await?;
    let report = async {
        let recordings = Recordings::new(config, keys.recording.clone(), books.pool.clone())?;
        let note = Note::read(&config.data_dir).context("witness.json in the data folder")?;
        let evidence =
            Evidence { pool: &books.pool, recordings: &recordings, key: &keys.witness, note: note.as_ref() };
        verify(evidence).await.map_err(|error| anyhow!(why(&error)))
    };
    let report = report.await;
    books.close().await;
    report
}

/// Where the evidence is.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// The books.
    pub pool: &'a PgPool,
    /// The recordings' content.
    pub recordings: &'a Recordings,
    /// Whoever countersigned.
    pub key: &'a SigningKey,
    /// The newest statement that the data folder holds.
    pub note: Option<&'a Note>,
}

/// Verifies it.
///
/// # Errors
/// If something cannot be read; a chunk that is missing or damaged is a finding instead.
pub async fn verify(evidence: Evidence<'_>) -> Result<Report, RecordingError> {
    let Evidence { pool, recordings, key, note } = evidence;
    let mut report = Report::default();
    let restored = installation::read(pool).await?.restored;
    chain::verify(pool, restored, &mut report).await?;
    report.judge_holes();
    witness::verify(pool, key, note, &mut report).await?;
    recording::verify(pool, recordings, &mut report).await?;
    Ok(report)
}
