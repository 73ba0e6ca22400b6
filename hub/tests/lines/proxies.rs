//! A site that reaches the hub through a proxy and in no other way.

use crate::line::{ETHERNET_BYTES, Line};
use crate::proxy::Proxy;
use crate::site::{SOON, Site};
use crate::system::shell::Shell;
use crate::whole::prints;

const OUTPUT_BYTES: usize = 2_000_000;

async fn works_through(line: Line, proxy: Proxy) {
    let site = Site::start(line, &[("OPENPAM_PROXY", proxy.url.clone())]).await;
    site.until_over("tcp", SOON).await;
    let mut shell = Shell::open(&site.world.admin, &site.world.target_id).await;
    let took = prints(&site, &mut shell, OUTPUT_BYTES).await;
    eprintln!("2 MB through {} in {took:?}", proxy.url);
    shell.close().await;
    let hub = site.world.hub.tunnel_port.to_string();
    assert!(proxy.log().contains(&hub), "{}", proxy.log());
    site.stop().await;
}

#[tokio::test]
async fn a_site_joins_and_works_through_an_http_proxy_alone() {
    let mut line = Line::lay(ETHERNET_BYTES).await;
    let proxy = Proxy::http(&mut line).await;
    works_through(line, proxy).await;
}

#[tokio::test]
async fn a_site_joins_and_works_through_a_socks5_proxy_alone() {
    let mut line = Line::lay(ETHERNET_BYTES).await;
    let proxy = Proxy::socks5(&mut line).await;
    works_through(line, proxy).await;
}
