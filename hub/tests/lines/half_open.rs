//! A connection whose packets vanish without a word is noticed at both ends, and replaced.

use std::time::Duration;

use crate::counting::Counting;
use crate::line::{ETHERNET_BYTES, Line};
use crate::site::{SOON, Site};

/// Both ends see within this that the other is gone.
const NOTICED: Duration = Duration::from_secs(10);
/// QUIC's idle time begins anew with the first packet sent into the silence (RFC 9000, section 10.1), which is a
/// keep-alive.
const NOTICED_OVER_QUIC: Duration = Duration::from_secs(12);
/// The longest wait between two dials, and the dial.
const BACK: Duration = Duration::from_secs(15);

/// Everything vanishes until both ends have noticed.
async fn is_noticed_at_both_ends(transport: &str, patience: Duration) {
    let mut site = Site::start_over(Line::lay(ETHERNET_BYTES).await, transport).await;
    site.until_over(transport, SOON).await;
    let mut counting = Counting::start(&site).await;
    let before = site.tunnels_lost();

    site.line.set(|manners| manners.down = true);
    let (hub, satellite) = tokio::join!(
        site.until_not_over(transport, patience),
        site.until_satellite_notices(before, patience)
    );
    eprintln!("half-open over {transport}: the hub noticed in {hub:?}, the satellite in {satellite:?}");

    site.line.set(|manners| manners.down = false);
    let back = counting.read_until(site.until_over(transport, BACK)).await;
    eprintln!("back in {back:?}");
    counting.finish(&site).await;
    site.stop().await;
}

#[tokio::test]
async fn a_silent_quic_tunnel_is_noticed_at_both_ends_within_12_s_and_comes_back() {
    is_noticed_at_both_ends("quic", NOTICED_OVER_QUIC).await;
}

#[tokio::test]
async fn a_silent_tcp_tunnel_is_noticed_at_both_ends_within_10_s_and_comes_back() {
    is_noticed_at_both_ends("tcp", NOTICED).await;
}

#[tokio::test]
async fn a_tcp_tunnel_that_a_nat_box_forgot_is_replaced_and_its_shell_goes_on() {
    let site = Site::start_over(Line::lay(ETHERNET_BYTES).await, "tcp").await;
    site.until_over("tcp", SOON).await;
    let mut counting = Counting::start(&site).await;
    let before = site.tunnels_lost();

    site.line.forget_connections();
    // The hub may know of the new tunnel before it misses the old one, so the shell tells.
    let replaced = async {
        let noticed = site.until_satellite_notices(before, NOTICED).await;
        site.until_over("tcp", BACK).await;
        noticed
    };
    let noticed = counting.read_until(replaced).await;
    let silence = counting.longest_silence;
    eprintln!("forgotten: the satellite noticed in {noticed:?}, longest silence {silence:?}");
    assert!(silence < NOTICED + BACK, "{silence:?}");
    counting.finish(&site).await;
    site.stop().await;
}
