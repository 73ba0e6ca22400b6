//! A whole run: one part after the other. A part that fails is said, and the others are measured all the same.

use std::time::Instant;

use crate::bus::BusFigures;
use crate::console::Console;
use crate::desktop::Desktops;
use crate::ending::Ending;
use crate::memory::Memory;
use crate::plan::Plan;
use crate::policy::PolicyFigures;
use crate::report::Report;
use crate::size::Sizes;
use crate::staying::Staying;
use crate::wan::Wan;
use crate::{bus, compare, console, desktop, memory, policy, progress, staying, wan};

/// `None`: was not to be measured.
#[derive(Debug, Default)]
pub(crate) struct Run {
    pub(crate) compared: Option<anyhow::Result<Report>>,
    pub(crate) memory: Option<anyhow::Result<Memory>>,
    pub(crate) sizes: Option<anyhow::Result<Sizes>>,
    pub(crate) wan: Option<anyhow::Result<Wan>>,
    pub(crate) staying: Option<anyhow::Result<Staying>>,
    pub(crate) console: Option<anyhow::Result<Console>>,
    pub(crate) policy: Option<anyhow::Result<PolicyFigures>>,
    pub(crate) bus: Option<anyhow::Result<BusFigures>>,
    /// Nothing in it where the machine has no guacd.
    pub(crate) desktop: Option<anyhow::Result<Option<Desktops>>>,
}

impl Run {
    /// Fails only when somebody wants it to end.
    pub(crate) async fn measure(plan: &Plan, ending: &Ending) -> anyhow::Result<Self> {
        let begun = Instant::now();
        let mut run = Self::default();
        if !plan.measures.is_empty() {
            run.compared = Some(compare::run(plan, ending).await);
            ending.check()?;
        }
        if plan.memory {
            run.memory = Some(memory::run(plan, ending).await);
            ending.check()?;
        }
        if plan.size {
            run.sizes = Some(Sizes::look());
        }
        if plan.wan {
            run.wan = Some(wan::run(plan, ending).await);
            ending.check()?;
        }
        if plan.staying {
            run.staying = Some(staying::run(plan, ending).await);
            ending.check()?;
        }
        if plan.console {
            run.console = Some(console::run(plan, ending).await);
            ending.check()?;
        }
        if plan.policy {
            run.policy = Some(policy::run(plan, ending).await);
            ending.check()?;
        }
        if plan.bus {
            run.bus = Some(bus::run(plan, ending).await);
            ending.check()?;
        }
        if plan.desktop {
            run.desktop = Some(desktop::run(plan, ending).await);
            ending.check()?;
        }
        progress(&format!("done after {} s", begun.elapsed().as_secs()));
        Ok(run)
    }

    /// How many parts failed.
    pub(crate) fn failed(&self) -> usize {
        let failed = [
            self.compared.as_ref().is_some_and(Result::is_err),
            self.memory.as_ref().is_some_and(Result::is_err),
            self.sizes.as_ref().is_some_and(Result::is_err),
            self.wan.as_ref().is_some_and(Result::is_err),
            self.staying.as_ref().is_some_and(Result::is_err),
            self.console.as_ref().is_some_and(Result::is_err),
            self.policy.as_ref().is_some_and(Result::is_err),
            self.bus.as_ref().is_some_and(Result::is_err),
            self.desktop.as_ref().is_some_and(Result::is_err),
        ];
        failed.into_iter().filter(|failed| *failed).count()
    }
}
