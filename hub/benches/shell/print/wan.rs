//! Across the line: OpenPAM over QUIC and over TCP beside `ssh -J`, and what the line itself does.

use std::fmt::Write;

use crate::figures::{Spread, median};
use crate::plan::Plan;
use crate::report::Recordings;
use crate::table::{Column, aligned, judged, number};
use crate::wan::{Congestion, Crossed, LOSS, Link, ONE_WAY, Wan, Way};

/// At most this over the round trip.
const KEY_P95_OVER_MS: f64 = 30.0;
/// At least so many times `ssh -J`.
const TIMES_BBR: f64 = 1.0;
const TIMES_CUBIC: f64 = 10.0;
/// Of what the wire can carry; above, it is the wire that is measured.
const NEAR_THE_WIRE: f64 = 0.8;

const COLUMNS: [Column; 9] = [
    Column::Words("40 ms, 1 % loss"),
    Column::Number("the line"),
    Column::Number("ssh -J, Cubic"),
    Column::Number("ssh -J, BBR"),
    Column::Number("OpenPAM, QUIC"),
    Column::Words(""),
    Column::Number("OpenPAM, TCP"),
    Column::Words(""),
    Column::Words("goal"),
];

#[derive(Clone, Copy)]
enum Goal {
    AtMost(f64),
    AtLeast(f64),
    None,
}

impl Goal {
    fn met(self, value: Option<f64>) -> Option<bool> {
        match self {
            Self::AtMost(most) => value.map(|value| value <= most),
            Self::AtLeast(least) => value.map(|value| value >= least),
            Self::None => None,
        }
    }

    fn words(self) -> String {
        match self {
            Self::AtMost(most) => format!("at most {most:.1} (RTT + {KEY_P95_OVER_MS})"),
            Self::AtLeast(least) => format!("at least {least:.1}"),
            Self::None => String::new(),
        }
    }
}

pub(crate) fn render(wan: &Wan, plan: &Plan, counts: bool) -> String {
    let mut rows = own_rows(&wan.link);
    let mut row = |name: &str, decimals, goal: Goal, value: &dyn Fn(&Crossed) -> Option<f64>| {
        let values = Way::ALL.map(|way| value(wan.of(way)?));
        rows.push(cells(name, values, decimals, goal, counts));
    };
    let keys = |point: fn(Spread) -> f64| move |of: &Crossed| Spread::median_of(&of.keys).map(point);
    let most = wan.link.round_trip_ms + KEY_P95_OVER_MS;
    row("key to echo beside a flood, p50 ms", 1, Goal::None, &keys(|all| all.p50));
    row("key to echo beside a flood, p95 ms", 1, Goal::AtMost(most), &keys(|all| all.p95));
    row("key to echo beside a flood, p99 ms", 1, Goal::None, &keys(|all| all.p99));
    row("that flood, MB/s", 2, Goal::None, &|of| median(&of.flood_mb_per_second));
    row("bulk output, MB/s", 2, Goal::None, &bulk);
    for (name, congestion, least) in [
        ("bulk output, times ssh -J on BBR", Congestion::Bbr, TIMES_BBR),
        ("bulk output, times ssh -J on Cubic", Congestion::Cubic, TIMES_CUBIC),
    ] {
        let base = wan.of(Way::Jump(congestion)).and_then(bulk);
        row(name, 2, Goal::AtLeast(least), &|of| Some(bulk(of)? / base?));
    }
    aligned(COLUMNS, &rows) + &notes(wan, plan)
}

fn bulk(of: &Crossed) -> Option<f64> {
    median(&of.bulk_mb_per_second)
}

/// What concerns the line alone.
fn own_rows(link: &Link) -> Vec<[String; 9]> {
    let own = |name: &str, value, decimals| {
        let mut row = [const { String::new() }; 9];
        let [first, second, ..] = &mut row;
        (*first, *second) = (name.to_owned(), number(value, decimals));
        row
    };
    vec![
        own("round trip, median ms", Some(link.round_trip_ms), 1),
        own("packets lost each way, %", Some(link.loss() * 100.0), 1),
        own("plain TCP on Cubic, MB/s", link.cubic_mb_per_second, 2),
        own("plain TCP on BBR, MB/s", link.bbr_mb_per_second, 2),
        own("plain TCP, no delay, no loss, MB/s", Some(link.wire_mb_per_second), 1),
    ]
}

fn cells(name: &str, values: [Option<f64>; 4], decimals: usize, goal: Goal, counts: bool) -> [String; 9] {
    let [cubic, bbr, quic, tcp] = values;
    let cell = |value| number(value, decimals);
    [
        name.to_owned(),
        String::new(),
        cell(cubic),
        cell(bbr),
        cell(quic),
        judged(goal.met(quic), counts),
        cell(tcp),
        judged(goal.met(tcp), counts),
        goal.words(),
    ]
}

fn notes(wan: &Wan, plan: &Plan) -> String {
    let amounts = &plan.amounts.wan;
    let Recordings { complete, all, bytes } = wan.recordings;
    let mut text = format!(
        "\nLine: a wire in user space, {} ms each way, {} % of packets lost each way, no limit of speed; {} round trips \
         measured. Satellites, the sshd for -J and the target stand beyond it, hub and clients before it. OpenPAM \
         chooses its congestion control itself (the default, BBR); that of ssh is set on the line's routes.\n\
         Keys: {} a round, 20 a second, while another session of the same satellite (for -J: another ssh -J) prints \
         text that does not compress and its recording goes up. Medians of the rounds.\n\
         Bulk: {} MB or {:?}, whichever is first. Medians of the rounds.\n\
         Recordings at the hub: {complete} of {all} complete, {:.1} MB sealed.\n",
        ONE_WAY.as_millis(),
        LOSS * 100.0,
        wan.link.pings,
        amounts.keys,
        amounts.bulk.0 / 1_000_000,
        amounts.bulk.1,
        bytes as f64 / 1e6,
    );
    let all = wan.ways.iter().flat_map(|(_, of)| of.bulk_mb_per_second.iter().chain(&of.flood_mb_per_second));
    let fastest = all
        .copied()
        .chain(wan.link.bbr_mb_per_second)
        .chain(wan.link.cubic_mb_per_second)
        .fold(0.0, f64::max);
    if fastest > NEAR_THE_WIRE * wan.link.wire_mb_per_second {
        let _ = writeln!(
            text,
            "THE WIRE WAS THE BOTTLENECK: {fastest:.1} MB/s of the {:.1} it can carry here.",
            wan.link.wire_mb_per_second
        );
    }
    for way in Way::ALL.into_iter().filter(|way| wan.of(*way).is_none()) {
        let _ = writeln!(text, "{way}: this kernel lacks that congestion control.");
    }
    text
}
