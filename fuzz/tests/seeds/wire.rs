//! Seeds of the tunnel's own encodings: one message of every kind, frames, tokens, requests, lanes.

use bytes::BytesMut;
use openpam_fuzz::lane::LANE_HEADER;
use openpam_ids::{
    AttachmentId, CommandId, CredentialId, EventId, GrantId, HubId, SatelliteId, SessionId, TargetId,
    TokenId, TunnelId, UserId, ZoneId,
};
use openpam_link::ca;
use openpam_proto::attach::{self, AttachHeader, Secret};
use openpam_proto::channel::{BusHeader, ChannelHeader, ControlHeader};
use openpam_proto::chunk::{Place, SealedChunk};
use openpam_proto::desktop::{
    DesktopOpened, Gateway, OpenDesktop, Protocol, Quality, RemoteApp, Security, Transfer, View, WakeOnLan,
};
use openpam_proto::end::{EndCode, Hop, NoticeCode, StepName};
use openpam_proto::event::{self, ChainedEvent, Event};
use openpam_proto::lane::{self, LaneHeader};
use openpam_proto::message::Message;
use openpam_proto::snapshot::PolicyVersion;
use openpam_proto::token::JoinToken;
use openpam_proto::{command, control, frame, join, recording, renew, snapshot, tcp, witness};
use zeroize::Zeroizing;

use crate::write;

const SESSION: SessionId = SessionId::from_bytes([0x11; 16]);
const USER: UserId = UserId::from_bytes([0x22; 16]);
const TARGET: TargetId = TargetId::from_bytes([0x33; 16]);
const TUNNEL: TunnelId = TunnelId::from_bytes([0x44; 16]);
const HUB: HubId = HubId::from_bytes([0x55; 16]);
const COMMAND: CommandId = CommandId::from_bytes([0xaa; 16]);

pub(crate) fn chunk() -> SealedChunk {
    let place = Place { session_id: SESSION, seq: 0, previous: [0; 32], last: true };
    SealedChunk::new(place, 1500, vec![1; 32], vec![2; 48])
}

fn attach_header() -> AttachHeader {
    AttachHeader {
        session_id: SESSION,
        attachment_id: AttachmentId::from_bytes([0x66; 16]),
        user_id: USER,
        target_id: TARGET,
        cols: 80,
        rows: 24,
        from: Some(70_000),
        open: Some(attach::OpenShell {
            hostname: "press-4.plant".to_owned(),
            port: 22,
            username: "root".to_owned(),
            credential_id: CredentialId::from_bytes([0x77; 16]),
            term: "xterm-256color".to_owned(),
            host_keys: vec![HOST_KEY.to_owned()],
            grace_s: 1800,
            dial_timeout_s: 20,
            user: "mara".to_owned(),
            target: "press 4".to_owned(),
            longest_s: Some(28_800),
            idle_s: Some(900),
            old_algorithms: true,
            test: false,
            ends_ms: Some(1_800_000_000_000),
            policy: Some(POLICY),
            desktop: None,
        }),
        client_ip: Some("192.0.2.7".to_owned()),
        resumes: None,
        watch: None,
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
        view: None,
    }
}

/// A desktop with everything that can be said of one.
fn desktop() -> OpenDesktop {
    OpenDesktop {
        security: Security::Nla,
        domain: Some("PLANT".to_owned()),
        keyboard_layout: Some("de-de-qwertz".to_owned()),
        initial_program: Some("C:\\hmi\\hmi.exe".to_owned()),
        remote_app: Some(RemoteApp {
            program: "||hmi".to_owned(),
            dir: Some("C:\\hmi".to_owned()),
            args: Some("/line 4".to_owned()),
        }),
        console: true,
        color_depth: Some(16),
        gateway: Some(Gateway {
            hostname: "gateway.plant".to_owned(),
            port: 443,
            domain: Some("PLANT".to_owned()),
            username: Some("jump".to_owned()),
        }),
        printer: true,
        wake_on_lan: Some(WakeOnLan {
            mac: "00:1a:2b:3c:4d:5e".to_owned(),
            broadcast: Some("192.0.2.255".to_owned()),
            wait_seconds: 60,
        }),
        ..OpenDesktop::new(Protocol::Rdp)
    }
}

const HOST_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

fn about() -> event::About {
    event::About {
        event_id: EventId::from_bytes([0x88; 16]),
        at_ms: 1_700_000_000_000,
        session_id: SESSION,
        user_id: USER,
        target_id: TARGET,
    }
}

fn ended() -> Event {
    Event::SessionEnded(event::SessionEnded {
        about: about(),
        code: EndCode::Exited,
        message: "the program ended".to_owned(),
        exit_status: Some(0),
        exit_signal: Some("HUP".to_owned()),
        input_bytes: 12,
        output_bytes: 3456,
        was_open: true,
        basis: Some(basis()),
    })
}

fn basis() -> event::Basis {
    let grant_id = Some(GrantId::from_bytes([0x99; 16]));
    event::Basis { policy: POLICY, grant_id, away_since_ms: Some(1_700_000_000_000) }
}

const POLICY: PolicyVersion = PolicyVersion { epoch: 1, version: 418 };

/// The place of a family in `openpam_fuzz::message::FAMILIES`, then its messages.
pub(crate) fn messages() {
    let family = |number: u8, name: &str, messages: Vec<Vec<u8>>| {
        for (at, bytes) in messages.into_iter().enumerate() {
            write("message", &format!("{number:02}-{name}-{at}"), [&[number], &bytes[..]].concat());
        }
    };
    let lanes = [
        LaneHeader::Control(lane::Control {}),
        LaneHeader::Session(lane::SessionLane { session_id: SESSION }),
        LaneHeader::Unknown(60_000),
    ];
    family(0, "lane", encoded(&lanes));
    let headers = [
        ChannelHeader::Control(ControlHeader {}),
        ChannelHeader::Attach(attach_header()),
        ChannelHeader::Recording(recording::RecordingHeader { session_id: SESSION }),
        ChannelHeader::Attach(AttachHeader {
            open: None,
            watch: Some(attach::Watch { name: "ada".to_owned() }),
            ..attach_header()
        }),
        ChannelHeader::Snapshot(snapshot::SnapshotHeader {
            held: Some([4; 32].into()),
            part: Some(snapshot::Part { sha256: [5; 32], bytes: 70_000 }),
        }),
        ChannelHeader::Bus(BusHeader { leaf: true }),
        ChannelHeader::Output(command::OutputHeader { command_id: COMMAND, bytes: 70_000 }),
        ChannelHeader::Attach(AttachHeader {
            open: attach_header().open.map(|open| attach::OpenShell { desktop: Some(desktop()), ..open }),
            view: Some(View { width: 1920, height: 1080, dpi: 96, quality: Quality::Auto }),
            ..attach_header()
        }),
        ChannelHeader::Attach(AttachHeader {
            open: None,
            view: Some(View { width: 1280, height: 800, dpi: 96, quality: Quality::Low }),
            ..attach_header()
        }),
    ];
    family(1, "channel", encoded(&headers));
    family(2, "control-to-hub", encoded(&control_to_hub()));
    family(3, "control-to-site", encoded(&control_to_site()));
    family(4, "attach-to-hub", encoded(&attach_to_hub()));
    family(5, "attach-to-site", encoded(&attach_to_site()));
    family(6, "join-to-hub", encoded(&[join::ToHub::JoinRequest(join_request())]));
    family(7, "join-to-site", encoded(&join_to_site()));
    family(8, "renew-to-hub", encoded(&renew_to_hub()));
    family(9, "renew-to-site", encoded(&renew_to_site()));
    let opens = [tcp::ToHub::Open(tcp::Open {}), tcp::ToHub::Pair(tcp::Pair { tunnel_id: TUNNEL })];
    family(10, "tcp-to-hub", encoded(&opens));
    let opened =
        [tcp::ToSite::Opened(tcp::Opened { tunnel_id: TUNNEL }), tcp::ToSite::Close(tcp::Close { code: 5 })];
    family(11, "tcp-to-site", encoded(&opened));
    let link = [tcp::Link::Beat(tcp::Beat {}), tcp::Link::Close(tcp::Close { code: u32::MAX })];
    family(12, "tcp-link", encoded(&link));
    family(13, "recording-to-hub", encoded(&[recording::ToHub::Chunk(recording::Chunk { chunk: chunk() })]));
    let wants = [
        recording::ToSite::Want(recording::Want { next_seq: 3 }),
        recording::ToSite::ChunkReceipt(recording::ChunkReceipt { seq: u64::MAX }),
    ];
    family(14, "recording-to-site", encoded(&wants));
    let attached = event::Attachment {
        about: about(),
        attachment_id: AttachmentId::from_bytes([0x66; 16]),
        client_ip: None,
    };
    let opened = event::SessionOpened {
        about: about(),
        credential_id: None,
        client_ip: Some("::1".to_owned()),
        basis: None,
    };
    let watched = Event::Watched(event::Watching {
        about: about(),
        attachment_id: AttachmentId::from_bytes([0x66; 16]),
        client_ip: Some("192.0.2.7".to_owned()),
        watcher_id: USER,
    });
    let away = Event::SiteAway(event::SiteAway {
        event_id: EventId::from_bytes([0x88; 16]),
        at_ms: 1_700_000_600_000,
        since_ms: 1_700_000_000_000,
        policy: Some(POLICY),
    });
    let recovered = Event::SiteRecovered(event::SiteRecovered {
        event_id: EventId::from_bytes([0x88; 16]),
        at_ms: 1_700_000_000_000,
        reason: "file is not a database".to_owned(),
        events: 3,
    });
    let downloaded = Event::Downloaded(event::FileMoved {
        about: about(),
        name: "/reports/line 4.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        bytes: 70_000,
        sha256: [5; 32],
        whole: true,
    });
    family(
        15,
        "event",
        encoded(&[
            Event::SessionOpened(opened),
            Event::Attached(attached),
            ended(),
            watched,
            away,
            recovered,
            downloaded,
        ]),
    );
    family(16, "chunk", vec![chunk().to_bytes()]);
    let secrets =
        ["hunter2", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n"];
    let secrets = secrets.map(|text| Zeroizing::new(text.to_owned()));
    let [password, key] = secrets;
    let secrets = [Secret::Password(password), Secret::PrivateKey(key)];
    family(17, "secret", secrets.iter().map(|secret| secret.to_bytes().to_vec()).collect());
    let offer = snapshot::Offer { policy: POLICY, sha256: [5; 32], bytes: 5_000_000, from: 70_000 };
    let current = snapshot::ToSite::Current(snapshot::Current {});
    family(18, "snapshot-to-site", encoded(&[snapshot::ToSite::Offer(offer), current]));
    let receipt = command::OutputToSite::OutputReceipt(command::OutputReceipt {});
    family(19, "output-to-site", encoded(&[receipt]));
}

fn encoded<M: Message>(messages: &[M]) -> Vec<Vec<u8>> {
    messages.iter().map(Message::to_bytes).collect()
}

fn control_to_hub() -> Vec<control::ToHub> {
    let hello = control::Hello {
        minor: 0,
        version: "0.1.0".to_owned(),
        time_ms: -1,
        sessions: vec![control::LiveSession { session_id: SESSION, user_id: USER, target_id: TARGET }],
        transport_note: Some("UDP is blocked".to_owned()),
        reach: Some(control::SiteReach {
            networks: vec!["10.7.0.0/16".to_owned()],
            ports: vec!["22".to_owned(), "3389-3399".to_owned()],
            protocols: vec!["ssh".to_owned()],
        }),
        countersigned: vec![countersigned()],
        policy: Some(POLICY),
        bus_key: Some("UAHV".to_owned()),
    };
    let events = control::Events { events: vec![ChainedEvent::link(1, [0; 32], ended().to_bytes())] };
    let health = control::Health { time_ms: 1, disk_free_bytes: Some(1 << 40), ..control::Health::default() };
    vec![
        control::ToHub::Hello(hello),
        control::ToHub::Ping(control::Ping { t: 7 }),
        control::ToHub::Events(events),
        control::ToHub::Answer(control::Answer { request: 1, found: true }),
        control::ToHub::Health(health),
        control::ToHub::Activity(control::Activity {
            sessions: vec![control::SessionActivity {
                session_id: SESSION,
                input_bytes: 12,
                output_bytes: 70_000,
                idle_s: 61,
            }],
        }),
        control::ToHub::PolicyHeld(control::PolicyHeld {
            policy: Some(POLICY),
            refused: Some("its signature is wrong".to_owned()),
        }),
        control::ToHub::Progress(command::Progress {
            command_id: COMMAND,
            percent: 40,
            step: "disk".to_owned(),
        }),
        control::ToHub::Outcome(command::Outcome {
            command_id: COMMAND,
            failed: Some("unknown_command".to_owned()),
            message: "this satellite does not know it".to_owned(),
            findings: vec![command::Finding {
                check: "disk".to_owned(),
                level: "warning".to_owned(),
                found: "1.0 GB free of 8.0 GB".to_owned(),
                advice: "make room".to_owned(),
            }],
        }),
        control::ToHub::Health(control::Health {
            guacd: Some(control::Guacd {
                address: "127.0.0.1:4822".to_owned(),
                tls: true,
                here: true,
                version: Some("1.3.0".to_owned()),
                protocols: vec!["rdp".to_owned(), "vnc".to_owned()],
                since_ms: 1,
                error: Some("it does not answer".to_owned()),
            }),
            ..control::Health::default()
        }),
    ]
}

fn countersigned() -> witness::Countersigned {
    let heads = vec![witness::Head { node_id: HUB.uuid(), seq: 1, hash: [7; 32] }];
    let statement = witness::Statement { at_ms: 1, epoch: 1, heads };
    let link = ChainedEvent::link(1, [0; 32], statement.to_bytes());
    witness::Countersigned::new(HUB, &link, &statement, |_| vec![5; 64])
}

fn control_to_site() -> Vec<control::ToSite> {
    let welcome = control::Welcome {
        minor: 0,
        version: "0.1.0".to_owned(),
        hub_id: HUB,
        tunnel_id: TUNNEL,
        time_ms: 1,
        recording_key: vec![9; 32].into(),
        epoch: 0,
        next_event: 1,
        policy_keys: vec![vec![3; 32].into()],
        policy: Some(POLICY),
        last_event: Some([6; 32].into()),
        bus: Some(pass()),
        instances: instances(),
    };
    let end = control::EndSession {
        request: 2,
        session_id: SESSION,
        code: EndCode::TerminatedByAdmin,
        message: "an administrator ended it".to_owned(),
    };
    vec![
        control::ToSite::Welcome(welcome),
        control::ToSite::EventReceipt(control::EventReceipt { seq: 9 }),
        control::ToSite::EndSession(end),
        control::ToSite::Revoked(control::Revoked {}),
        control::ToSite::Countersigned(countersigned()),
        control::ToSite::NewPolicy(control::NewPolicy {
            policy: POLICY,
            policy_keys: vec![vec![4; 32].into(), vec![3; 32].into()],
        }),
        control::ToSite::Instances(control::Instances { instances: instances() }),
        control::ToSite::Order(command::Order {
            command_id: COMMAND,
            kind: "end".to_owned(),
            left_ms: 60_000,
            session_id: Some(SESSION),
            message: Some("ended by ada".to_owned()),
        }),
        control::ToSite::Withdraw(command::Withdraw { command_id: COMMAND }),
        control::ToSite::BusPass(pass()),
    ]
}

fn pass() -> control::BusPass {
    control::BusPass {
        token: "e30.e30.AA".to_owned(),
        up: "zone.1.up.2.3".to_owned(),
        down: "zone.1.down.2.3".to_owned(),
        leaf: true,
        policy: Some("zone.1.down.policy".to_owned()),
    }
}

fn instances() -> Vec<control::HubInstance> {
    let addresses = vec!["hub-2.example.com:7443".to_owned(), "192.0.2.8:7443".to_owned()];
    vec![control::HubInstance { hub_id: HUB, addresses }]
}

fn attach_to_hub() -> Vec<attach::ToHub> {
    let closed = attach::Closed {
        code: EndCode::Exited,
        message: String::new(),
        hop: Hop::Target,
        ended: true,
        exit_status: Some(0),
        exit_signal: None,
    };
    let notice = attach::Notice {
        from: Some(1),
        to: Some(u64::MAX),
        ..attach::Notice::new(NoticeCode::OutputGap, "m".to_owned())
    };
    let ending = attach::Notice {
        ending: Some(attach::Ending { code: EndCode::LongestSession, left_s: 600 }),
        ..attach::Notice::new(NoticeCode::EndsSoon, "m".to_owned())
    };
    let blocked = attach::Notice {
        what: Some("paste".to_owned()),
        ..attach::Notice::new(NoticeCode::Blocked, "your grant does not let the clipboard in".to_owned())
    };
    let watched = attach::Notice {
        by: Some("ada".to_owned()),
        watchers: vec!["grace".to_owned(), "ada".to_owned()],
        ..attach::Notice::new(NoticeCode::Watched, "m".to_owned())
    };
    let opened = attach::Opened {
        watch: false,
        output_offset: 5,
        output_end: 9,
        input_offset: 2,
        cols: 80,
        rows: 24,
        desktop: Some(DesktopOpened {
            transfer: Transfer { copy: true, paste: true, ..Transfer::default() },
            view: View { width: 1920, height: 1080, dpi: 96, quality: Quality::Auto },
        }),
    };
    vec![
        attach::ToHub::DialKey(attach::DialKey { public_key: vec![3; 32].into() }),
        attach::ToHub::Step(attach::Step { name: StepName::Target, elapsed_ms: 120 }),
        attach::ToHub::HostKeySeen(attach::HostKeySeen { line: HOST_KEY.to_owned() }),
        attach::ToHub::Opened(opened),
        attach::ToHub::Screen(attach::Screen {
            cols: 80,
            rows: 24,
            data: b"\x1b[H$ ".to_vec().into(),
            more: true,
        }),
        attach::ToHub::InputAck(attach::InputAck { input_offset: 64 }),
        attach::ToHub::Notice(notice),
        attach::ToHub::Closed(closed),
        attach::ToHub::Resized(attach::Resize { cols: 132, rows: 43 }),
        attach::ToHub::Notice(watched),
        attach::ToHub::Notice(ending),
        attach::ToHub::HostKeyOther(attach::HostKeySeen { line: HOST_KEY.to_owned() }),
        attach::ToHub::Notice(blocked),
    ]
}

fn attach_to_site() -> Vec<attach::ToSite> {
    vec![
        attach::ToSite::SealedSecret(attach::SealedSecret {
            enc: vec![1; 32].into(),
            ciphertext: vec![2; 40].into(),
        }),
        attach::ToSite::OutputAck(attach::OutputAck { output_offset: 4096 }),
        attach::ToSite::Resize(attach::Resize { cols: 132, rows: 43 }),
        attach::ToSite::End(attach::End { code: EndCode::ClosedByUser, message: "m".to_owned() }),
    ]
}

fn join_request() -> join::JoinRequest {
    let (_, csr) = ca::new_request().expect("a request");
    join::JoinRequest {
        token_id: TokenId::from_bytes([6; 16]),
        secret: vec![7; 32].into(),
        csr: csr.into(),
        version: "0.1.0".to_owned(),
        host: "press-gateway".to_owned(),
    }
}

fn join_to_site() -> Vec<join::ToSite> {
    let joined = join::Joined {
        satellite_id: SatelliteId::from_bytes([0x99; 16]),
        zone_id: ZoneId::from_bytes([0xaa; 16]),
        zone: "plant 7".to_owned(),
        chain: vec![vec![0x30, 0x03, 1, 1, 0].into(), vec![0x30, 0].into()],
        root: vec![0x30, 0].into(),
        hub_id: HUB,
        addresses: vec!["hub.example:7443".to_owned()],
    };
    let refused = join::Refused { code: "token_expired".to_owned(), message: "make another".to_owned() };
    vec![join::ToSite::Joined(joined), join::ToSite::Refused(refused)]
}

fn renew_to_hub() -> Vec<renew::ToHub> {
    let (_, csr) = ca::new_request().expect("a request");
    let request = renew::RenewRequest {
        csr: csr.into(),
        generation: 1,
        nonce: vec![5; renew::NONCE_BYTES].into(),
        version: "0.1.0".to_owned(),
    };
    vec![renew::ToHub::RenewRequest(request), renew::ToHub::TimeRequest(renew::TimeRequest {})]
}

fn renew_to_site() -> Vec<renew::ToSite> {
    let renewed = renew::Renewed {
        chain: vec![vec![0x30, 0].into()],
        generation: 1,
        time_ms: 5,
        addresses: Vec::new(),
    };
    vec![renew::ToSite::Renewed(renewed), renew::ToSite::Time(renew::Time { time_ms: i64::MIN })]
}

fn framed(message: &impl Message) -> Vec<u8> {
    let mut out = BytesMut::new();
    frame::put_message(&mut out, message).expect("fits");
    out.to_vec()
}

pub(crate) fn frames() {
    let mut data = BytesMut::new();
    frame::put_data(&mut data, 258, b"ls\n");
    frame::put_data(&mut data, u64::MAX, b"end of all numbers");
    let ping = framed(&control::ToHub::Ping(control::Ping { t: 7 }));
    write("frame", "message-then-data", [&ping[..], &data].concat());
    write("frame", "two-data", &data);
    write("frame", "cut", [&ping[..], &[1, 0, 0xff, 0xff, 0]].concat());
    write("frame", "too-long", [0, 4, 0, 1]);
    write("frame", "unknown-tag", [&ping[..], &[9, 0, 0, 1, 0]].concat());
}

pub(crate) fn tokens() {
    let token = JoinToken {
        addresses: vec!["hub.example:7443".to_owned(), "192.0.2.1:7443".to_owned()],
        ca_sha256: [5; 32],
        id: TokenId::from_bytes([6; 16]),
        secret: Zeroizing::new([7; 32]),
    };
    let text = token.encode();
    write("token", "whole", text.as_bytes());
    write("token", "pasted", format!("  {}\n", *text));
    write("token", "cut", &text.as_bytes()[..40]);
    let body = text.trim_start_matches(openpam_proto::token::PREFIX);
    let bytes = data_encoding::BASE64URL_NOPAD.decode(body.as_bytes()).expect("our own");
    write("token", "map", &bytes[..bytes.len() - 4]);
}

pub(crate) fn requests() {
    let ask = |name: &str, protocol: u8, frame: Vec<u8>| {
        write("request", name, [&[protocol], &frame[..]].concat());
    };
    ask("join", 0, framed(&join::ToHub::JoinRequest(join_request())));
    for (name, request) in ["renew", "time"].into_iter().zip(renew_to_hub()) {
        ask(name, 1, framed(&request));
    }
    ask("tunnel", 2, framed(&tcp::ToHub::Open(tcp::Open {})));
}

/// A frame as `openpam_fuzz::lane::frames` reads it: kind, flags, stream, length or number, payload.
fn yamux(kind: u8, flags: u8, id: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).expect("short").to_be_bytes();
    [&[kind, flags, id], &length[..], payload].concat()
}

pub(crate) fn lanes() {
    const SYN: u8 = 1;
    const FIN: u8 = 4;
    let attach = framed(&ChannelHeader::Attach(attach_header()));
    let mut input = BytesMut::new();
    frame::put_data(&mut input, 0, b"ls\n");
    let resize = framed(&attach_to_site()[2]);
    let session = [yamux(0, SYN, 1, &attach), yamux(0, 0, 1, &input), yamux(0, FIN, 1, &resize)].concat();
    write("lane", "attach", [&[6], &session[..]].concat());
    let control = framed(&ChannelHeader::Control(ControlHeader {}));
    let hello = [&control[..], &framed(&control_to_hub()[0]), &framed(&control_to_hub()[1])].concat();
    write("lane", "control", [&[6], &yamux(0, SYN, 1, &hello)[..]].concat());
    let recording = framed(&ChannelHeader::Recording(recording::RecordingHeader { session_id: SESSION }));
    let up = framed(&recording::ToHub::Chunk(recording::Chunk { chunk: chunk() }));
    write("lane", "recording", [&[6], &yamux(0, SYN, 1, &[&recording[..], &up].concat())[..]].concat());
    let many = (0..40).flat_map(|stream: u8| yamux(1, SYN, 2 * stream + 1, &[])).collect::<Vec<_>>();
    write("lane", "too-many-channels", [&[6], &many[..]].concat());
    write("lane", "ping-and-go-away", [&[6], &yamux(2, SYN, 0, &[])[..], &yamux(3, 0, 0, &[])].concat());
    write("lane", "raw", [&[0], LANE_HEADER, &[0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3]].concat());
    let link = [framed(&LaneHeader::Link(lane::Link {})), framed(&tcp::Link::Beat(tcp::Beat {}))].concat();
    let lane = [framed(&LaneHeader::Bulk(lane::Bulk {})), recording, up].concat();
    let both = [yamux(0, SYN, 1, &link), yamux(0, SYN, 3, &lane)].concat();
    write("lane", "tcp", [&[5], &both[..]].concat());
    let close = [framed(&LaneHeader::Link(lane::Link {})), framed(&tcp::Link::Close(tcp::Close { code: 2 }))];
    write("lane", "tcp-close", [&[5], &yamux(0, SYN, 1, &close.concat())[..]].concat());
}

pub(crate) fn offsets() {
    // Operations of `openpam_fuzz::input_stream`: again what was sent, anywhere, ahead, given.
    write("input_stream", "typing", [0, 0, 0, 5, 3, 0, 5, 0, 5, 0, 9, 2, 1, 4, 3, 0, 9]);
    write("input_stream", "full", [0, 0, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 1, 3, 0, 1, 0, 0, 0, 1]);
    write("input_stream", "end-of-numbers", [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 9]);
    // Operations of `openpam_fuzz::ring`: append, release, acknowledge, begin, copy; each with what is kept.
    write(
        "ring",
        "grow-and-leave",
        [0, 0x20, 0, 7, 0, 1, 0, 9, 1, 0, 3, 0, 9, 1, 2, 0, 4, 1, 5, 0, 2, 0, 90, 0],
    );
    write(
        "ring",
        "begin-again",
        [0, 0, 200, 1, 0, 3, 0, 150, 0, 2, 0, 99, 0, 4, 0, 120, 0, 5, 0, 1, 1, 0, 0],
    );
}
