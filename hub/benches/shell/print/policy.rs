//! What a change of policy costs.

use crate::plan::Plan;
use crate::policy::PolicyFigures;
use crate::table::{Column, aligned, judged, number};

const DECISION_MS: f64 = 0.1;
const CHANGE_MS: f64 = 1000.0;

const COLUMNS: [Column; 5] = [
    Column::Words("policy"),
    Column::Number("median"),
    Column::Number("p99"),
    Column::Words("goal"),
    Column::Words(""),
];

pub(crate) fn render(figures: &PolicyFigures, plan: &Plan, counts: bool) -> String {
    let PolicyFigures { decision, snapshot, change, fleet: (fleet, cpu_ms) } = figures;
    let amounts = &plan.amounts.policy;
    let goal = |most: f64, unit: &str| format!("p99 at most {most} {unit}");
    let rows = [
        [
            "a decision at the site, us".to_owned(),
            number(Some(decision.p50 * 1000.0), 2),
            number(Some(decision.p99 * 1000.0), 2),
            goal(DECISION_MS * 1000.0, "us"),
            judged(Some(decision.p99 <= DECISION_MS), counts),
        ],
        [
            "a grant is changed, its site decides by it, ms".to_owned(),
            number(Some(change.p50), 1),
            number(Some(change.p99), 1),
            goal(CHANGE_MS, "ms"),
            judged(Some(change.p99 <= CHANGE_MS), counts),
        ],
        [
            format!("a person is changed, each of {} sites has it, ms", amounts.sites.0),
            number(Some(fleet.p50), 1),
            number(Some(fleet.p99), 1),
            String::new(),
            String::new(),
        ],
        [
            "the hub's CPU for that, ms".to_owned(),
            number(Some(*cpu_ms), 0),
            String::new(),
            String::new(),
            String::new(),
        ],
    ];
    let (people, targets, schedules) = amounts.holds;
    format!(
        "{}\nPolicy: {} decisions by one of {people} people, {targets} targets and {schedules} grants with windows, {:.1} MB, \
         {:.1} MB compressed; {} changes at one site, {} at all.\n",
        aligned(COLUMNS, &rows),
        amounts.decisions,
        snapshot.0 as f64 / 1e6,
        snapshot.1 as f64 / 1e6,
        amounts.changes,
        amounts.sites.1,
    )
}
