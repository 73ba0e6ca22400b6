//! Seeds of what is not the tunnel's encoding: certificates, seals, recordings, screens, texts.

use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use jiff::Timestamp;
use openpam_fuzz::key::key;
use openpam_ids::{GrantId, GroupId, HubId, SatelliteId, TargetId, UserId, ZoneId};
use openpam_link::ca::{self, Authority};
use openpam_link::identity::NodeName;
use openpam_link::seal::{DIAL_INFO, seal};
use openpam_policy::{
    Grant, Machine, Object, Person, Record, Records, Signed, Statement, Subject, Target, Terms, Transfer,
    Update, User, When, Window,
};
use openpam_proto::attach::Secret;
use openpam_proto::guacamole;
use openpam_satellite::spool::record;
use zeroize::Zeroizing;

use crate::{wire, write};

/// Of a recording.
const SEED_BYTES: usize = 12 * 1024;

pub(crate) fn certificates() {
    let now = SystemTime::now();
    let pem = Authority::create(now).expect("an authority");
    let authority =
        Authority::load(&pem.root_cert, &pem.intermediate_cert, &pem.intermediate_key).expect("loads");
    let (_, csr) = ca::new_request().expect("a request");
    let name = NodeName::Satellite(SatelliteId::from_bytes([9; 16]));
    let issued = authority.sign_request(&csr, name, now).expect("signs");
    let hub = authority.issue_hub(HubId::from_bytes([5; 16]), now).expect("issues");
    write("certificate", "satellite", &issued.chain[0]);
    write("certificate", "intermediate", &issued.chain[1]);
    write("certificate", "hub", &hub.chain[0]);
    write("certificate", "root", &hub.root);
    write("certificate", "request", &csr);
}

/// What real ones said, in the pieces that a seed may be, and what a browser says.
pub(crate) fn instructions() {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tunnel/proto/tests/guacd");
    for name in ["nla", "refused", "vnc", "xrdp"] {
        let bytes = std::fs::read(recorded.join(name).with_extension("guac")).expect("is recorded");
        let count = guacamole::whole(&bytes, SEED_BYTES, |_| {}).expect("well-formed");
        write("guacamole", name, [&[0, 100], &bytes[..count]].concat());
    }
    let browser = [
        &["key", "97", "1"][..],
        &["mouse", "10", "20", "1"],
        &["sync", "17"],
        &["clipboard", "0", "text/plain"],
        &["blob", "0", "aMOpIQ=="],
        &["end", "0"],
        &["put", "0", "1", "text/plain", "/notes \u{20ac}.txt"],
        &["", "ping", "1"],
        &["size", "1920", "1080"],
    ];
    let said = browser.map(guacamole::instruction).concat();
    write("guacamole", "browser", [&[0, 30], said.as_bytes()].concat());
}

pub(crate) fn seals() {
    let secret = Secret::Password(Zeroizing::new("hunter2".to_owned())).to_bytes();
    let sealed = seal(key().public(), DIAL_INFO, b"place", &secret).expect("seals");
    write("seal", "sealed", [&[0, 32], &sealed.enc[..], &sealed.ciphertext].concat());
    write("seal", "low-order", [&[0, 32], &[0; 32][..], &sealed.ciphertext].concat());
    write("seal", "short-key", [&[0, 3], &[1, 2, 3][..], &sealed.ciphertext].concat());
    write("seal", "to-seal", [&[1, 0, 3], &secret[..]].concat());
}

const CAST: &str = "{\"version\":2,\"width\":80,\"height\":24,\"timestamp\":1700000000,\"title\":\"mara@press 4\",\
    \"env\":{\"TERM\":\"xterm\"}}\n[0.100,\"o\",\"caf\\u00e9 \\u001b[31mred\\u001b[0m\\r\\n\"]\n\
    [0.200,\"r\",\"100x30\"]\nnonsense\n[0.300,\"o\",\"\\u001b]0;title\\u0007a\\tb\\b!\"]\n";

pub(crate) fn recordings() {
    // In the recorder's window.
    let compress = |bytes: &[u8]| {
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).expect("an encoder");
        encoder.window_log(16).expect("a window");
        encoder.write_all(bytes).expect("compresses");
        encoder.finish().expect("compresses")
    };
    let content = |name: &str, bytes: &[u8]| write("recording", name, [&[0], bytes].concat());
    content("chunk", &compress(CAST.as_bytes()));
    content("empty", &compress(b""));
    content("two-frames", &[compress(CAST.as_bytes()), compress(CAST.as_bytes())].concat());
    content("bomb", &compress(&vec![b' '; 8 * 1024 * 1024]));
    // A frame's head (RFC 8878, section 3.1.1.1) that wants a window of 128 MiB, and one raw block of it.
    content(
        "wide-window",
        &[0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, 0x29, 0, 0, b'h', b'e', b'l', b'l', b'o'],
    );
    write("recording", "lines", [&[1, 0, 150], CAST.as_bytes()].concat());
    let endless = format!("[0,\"o\",\"\\u001b]0;{}\"]\n[1,\"o\",\"\\u0007on\"]\n", "x".repeat(1500));
    write("recording", "endless-title", [&[1, 0, 20], endless.as_bytes()].concat());

    let chunk = wire::chunk();
    let segment = [record::encode(&chunk), record::encode(&chunk)].concat();
    write("spool", "two-records", &segment);
    write("spool", "torn", &segment[..segment.len() - 7]);
    write("spool", "body", chunk.to_bytes());
    write("spool", "zeros", [0; 64]);

    // Operations of `openpam_fuzz::cast`: outputs that end inside characters, a flood, a resize.
    let outputs =
        [&[0x12][..], b"caf\xc3", &[0x23], b"\xa9 \xff\x1b[3", &[0x10, 0, 120, 0, 40, 0x13]].concat();
    write("cast", "characters", [&outputs[..], "1m\u{20ac}\u{1f980}\"\\".as_bytes()].concat());
    write(
        "cast",
        "flood",
        [&[0x11][..], "\u{fc}\u{1b}abc\r\n".as_bytes(), &[255, 0x12], b"\xe2\x82"].concat(),
    );
}

pub(crate) fn screens() {
    let shows = |name: &str, head: [u8; 4], stream: &[u8]| {
        write("screen", name, [&head[..], stream].concat());
    };
    shows(
        "shell",
        [80, 24, 0, 4],
        b"\x1b[?2004h$ ls -l\r\n\x1b[0m\x1b[01;34mdir\x1b[0m  file\r\n\x1b]0;a\x07$ ",
    );
    let full = b"\x1b7\x1b[?1049h\x1b[2;20r\x1b[?1h\x1b=\x1b[H\x1b[2J\x1b[38;5;214;48:2::1:2:3mX\x1b[5;3HY\x1bM\x1b[3L\x1b[?1049l\x1b8";
    shows("full-screen", [40, 12, 0, 1], full);
    shows("wide", [9, 4, 0, 0], "a漢字\u{301}e\u{301}\u{1f980}x\t\x1b[2@\x1b[3P\x1b[4X\x1b[9b".as_bytes());
    shows("flood", [20, 6, 255, 200], b"\x1b[32mline of a flood\x1b[0m\r\n");
    shows(
        "link",
        [30, 5, 0, 0],
        b"\x1b]8;id=1;https://example/\x07there\x1b]8;;\x07\x1bP1$r0m\x1b\\\x1b(0lqk\x1b(B",
    );
    shows("endless", [10, 3, 255, 255], b"\x1bPxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    shows(
        "numbers",
        [5, 5, 0, 0],
        b"\x1b[99999999999;0H\x1b[2147483647b\x1b[-1A\x1b[;;;;m\x1b[65535S\x1b[65535T\x1b[9999L",
    );
    shows("modes", [30, 8, 0, 2], b"\x1b[?6h\x1b[3;6r\x1b[4h\x1b[20h\x1b[?7l\x1b[?45h\x1b[1\"q!\x1b[0\"q\x1b[?2J\x1b#8\x1b[ @\x1b['}\x1bc");
}

pub(crate) fn texts() {
    write("local", "status", "\"status\"\n");
    write("local", "drain", "{\"drain\":{\"within_s\":600}}\n");
    write("local", "resume", "\"resume\"");
    write(
        "config",
        "hub",
        "listen = \"0.0.0.0:8080\"\ntrusted_proxies = [\"10.0.0.0/8\"]\nsession_grace_seconds = 5\n",
    );
    write(
        "config",
        "satellite",
        "transport = \"tcp\"\nreach_networks = [\"10.7.0.0/16\"]\nreach_ports = [\"22\"]\n",
    );
    write(
        "config",
        "environment",
        "proxy=http://u:p@proxy.example:3128\nmax_sessions=3\nreach_ports=22, 9-7\n",
    );
    write("config", "values", "socks5://proxy.example:1080/\n3389-3399\n::ffff:10.0.0.0/96\n10.0.0.0/8\n");
    let frame = |name: &str, kind: u8, bytes: &[u8]| write("browser", name, [&[kind], bytes].concat());
    frame("ack", 0, br#"{"type":"ack","output_offset":4096}"#);
    frame("resize", 0, br#"{"type":"resize","cols":132,"rows":43}"#);
    frame("ping", 0, br#"{"type":"ping","t":{"a":[1.5e300,"\u001b",null,-0]}}"#);
    frame("ping-fraction", 0, br#"{"type":"ping","t":{"a":[4.5e300,-0]}}"#);
    frame("newer", 0, br#"{"type":"wave","x":1}"#);
    frame("input", 1, b"\0\0\0\0\0\0\x01\x02ls\n");
    frame("last-offset", 1, b"\xff\xff\xff\xff\xff\xff\xff\xffls\n");
    frame("query", 2, b"cols=132&rows=43&session=11111111-1111-1111-1111-111111111111&offset=9&x=%ff");
    let lines = |name: &str, lines: &[&str]| write("http", name, lines.join("\n"));
    lines(
        "forwarded",
        &["\x000.0.0.0", "\x001.2.3.4, 198.51.100.7, 10.0.0.2", "\x01https", "\x00::ffff:10.0.0.9"],
    );
    lines("page", &["\x02https://pam.example", "\x03pam.example", "\x05websocket"]);
    lines("cookie", &["\x04other=1; __Host-openpam_session=abc; openpam_session=", "\x04openpam_session=x"]);
    lines(
        "forms",
        &[" 11111111-1111-1111-1111-111111111111", " fe80::1%eth0", " Ann.Lee@corp", " \u{130}stanbul"],
    );
}

/// A small policy: as records, as a delta, and as what a hub sends.
pub(crate) fn policies() {
    let zone = ZoneId::from_bytes([7; 16]);
    let user = UserId::from_bytes([0x11; 16]);
    let mut old = Records::default();
    old.put(&Record::Zone(zone, true));
    let groups = vec![GroupId::from_bytes([0x22; 16])];
    let person =
        Person { user: User { id: user, enabled: true, groups: groups.clone() }, name: "ada".to_owned() };
    old.put(&Record::Person(person));
    let mut new = old.clone();
    let labels = vec!["env=production".parse().expect("a label")];
    let target = Target {
        id: TargetId::from_bytes([0x33; 16]),
        zone_id: zone,
        enabled: true,
        zone_enabled: true,
        labels: labels.clone(),
    };
    new.put(&Record::Machine(Machine { target, name: "press-1".to_owned() }));
    let at = |second| Timestamp::from_second(second).expect("a time");
    let window = |start| Window { start: at(start), end: at(start + 3600) };
    new.put(&Record::Grant(Grant {
        id: GrantId::from_bytes([0x44; 16]),
        subject: Subject::Group(groups[0]),
        object: Object::Label(labels[0].clone()),
        terms: Terms { max_session_seconds: Some(600), ..Terms::default() },
        when: When::Within(vec![window(1_800_000_000), window(1_800_086_400)]),
    }));
    let transfer = Transfer { copy: false, paste: true, download: true, upload: true };
    let desktop = Record::Grant(Grant {
        id: GrantId::from_bytes([0x55; 16]),
        subject: Subject::User(user),
        object: Object::Zone(zone),
        terms: Terms { transfer, ..Terms::default() },
        when: When::Always,
    });
    let key = desktop.key().expect("a key");
    write("policy", "record-desktop", [&[4], &key.as_bytes()[..], &desktop.to_bytes()[..]].concat());
    let signed = Signed::new(&Statement::new(zone, (1, 2), 0, &new), [9; 32], |_| vec![5; 64]);
    let (before, after) = (old.to_bytes(), new.to_bytes());
    write("policy", "update-whole", [&[0], &Update::whole(signed.clone(), &new).to_bytes()[..]].concat());
    write("policy", "update-delta", [&[0], &Update::delta(signed, &old, &new).to_bytes()[..]].concat());
    write("policy", "records", [&[1], &after[..]].concat());
    write("policy", "delta", [&[2], &new.delta_to(&old).to_bytes()[..]].concat());
    let half = u16::try_from(before.len()).expect("small").to_be_bytes();
    write("policy", "two", [&[3], &half[..], &before[..], &after[..]].concat());
    for (number, (key, bytes)) in new.iter().enumerate() {
        write("policy", &format!("record-{number}"), [&[4], &key.as_bytes()[..], bytes].concat());
    }
}
