//! What the bus carries, and costs.

use crate::bus::BusFigures;
use crate::plan::Plan;
use crate::table::{Column, aligned, number};

const COLUMNS: [Column; 4] =
    [Column::Words("bus"), Column::Number("median"), Column::Number("p99"), Column::Words("")];

pub(crate) fn render(figures: &BusFigures, plan: &Plan) -> String {
    let BusFigures { events: (by_bus, by_line), order, command, accounts: (before, after, took_s) } = figures;
    let amounts = &plan.amounts.bus;
    let (sites, each) = amounts.events;
    let mebibytes = |bytes: f64| bytes / 1024.0 / 1024.0;
    let rows = [
        [
            format!("events of {sites} sites into the books, a second"),
            number(Some(*by_bus), 0),
            String::new(),
            format!("by the line {by_line:.0}: {:.2} times as many", by_bus / by_line),
        ],
        [
            "a session is to end, its site has done it, ms".to_owned(),
            number(Some(order.p50), 1),
            number(Some(order.p99), 1),
            String::new(),
        ],
        [
            "a command is ordered, the books say it is done, ms".to_owned(),
            number(Some(command.p50), 1),
            number(Some(command.p99), 1),
            String::new(),
        ],
        [
            format!("nats-server with {} zones' accounts, MiB", amounts.accounts),
            number(Some(mebibytes(*after)), 1),
            String::new(),
            format!("{:.1} without; given in {took_s:.1} s", mebibytes(*before)),
        ],
    ];
    format!(
        "{}\nBus: {each} events of each site; {} sessions ended, and as many commands.\n",
        aligned(COLUMNS, &rows),
        amounts.orders
    )
}
