//! `openpam-hub audit verify`: whether the books are still what was written into them.
//!
//! Every chain of events from its first link on; the columns beside each event against the hashed bytes; the book of sessions
//! against what the satellites tell of them; every recording's chunks against their chain and its head in the books. Reads
//! in parts, needs no key, changes nothing, and may run beside a hub. What was taken from the very end of a chain
//! leaves no trace here.

mod chain;
mod recording;

use std::fmt;

use serde::Serialize;
use sqlx::PgPool;
use uuid::Uuid;

use crate::books::Books;
use crate::config::Config;
use crate::keys::Keys;
use crate::recordings::{RecordingError, Recordings};
use crate::time::Time;

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
    /// What does not fit, at most 1000.
    pub findings: Vec<Finding>,
    /// How many more there are.
    pub further_findings: u64,
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
}

impl Report {
    fn add(&mut self, code: Code, place: impl fmt::Display, found: impl Into<String>) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(Finding { code, place: place.to_string(), found: found.into() });
        } else {
            self.further_findings += 1;
        }
    }

    /// Whether everything fits.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.satellite {
            Some(name) => write!(f, "satellite {name}")?,
            None => write!(f, "hub {}", self.node_id)?,
        }
        write!(f, ": {} events until {}", self.events, self.until)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chain in &self.chains {
            writeln!(f, "{chain}")?;
        }
        writeln!(f, "recordings: {} with {} chunks", self.recordings, self.chunks)?;
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
    let books = Books::open(config).await?;
    let report = async {
        let recordings = Recordings::new(&config.data_dir, keys.recording.clone(), books.pool.clone())?;
        verify(&books.pool, &recordings).await
    };
    let report = report.await;
    books.close().await;
    Ok(report?)
}

/// Verifies these books and recordings.
///
/// # Errors
/// If something cannot be read; a chunk that is missing or damaged is a finding instead.
pub async fn verify(pool: &PgPool, recordings: &Recordings) -> Result<Report, RecordingError> {
    let mut report = Report::default();
    chain::verify(pool, &mut report).await?;
    recording::verify(pool, recordings, &mut report).await?;
    Ok(report)
}
