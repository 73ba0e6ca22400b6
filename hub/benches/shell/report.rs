//! What was measured of the ways beside each other, by system.

use crate::figures::{Spread, median};
use crate::line::System;

/// One round of bulk output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bulk {
    /// At the client, in 10^6 bytes.
    pub(crate) mb_per_second: f64,
    /// Of the processes between client and target.
    pub(crate) cpu_per_100_mb: f64,
}

/// Everything about one way to the target. Keystrokes and bulk by round, the others sample by sample.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    pub(crate) keys_20: Vec<Spread>,
    pub(crate) keys_200: Vec<Spread>,
    pub(crate) bulk: Vec<Bulk>,
    /// Milliseconds.
    pub(crate) prompt: Vec<f64>,
    /// Milliseconds.
    pub(crate) interrupt: Vec<f64>,
}

impl Measured {
    pub(crate) fn mb_per_second(&self) -> Option<f64> {
        median(&self.bulk.iter().map(|round| round.mb_per_second).collect::<Vec<_>>())
    }

    pub(crate) fn cpu_per_100_mb(&self) -> Option<f64> {
        median(&self.bulk.iter().map(|round| round.cpu_per_100_mb).collect::<Vec<_>>())
    }
}

/// The whole run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    systems: [Measured; 4],
    /// Of `ssh` alone, in milliseconds.
    pub(crate) program_start: Option<f64>,
    pub(crate) recordings: Recordings,
}

/// What the hub holds of this run's sessions.
#[derive(Debug, Default)]
pub(crate) struct Recordings {
    /// That are here to their end.
    pub(crate) complete: usize,
    pub(crate) all: usize,
    /// As stored.
    pub(crate) bytes: u64,
}

impl Report {
    pub(crate) fn of(&self, system: System) -> &Measured {
        let [direct, jump, openpam, openpam_tcp] = &self.systems;
        match system {
            System::Direct => direct,
            System::Jump => jump,
            System::OpenPam => openpam,
            System::OpenPamTcp => openpam_tcp,
        }
    }

    pub(crate) fn system(&mut self, system: System) -> &mut Measured {
        let [direct, jump, openpam, openpam_tcp] = &mut self.systems;
        match system {
            System::Direct => direct,
            System::Jump => jump,
            System::OpenPam => openpam,
            System::OpenPamTcp => openpam_tcp,
        }
    }
}
