//! Tunnels over both transports, and joins over real QUIC on loopback.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, SystemTime};

use openpam_ids::{HubId, SatelliteId, SessionId, TokenId, ZoneId};
use openpam_link::ca::{self, Authority};
use openpam_link::channel::{ChannelError, Incoming};
use openpam_link::dial::{self, DialError};
use openpam_link::identity::{NodeIdentity, NodeName};
use openpam_link::listener::{Arrival, Listener};
use openpam_link::memory;
use openpam_link::quic::ResetKey;
use openpam_link::tunnel::{Tunnel, TunnelError};
use openpam_proto::attach::{Resize, ToHub, ToSite};
use openpam_proto::channel::{ChannelHeader, ControlHeader};
use openpam_proto::close::CloseCode;
use openpam_proto::join::{self, Joined};
use openpam_proto::lane::{LaneHeader, SessionLane};
use openpam_proto::token::JoinToken;
use zeroize::Zeroizing;

struct Installation {
    authority: Authority,
    hub_id: HubId,
    hub: NodeIdentity,
}

impl Installation {
    fn new() -> Self {
        let pem = Authority::create(SystemTime::now()).expect("creates");
        let authority =
            Authority::load(&pem.root_cert, &pem.intermediate_cert, &pem.intermediate_key).expect("loads");
        let hub_id = HubId::generate();
        let hub = authority.issue_hub(hub_id, SystemTime::now()).expect("issues");
        Self { authority, hub_id, hub }
    }

    fn listener(&self) -> (Listener, Vec<String>) {
        let reset = ResetKey::new(Zeroizing::new([7; ResetKey::BYTES]));
        let listener =
            Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0)), &self.hub, &reset).expect("binds");
        let address = listener.local_address().expect("bound").to_string();
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

async fn quic_pair() -> (Tunnel, Tunnel) {
    let installation = Installation::new();
    let (mut listener, addresses) = installation.listener();
    let satellite = installation.satellite();
    let (dialled, arrival) = tokio::join!(dial::connect(&satellite, &addresses), listener.next());
    let (tunnel, hub_id) = dialled.expect("dials");
    assert_eq!(hub_id, installation.hub_id);
    let Some(Arrival::Tunnel { tunnel: accepted, .. }) = arrival else { panic!("a tunnel arrives") };
    // The listener's endpoint must outlive the test.
    std::mem::forget(listener);
    (tunnel, accepted)
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
    let (lane, _acceptor) = left.open_lane(header).await.expect("opens");
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
    let ended = tokio::time::timeout(Duration::from_secs(5), left.closed()).await.expect("closes");
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
async fn a_lane_refuses_channels_past_its_limit_and_lives_on() {
    let (left, right) = quic_pair().await;
    let (lane, _acceptor) = left.open_lane(LaneHeader::Bulk(Default::default())).await.expect("opens");
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
    let (mut listener, addresses) = installation.listener();
    let token = installation.token(addresses.clone());
    let (key, csr) = ca::new_request().expect("requests");
    let serve = async {
        let Some(Arrival::Join(arrival)) = listener.next().await else { panic!("a join arrives") };
        assert_eq!(arrival.request.secret.as_slice(), token.secret.as_slice());
        let satellite_id = SatelliteId::generate();
        let issued = installation
            .authority
            .sign_request(&arrival.request.csr, NodeName::Satellite(satellite_id), SystemTime::now())
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
        arrival.answer(&join::ToSite::Joined(joined)).await;
    };
    let (joined, ()) = tokio::join!(dial::join(&token, csr, "0.1.0".to_owned(), "box".to_owned()), serve);
    let joined = joined.expect("joins");
    let chain = joined.chain.iter().map(|cert| cert.to_vec().into()).collect();
    let identity = NodeIdentity::new(chain, joined.root.to_vec().into(), key);
    let (dialled, arrival) = tokio::join!(dial::connect(&identity, &addresses), listener.next());
    dialled.expect("dials");
    let Some(Arrival::Tunnel { certified, .. }) = arrival else { panic!("a tunnel arrives") };
    assert_eq!(certified.name, NodeName::Satellite(joined.satellite_id));
}

#[tokio::test]
async fn a_token_of_another_hub_is_refused_before_anything_is_sent() {
    let (ours, other) = (Installation::new(), Installation::new());
    let (mut listener, addresses) = other.listener();
    let token = ours.token(addresses);
    let (_, csr) = ca::new_request().expect("requests");
    let refused = dial::join(&token, csr, String::new(), String::new()).await.expect_err("refused");
    assert!(matches!(refused, DialError::WrongHub { .. }), "{refused}");
    let arrival = tokio::time::timeout(Duration::from_millis(300), listener.next()).await;
    assert!(arrival.is_err(), "no join reached the other hub");
}

#[tokio::test]
async fn a_satellite_of_another_installation_gets_no_tunnel() {
    let (ours, other) = (Installation::new(), Installation::new());
    let (_listener, addresses) = ours.listener();
    let stranger = other.satellite();
    let dialled = dial::connect(&stranger, &addresses).await;
    assert!(matches!(dialled, Err(DialError::WrongHub { .. })), "{dialled:?}");
}

#[tokio::test]
async fn an_address_that_says_nothing_is_unreachable_in_bounded_time() {
    let silent = UdpSocket::bind("127.0.0.1:0").expect("binds");
    let installation = Installation::new();
    let addresses = vec![silent.local_addr().expect("bound").to_string()];
    let dialled = dial::connect(&installation.satellite(), &addresses).await;
    assert!(matches!(dialled, Err(DialError::Unreachable { .. })));
}
