//! An owned satellite: with a good certificate it sends what it should not. Its own tunnel suffers, nobody else's.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nkeys::KeyPair;
use openpam_ids::{AttachmentId, CredentialId, EventId, SessionId, TargetId, UserId};
use openpam_link::ca;
use openpam_link::channel::Channel;
use openpam_link::dial::{DialOptions, Dialler, Hint};
use openpam_link::identity::NodeIdentity;
use openpam_link::lane::Lane;
use openpam_link::tls::system_clock;
use openpam_link::tunnel::Tunnel;
use openpam_proto::channel::{BusHeader, ChannelHeader, ControlHeader};
use openpam_proto::chunk::{Place, SealedChunk};
use openpam_proto::close::CloseCode;
use openpam_proto::control::{Events, Hello, ToHub, ToSite, Welcome};
use openpam_proto::end::EndCode;
use openpam_proto::event::{About, ChainedEvent, Event, SessionEnded, SessionOpened};
use openpam_proto::lane::{Bulk, Control, LaneHeader};
use openpam_proto::message::Message;
use openpam_proto::recording::{self, Chunk, RecordingHeader};
use openpam_proto::token::JoinToken;
use openpam_proto::version;
use serde_json::json;

use crate::system::bus::through;
use crate::system::shell::Shell;
use crate::system::{World, eventually, id};

/// A satellite of a zone of its own, driven by the test.
struct Satellite {
    identity: NodeIdentity,
    addresses: Vec<String>,
}

/// A tunnel whose control channel stands.
struct Connected {
    tunnel: Tunnel,
    control: Channel,
    lane: Lane,
    welcome: Welcome,
}

impl Satellite {
    async fn join(world: &World) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let zone = id(&world.admin.create("zones", json!({"name": "plant-8", "type": "satellite"})).await);
        let token = world.admin.create("tokens", json!({"zone_id": zone})).await;
        let token = JoinToken::decode(token["token"].as_str().expect("a token")).expect("decodes");
        let (key, csr) = ca::new_request().expect("requests");
        let dialler = dialler(&token.addresses);
        let joined = dialler.join(&token, csr, "0".to_owned(), "hostile".to_owned()).await.expect("joins");
        let chain = joined.chain.iter().map(|cert| cert.to_vec().into()).collect();
        let identity = NodeIdentity::new(chain, joined.root.to_vec().into(), key);
        Self { identity, addresses: token.addresses }
    }

    async fn dial(&self) -> Tunnel {
        dialler(&self.addresses).tunnel(&self.identity, Hint::default()).await.expect("dials").tunnel
    }

    async fn connect(&self) -> Connected {
        self.connect_with(None).await
    }

    /// With that key for the bus.
    async fn connect_with(&self, bus_key: Option<String>) -> Connected {
        let tunnel = self.dial().await;
        let lane = tunnel.open_lane(LaneHeader::Control(Control {})).await.expect("a lane");
        let mut control =
            lane.open_channel(&ChannelHeader::Control(ControlHeader {})).await.expect("a channel");
        let hello = Hello {
            minor: version::MINOR,
            version: "0".to_owned(),
            time_ms: 0,
            sessions: Vec::new(),
            transport_note: None,
            reach: None,
            countersigned: Vec::new(),
            policy: None,
            bus_key,
        };
        control.writer.send(&ToHub::Hello(hello)).await.expect("sends");
        let Ok(Some(ToSite::Welcome(welcome))) = control.reader.next_message().await else {
            panic!("no welcome")
        };
        Connected { tunnel, control, lane, welcome }
    }
}

fn dialler(addresses: &[String]) -> Dialler {
    Dialler::new(addresses.to_vec(), DialOptions::default(), system_clock())
}

/// The code that the hub closes with.
async fn closed_with(tunnel: &Tunnel) -> Option<CloseCode> {
    tokio::time::timeout(Duration::from_secs(20), tunnel.closed()).await.expect("the hub closes it").code
}

fn about(session_id: SessionId) -> About {
    let (user_id, target_id) = (UserId::generate(), TargetId::generate());
    About { event_id: EventId::generate(), at_ms: 1_700_000_000_000, session_id, user_id, target_id }
}

fn ended(session_id: SessionId) -> Event {
    Event::SessionEnded(SessionEnded {
        about: about(session_id),
        code: EndCode::Exited,
        message: "forged".to_owned(),
        exit_status: Some(0),
        exit_signal: None,
        input_bytes: 0,
        output_bytes: 0,
        was_open: true,
        basis: None,
    })
}

#[tokio::test]
async fn whatever_it_sends_closes_its_own_tunnel_and_no_session_of_others() {
    let world = World::start().await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    let session = shell.progress.session_id.clone().expect("an id");
    let victim: SessionId = session.parse().expect("an id");
    let hostile = Satellite::join(&world).await;

    // No control lane first.
    let tunnel = hostile.dial().await;
    let _lane = tunnel.open_lane(LaneHeader::Bulk(Bulk {})).await.expect("a lane");
    assert_eq!(closed_with(&tunnel).await, Some(CloseCode::Protocol));

    // Session bytes where messages belong.
    let mut connected = hostile.connect().await;
    connected.control.writer.send_data(0, b"garbage").await.expect("sends");
    assert_eq!(closed_with(&connected.tunnel).await, Some(CloseCode::Protocol));

    // A chain that does not begin at its begin.
    let mut connected = hostile.connect().await;
    let opened = SessionOpened {
        about: about(victim),
        credential_id: Some(CredentialId::generate()),
        client_ip: None,
        basis: None,
    };
    let gap = ChainedEvent::link(7, [9; 32], Event::SessionOpened(opened).to_bytes());
    connected.control.writer.send(&ToHub::Events(Events { events: vec![gap] })).await.expect("sends");
    assert_eq!(closed_with(&connected.tunnel).await, Some(CloseCode::Protocol));

    // A message it does not know is survived; the end of somebody else's session is kept as its word and changes nothing.
    let mut connected = hostile.connect().await;
    connected.control.writer.send(&ToHub::Unknown(60_000)).await.expect("sends");
    let forged = ChainedEvent::link(1, [0; 32], ended(victim).to_bytes());
    connected.control.writer.send(&ToHub::Events(Events { events: vec![forged] })).await.expect("sends");
    loop {
        let told = connected.control.reader.next_message::<ToSite>().await.expect("stands").expect("stands");
        if matches!(told, ToSite::EventReceipt(_)) {
            break;
        }
    }
    let row = world.admin.get(&format!("/api/v1/sessions/{session}")).await;
    assert_eq!(row["session_status"], "active", "{row}");

    // A chunk for somebody else's recording is refused with its channel.
    let lane = connected.tunnel.open_lane(LaneHeader::Bulk(Bulk {})).await.expect("a lane");
    let header = ChannelHeader::Recording(RecordingHeader { session_id: victim });
    let mut upload = lane.open_channel(&header).await.expect("a channel");
    let place = Place { session_id: victim, seq: 0, previous: [0; 32], last: true };
    let chunk = SealedChunk::new(place, 1, vec![1; 32], vec![2; 64]);
    let _ = upload.writer.send(&recording::ToHub::Chunk(Chunk { chunk })).await;
    let told =
        tokio::time::timeout(Duration::from_secs(20), upload.reader.next_message::<recording::ToSite>())
            .await;
    assert!(!matches!(told.expect("in time"), Ok(Some(_))), "nothing is wanted and no receipt given");

    // An attach to somebody else's session, from below: only hubs open those lanes.
    let header = LaneHeader::Session(openpam_proto::lane::SessionLane { session_id: victim });
    let lane = connected.tunnel.open_lane(header).await.expect("a lane");
    let attach = openpam_proto::attach::AttachHeader {
        session_id: victim,
        attachment_id: AttachmentId::generate(),
        user_id: UserId::generate(),
        target_id: TargetId::generate(),
        cols: 80,
        rows: 24,
        from: None,
        open: None,
        client_ip: None,
        resumes: None,
        watch: None,
        traceparent: None,
        view: None,
    };
    if let Ok(mut channel) = lane.open_channel(&ChannelHeader::Attach(attach)).await {
        let told = tokio::time::timeout(
            Duration::from_secs(20),
            channel.reader.next_message::<openpam_proto::attach::ToHub>(),
        );
        assert!(!matches!(told.await.expect("in time"), Ok(Some(_))), "nobody answers");
    }

    shell.command("echo untouched", "untouched").await;
    shell.close().await;
    // Its word about a session that is not its own stays in its chain, and is found there.
    let (fits, said) = world.verify().await;
    assert!(
        !fits && said.contains(&format!("FAILED session {session}: its satellite tells of it")),
        "{said}"
    );
    assert!(said.ends_with("\n1 finding\n"), "{said}");
}

#[tokio::test]
async fn a_storm_on_the_bus_harms_nobody_else() {
    let world = World::start().await;
    let hostile = Satellite::join(&world).await;
    let key = Arc::new(KeyPair::new_user());
    let connected = hostile.connect_with(Some(key.public_key())).await;
    let pass = connected.welcome.bus.clone().expect("a pass");
    let client = eventually("its zone has an account", || through(&connected.lane, &key, &pass)).await;

    // Nothing but its own subject, whatever it sends on that.
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    let storm = async {
        let unknown = ToHub::Unknown(60_000).to_bytes();
        for round in 0..20_000 {
            client.publish(pass.up.clone(), unknown.clone().into()).await.expect("is sent");
            client.publish("openpam.session.started", "forged".into()).await.expect("is sent");
            let ping = ToHub::Ping(openpam_proto::control::Ping { t: round }).to_bytes();
            client.publish(pass.up.clone(), ping.into()).await.expect("is sent");
        }
        client.flush().await.expect("flushes");
    };
    let others = async {
        let mut slowest = Duration::ZERO;
        for number in 0..20 {
            let begun = Instant::now();
            shell.command(&format!("echo of $(({number}+100))"), &format!("of {}", number + 100)).await;
            slowest = slowest.max(begun.elapsed());
        }
        slowest
    };
    let (slowest, ()) = tokio::join!(others, storm);
    eprintln!("the slowest of 20 commands of another site took {slowest:?} in the storm");
    let session = shell.progress.session_id.clone().expect("an id");
    shell.close().await;
    eventually("the other site's events come", || async {
        let row = world.admin.get(&format!("/api/v1/sessions/{session}")).await;
        (!row["end_time"].is_null()).then_some(())
    })
    .await;
    let stream = world.admin.get("/api/v1/admin/bus").await["stream"].clone();
    assert!(stream["messages"].as_i64().is_some_and(|count| count < 100), "nothing forged is told: {stream}");

    // Four ways at a time are its own; more are closed at once.
    let mut open = Vec::new();
    for _ in 0..10 {
        let channel = connected.lane.open_channel(&ChannelHeader::Bus(BusHeader::default())).await;
        open.push(channel.expect("is opened"));
    }
    let mut closed = 0;
    for channel in &mut open {
        let said = tokio::time::timeout(Duration::from_secs(1), channel.reader.next::<ToSite>()).await;
        closed += usize::from(!matches!(said, Ok(Ok(Some(_))) | Err(_)));
    }
    assert_eq!(closed, 7, "three beside its client");

    // What is no message ends its tunnel, as it does on the control channel.
    client.publish(pass.up.clone(), vec![0; 200 * 1024].into()).await.expect("is sent");
    assert_eq!(closed_with(&connected.tunnel).await, Some(CloseCode::Protocol));

    // The account goes with the satellite.
    let connected = hostile.connect_with(Some(key.public_key())).await;
    let pass = connected.welcome.bus.clone().expect("a pass");
    assert!(through(&connected.lane, &key, &pass).await.is_some(), "and it comes back");
    let satellites = world.admin.get("/api/v1/admin/satellites").await;
    let rows = satellites["items"].as_array().expect("rows").iter();
    let row = rows.clone().find(|row| row["zone"] == "plant-8").expect("its row");
    let path = format!("/api/v1/admin/satellites/{}/revoke", row["id"].as_str().expect("an id"));
    assert!(world.admin.request("POST", &path, None).await.status().is_success());
    assert_eq!(closed_with(&connected.tunnel).await, Some(CloseCode::Revoked));
    world.stop().await;
}
