//! Memory, with what was measured of other gateways on an earlier day.

use crate::footprint::Footprint;
use crate::memory::{Held, Memory};
use crate::plan::Plan;
use crate::table::{Column, aligned, judged, number};

const MB: f64 = 1e6;
const KB: f64 = 1e3;

/// At most, of what is held in proportion.
const SATELLITE_IDLE_MB: f64 = 15.0;
const HUB_IDLE_MB: f64 = 60.0;
const SATELLITE_SHELL_KB: f64 = 350.0;
const HUB_SHELL_KB: f64 = 100.0;

/// Idle in MB, per shell in KB; each is gateway and agent in one process.
const WARPGATE: (f64, f64) = (44.0, 418.0);
const TELEPORT: (f64, f64) = (68.0, 740.0);

const COLUMNS: [Column; 8] = [
    Column::Words("memory"),
    Column::Number("PSS"),
    Column::Number("private"),
    Column::Number("RSS"),
    Column::Words("goal"),
    Column::Words(""),
    Column::Number("Warpgate 0.28"),
    Column::Number("Teleport 6.2"),
];

pub(crate) fn render(memory: &Memory, plan: &Plan, counts: bool) -> String {
    let Memory { satellite, hub, postgres } = memory;
    let both = Held { idle: satellite.idle + hub.idle, per_shell: satellite.per_shell + hub.per_shell };
    let idle = |name, held: &Held, goal, others| row(name, held.idle, (MB, 1), goal, others, counts);
    let shell = |name, held: &Held, goal, others| row(name, held.per_shell, (KB, 0), goal, others, counts);
    let rows = [
        idle("satellite idle, MB", satellite, Some(SATELLITE_IDLE_MB), None),
        idle("hub idle, MB", hub, Some(HUB_IDLE_MB), None),
        idle("both idle, MB", &both, None, Some((WARPGATE.0, TELEPORT.0))),
        idle("PostgreSQL idle, MB", postgres, None, None),
        shell("satellite per shell, KB", satellite, Some(SATELLITE_SHELL_KB), None),
        shell("hub per shell, KB", hub, Some(HUB_SHELL_KB), None),
        shell("both per shell, KB", &both, None, Some((WARPGATE.1, TELEPORT.1))),
        shell("PostgreSQL per shell, KB", postgres, None, None),
    ];
    format!(
        "{}\nMemory: an installation of its own, after {} s of quiet; then {} shells, each of which printed 1 MB and was \
         detached and attached again, and as much quiet: the difference for each. 1 MB is 10^6 bytes. Goals hold for \
         PSS. Warpgate and Teleport: measured earlier, on another day.\n",
        aligned(COLUMNS, &rows),
        plan.amounts.quiet.as_secs(),
        plan.amounts.shells,
    )
}

fn row(
    name: &str,
    held: Footprint,
    (unit, decimals): (f64, usize),
    goal: Option<f64>,
    others: Option<(f64, f64)>,
    counts: bool,
) -> [String; 8] {
    let cell = |bytes: f64| number(Some(bytes / unit), decimals);
    let other = |value: Option<f64>| value.map_or_else(String::new, |value| number(Some(value), 0));
    [
        name.to_owned(),
        cell(held.proportional),
        cell(held.private),
        cell(held.resident),
        goal.map_or_else(String::new, |most| format!("at most {most}")),
        judged(goal.map(|most| held.proportional / unit <= most), counts),
        other(others.map(|(warpgate, _)| warpgate)),
        other(others.map(|(_, teleport)| teleport)),
    ]
}
