//! What processes hold in memory, from `/proc/ID/smaps_rollup`.

use std::fs;
use std::ops::{Add, Div, Sub};

use anyhow::Context;

use crate::processes::Processes;

/// In bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Footprint {
    /// What is shared counts in parts, one for each process that has it.
    pub(crate) proportional: f64,
    /// What no other process has.
    pub(crate) private: f64,
    /// What is shared counts whole.
    pub(crate) resident: f64,
}

impl Footprint {
    /// All of them together. One that has ended holds nothing.
    pub(crate) fn of(processes: &Processes) -> anyhow::Result<Self> {
        let mut sum = Self::default();
        for id in processes.ids() {
            if let Ok(rollup) = fs::read_to_string(format!("/proc/{id}/smaps_rollup")) {
                sum = sum + Self::read(&rollup).context("smaps_rollup lacks a line")?;
            }
        }
        Ok(sum)
    }

    fn read(rollup: &str) -> Option<Self> {
        let bytes = |name: &str| {
            let line = rollup.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
            Some(line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? * 1024.0)
        };
        Some(Self {
            proportional: bytes("Pss")?,
            private: bytes("Private_Clean")? + bytes("Private_Dirty")?,
            resident: bytes("Rss")?,
        })
    }

    fn with(self, other: Self, join: impl Fn(f64, f64) -> f64) -> Self {
        Self {
            proportional: join(self.proportional, other.proportional),
            private: join(self.private, other.private),
            resident: join(self.resident, other.resident),
        }
    }
}

impl Add for Footprint {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.with(other, |one, other| one + other)
    }
}

impl Sub for Footprint {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.with(other, |one, other| one - other)
    }
}

impl Div<f64> for Footprint {
    type Output = Self;
    fn div(self, by: f64) -> Self {
        self.with(self, |one, _| one / by)
    }
}
