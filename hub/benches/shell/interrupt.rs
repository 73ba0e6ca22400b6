//! A flood that has run for a while, then Ctrl-C: how long until the prompt is there.

use std::time::Instant;

use tokio::time::{sleep_until, timeout_at};

use crate::figures::ms;
use crate::line::{Line, System};
use crate::plan::Plan;
use crate::report::Report;
use crate::stand::Stand;

pub(crate) async fn measure(
    stand: &Stand<'_>,
    plan: &Plan,
    system: System,
    report: &mut Report,
) -> anyhow::Result<()> {
    let (many, few) = plan.amounts.interrupts;
    let count = if matches!(system, System::OpenPam | System::OpenPamTcp) { many } else { few };
    let mut line = Line::open(stand, system).await?;
    for _ in 0..count {
        line.send(b"yes 'the quick brown fox jumps over the lazy dog, and the flood goes on and on'\n")
            .await?;
        let enough = tokio::time::Instant::now() + plan.amounts.flood;
        // A flood is always ready, so the clock is looked at as well.
        while tokio::time::Instant::now() < enough {
            if let Ok(received) = timeout_at(enough, line.receive()).await {
                received?;
            }
        }
        let begun = Instant::now();
        line.send(&[3]).await?;
        line.until_prompt().await?;
        report.system(system).interrupt.push(ms(begun.elapsed()));
        sleep_until(tokio::time::Instant::now() + plan.amounts.flood / 10).await;
    }
    line.close().await
}
