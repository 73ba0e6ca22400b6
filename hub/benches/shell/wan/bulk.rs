//! A large file across the line, for so long that how a connection begins matters little.

use super::{Crossed, Way};
use crate::line::Line;
use crate::plan::WanAmounts;
use crate::stand::Stand;

pub(crate) async fn measure(
    stand: &Stand<'_>,
    amounts: &WanAmounts,
    way: Way,
    crossed: &mut Crossed,
) -> anyhow::Result<()> {
    let mut line = Line::open(stand, way.system()).await?;
    line.send(stand.bulk_command.as_bytes()).await?;
    let (bytes, took) = line.until_prompt_or(amounts.bulk.1).await?;
    crossed.bulk_mb_per_second.push(bytes as f64 / 1e6 / took.as_secs_f64());
    line.close().await
}
