//! The ways on loopback: figures beside each other, what OpenPAM adds, the goal, and whether it is met.

use std::fmt::Write;

use crate::figures::Spread;
use crate::line::System;
use crate::plan::{Measure, Plan};
use crate::report::{Measured, Recordings, Report};
use crate::table::{Column, aligned, judged, number};

/// At most this over `ssh`, in milliseconds.
const KEY_P50_MS: f64 = 0.4;
const KEY_P99_MS: f64 = 1.5;
const PROMPT_P50_MS: f64 = 40.0;
/// At least this part of `ssh -J`.
const BULK_PART: f64 = 0.9;
/// At most this, hub and satellite together.
const CPU_SECONDS: f64 = 0.9;
const INTERRUPT_P99_MS: f64 = 200.0;

const COLUMNS: [Column; 10] = [
    Column::Words("figure"),
    Column::Number("ssh"),
    Column::Number("ssh -J"),
    Column::Number("OpenPAM"),
    Column::Number("compared"),
    Column::Words(""),
    Column::Number("OpenPAM over TCP"),
    Column::Number("compared"),
    Column::Words(""),
    Column::Words("goal"),
];

/// What a figure of OpenPAM is held against.
#[derive(Clone, Copy)]
enum Goal {
    /// At most so much more than `ssh`.
    Over(f64),
    /// At least this part of `ssh -J`.
    PartOfJump(f64),
    /// At most this.
    AtMost(f64),
    None,
}

/// A figure of the systems.
struct Row {
    name: &'static str,
    values: [Option<f64>; 4],
    decimals: usize,
    goal: Goal,
}

/// The table with what one must know to read it.
pub(crate) fn render(report: &Report, plan: &Plan, counts: bool) -> String {
    let measured = rows(report).into_iter().filter(|row| row.values.iter().any(Option::is_some));
    let rows: Vec<[String; 10]> = measured.map(|row| cells(&row, counts)).collect();
    aligned(COLUMNS, &rows) + &notes(report, plan)
}

fn rows(report: &Report) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = |name, decimals, goal, value: &dyn Fn(&Measured) -> Option<f64>| {
        let values = System::ALL.map(|system| value(report.of(system)));
        rows.push(Row { name, values, decimals, goal });
    };
    let keys_20 = |point: fn(Spread) -> f64| move |of: &Measured| Spread::median_of(&of.keys_20).map(point);
    row("key to echo, 20/s, p50 ms", 2, Goal::Over(KEY_P50_MS), &keys_20(|all| all.p50));
    row("key to echo, 20/s, p95 ms", 2, Goal::None, &keys_20(|all| all.p95));
    row("key to echo, 20/s, p99 ms", 2, Goal::Over(KEY_P99_MS), &keys_20(|all| all.p99));
    let keys_200 = |point: fn(Spread) -> f64| move |of: &Measured| Spread::median_of(&of.keys_200).map(point);
    row("key to echo, 200/s, p50 ms", 2, Goal::Over(KEY_P50_MS), &keys_200(|all| all.p50));
    row("key to echo, 200/s, p95 ms", 2, Goal::None, &keys_200(|all| all.p95));
    row("key to echo, 200/s, p99 ms", 2, Goal::Over(KEY_P99_MS), &keys_200(|all| all.p99));
    row("bulk output, MB/s", 1, Goal::PartOfJump(BULK_PART), &Measured::mb_per_second);
    let cpu = |of: &Measured| of.cpu_per_100_mb().filter(|seconds| *seconds > 0.0);
    row("gateway CPU s per 100 MB", 2, Goal::AtMost(CPU_SECONDS), &cpu);
    let prompt = |point: fn(Spread) -> f64| move |of: &Measured| Spread::of(&of.prompt).map(point);
    row("connect to prompt, p50 ms", 1, Goal::Over(PROMPT_P50_MS), &prompt(|all| all.p50));
    row("connect to prompt, p95 ms", 1, Goal::None, &prompt(|all| all.p95));
    let interrupt = |point: fn(Spread) -> f64| move |of: &Measured| Spread::of(&of.interrupt).map(point);
    row("Ctrl-C in a flood, p50 ms", 1, Goal::None, &interrupt(|all| all.p50));
    row("Ctrl-C in a flood, p99 ms", 1, Goal::AtMost(INTERRUPT_P99_MS), &interrupt(|all| all.p99));
    rows
}

impl Goal {
    fn words(self) -> String {
        match self {
            Self::Over(most) => format!("at most +{most} ms"),
            Self::PartOfJump(least) => format!("at least {least} of -J"),
            Self::AtMost(most) => format!("at most {most}"),
            Self::None => String::new(),
        }
    }
}

fn cells(row: &Row, counts: bool) -> [String; 10] {
    let [direct, jump, quic, tcp] = row.values;
    let [quic_compared, quic_judged] = held_against(row, quic, counts);
    let [tcp_compared, tcp_judged] = held_against(row, tcp, counts);
    let cell = |value| number(value, row.decimals);
    [
        row.name.to_owned(),
        cell(direct),
        cell(jump),
        cell(quic),
        quic_compared,
        quic_judged,
        cell(tcp),
        tcp_compared,
        tcp_judged,
        row.goal.words(),
    ]
}

/// What OpenPAM adds or makes of it, and whether that is good enough.
fn held_against(row: &Row, ours: Option<f64>, counts: bool) -> [String; 2] {
    let digits = row.decimals;
    let [direct, jump, ..] = row.values;
    let over = direct.zip(ours).map(|(direct, ours)| ours - direct);
    let part = jump.zip(ours).map(|(jump, ours)| ours / jump);
    let over_text = over.map(|over| format!("{over:+.digits$}"));
    let part_text = part.map(|part| format!("{part:.2} of -J"));
    let (compared, met) = match row.goal {
        Goal::Over(most) => (over_text, over.map(|over| over <= most)),
        Goal::PartOfJump(least) => (part_text, part.map(|part| part >= least)),
        Goal::AtMost(most) => (part_text, ours.map(|ours| ours <= most)),
        Goal::None => (over_text, None),
    };
    [compared.unwrap_or_default(), judged(met, counts)]
}

/// What one must know of each measurement that was made, and what the hub has recorded of it.
fn notes(report: &Report, plan: &Plan) -> String {
    let made = |measure: Measure| plan.measures.contains(&measure);
    let samples =
        |of: fn(&Measured) -> usize| System::ALL.map(|system| of(report.of(system)).to_string()).join("/");
    let mut text = String::from(
        "\nssh runs on a pseudo-terminal. Key exchange (curve25519) and the key that signs in are the same everywhere.\n",
    );
    if made(Measure::Keys20) || made(Measure::Keys200) {
        let (slow, fast) = plan.amounts.keys;
        let _ = writeln!(
            text,
            "Keys: write to echo at the client, {slow} slow and {fast} fast ones a round; the target runs cat on a raw \
             terminal without echo. Medians of the rounds.",
        );
    }
    if made(Measure::Bulk) {
        let _ = writeln!(
            text,
            "Bulk: {:.0} MB of log lines on an ordinary terminal, counted as they arrive (10^6 bytes); the WebSocket's \
             client acknowledges every 32 KiB or 30 ms. Medians of the rounds.\n\
             CPU: user and system time until quiet again. OpenPAM: hub and satellite, with recording and upload; ssh \
             -J: the second sshd's session processes. Not counted: clients, the target.",
            plan.amounts.bulk_bytes as f64 / 1e6,
        );
    }
    if made(Measure::Prompt) {
        let _ = writeln!(
            text,
            "Prompt: {} samples. ssh from the start of its program (to do nothing takes it {:.1} ms; -J starts two), \
             OpenPAM from the WebSocket's connect by somebody who is signed in.",
            samples(|of| of.prompt.len()),
            report.program_start.unwrap_or_default(),
        );
    }
    if made(Measure::Interrupt) {
        let flood = plan.amounts.flood.as_secs_f64();
        let _ = writeln!(
            text,
            "Ctrl-C: {} samples, {flood:.1} s of flood before each.",
            samples(|of| of.interrupt.len())
        );
    }
    let Recordings { complete, all, bytes } = report.recordings;
    let _ = writeln!(
        text,
        "Recordings at the hub: {complete} of {all} complete, {:.1} MB sealed.",
        bytes as f64 / 1e6
    );
    text
}
