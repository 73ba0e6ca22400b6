//! Desktops: OpenPAM beside guacd spoken to directly, what it adds, the goal, and whether it is met.

use crate::desktop::{Crossed, Crossing, Desktops, Far, Kind, Measured, Moving, Near, PerDesktop, Speaker};
use crate::figures::{Spread, median};
use crate::footprint::Footprint;
use crate::plan::Plan;
use crate::table::{Column, aligned, judged, number};

/// At most this over guacd directly, in milliseconds.
const FIRST_P50_MS: f64 = 60.0;
const KEY_P50_MS: f64 = 1.0;
const ANSWER_P95_MS: f64 = 3.0;
/// At most, of the hub and of the satellite.
const DESKTOP_MB: f64 = 1.0;

const MB: f64 = 1e6;

const COLUMNS: [Column; 10] = [
    Column::Words("desktop"),
    Column::Number("guacd, RDP"),
    Column::Number("OpenPAM"),
    Column::Number("compared"),
    Column::Words(""),
    Column::Number("guacd, VNC"),
    Column::Number("OpenPAM"),
    Column::Number("compared"),
    Column::Words(""),
    Column::Words("goal"),
];
const MEMORY: [Column; 5] = [
    Column::Words("memory per desktop, MB"),
    Column::Number("hub"),
    Column::Number("satellite"),
    Column::Words("goal"),
    Column::Words(""),
];
const FAR: [Column; 5] = [
    Column::Words("RDP at 40 ms, 1 % loss"),
    Column::Number("guacd, Cubic"),
    Column::Number("guacd, BBR"),
    Column::Number("OpenPAM, QUIC"),
    Column::Number("OpenPAM, TCP"),
];

/// How OpenPAM is held against guacd.
#[derive(Clone, Copy)]
enum Held {
    /// By the difference, of which at most so much is good.
    Over(Option<f64>),
    /// By the part.
    Part,
    /// Not at all: guacd alone spends nothing here.
    Alone,
}

/// `None`: this machine has no desktops.
pub(crate) fn render(found: Option<&Desktops>, plan: &Plan, counts: bool) -> String {
    let Some(Desktops { near, memory, far }) = found else {
        return "Desktops: not measured, since guacd, xrdp or Xtigervnc is not on this machine.\n".to_owned();
    };
    let amounts = &plan.amounts.desktop;
    format!(
        "{}\n{}\n{}\nDesktops: of xrdp and of TigerVNC, 1024 x 768, through one guacd, which a client speaks to directly or \
         through hub and satellite, by turns.\n\
         First picture: {} connects a round, from the connect (OpenPAM: of the WebSocket, by somebody who is signed in) to \
         the first frame.\n\
         Key: a letter in a terminal, and away with it, {} a round, to the frame that shows it. Answer: how long guacd \
         waits, for each frame of those, until the client has said that it has it. Medians of the rounds.\n\
         Moving: lines of text run for {} s a round. CPU: of hub and satellite together, recording with it. A core \
         relays what one second of it is enough for.\n\
         Memory: PSS beside that of the idle programs, for each of {} desktops of VNC, whose picture moves or has moved.\n",
        aligned(COLUMNS, &rows(near, counts)),
        aligned(MEMORY, &memory_rows(memory, counts)),
        aligned(FAR, &far_rows(far)),
        amounts.visits,
        amounts.keys,
        amounts.moving.as_secs(),
        amounts.desktops,
    )
}

fn rows(near: &Near, counts: bool) -> Vec<[String; 10]> {
    let mut rows = Vec::new();
    let mut row = |name: &str, decimals, held: Held, value: &dyn Fn(&Measured) -> Option<f64>| {
        let [rdp, vnc] = Kind::ALL.map(|kind| Speaker::ALL.map(|speaker| value(near.of(kind, speaker)?)));
        let [rdp, vnc] = [rdp, vnc].map(|values| cells(values, decimals, held, counts));
        let goal = match held {
            Held::Over(Some(most)) => format!("at most +{most} ms"),
            _ => String::new(),
        };
        let [a, b, c, d] = rdp;
        let [e, f, g, h] = vnc;
        rows.push([name.to_owned(), a, b, c, d, e, f, g, h, goal]);
    };
    let first = |point: fn(Spread) -> f64| move |of: &Measured| Spread::of(&of.first).map(point);
    let keys = |point: fn(Spread) -> f64| move |of: &Measured| Spread::median_of(&of.keys).map(point);
    let answers = |point: fn(Spread) -> f64| move |of: &Measured| Spread::median_of(&of.answers).map(point);
    let moving = |point: fn(&Moving) -> f64| {
        move |of: &Measured| median(&of.moving.iter().map(point).collect::<Vec<_>>())
    };
    row("connect to first picture, p50 ms", 1, Held::Over(Some(FIRST_P50_MS)), &first(|all| all.p50));
    row("connect to first picture, p95 ms", 1, Held::Over(None), &first(|all| all.p95));
    row("key to changed picture, p50 ms", 2, Held::Over(Some(KEY_P50_MS)), &keys(|all| all.p50));
    row("key to changed picture, p95 ms", 2, Held::Over(None), &keys(|all| all.p95));
    row("frame to its answer (sync), p50 ms", 2, Held::Over(None), &answers(|all| all.p50));
    row("frame to its answer (sync), p95 ms", 2, Held::Over(Some(ANSWER_P95_MS)), &answers(|all| all.p95));
    row("moving, frames a second", 1, Held::Part, &moving(|all| all.frames_per_second));
    row("moving, MB/s", 2, Held::Part, &moving(|all| all.mb_per_second));
    row("moving, MB/s a core relays", 1, Held::Alone, &moving(|all| 1.0 / all.cpu_per_mb));
    rows
}

fn cells(values: [Option<f64>; 2], decimals: usize, held: Held, counts: bool) -> [String; 4] {
    let [direct, ours] = values;
    let both = direct.zip(ours);
    let (direct, compared, met) = match held {
        Held::Over(most) => {
            let over = both.map(|(direct, ours)| ours - direct);
            let text = over.map(|over| format!("{over:+.decimals$}"));
            (direct, text, over.zip(most).map(|(over, most)| over <= most))
        }
        Held::Part => (direct, both.map(|(direct, ours)| format!("{:.2} of it", ours / direct)), None),
        Held::Alone => (None, None, None),
    };
    let cell = |value| number(value, decimals);
    [cell(direct), cell(ours), compared.unwrap_or_default(), judged(met, counts)]
}

fn memory_rows(memory: &PerDesktop, counts: bool) -> Vec<[String; 5]> {
    let row = |name: &str, (hub, satellite): (f64, f64)| {
        let met = hub <= DESKTOP_MB && satellite <= DESKTOP_MB;
        [
            name.to_owned(),
            number(Some(hub), 2),
            number(Some(satellite), 2),
            format!("at most {DESKTOP_MB} each"),
            judged(Some(met), counts),
        ]
    };
    let mb = |(hub, satellite): (Footprint, Footprint)| (hub.proportional / MB, satellite.proportional / MB);
    vec![row("while it moves", mb(memory.moving)), row("at rest again", mb(memory.still))]
}

fn far_rows(far: &Far) -> Vec<[String; 5]> {
    let row = |name: &str, decimals, value: fn(&Crossed) -> &Vec<f64>| {
        let [cubic, bbr, quic, tcp] =
            Crossing::ALL.map(|crossing| number(far.of(crossing).and_then(|of| median(value(of))), decimals));
        [name.to_owned(), cubic, bbr, quic, tcp]
    };
    vec![
        row("moving, frames a second", 1, |of| &of.frames_per_second),
        row("moving, MB/s", 2, |of| &of.mb_per_second),
    ]
}
