//! The proxies themselves: each is a way to the hub, and the only one.

use std::io::{Read, Write};
use std::net::{SocketAddrV4, TcpListener, TcpStream};
use std::time::Duration;

use super::Proxy;
use crate::line::{ETHERNET_BYTES, Line};

const PATIENCE: Duration = Duration::from_secs(5);
const BRIEFLY: Duration = Duration::from_millis(500);

/// Connects from the site to the proxy and takes these steps: what is said, and what must then be heard.
fn ask(line: &Line, proxy: &Proxy, steps: &[(&[u8], &str)]) {
    let (_, authority) = proxy.url.split_once("://").expect("a scheme");
    let address = authority.parse::<SocketAddrV4>().expect("an address");
    let mut stream = line
        .inside(|| TcpStream::connect_timeout(&address.into(), PATIENCE).expect("the proxy can be reached"));
    stream.set_read_timeout(Some(PATIENCE)).expect("sets");
    for (said, wanted) in steps {
        stream.write_all(said).expect("takes");
        let mut heard = String::new();
        while !heard.contains(wanted) {
            let mut buffer = [0; 200];
            let bytes = stream.read(&mut buffer).expect("answers");
            assert!(bytes > 0, "closed after {heard:?}");
            heard.push_str(&String::from_utf8_lossy(&buffer[..bytes]));
        }
    }
}

/// A hub that greets; where it listens.
fn greets(line: &Line) -> SocketAddrV4 {
    let listener = TcpListener::bind((line.hub_address, 0)).expect("binds");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = stream.and_then(|mut stream| stream.write_all(b"welcome"));
        }
    });
    SocketAddrV4::new(line.hub_address, port)
}

fn assert_cut_off(line: &Line, hub: SocketAddrV4) {
    let direct = line.inside(|| TcpStream::connect_timeout(&hub.into(), BRIEFLY));
    assert_eq!(direct.expect_err("no way").kind(), std::io::ErrorKind::TimedOut, "silently");
}

#[tokio::test]
async fn an_http_proxy_is_a_way_to_the_hub_and_the_only_one() {
    let mut line = Line::lay(ETHERNET_BYTES).await;
    let hub = greets(&line);
    let proxy = Proxy::http(&mut line).await;
    assert_cut_off(&line, hub);
    ask(&line, &proxy, &[(format!("CONNECT {hub} HTTP/1.1\r\nHost: {hub}\r\n\r\n").as_bytes(), "welcome")]);
    assert!(proxy.log().contains(&hub.port().to_string()), "{}", proxy.log());
}

#[tokio::test]
async fn a_socks5_proxy_is_a_way_to_the_hub_and_the_only_one() {
    let mut line = Line::lay(ETHERNET_BYTES).await;
    let hub = greets(&line);
    let proxy = Proxy::socks5(&mut line).await;
    assert_cut_off(&line, hub);
    // RFC 1928: version, one method, none; then version, CONNECT, reserved, IPv4.
    let connect = [&[5, 1, 0, 1][..], &hub.ip().octets(), &hub.port().to_be_bytes()].concat();
    ask(&line, &proxy, &[(&[5, 1, 0], "\u{5}\0"), (&connect, "welcome")]);
    assert!(proxy.log().contains(&hub.port().to_string()), "{}", proxy.log());
}
