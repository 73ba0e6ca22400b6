//! Keys in one session while another one of the same satellite, or through the same sshd, prints without end and its
//! recording goes up.

use std::time::Instant;

use super::{Crossed, Way};
use crate::keystroke::{SLOW, echoes};
use crate::line::Line;
use crate::plan::WanAmounts;
use crate::stand::Stand;

pub(crate) async fn measure(
    stand: &Stand<'_>,
    amounts: &WanAmounts,
    way: Way,
    crossed: &mut Crossed,
) -> anyhow::Result<()> {
    let open = || Line::open(stand, way.system());
    let (mut line, mut flooded) = tokio::try_join!(open(), open())?;
    flooded.send(b"while :; do cat noise; done\n").await?;
    let (begun, mut bytes) = (Instant::now(), 0);
    let flood = async {
        loop {
            bytes += flooded.receive().await?.len();
        }
    };
    let type_keys = async {
        tokio::time::sleep(amounts.flood).await;
        echoes(&mut line, stand.seed, SLOW, amounts.keys).await
    };
    let spread = tokio::select! {
        spread = type_keys => spread,
        failed = flood => failed,
    }?;
    crossed.keys.push(spread);
    crossed.flood_mb_per_second.push(bytes as f64 / 1e6 / begun.elapsed().as_secs_f64());
    flooded.close().await?;
    line.close().await
}
