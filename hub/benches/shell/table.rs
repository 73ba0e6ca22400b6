//! Tables: Markdown that is a table for the eye too, and the words for figures and goals in them.

use std::fmt::Write;

/// What stands in a column, and its head.
#[derive(Clone, Copy)]
pub(crate) enum Column {
    Words(&'static str),
    /// Stand at the right.
    Number(&'static str),
}

impl Column {
    const fn head(self) -> &'static str {
        match self {
            Self::Words(head) | Self::Number(head) => head,
        }
    }
}

pub(crate) fn aligned<const N: usize>(columns: [Column; N], rows: &[[String; N]]) -> String {
    let mut widths = columns.map(|column| column.head().len().max(3));
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.len());
        }
    }
    let mut text = String::new();
    let mut line = |cells: &[String; N]| {
        for ((cell, column), &width) in cells.iter().zip(columns).zip(&widths) {
            let _ = match column {
                Column::Number(_) => write!(text, "| {cell:>width$} "),
                Column::Words(_) => write!(text, "| {cell:<width$} "),
            };
        }
        text.push_str("|\n");
    };
    line(&columns.map(|column| column.head().to_owned()));
    let mut rule = widths.map(|width| "-".repeat(width));
    for (cell, column) in rule.iter_mut().zip(columns) {
        if matches!(column, Column::Number(_)) {
            cell.pop();
            cell.push(':');
        }
    }
    line(&rule);
    rows.iter().for_each(line);
    text
}

pub(crate) fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.decimals$}"))
}

/// `counts`: whether the figures say enough to judge by.
pub(crate) fn judged(met: Option<bool>, counts: bool) -> String {
    let word = met.map_or("", |met| match (met, counts) {
        (true, true) => "ok",
        (false, true) => "missed",
        (true, false) => "(ok)",
        (false, false) => "(missed)",
    });
    word.to_owned()
}
