//! From a key's write to its echo. The target runs `cat` on a raw terminal without echo: the same for all, and
//! each key is one byte back from a program, not from the kernel.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::figures::{Spread, ms};
use crate::line::{Line, System};
use crate::plan::{Measure, Plan};
use crate::report::Report;
use crate::stand::Stand;
use crate::text;

/// 20 keys a second, and 200.
pub(crate) const SLOW: Duration = Duration::from_millis(50);
const FAST: Duration = Duration::from_millis(5);
/// Keys before those that count.
const WARM_UP: usize = 10;
/// For the last echo.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) async fn measure(
    stand: &Stand<'_>,
    plan: &Plan,
    measure: Measure,
    system: System,
    report: &mut Report,
) -> anyhow::Result<()> {
    let (period, count) = match measure {
        Measure::Keys200 => (FAST, plan.amounts.keys.1),
        _ => (SLOW, plan.amounts.keys.0),
    };
    let mut line = Line::open(stand, system).await?;
    let spread = echoes(&mut line, stand.seed, period, count).await?;
    line.close().await?;
    let rounds = report.system(system);
    let rounds = if measure == Measure::Keys200 { &mut rounds.keys_200 } else { &mut rounds.keys_20 };
    rounds.push(spread);
    Ok(())
}

/// Types `count` keys that count, one each `period`, at a shell's prompt. The shell is no more after that.
pub(crate) async fn echoes(
    line: &mut Line,
    seed: u64,
    period: Duration,
    count: usize,
) -> anyhow::Result<Spread> {
    line.send(b"stty raw -echo; echo cat; exec cat\n").await?;
    line.until_end_is(b"cat\n").await?;
    let samples = type_keys(line, &text::keys(seed, WARM_UP + count), period).await?;
    let counted = samples.get(WARM_UP..).context("too few keys")?;
    Spread::of(counted).context("no keys")
}

/// Types at an even rate, whether or not the echo keeps up; milliseconds to each echo.
async fn type_keys(line: &mut Line, keys: &[u8], period: Duration) -> anyhow::Result<Vec<f64>> {
    let begun = tokio::time::Instant::now();
    let mut samples = Vec::with_capacity(keys.len());
    let mut typed = VecDeque::new();
    let mut left = keys.iter().enumerate();
    let mut next = left.next();
    while samples.len() < keys.len() {
        let due =
            next.map_or(begun + period * keys.len() as u32 + PATIENCE, |(at, _)| begun + period * at as u32);
        tokio::select! {
            biased;
            received = line.receive() => {
                let now = Instant::now();
                for echo in received? {
                    let (key, at) = typed.pop_front().context("an echo without a key")?;
                    ensure!(key == echo, "the echo of {key} is {echo}");
                    samples.push(ms(now - at));
                }
            }
            () = tokio::time::sleep_until(due) => {
                let (_, &key) = next.context("a key's echo never came")?;
                typed.push_back((key, Instant::now()));
                line.send(&[key]).await?;
                next = left.next();
            }
        }
    }
    Ok(samples)
}
