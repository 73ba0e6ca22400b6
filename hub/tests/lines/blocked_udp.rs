//! Where UDP vanishes the tunnel takes TCP, and it goes back to QUIC when that works again.

use std::time::Duration;

use crate::counting::Counting;
use crate::line::{ETHERNET_BYTES, Line};
use crate::site::{SOON, Site};
use crate::system::shell::Shell;

/// A minute to see that a tunnel is dead would be far too long already.
const NOTICED: Duration = Duration::from_secs(60);
/// What users are promised once it is noticed.
const UP_OVER_TCP: Duration = Duration::from_secs(10);
/// QUIC is tried again this often at least.
const BACK_TO_QUIC: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_site_where_udp_vanishes_joins_over_tcp_and_goes_to_quic_when_it_may() {
    let mut line = Line::lay(ETHERNET_BYTES).await;
    line.set(|manners| manners.udp_blocked = true);
    let mut site = Site::start(line, &[]).await;
    site.until_over("tcp", SOON).await;
    let mut shell = Shell::open(&site.world.admin, &site.world.target_id).await;
    shell.command("echo over $((40 + 2))", "over 42").await;
    shell.close().await;

    site.line.set(|manners| manners.udp_blocked = false);
    let back = site.until_over("quic", BACK_TO_QUIC).await;
    eprintln!("back to QUIC in {back:?}");
    site.world.until_reachable().await;
    let mut shell = Shell::open(&site.world.admin, &site.world.target_id).await;
    shell.command("echo over $((40 + 2))", "over 42").await;
    shell.close().await;
    site.stop().await;
}

#[tokio::test]
async fn a_shell_outlives_the_loss_of_udp_and_its_return_without_losing_a_byte() {
    let mut site = Site::start(Line::lay(ETHERNET_BYTES).await, &[]).await;
    site.until_over("quic", SOON).await;
    let mut counting = Counting::start(&site).await;

    site.line.set(|manners| manners.udp_blocked = true);
    let falls_back =
        async { (site.until_not_over("quic", NOTICED).await, site.until_over("tcp", UP_OVER_TCP).await) };
    let (noticed, up) = counting.read_until(falls_back).await;
    eprintln!("UDP gone: noticed in {noticed:?}, then up over TCP in {up:?}");

    site.line.set(|manners| manners.udp_blocked = false);
    let back = counting.read_until(site.until_over("quic", BACK_TO_QUIC)).await;
    eprintln!("UDP there again: back to QUIC in {back:?}");
    eprintln!("longest silence: {:?}", counting.longest_silence);
    let lines = counting.finish(&site).await;
    eprintln!("{lines} lines, all there");
    site.stop().await;
}
