//! A flood that has run for a while, then Ctrl-C: how long until the prompt is there.

use std::time::Instant;

use tokio::time::{sleep_until, timeout_at};

use crate::figures::ms;
use crate::line::System;
use crate::open;
use crate::plan::Plan;
use crate::report::Report;
use crate::stand::Stand;

pub(crate) async fn measure(
    stand: &Stand<'_>,
    plan: &Plan,
    system: System,
    report: &mut Report,
) -> anyhow::Result<()> {
    let count = if system == System::OpenPam { plan.interrupts.0 } else { plan.interrupts.1 };
    let mut line = open(stand, system).await?;
    for _ in 0..count {
        line.send(b"yes 'the quick brown fox jumps over the lazy dog, and the flood goes on and on'\n")
            .await?;
        let enough = tokio::time::Instant::now() + plan.flood;
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
        sleep_until(tokio::time::Instant::now() + plan.flood / 10).await;
    }
    line.close().await
}
