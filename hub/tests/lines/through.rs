//! Everything else that may happen to a session on its way, one after the other, to a plain client and a page that print
//! and are typed into: a killed hub, a broken WebSocket, another address, a lossy line, UDP that dies and comes back.

use std::time::Duration;

use crate::beside::Beside;
use crate::line::{ETHERNET_BYTES, Line, Manners};
use crate::site::{SOON, Site};

/// Typed while something happens.
const KEYS: usize = 150;
/// Before, and after: the rest.
const AROUND: usize = 100;
/// UDP that died is noticed, and QUIC found again.
const NOTICED: Duration = Duration::from_secs(30);

async fn start(name: &str, things: usize) -> (Site, Beside) {
    let site = Site::start(Line::lay(ETHERNET_BYTES).await, &[]).await;
    site.until_over("quic", SOON).await;
    let mut beside = Beside::start(&site, name, things * KEYS + 2 * AROUND).await;
    beside.type_next(AROUND, Duration::from_secs(1)).await;
    (site, beside)
}

async fn finish(site: Site, beside: Beside) {
    beside.check(&site).await.shell.close().await;
    site.stop().await;
}

#[tokio::test]
async fn a_killed_hub_a_broken_websocket_and_another_address_cost_no_byte() {
    let (mut site, mut beside) = start("through", 3).await;
    let killed = async {
        site.world.hub.kill().await;
        site.world.hub.run().await;
    };
    beside.type_next_during(KEYS, Duration::from_secs(4), killed).await;
    beside.page.drop_connections().await;
    beside.typist.come_back().await;
    beside.type_next(KEYS, Duration::from_secs(3)).await;
    beside.type_next_during(KEYS, Duration::from_secs(3), site.line.move_site()).await;
    assert!(beside.typist.resumed >= 2, "the hub's death and the broken one: {}", beside.typist.resumed);
    finish(site, beside).await;
}

#[tokio::test]
async fn a_line_of_40_ms_that_loses_2_percent_and_is_cut_for_5_s_costs_no_byte() {
    let (mut site, mut beside) = start("lossy", 2).await;
    let lossy = Manners { delay: Duration::from_millis(20), loss: 0.02, ..Manners::default() };
    site.line.set(|manners| *manners = lossy.clone());
    beside.type_next(KEYS, Duration::from_secs(3)).await;
    site.line.set(|manners| manners.down = true);
    beside.type_next(KEYS, Duration::from_secs(5)).await;
    site.line.set(|manners| *manners = lossy);
    assert_eq!(beside.typist.resumed, 0, "the WebSocket stays");
    finish(site, beside).await;
}

#[tokio::test]
async fn udp_that_dies_and_comes_back_costs_no_byte() {
    let (mut site, mut beside) = start("udp", 2).await;
    site.line.set(|manners| manners.udp_blocked = true);
    let moved = beside.type_next_during(KEYS, Duration::from_secs(14), site.until_over("tcp", NOTICED)).await;
    site.line.set(|manners| manners.udp_blocked = false);
    let back = beside.type_next_during(KEYS, Duration::from_secs(8), site.until_over("quic", NOTICED)).await;
    eprintln!("over TCP {moved:?} after UDP died, over QUIC {back:?} after it came back");
    assert_eq!(beside.typist.resumed, 0, "the WebSocket stays");
    finish(site, beside).await;
}
