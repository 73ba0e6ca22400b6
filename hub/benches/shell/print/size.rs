//! The programs' sizes.

use crate::size::Sizes;
use crate::table::{Column, aligned, judged, number};

/// At most.
const SATELLITE_MB: f64 = 15.0;

const COLUMNS: [Column; 4] =
    [Column::Words("program, stripped"), Column::Number("MB"), Column::Words("goal"), Column::Words("")];

pub(crate) fn render(sizes: Sizes, counts: bool) -> String {
    let mb = |bytes: u64| bytes as f64 / 1e6;
    // An unoptimized program with its symbols says nothing.
    let counts = counts && !cfg!(debug_assertions);
    let satellite = mb(sizes.satellite);
    let rows = [
        [
            "openpam-satellite".to_owned(),
            number(Some(satellite), 1),
            format!("at most {SATELLITE_MB}"),
            judged(Some(satellite <= SATELLITE_MB), counts),
        ],
        [
            "openpam-hub, its pages in it".to_owned(),
            number(Some(mb(sizes.hub)), 1),
            String::new(),
            String::new(),
        ],
    ];
    let mut text = aligned(COLUMNS, &rows);
    if cfg!(debug_assertions) {
        text.push_str("\nSize: of a debug build, with its symbols.\n");
    }
    text
}
