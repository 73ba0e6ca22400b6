//! The one text on standard output: a head line, then a table for each part that was measured.

mod bus;
mod compared;
mod console;
mod desktop;
mod memory;
mod policy;
mod size;
mod staying;
mod wan;

use std::fmt::Write;

use crate::machine::{Machine, load};
use crate::plan::Plan;
use crate::run::Run;

/// Everything, with what one must know to read it.
pub(crate) fn render(run: &Run, machine: &Machine, plan: &Plan) -> String {
    // What says little is not called good or bad.
    let counts = !machine.is_busy() && !plan.quick;
    let mut text = head(machine, plan);
    let mut part = |name, printed: Option<Result<String, &anyhow::Error>>| {
        let _ = match printed {
            Some(Ok(table)) => write!(text, "\n{table}"),
            Some(Err(error)) => writeln!(text, "\n{name}: NOT MEASURED: {error:#}"),
            None => Ok(()),
        };
    };
    let compared = run.compared.as_ref().map(Result::as_ref);
    part("Shells on loopback", compared.map(|of| of.map(|report| compared::render(report, plan, counts))));
    let memory = run.memory.as_ref().map(Result::as_ref);
    part("Memory", memory.map(|of| of.map(|memory| memory::render(memory, plan, counts))));
    let sizes = run.sizes.as_ref().map(Result::as_ref);
    part("Size", sizes.map(|of| of.map(|sizes| size::render(*sizes, counts))));
    let wan = run.wan.as_ref().map(Result::as_ref);
    part("Wide area", wan.map(|of| of.map(|wan| wan::render(wan, plan, counts))));
    let staying = run.staying.as_ref().map(Result::as_ref);
    part("Staying", staying.map(|of| of.map(|staying| staying::render(staying, plan, counts))));
    let console = run.console.as_ref().map(Result::as_ref);
    part("Console", console.map(|of| of.map(|console| console::render(console, plan, counts))));
    let policy = run.policy.as_ref().map(Result::as_ref);
    part("Policy", policy.map(|of| of.map(|policy| policy::render(policy, plan, counts))));
    let bus = run.bus.as_ref().map(Result::as_ref);
    part("Bus", bus.map(|of| of.map(|bus| bus::render(bus, plan))));
    let desktop = run.desktop.as_ref().map(Result::as_ref);
    part("Desktops", desktop.map(|of| of.map(|found| desktop::render(found.as_ref(), plan, counts))));
    text
}

fn head(machine: &Machine, plan: &Plan) -> String {
    let build = if cfg!(debug_assertions) { "DEBUG BUILD" } else { "release build" };
    let mut text = format!(
        "OpenPAM shells: {build}, recording on; {} rounds round robin, seed {}; {} cores {}, Linux {}, {}, load {:.2} \
         before, {:.2} after\n",
        plan.rounds,
        plan.seed,
        machine.cores,
        machine.processor,
        machine.kernel,
        machine.openssh,
        machine.load,
        load(),
    );
    if machine.is_busy() {
        text.push_str("The machine was busy before the run began: the figures say little.\n");
    }
    if plan.quick {
        text.push_str("A quick run: too few samples to judge by.\n");
    }
    text
}
