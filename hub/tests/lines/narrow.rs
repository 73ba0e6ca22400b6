//! A line that carries no packet above 1,280 bytes, the least that IPv6 allows, and says nothing about those.

use crate::line::{ETHERNET_BYTES, Line};
use crate::site::{SOON, Site};
use crate::system::shell::Shell;
use crate::whole::prints;

const NARROW_BYTES: u32 = 1280;
const OUTPUT_BYTES: usize = 20_000_000;

async fn twenty_megabytes_come_whole(mut line: Line, transport: &str) {
    line.set(|manners| manners.largest_bytes = Some(NARROW_BYTES as usize));
    let site = Site::start_over(line, transport).await;
    site.until_over(transport, SOON).await;
    let mut shell = Shell::open(&site.world.admin, &site.world.target_id).await;
    let took = prints(&site, &mut shell, OUTPUT_BYTES).await;
    eprintln!("20 MB over {transport} in packets of {NARROW_BYTES} bytes in {took:?}");
    shell.close().await;
    site.stop().await;
}

#[tokio::test]
async fn twenty_megabytes_over_quic_come_whole_through_1280_bytes_that_neither_end_knows_of() {
    twenty_megabytes_come_whole(Line::lay(ETHERNET_BYTES).await, "quic").await;
}

/// TCP asks its own interface how large a segment may be, so here the ends do know.
#[tokio::test]
async fn twenty_megabytes_over_tcp_come_whole_through_1280_bytes() {
    twenty_megabytes_come_whole(Line::lay(NARROW_BYTES).await, "tcp").await;
}
