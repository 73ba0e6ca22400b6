//! Windows against an opinion of its own: Python's dateutil follows the same rules, its zoneinfo the same zones.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::{SignedDuration, Timestamp};
use openpam_policy::{Said, Schedule, ScheduleError, Window};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRng, TestRunner};
use serde_json::{Value, json};

/// Both halves of the earth, half hours, a change by half an hour, and none.
const ZONES: [&str; 5] =
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago"];
const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
/// Nothing that begins later is asked for.
const HORIZON: SignedDuration = SignedDuration::from_hours(8 * 366 * 24);
/// Windows of one answer.
const MOST: usize = 40;

/// One question.
#[derive(Debug)]
struct Asked {
    rule: Option<String>,
    zone: &'static str,
    first: Window,
    exceptions: Vec<Timestamp>,
    from: Timestamp,
}

/// Some of these numbers, as `NAME=…`, or nothing.
fn part(
    name: &'static str,
    of: impl Strategy<Value = i32> + 'static,
    weight: f64,
) -> impl Strategy<Value = String> {
    let numbers = prop::collection::btree_set(of, 1..4);
    prop::option::weighted(weight, numbers).prop_map(move |numbers| {
        let Some(numbers) = numbers else { return String::new() };
        let list = numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        format!(";{name}={list}")
    })
}

fn days(ordinals: bool) -> impl Strategy<Value = String> {
    let ordinal = prop_oneof![2 => Just(String::new()), 1 => (-2..4_i32).prop_filter("no 0th", |n| *n != 0).prop_map(|n| n.to_string())];
    let day = (ordinal, prop::sample::select(&DAYS[..]));
    let day =
        day.prop_map(move |(ordinal, day)| if ordinals { format!("{ordinal}{day}") } else { day.to_owned() });
    let list = prop::collection::btree_set(day, 1..4);
    let list = list.prop_map(|days| format!(";BYDAY={}", days.into_iter().collect::<Vec<_>>().join(",")));
    prop_oneof![1 => Just(String::new()), 1 => list]
}

fn rule(start: Timestamp) -> impl Strategy<Value = String> {
    let month_day = prop_oneof![1..=31, -5..=-1];
    let year_day = prop_oneof![1..=366, -5..=-1];
    let kinds = prop_oneof![
        (
            days(true),
            part("BYMONTHDAY", month_day.clone(), 0.2),
            part("BYYEARDAY", year_day, 0.15),
            part("BYWEEKNO", 1..=53, 0.1)
        )
            .prop_map(|(days, month, year, week)| {
                // Week numbers know no ordinals (RFC 5545, 3.3.10).
                let days = if week.is_empty() { days } else { String::new() };
                format!("YEARLY{days}{month}{year}{week}")
            }),
        (days(true), part("BYMONTHDAY", month_day.clone(), 0.3))
            .prop_map(|(days, month)| format!("MONTHLY{days}{month}")),
        days(false).prop_map(|days| format!("WEEKLY{days}")),
        (days(false), part("BYMONTHDAY", month_day, 0.2))
            .prop_map(|(days, month)| format!("DAILY{days}{month}")),
        days(false).prop_map(|days| format!("HOURLY{days}")),
    ];
    let by = (part("BYMONTH", 1..=12, 0.2), part("BYHOUR", 0..=23, 0.2), part("BYMINUTE", 0..=59, 0.1));
    let interval = prop_oneof![2 => Just(String::new()), 3 => (1..14).prop_map(|n| format!(";INTERVAL={n}"))];
    let position = prop_oneof![4 => Just(0), 1 => prop::sample::select(vec![1, 2, 3, -1, -2])];
    let end = prop_oneof![
        3 => Just(String::new()),
        2 => (1..40).prop_map(|count| format!(";COUNT={count}")),
        2 => (0..24 * 2000_i64).prop_map(move |hours| {
            let until = start.checked_add(SignedDuration::from_hours(hours)).expect("in range");
            format!(";UNTIL={}", until.strftime("%Y%m%dT%H%M%SZ"))
        }),
    ];
    let week = prop_oneof![2 => Just(String::new()), 1 => prop::sample::select(&DAYS[..]).prop_map(|day| format!(";WKST={day}"))];
    (kinds, interval, by, position, end, week).prop_map(
        |(kind, interval, (month, hour, minute), position, end, week)| {
            let mut rule = format!("FREQ={kind}{interval}{month}{hour}{minute}");
            if position != 0 && rule.contains(";BY") {
                write!(rule, ";BYSETPOS={position}").expect("writes");
            }
            rule + &end + &week
        },
    )
}

fn asked() -> impl Strategy<Value = Asked> {
    // 2024 to 2030, by the quarter of an hour.
    let start = (1_704_067_200 / 900..1_924_992_000 / 900_i64)
        .prop_map(|quarter| Timestamp::from_second(quarter * 900).expect("in range"));
    let lasts = 1..4 * 72_i64;
    start
        .prop_flat_map(move |start| {
            let rule = prop_oneof![1 => Just(None), 30 => rule(start).prop_map(Some)];
            (
                Just(start),
                lasts.clone(),
                rule,
                prop::sample::select(&ZONES[..]),
                -100..24 * 1500_i64,
                any::<bool>(),
            )
        })
        .prop_map(|(start, quarters, rule, zone, hours, excepts)| {
            let add = |hours| start.checked_add(SignedDuration::from_hours(hours)).expect("in range");
            let end = start.checked_add(SignedDuration::from_mins(quarters * 15)).expect("in range");
            let exceptions = if excepts { vec![start, add(24), add(7 * 24)] } else { Vec::new() };
            Asked { rule, zone, first: Window { start, end }, exceptions, from: add(hours) }
        })
}

fn ours(asked: &Asked) -> Vec<(i64, i64)> {
    let said = Said {
        start_time: asked.first.start,
        end_time: asked.first.end,
        recurrence_rule: asked.rule.clone(),
        timezone: asked.zone.to_owned(),
        exceptions: asked.exceptions.clone(),
    };
    let schedule = match Schedule::new(said) {
        Ok(schedule) => schedule,
        Err(ScheduleError::Never) => return Vec::new(),
        Err(error) => panic!("{error}: {asked:?}"),
    };
    let last = asked.first.start.checked_add(HORIZON).expect("in range");
    let windows = schedule.windows(asked.from).take_while(|window| window.start <= last).take(MOST);
    windows.map(|window| (window.start.as_second(), window.end.as_second())).collect()
}

fn to_json(asked: &Asked) -> Value {
    let last = asked.first.start.checked_add(HORIZON).expect("in range");
    json!({
        "rule": asked.rule, "zone": asked.zone, "start": asked.first.start.as_second(), "end": asked.first.end.as_second(),
        "exceptions": asked.exceptions.iter().map(|at| at.as_second()).collect::<Vec<_>>(),
        "from": asked.from.as_second(), "until": last.as_second(), "most": MOST,
    })
}

/// `deploy/dev/setup test` puts dateutil there.
fn python() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/bin/python3")
}

fn compare(count: usize, seed: u64) {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(Config::default().rng_algorithm, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let questions: Vec<_> =
        (0..count).map(|_| asked().new_tree(&mut runner).expect("a question").current()).collect();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dateutil/windows.py");
    let mut child = Command::new(python())
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut input = child.stdin.take().expect("piped");
    let lines: String = questions.iter().map(|asked| to_json(asked).to_string() + "\n").collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().expect("runs");
    writer.join().expect("ends").expect("writes");
    assert!(output.status.success(), "dateutil failed");
    let answers = String::from_utf8(output.stdout).expect("text");
    let (mut windows, mut differences) = (0, Vec::new());
    for (asked, answer) in questions.iter().zip(answers.lines()) {
        let theirs: Vec<(i64, i64)> = serde_json::from_str(answer).expect("pairs");
        let ours = ours(asked);
        windows += ours.len();
        if ours != theirs {
            differences.push(format!("{asked:?}\n  ours   {ours:?}\n  theirs {theirs:?}"));
        }
    }
    assert_eq!(answers.lines().count(), count, "an answer to each question");
    eprintln!("{count} rules, {windows} windows, {} differences, seed {seed}", differences.len());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn a_thousand_rules_make_the_windows_that_dateutil_makes() {
    compare(1000, 7);
}

#[test]
#[ignore = "soak: minutes"]
fn ten_thousand_rules_make_the_windows_that_dateutil_makes() {
    let seed = std::env::var("OPENPAM_SOAK_SEED").ok().and_then(|seed| seed.parse().ok());
    compare(10_000, seed.unwrap_or_else(|| u64::from(std::process::id())));
}
