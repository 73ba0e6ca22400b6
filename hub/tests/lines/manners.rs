//! The line itself: what it says of delay, loss and speed is true.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use crate::line::{ETHERNET_BYTES, Line, Manners, addresses};

const PATIENCE: Duration = Duration::from_secs(10);

/// Two UDP sockets, the hub's and the site's, connected to each other.
fn sockets(line: &Line) -> (UdpSocket, UdpSocket) {
    let hub = UdpSocket::bind((line.hub_address, 0)).expect("binds");
    let site = line.inside(|| UdpSocket::bind((line.site_address, 0)).expect("binds"));
    hub.connect(site.local_addr().expect("bound")).expect("connects");
    site.connect(hub.local_addr().expect("bound")).expect("connects");
    for socket in [&hub, &site] {
        socket.set_read_timeout(Some(PATIENCE)).expect("sets");
    }
    (hub, site)
}

/// How many of 1,000 small packets arrive, and whether they came in order.
fn arrive(hub: &UdpSocket, site: &UdpSocket) -> (usize, bool) {
    site.set_read_timeout(Some(Duration::from_millis(300))).expect("sets");
    let got = std::thread::scope(|scope| {
        // Taken as they come: a socket holds a few hundred.
        let taken = scope.spawn(|| {
            let mut buffer = [0; 4];
            let mut got = Vec::new();
            while site.recv(&mut buffer).is_ok() {
                got.push(u32::from_be_bytes(buffer));
            }
            got
        });
        for number in 0..1_000u32 {
            hub.send(&number.to_be_bytes()).expect("sends");
            if number % 50 == 49 {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        taken.join().expect("all that came")
    });
    (got.len(), got.is_sorted())
}

#[tokio::test]
async fn a_line_delays_each_packet_by_what_it_is_told() {
    let mut line = Line::lay(ETHERNET_BYTES).await;
    let (hub, site) = sockets(&line);
    let mut round_trips = Vec::new();
    for delay in [0, 20, 5] {
        let delay = Duration::from_millis(delay);
        line.set(|manners| manners.delay = delay);
        let mut buffer = [0; 16];
        let mut times = Vec::new();
        for _ in 0..20 {
            let sent = Instant::now();
            hub.send(b"there").expect("sends");
            let bytes = site.recv(&mut buffer).expect("arrives");
            site.send(&buffer[..bytes]).expect("sends");
            hub.recv(&mut buffer).expect("arrives");
            times.push(sent.elapsed());
        }
        times.sort();
        assert!(times[0] >= delay * 2, "{times:?}");
        round_trips.push((times[0], times[10], times[19]));
    }
    println!("round trips (least, median, most) at 0, 20 and 5 ms one way: {round_trips:?}");
    assert!(round_trips[1].1 < Duration::from_millis(45), "{round_trips:?}");
}

#[tokio::test]
async fn a_line_loses_the_share_it_is_told_and_reorders_nothing() {
    let mut line = Line::lay(ETHERNET_BYTES).await;
    let (hub, site) = sockets(&line);
    line.set(|manners| manners.delay = Duration::from_millis(10));
    assert_eq!(arrive(&hub, &site), (1_000, true));
    line.set(|manners| manners.loss = 0.1);
    let (arrived, sorted) = arrive(&hub, &site);
    println!("{arrived} of 1,000 at 10 % loss");
    assert!((850..=950).contains(&arrived) && sorted, "{arrived}");
    for blocked in [
        |line: &mut Line| line.set(|manners| manners.udp_blocked = true),
        |line: &mut Line| {
            line.set(|manners| manners.down = true);
        },
    ] {
        blocked(&mut line);
        assert_eq!(arrive(&hub, &site).0, 0);
        line.set(|manners| *manners = Manners::default());
    }
    line.set(|manners| manners.largest_bytes = Some(1280));
    for (bytes, arrives) in [(1280 - 28, true), (1281 - 28, false)] {
        hub.send(&vec![7; bytes]).expect("sends");
        assert_eq!(site.recv(&mut [0; 2_000]).is_ok(), arrives, "{bytes}");
    }
}

/// A TCP connection from the site, where this is what it dials, to the hub: its two ends.
fn connect(line: &Line, listener: &TcpListener) -> (TcpStream, TcpStream) {
    let address = listener.local_addr().expect("bound");
    let site = line.inside(|| TcpStream::connect_timeout(&address, PATIENCE).expect("connects"));
    let (hub, _) = listener.accept().expect("accepts");
    for end in [&hub, &site] {
        end.set_read_timeout(Some(Duration::from_millis(500))).expect("sets");
        end.set_nodelay(true).expect("sets");
    }
    (hub, site)
}

#[tokio::test]
async fn a_forgotten_connection_is_silent_both_ways_and_a_new_one_passes() {
    let mut line = Line::lay(ETHERNET_BYTES).await;
    let listener = TcpListener::bind((line.hub_address, 0)).expect("binds");
    let passes = |mut one: &TcpStream, mut other: &TcpStream| {
        one.write_all(b"x").expect("takes");
        other.read_exact(&mut [0]).is_ok()
    };
    let (hub, site) = connect(&line, &listener);
    assert!(passes(&hub, &site) && passes(&site, &hub));
    line.forget_connections();
    assert!(!passes(&hub, &site) && !passes(&site, &hub));
    let (hub, site) = connect(&line, &listener);
    assert!(passes(&hub, &site) && passes(&site, &hub));
    let port = listener.local_addr().expect("bound").port();
    line.set(|manners| manners.only_tcp_port = Some(port));
    assert!(passes(&hub, &site) && passes(&site, &hub));
    line.set(|manners| manners.only_tcp_port = Some(port ^ 1));
    assert!(!passes(&hub, &site));
}

#[tokio::test]
async fn two_hundred_megabytes_cross_a_line_of_40_ms_within_5_s() {
    const BYTES: usize = 200_000_000;
    let mut line = Line::lay(ETHERNET_BYTES).await;
    line.set(|manners| manners.delay = Duration::from_millis(20));
    let listener = TcpListener::bind((line.hub_address, 0)).expect("binds");
    let (mut hub, mut site) = connect(&line, &listener);
    let begun = Instant::now();
    let sender = std::thread::spawn(move || {
        let block = vec![7; 1_000_000];
        for _ in 0..BYTES / block.len() {
            site.write_all(&block).expect("takes");
        }
    });
    let mut buffer = vec![0; 1_000_000];
    let mut got = 0;
    while got < BYTES {
        got += hub.read(&mut buffer).expect("arrives");
    }
    sender.join().expect("sent");
    let took = begun.elapsed();
    println!("200 MB in {took:?}: {:.0} MB/s", BYTES as f64 / 1e6 / took.as_secs_f64());
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn a_slow_line_is_as_slow_as_it_is_told() {
    let mut line = Line::lay(ETHERNET_BYTES).await;
    line.set(|manners| manners.rate_kbit_s = Some(8_000));
    let listener = TcpListener::bind((line.hub_address, 0)).expect("binds");
    let (mut hub, mut site) = connect(&line, &listener);
    let begun = Instant::now();
    let sender = std::thread::spawn(move || site.write_all(&vec![7; 1_000_000]).expect("takes"));
    hub.read_exact(&mut vec![0; 1_000_000]).expect("arrives");
    sender.join().expect("sent");
    let took = begun.elapsed();
    println!("1 MB at 8 Mbit/s in {took:?}");
    assert!((Duration::from_millis(950)..Duration::from_millis(1_800)).contains(&took), "{took:?}");
}

#[test]
fn every_line_of_every_process_has_addresses_of_its_own() {
    let of = addresses;
    assert_eq!(of(1, 0), (Ipv4Addr::new(10, 0, 0, 65), Ipv4Addr::new(10, 0, 0, 66)));
    assert_ne!(of(1, 7), of(2, 0));
    assert_eq!(of((1 << 18) - 1, 7).1, Ipv4Addr::new(10, 255, 255, 250));
}
