//! A line of 40 ms that loses a packet in fifty, each way.

use std::time::Duration;

use crate::line::{ETHERNET_BYTES, Line};
use crate::site::{SOON, Site};
use crate::system::shell::Shell;
use crate::whole::{prints, types};

const ONE_WAY: Duration = Duration::from_millis(20);
const LOSS: f64 = 0.02;
const KEYS: usize = 100;
const TYPED_BYTES: usize = 4_000;
const OUTPUT_BYTES: usize = 5_000_000;

async fn typing_and_output_come_whole(transport: &str) {
    let mut line = Line::lay(ETHERNET_BYTES).await;
    line.set(|manners| (manners.delay, manners.loss) = (ONE_WAY, LOSS));
    let site = Site::start_over(line, transport).await;
    site.until_over(transport, SOON).await;
    let mut shell = Shell::open(&site.world.admin, &site.world.target_id).await;
    let echoes = types(&site, &mut shell, KEYS, TYPED_BYTES).await;
    let most = KEYS - 1;
    eprintln!(
        "echo over {transport}: median {:?}, 95th of 100 {:?}, most {:?}",
        echoes[most / 2],
        echoes[most * 95 / 100],
        echoes[most]
    );
    assert!(echoes[0] >= ONE_WAY * 2, "{:?}", echoes[0]);
    let took = prints(&site, &mut shell, OUTPUT_BYTES).await;
    eprintln!("5 MB over {transport} in {took:?}");
    shell.close().await;
    site.stop().await;
}

#[tokio::test]
async fn over_quic_typing_and_5_mb_come_whole_through_2_percent_of_loss_at_40_ms() {
    typing_and_output_come_whole("quic").await;
}

#[tokio::test]
async fn over_tcp_typing_and_5_mb_come_whole_through_2_percent_of_loss_at_40_ms() {
    typing_and_output_come_whole("tcp").await;
}
