//! What it costs that sessions stay.

use crate::figures::median;
use crate::plan::Plan;
use crate::staying::{Cut, ROUND_TRIP, Staying};
use crate::table::{Column, aligned, judged, number};

/// A satellite that lost its tunnel dials again this often, for the first minute.
const PROBE_MS: f64 = 250.0;
const SLACK_MS: f64 = 200.0;

const COLUMNS: [Column; 5] = [
    Column::Words("staying"),
    Column::Number("median"),
    Column::Number("most"),
    Column::Words("goal"),
    Column::Words(""),
];

pub(crate) fn render(staying: &Staying, plan: &Plan, counts: bool) -> String {
    let Staying { cuts, watcher, detached } = staying;
    let plain = |name: &str, value: f64, decimals| {
        [name.to_owned(), number(Some(value), decimals), String::new(), String::new(), String::new()]
    };
    let share = |(alone, watched): (f64, f64)| watched / alone;
    let mut rows = cuts.iter().map(|cut| row(cut, counts)).collect::<Vec<_>>();
    rows.extend([
        plain("owner's bulk output while one watches, share of alone", share(watcher.mb_per_second), 2),
        plain("CPU of hub and satellite while one watches, share of alone", share(watcher.cpu_per_100_mb), 2),
        plain("a watcher, hub and satellite, KB", watcher.memory / 1e3, 0),
        plain("a detached shell, satellite, KB", detached.satellite / 1e3, 0),
        plain("a detached shell, hub, KB", detached.hub / 1e3, 0),
    ]);
    format!(
        "{}\nStaying: the line of {} ms is cut both ways, telling neither end, {} times each; the goal is the time between \
         two dials of a satellite that lost its tunnel, two round trips and {SLACK_MS} ms. Bulk output alone: {:.0} MB/s \
         and {:.2} s of CPU for 100 MB. {} detached shells, each with 64 KiB of history; {} watched ones. Memory is PSS.\n",
        aligned(COLUMNS, &rows),
        ROUND_TRIP.as_millis(),
        plan.amounts.staying.times,
        watcher.mb_per_second.0,
        watcher.cpu_per_100_mb.0,
        plan.amounts.staying.detached,
        plan.amounts.shells,
    )
}

fn row(cut: &Cut, counts: bool) -> [String; 5] {
    let goal = PROBE_MS + 2.0 * ROUND_TRIP.as_secs_f64() * 1e3 + SLACK_MS;
    let middle = median(&cut.until_bytes);
    let most = cut.until_bytes.iter().copied().fold(f64::NAN, f64::max);
    [
        format!(
            "bytes flow after a cut of {} s, {}, ms",
            cut.lasted.as_secs(),
            if cut.over_tcp { "TCP" } else { "QUIC" }
        ),
        number(middle, 0),
        number(Some(most), 0),
        format!("at most {goal}"),
        judged(middle.map(|middle| middle <= goal), counts),
    ]
}
