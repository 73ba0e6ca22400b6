//! What is measured and how often. Full: about four minutes; quick: about twenty seconds.

use std::fmt;
use std::time::Duration;

/// One of the things measured, in the order of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Measure {
    /// Key to echo at 20 keys a second.
    Keys20,
    /// Key to echo at 200 keys a second.
    Keys200,
    /// Output of a large file.
    Bulk,
    /// From connecting to the first prompt.
    Prompt,
    /// From Ctrl-C in a flood to the prompt.
    Interrupt,
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keys20 => "keystrokes, 20 a second",
            Self::Keys200 => "keystrokes, 200 a second",
            Self::Bulk => "bulk output",
            Self::Prompt => "connect to the first prompt",
            Self::Interrupt => "Ctrl-C in a flood",
        })
    }
}

/// How much of each.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) measures: Vec<Measure>,
    pub(crate) rounds: usize,
    /// Keys of one round on one system, slow and fast.
    pub(crate) keys: (usize, usize),
    /// What the target prints in one round on one system, before its terminal adds carriage returns.
    pub(crate) bulk_bytes: usize,
    /// Prompts of one round on each system.
    pub(crate) prompts: usize,
    /// Interrupts of one round: of OpenPAM, and of each other system.
    pub(crate) interrupts: (usize, usize),
    /// How long a flood runs before it is interrupted.
    pub(crate) flood: Duration,
    pub(crate) quick: bool,
}

impl Plan {
    pub(crate) fn new(quick: bool) -> Self {
        let measures =
            vec![Measure::Keys20, Measure::Keys200, Measure::Bulk, Measure::Prompt, Measure::Interrupt];
        if quick {
            return Self {
                measures,
                rounds: 1,
                keys: (20, 200),
                bulk_bytes: 20_000_000,
                prompts: 3,
                interrupts: (3, 1),
                flood: Duration::from_millis(300),
                quick,
            };
        }
        Self {
            measures,
            rounds: 3,
            keys: (120, 700),
            bulk_bytes: 200_000_000,
            prompts: 8,
            interrupts: (11, 3),
            flood: Duration::from_secs(1),
            quick,
        }
    }
}
