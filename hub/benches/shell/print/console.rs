//! What administrators and auditors wait for.

use crate::console::{Asked, Console};
use crate::figures::Spread;
use crate::plan::Plan;
use crate::table::{Column, aligned, judged, number};

const LISTS_MS: f64 = 100.0;
const TARGETS_MS: f64 = 50.0;

const COLUMNS: [Column; 5] = [
    Column::Words("console"),
    Column::Number("median"),
    Column::Number("p99"),
    Column::Words("goal"),
    Column::Words(""),
];

pub(crate) fn render(console: &Console, plan: &Plan, counts: bool) -> String {
    let Console { lists, targets, requests, cold } = console;
    let mut rows: Vec<_> = lists.iter().map(|asked| row(asked, LISTS_MS, counts)).collect();
    rows.push(row(targets, TARGETS_MS, counts));
    let plain = |name: &str, value: f64| {
        [name.to_owned(), number(Some(value), 0), String::new(), String::new(), String::new()]
    };
    rows.extend([
        plain("requests a second (who am I), 16 at once", *requests),
        plain("first visit: the sign-in page, KB over the line", cold.login_bytes / 1e3),
        plain("first visit: the shell's page, KB over the line", cold.shell_bytes / 1e3),
        plain("first visit: from the address to the first prompt, ms", cold.prompt_ms),
    ]);
    let amounts = &plan.amounts.console;
    format!(
        "{}\nConsole: lists of 100 rows over {} sessions, {} events and {} recordings, {} times each, in ms; a user with {} \
         grants. First visits: Chromium with an empty cache, {} times.\n",
        aligned(COLUMNS, &rows),
        amounts.rows,
        amounts.rows,
        amounts.recordings,
        amounts.times,
        amounts.grants,
        amounts.visits,
    )
}

fn row(asked: &Asked, goal: f64, counts: bool) -> [String; 5] {
    let Spread { p50, p99, .. } = asked.spread;
    [
        format!("{}, ms", asked.what),
        number(Some(p50), 1),
        number(Some(p99), 1),
        format!("p99 at most {goal}"),
        judged(Some(p99 <= goal), counts),
    ]
}
