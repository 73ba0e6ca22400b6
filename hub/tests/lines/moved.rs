//! The site gets another address, as with another provider's line: QUIC migrates (RFC 9000, section 9), TCP comes back.

use std::time::Duration;

use crate::counting::Counting;
use crate::line::{ETHERNET_BYTES, Line};
use crate::site::{SOON, Site};

/// A tunnel over TCP is noticed to be dead, and replaced.
const REPLACED: Duration = Duration::from_secs(25);

async fn outlives_a_new_address(transport: &str, lost: usize) {
    let mut site = Site::start_over(Line::lay(ETHERNET_BYTES).await, transport).await;
    site.until_over(transport, SOON).await;
    let mut counting = Counting::start(&site).await;
    let before = site.tunnels_lost();
    counting.read_until(tokio::time::sleep(Duration::from_secs(1))).await;
    site.line.move_site().await;
    counting.read_until(tokio::time::sleep(REPLACED)).await;
    eprintln!(
        "another address over {transport}: the tunnel was lost {} times, longest silence {:?}",
        site.tunnels_lost() - before,
        counting.longest_silence
    );
    assert_eq!(site.tunnels_lost() - before, lost);
    counting.finish(&site).await;
    site.stop().await;
}

#[tokio::test]
async fn a_quic_tunnel_goes_on_from_another_address() {
    outlives_a_new_address("quic", 0).await;
}

#[tokio::test]
async fn a_tcp_tunnel_is_replaced_when_the_address_changes() {
    outlives_a_new_address("tcp", 1).await;
}
