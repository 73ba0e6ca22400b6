//! Tunnels over both transports, and joins over real QUIC on loopback.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, SystemTime};

use bytes::BytesMut;
use openpam_ids::{HubId, SatelliteId, SessionId, TokenId, ZoneId};
use openpam_link::ca::{self, Authority};
use openpam_link::channel::{ChannelError, Incoming};
use openpam_link::dial::{Allowed, DialError, DialOptions, Dialled, Dialler, Hint};
use openpam_link::identity::{NodeIdentity, NodeName};
use openpam_link::listener::{Arrival, Listener, ListenerOptions};
use openpam_link::memory;
use openpam_link::quic::ResetKey;
use openpam_link::tls::system_clock;
use openpam_link::tunnel::{TransportKind, Tunnel, TunnelError};
use openpam_proto::attach::{Resize, ToHub, ToSite};
use openpam_proto::channel::{ChannelHeader, ControlHeader};
use openpam_proto::close::CloseCode;
use openpam_proto::join::{self, Joined};
use openpam_proto::lane::{LaneHeader, SessionLane};
use openpam_proto::renew::{self, RenewRequest, Renewed};
use openpam_proto::token::JoinToken;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::timeout;
use zeroize::Zeroizing;

struct Installation {
    authority: Authority,
    hub_id: HubId,
    hub: NodeIdentity,
}

impl Installation {
    fn new() -> Self {
        Self::made(SystemTime::now())
    }

    fn made(at: SystemTime) -> Self {
        let pem = Authority::create(at).expect("creates");
        let authority =
            Authority::load(&pem.root_cert, &pem.intermediate_cert, &pem.intermediate_key).expect("loads");
        let hub_id = HubId::generate();
        let hub = authority.issue_hub(hub_id, SystemTime::now()).expect("issues");
        Self { authority, hub_id, hub }
    }

    async fn listener(&self) -> (Listener, Vec<String>) {
        let reset = ResetKey::new(Zeroizing::new([7; ResetKey::BYTES]));
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let options = ListenerOptions::default();
        let listener = Listener::bind(address, &self.hub, &reset, options).await.expect("binds");
        let address = listener.local_address().to_string();
        (listener, vec![address])
    }

    fn satellite(&self) -> NodeIdentity {
        let (key, csr) = ca::new_request().expect("requests");
        let name = NodeName::Satellite(SatelliteId::generate());
        let issued = self.authority.sign_request(&csr, name, SystemTime::now()).expect("signs");
        NodeIdentity::new(issued.chain, self.authority.root().clone(), key)
    }

    fn token(&self, addresses: Vec<String>) -> JoinToken {
        JoinToken {
            addresses,
            ca_sha256: self.authority.root_sha256(),
            id: TokenId::generate(),
            secret: Zeroizing::new(*b"a secret of thirty-two bytes ok!"),
        }
    }
}

fn dialler(addresses: &[String], allowed: Allowed) -> Dialler {
    let options = DialOptions { allowed, ..DialOptions::default() };
    Dialler::new(addresses.to_vec(), options, system_clock())
}

async fn dial(identity: &NodeIdentity, addresses: &[String], allowed: Allowed) -> Result<Dialled, DialError> {
    dialler(addresses, allowed).tunnel(identity, Hint::default()).await
}

async fn pair(allowed: Allowed) -> (Tunnel, Tunnel) {
    let installation = Installation::new();
    let (mut listener, addresses) = installation.listener().await;
    let satellite = installation.satellite();
    let (dialled, arrival) = tokio::join!(dial(&satellite, &addresses, allowed), listener.next());
    let dialled = dialled.expect("dials");
    assert_eq!(dialled.hub_id, installation.hub_id);
    let Some(Arrival::Tunnel { tunnel: accepted, .. }) = arrival else { panic!("a tunnel arrives") };
    assert_eq!(accepted.transport(), dialled.tunnel.transport());
    // The listener's endpoint must outlive the test.
    std::mem::forget(listener);
    (dialled.tunnel, accepted)
}

async fn quic_pair() -> (Tunnel, Tunnel) {
    pair(Allowed::Quic).await
}

async fn tcp_pair() -> (Tunnel, Tunnel) {
    let pair = pair(Allowed::Tcp).await;
    assert_eq!(pair.0.transport(), TransportKind::Tcp);
    pair
}

async fn echo_through_a_lane((left, right): (Tunnel, Tunnel)) {
    let session_id = SessionId::generate();
    let header = LaneHeader::Session(SessionLane { session_id });
    let server = tokio::spawn(async move {
        let (got, _lane, mut acceptor) = right.accept_lane().await.expect("accepts");
        assert_eq!(got, LaneHeader::Session(SessionLane { session_id }));
        let mut channel = acceptor.accept().await.expect("a channel");
        let header = channel.reader.next_message::<ChannelHeader>().await.expect("reads").expect("a header");
        assert_eq!(header, ChannelHeader::Control(ControlHeader {}));
        while let Some(incoming) = channel.reader.next::<ToSite>().await.expect("reads") {
            match incoming {
                Incoming::Data(data) => channel.writer.relay(&data).await.expect("writes"),
                Incoming::Message(message) => channel.writer.send(&message).await.expect("writes"),
            }
        }
        channel.writer.finish().await;
        right
    });
    let lane = left.open_lane(header).await.expect("opens");
    let mut channel = lane.open_channel(&ChannelHeader::Control(ControlHeader {})).await.expect("opens");
    let bytes: Vec<u8> = (0..60_000u32).map(|i| i as u8).collect();
    for round in 0..40u64 {
        channel.writer.send_data(round * 60_000, &bytes).await.expect("writes");
        channel.writer.send(&ToSite::Resize(Resize { cols: 80, rows: 24 })).await.expect("writes");
        let Some(Incoming::Data(data)) = channel.reader.next::<ToHub>().await.expect("reads") else {
            panic!("data comes back");
        };
        assert_eq!((data.offset(), &data.bytes()[..]), (round * 60_000, &bytes[..]));
        // The echo of ToSite's kind 3 reads as the other direction's kind 3, which has another shape: malformed.
        assert!(matches!(channel.reader.next::<ToHub>().await, Err(ChannelError::Malformed(_))));
    }
    channel.writer.finish().await;
    assert!(channel.reader.next::<ToHub>().await.expect("reads").is_none());
    let right = server.await.expect("server");
    right.close(CloseCode::Replaced);
    let ended = timeout(Duration::from_secs(5), left.closed()).await.expect("closes");
    assert_eq!(ended.code, Some(CloseCode::Replaced));
    assert!(matches!(left.accept_lane().await, Err(TunnelError::Gone { .. })));
}

#[tokio::test]
async fn a_lane_carries_frames_whole_in_memory() {
    echo_through_a_lane(memory::pair()).await;
}

#[tokio::test]
async fn a_lane_carries_frames_whole_over_quic() {
    echo_through_a_lane(quic_pair().await).await;
}

#[tokio::test]
async fn a_lane_carries_frames_whole_over_tcp() {
    echo_through_a_lane(tcp_pair().await).await;
}

#[tokio::test]
async fn a_lane_over_tcp_ends_with_its_last_channel_and_comes_anew() {
    let (left, right) = tcp_pair().await;
    let header = LaneHeader::Session(SessionLane { session_id: SessionId::generate() });
    let lane = left.open_lane(header.clone()).await.expect("opens");
    let weak = lane.downgrade();
    for _ in 0..3 {
        let one = lane.open_channel(&ChannelHeader::Control(ControlHeader {})).await.expect("opens");
        let two = lane.open_channel(&ChannelHeader::Control(ControlHeader {})).await.expect("opens");
        let (got, _lane, mut acceptor) = right.accept_lane().await.expect("accepts");
        assert_eq!(got, header);
        let theirs = [acceptor.accept().await.expect("arrives"), acceptor.accept().await.expect("arrives")];
        drop((one, two));
        for mut channel in theirs {
            channel.reader.next_message::<ChannelHeader>().await.expect("reads").expect("a header");
            assert!(!matches!(channel.reader.next_message::<ChannelHeader>().await, Ok(Some(_))));
        }
        let ended = timeout(Duration::from_secs(5), acceptor.accept()).await;
        assert!(ended.expect("ends").is_none());
    }
    assert!(weak.upgrade().is_some());
    drop(lane);
    assert!(weak.upgrade().is_none(), "nobody holds it");
}

#[tokio::test]
async fn the_death_of_one_tcp_connection_ends_the_tunnel_at_both_ends() {
    let (left, right) = tcp_pair().await;
    drop(left);
    let ended = timeout(Duration::from_secs(5), right.closed()).await.expect("notices");
    assert_eq!(ended.code, None);
}

/// Forwards TCP from a port where UDP is silent: what a firewall does that lets no UDP out.
async fn without_udp(addresses: &[String]) -> (Vec<String>, UdpSocket) {
    let (silent, listener) = loop {
        let silent = UdpSocket::bind("127.0.0.1:0").expect("binds");
        let address = silent.local_addr().expect("bound");
        if let Ok(listener) = tokio::net::TcpListener::bind(address).await {
            break (silent, listener);
        }
    };
    let there = addresses.first().expect("an address").clone();
    tokio::spawn(async move {
        while let Ok((mut here, _)) = listener.accept().await {
            let there = there.clone();
            tokio::spawn(async move {
                let mut there = tokio::net::TcpStream::connect(there).await.expect("connects");
                let _ = tokio::io::copy_bidirectional(&mut here, &mut there).await;
            });
        }
    });
    (vec![silent.local_addr().expect("bound").to_string()], silent)
}

#[tokio::test]
async fn where_udp_is_silent_the_tunnel_comes_up_over_tcp_and_says_why() {
    let installation = Installation::new();
    let (mut listener, addresses) = installation.listener().await;
    let (addresses, _silent) = without_udp(&addresses).await;
    let satellite = installation.satellite();
    let (dialled, arrival) = tokio::join!(dial(&satellite, &addresses, Allowed::Auto), listener.next());
    let dialled = dialled.expect("dials");
    assert_eq!(dialled.tunnel.transport(), TransportKind::Tcp);
    assert!(dialled.note.is_some_and(|note| note.contains("UDP")));
    let Some(Arrival::Tunnel { tunnel, .. }) = arrival else { panic!("a tunnel arrives") };
    echo_through_a_lane((dialled.tunnel, tunnel)).await;
}

/// Forwards TCP while `flows`; what comes meanwhile waits.
async fn while_it_flows(addresses: &[String], flows: watch::Receiver<bool>) -> Vec<String> {
    async fn copy(
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
        mut flows: watch::Receiver<bool>,
    ) {
        let mut bytes = BytesMut::new();
        while let Ok(1..) = from.read_buf(&mut bytes).await {
            if flows.wait_for(|flows| *flows).await.is_err() || to.write_all_buf(&mut bytes).await.is_err() {
                break;
            }
        }
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let address = listener.local_addr().expect("bound").to_string();
    let there = addresses.first().expect("an address").clone();
    tokio::spawn(async move {
        while let Ok((here, _)) = listener.accept().await {
            let there = tokio::net::TcpStream::connect(&there).await.expect("connects");
            let ((from, to), (answers, back)) = (here.into_split(), there.into_split());
            tokio::spawn(copy(from, back, flows.clone()));
            tokio::spawn(copy(answers, to, flows.clone()));
        }
    });
    vec![address]
}

#[tokio::test]
async fn a_tcp_line_that_falls_silent_is_noticed_before_it_counts_as_dead_and_only_where_somebody_waits() {
    let installation = Installation::new();
    let (mut listener, addresses) = installation.listener().await;
    let (flow, flows) = watch::channel(true);
    let addresses = while_it_flows(&addresses, flows).await;
    let satellite = installation.satellite();
    let (dialled, arrival) = tokio::join!(dial(&satellite, &addresses, Allowed::Tcp), listener.next());
    let tunnel = dialled.expect("dials").tunnel;
    let Some(Arrival::Tunnel { tunnel: hub, .. }) = arrival else { panic!("a tunnel arrives") };
    let (a_while, soon) = (Duration::from_secs(3), Duration::from_secs(6));
    assert!(timeout(a_while, tunnel.falls_silent(|| true)).await.is_err(), "the hub answers");

    flow.send_replace(false);
    assert!(timeout(a_while, tunnel.falls_silent(|| false)).await.is_err(), "nobody waits");
    let noticed = timeout(soon, async {
        tokio::select! {
            () = tunnel.falls_silent(|| true) => {}
            ended = tunnel.closed() => panic!("not dead yet: {ended:?}"),
        }
    });
    noticed.await.expect("is noticed");
    flow.send_replace(true);
    timeout(soon, tunnel.answers()).await.expect("answers after all");
    echo_through_a_lane((tunnel, hub)).await;
}

#[tokio::test]
async fn an_expired_certificate_opens_no_tunnel_but_asks_for_the_next_one() {
    for allowed in [Allowed::Quic, Allowed::Tcp] {
        let long_ago = SystemTime::now() - Duration::from_secs(30 * 24 * 3600);
        let installation = Installation::made(long_ago);
        let (mut listener, addresses) = installation.listener().await;
        let (key, csr) = ca::new_request().expect("requests");
        let name = NodeName::Satellite(SatelliteId::generate());
        let issued = installation.authority.sign_request(&csr, name, long_ago).expect("signs");
        let expired = NodeIdentity::new(issued.chain, installation.authority.root().clone(), key);
        let refused = dial(&expired, &addresses, allowed).await;
        // Over QUIC the handshake is done before the hub has judged.
        let code = match refused {
            Ok(dialled) => dialled.tunnel.closed().await.code,
            Err(DialError::Closed { code }) => Some(code),
            Err(error) => panic!("{error}"),
        };
        assert_eq!(code, Some(CloseCode::CertificateExpired));
        let request = RenewRequest {
            csr: ca::request_of(&expired).expect("requests").into(),
            generation: 1,
            nonce: vec![1; 16].into(),
            version: String::new(),
        };
        let dialler = dialler(&addresses, allowed);
        let renew = dialler.renew(&expired, request);
        let answer = async {
            let Some(Arrival::Renew(certified, request, reply)) = listener.next().await else {
                panic!("a renewal arrives")
            };
            assert_eq!((certified.name, request.generation), (name, 1));
            let renewed = Renewed { chain: Vec::new(), generation: 1, time_ms: 7, addresses: Vec::new() };
            reply.send(&renew::ToSite::Renewed(renewed)).await;
        };
        let (renewed, ()) = tokio::join!(renew, answer);
        assert_eq!(renewed.expect("answers").time_ms, 7);
    }
}

#[tokio::test]
async fn the_time_is_believed_of_the_pinned_root_alone_whatever_its_certificates_age() {
    let long_ago = SystemTime::now() - Duration::from_secs(30 * 24 * 3600);
    let installation = Installation::made(long_ago);
    let stale = installation.authority.issue_hub(HubId::generate(), long_ago).expect("issues");
    let installation = Installation { hub: stale, ..installation };
    let (mut listener, addresses) = installation.listener().await;
    let dialler = dialler(&addresses, Allowed::Auto);
    let satellite = installation.satellite();
    let refused = dialler.tunnel(&satellite, Hint::default()).await.map(|_| ());
    assert!(matches!(refused, Err(DialError::HubTime { .. })), "{refused:?}");
    let answer = async {
        let Some(Arrival::Time(reply)) = listener.next().await else { panic!("a question arrives") };
        reply.send(&renew::ToSite::Time(renew::Time { time_ms: 7 })).await;
    };
    let pinned = installation.authority.root_sha256();
    let (time, ()) = tokio::join!(dialler.time(pinned, Allowed::Auto), answer);
    assert_eq!(time.expect("answers").time_ms, 7);
    let other = dialler.time([0; 32], Allowed::Auto).await.map(|_| ());
    assert!(matches!(other, Err(DialError::WrongHub { .. })), "{other:?}");
}

#[tokio::test]
async fn a_lane_refuses_channels_past_its_limit_and_lives_on() {
    let (left, right) = quic_pair().await;
    let lane = left.open_lane(LaneHeader::Bulk(Default::default())).await.expect("opens");
    let (_, _lane, mut acceptor) = right.accept_lane().await.expect("accepts");
    let mut held = Vec::new();
    for _ in 0..openpam_proto::limits::MAX_CHANNELS_PER_LANE {
        held.push(lane.open_channel(&ChannelHeader::Control(ControlHeader {})).await.expect("opens"));
        held.push(acceptor.accept().await.expect("arrives"));
    }
    assert!(lane.open_channel(&ChannelHeader::Control(ControlHeader {})).await.is_err());
    held.truncate(held.len() - 2);
    lane.open_channel(&ChannelHeader::Control(ControlHeader {})).await.expect("opens again");
}

#[tokio::test]
async fn a_join_gets_a_certificate_that_dials() {
    let installation = Installation::new();
    let (mut listener, addresses) = installation.listener().await;
    let token = installation.token(addresses.clone());
    let (key, csr) = ca::new_request().expect("requests");
    let serve = async {
        let Some(Arrival::Join(request, reply)) = listener.next().await else { panic!("a join arrives") };
        assert_eq!(request.secret.as_slice(), token.secret.as_slice());
        let satellite_id = SatelliteId::generate();
        let issued = installation
            .authority
            .sign_request(&request.csr, NodeName::Satellite(satellite_id), SystemTime::now())
            .expect("signs");
        let joined = Joined {
            satellite_id,
            zone_id: ZoneId::generate(),
            zone: "plant-7".to_owned(),
            chain: issued.chain.iter().map(|cert| cert.to_vec().into()).collect(),
            root: installation.authority.root().to_vec().into(),
            hub_id: installation.hub_id,
            addresses: addresses.clone(),
        };
        reply.send(&join::ToSite::Joined(joined)).await;
    };
    let dialler = dialler(&addresses, Allowed::Auto);
    let join = dialler.join(&token, csr, "0.1.0".to_owned(), "box".to_owned());
    let (joined, ()) = tokio::join!(join, serve);
    let joined = joined.expect("joins");
    let chain = joined.chain.iter().map(|cert| cert.to_vec().into()).collect();
    let identity = NodeIdentity::new(chain, joined.root.to_vec().into(), key);
    let (dialled, arrival) = tokio::join!(dial(&identity, &addresses, Allowed::Auto), listener.next());
    dialled.expect("dials");
    let Some(Arrival::Tunnel { certified, .. }) = arrival else { panic!("a tunnel arrives") };
    assert_eq!(certified.name, NodeName::Satellite(joined.satellite_id));
}

#[tokio::test]
async fn a_token_of_another_hub_is_refused_before_anything_is_sent() {
    let (ours, other) = (Installation::new(), Installation::new());
    let (mut listener, addresses) = other.listener().await;
    let token = ours.token(addresses.clone());
    let (_, csr) = ca::new_request().expect("requests");
    let dialler = dialler(&addresses, Allowed::Auto);
    let refused = dialler.join(&token, csr, String::new(), String::new()).await.expect_err("refused");
    assert!(matches!(refused, DialError::WrongHub { .. }), "{refused}");
    let arrival = timeout(Duration::from_millis(300), listener.next()).await;
    assert!(arrival.is_err(), "no join reached the other hub");
}

#[tokio::test]
async fn a_satellite_of_another_installation_gets_no_tunnel() {
    let (ours, other) = (Installation::new(), Installation::new());
    let (_listener, addresses) = ours.listener().await;
    let stranger = other.satellite();
    let dialled = dial(&stranger, &addresses, Allowed::Auto).await;
    assert!(matches!(dialled, Err(DialError::WrongHub { .. })), "{dialled:?}");
}

#[tokio::test]
async fn an_address_that_says_nothing_is_unreachable_in_bounded_time() {
    let silent = UdpSocket::bind("127.0.0.1:0").expect("binds");
    let installation = Installation::new();
    let addresses = vec![silent.local_addr().expect("bound").to_string()];
    let dialled = dial(&installation.satellite(), &addresses, Allowed::Auto).await;
    assert!(matches!(dialled, Err(DialError::Unreachable { .. })));
}
