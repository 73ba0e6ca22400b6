//! What is measured and how often. Full: about twenty minutes; quick: about one.

use std::fmt;
use std::time::Duration;

use clap::ValueEnum;

use crate::bus::BusAmounts;
use crate::console::ConsoleAmounts;
use crate::desktop::DesktopAmounts;
use crate::line::System;
use crate::policy::PolicyAmounts;
use crate::staying::StayingAmounts;

/// What one may choose to measure alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
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
    /// These for a tunnel over TCP too; alone: all of these.
    Tcp,
    /// Of hub and satellite, idle and for each shell.
    Memory,
    /// Of the programs.
    Size,
    /// Keys and bulk output across a line of 40 ms that loses packets.
    Wan,
    /// A cut line, somebody who watches, and detached shells.
    Staying,
    /// Lists over large books, requests a second, and first visits.
    Console,
    /// Decisions, changes of policy, and many sites that hear of one.
    Policy,
    /// Events of many sites, orders, and accounts of many zones.
    Bus,
    /// Desktops beside guacd spoken to directly.
    Desktop,
}

/// One of the things measured of each system, in the order of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    Keys20,
    Keys200,
    Bulk,
    Prompt,
    Interrupt,
}

impl Measure {
    const ALL: [Self; 5] = [Self::Keys20, Self::Keys200, Self::Bulk, Self::Prompt, Self::Interrupt];

    const fn of(part: Part) -> Option<Self> {
        match part {
            Part::Keys20 => Some(Self::Keys20),
            Part::Keys200 => Some(Self::Keys200),
            Part::Bulk => Some(Self::Bulk),
            Part::Prompt => Some(Self::Prompt),
            Part::Interrupt => Some(Self::Interrupt),
            Part::Tcp
            | Part::Memory
            | Part::Size
            | Part::Wan
            | Part::Staying
            | Part::Console
            | Part::Policy
            | Part::Bus
            | Part::Desktop => None,
        }
    }
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
    /// Empty: nothing is compared on loopback.
    pub(crate) measures: Vec<Measure>,
    pub(crate) systems: Vec<System>,
    pub(crate) memory: bool,
    pub(crate) size: bool,
    pub(crate) wan: bool,
    pub(crate) staying: bool,
    pub(crate) console: bool,
    pub(crate) policy: bool,
    pub(crate) bus: bool,
    pub(crate) desktop: bool,
    pub(crate) rounds: usize,
    /// From which the text and the keys are made.
    pub(crate) seed: u64,
    pub(crate) quick: bool,
    pub(crate) amounts: Amounts,
}

/// Which differ between a full run and a quick one.
#[derive(Clone, Debug)]
pub(crate) struct Amounts {
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
    /// Shells that are open when memory is counted.
    pub(crate) shells: usize,
    /// How long nothing happens before memory is counted.
    pub(crate) quiet: Duration,
    pub(crate) wan: WanAmounts,
    pub(crate) staying: StayingAmounts,
    pub(crate) console: ConsoleAmounts,
    pub(crate) policy: PolicyAmounts,
    pub(crate) bus: BusAmounts,
    pub(crate) desktop: DesktopAmounts,
}

/// Across the line.
#[derive(Clone, Debug)]
pub(crate) struct WanAmounts {
    /// Of one round, each way.
    pub(crate) keys: usize,
    /// How long the flood runs before the first key.
    pub(crate) flood: Duration,
    /// One round, each way, ends after so many bytes or so long, whichever is first.
    pub(crate) bulk: (usize, Duration),
    /// Round trips on the bare line.
    pub(crate) pings: usize,
    /// How long plain TCP sends, under each congestion control.
    pub(crate) plain_tcp: Duration,
}

impl Plan {
    pub(crate) fn new(quick: bool, rounds: Option<usize>, only: &[Part], seed: u64) -> Self {
        let named = |part| only.is_empty() || only.contains(&part);
        let mut measures: Vec<_> = only.iter().copied().filter_map(Measure::of).collect();
        if measures.is_empty() && named(Part::Tcp) {
            measures = Measure::ALL.to_vec();
        }
        let mut systems = System::ALL.to_vec();
        systems.retain(|system| *system != System::OpenPamTcp || named(Part::Tcp));
        Self {
            measures,
            systems,
            memory: named(Part::Memory),
            size: named(Part::Size),
            wan: named(Part::Wan),
            staying: named(Part::Staying),
            console: named(Part::Console),
            policy: named(Part::Policy),
            bus: named(Part::Bus),
            desktop: named(Part::Desktop),
            rounds: rounds.unwrap_or(if quick { 1 } else { 3 }).max(1),
            seed,
            quick,
            amounts: if quick { Amounts::quick() } else { Amounts::full() },
        }
    }

    /// The systems, each round another one first.
    pub(crate) fn order(&self, round: usize) -> impl Iterator<Item = System> {
        let count = self.systems.len();
        self.systems.iter().copied().cycle().skip(round % count).take(count)
    }
}

impl Amounts {
    const fn full() -> Self {
        Self {
            keys: (120, 700),
            bulk_bytes: 200_000_000,
            prompts: 8,
            interrupts: (11, 3),
            flood: Duration::from_secs(1),
            shells: 50,
            quiet: Duration::from_secs(10),
            wan: WanAmounts {
                keys: 100,
                flood: Duration::from_secs(2),
                bulk: (40_000_000, Duration::from_secs(15)),
                pings: 5_000,
                plain_tcp: Duration::from_secs(8),
            },
            staying: StayingAmounts {
                cuts: [Duration::from_secs(5), Duration::from_secs(20)],
                times: 3,
                detached: 2_000,
            },
            console: ConsoleAmounts {
                rows: 1_000_000,
                recordings: 10_000,
                grants: 2_000,
                times: 200,
                load: Duration::from_secs(5),
                visits: 5,
            },
            policy: PolicyAmounts {
                holds: (10_000, 2_000, 5_000),
                decisions: 200_000,
                changes: 100,
                sites: (1_000, 5),
            },
            bus: BusAmounts { events: (100, 2_000), orders: 100, accounts: 1_000 },
            desktop: DesktopAmounts { visits: 5, keys: 100, moving: Duration::from_secs(10), desktops: 20 },
        }
    }

    const fn quick() -> Self {
        Self {
            keys: (20, 200),
            bulk_bytes: 20_000_000,
            prompts: 3,
            interrupts: (3, 1),
            flood: Duration::from_millis(300),
            shells: 25,
            quiet: Duration::from_secs(2),
            wan: WanAmounts {
                keys: 20,
                flood: Duration::from_millis(500),
                bulk: (5_000_000, Duration::from_millis(1_500)),
                pings: 500,
                plain_tcp: Duration::from_secs(1),
            },
            staying: StayingAmounts {
                cuts: [Duration::from_secs(2), Duration::from_secs(5)],
                times: 1,
                detached: 50,
            },
            console: ConsoleAmounts {
                rows: 10_000,
                recordings: 1_000,
                grants: 200,
                times: 10,
                load: Duration::from_secs(1),
                visits: 1,
            },
            policy: PolicyAmounts {
                holds: (10_000, 2_000, 5_000),
                decisions: 10_000,
                changes: 5,
                sites: (20, 2),
            },
            bus: BusAmounts { events: (10, 200), orders: 5, accounts: 100 },
            desktop: DesktopAmounts { visits: 1, keys: 10, moving: Duration::from_secs(2), desktops: 10 },
        }
    }
}
