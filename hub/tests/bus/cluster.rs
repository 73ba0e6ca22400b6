//! A cluster of three real servers under load loses one, then another, and gets both back: every event is in the stream once, in
//! the order of its node, and nothing waits at the end.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_nats::jetstream;
use async_nats::jetstream::stream::PeerInfo;
use futures::StreamExt;
use nkeys::KeyPair;
use openpam_hub::app::AppState;
use openpam_hub::bus::accounts;
use openpam_hub::bus::authority::Authority;
use openpam_hub::bus::keep::{self, Standing};
use openpam_hub::changes::Change;
use openpam_hub::mesh;
use openpam_hub::store::events::{self, Fact};
use openpam_hub::store::{bus, satellites};
use openpam_ids::{AttachmentId, EventId, SatelliteId, SessionId, TargetId, UserId};
use openpam_proto::event::{About, Attachment, ChainedEvent, Event};
use openpam_proto::message::Message;
use serde_json::json;
use sqlx::PgPool;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::harness::world::World;
use crate::keep::there;
use crate::place::{PROGRAMS, Party, program};

const SERVERS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(60);
/// Servers copy what they missed in their own time.
const COPIES_PATIENCE: Duration = Duration::from_secs(10);
/// Messages that are read at the same time.
const AT_ONCE: usize = 32;
/// Events of the hub and of the site in each step of the load, and the time from step to step: some four hundred a second.
const OF_HUB: usize = 3;
const OF_SITE: usize = 5;
const STEP: Duration = Duration::from_millis(20);

struct Server {
    name: String,
    port: u16,
    folder: TempDir,
    process: Option<Child>,
}

impl Server {
    fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    fn start(&mut self) {
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.path().join("log"))
            .expect("a log");
        let process = Command::new(program(PROGRAMS[0]))
            .args(["-c", "nats.conf"])
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        self.process = Some(process.expect("starts"));
    }

    /// The last of its log.
    fn words(&self) -> String {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        log.lines().rev().take(30).map(|line| format!("\n{line}")).collect()
    }

    /// With SIGKILL.
    fn kill(&mut self) {
        let mut process = self.process.take().expect("it runs");
        process.kill().expect("is killed");
        process.wait().expect("has ended");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.kill();
        }
    }
}

/// Free ports for clients, and between servers.
struct Ports {
    clients: Vec<u16>,
    routes: Vec<u16>,
}

impl Ports {
    fn new() -> Self {
        // All at the same time, so that they differ.
        let listeners: Vec<_> = (0..2 * SERVERS)
            .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port"))
            .collect();
        let mut clients: Vec<u16> =
            listeners.iter().map(|listener| listener.local_addr().expect("an address").port()).collect();
        let routes = clients.split_off(SERVERS);
        Self { clients, routes }
    }

    /// As `nats_url` has them.
    fn urls(&self) -> String {
        let urls: Vec<_> = self.clients.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect();
        urls.join(", ")
    }

    /// Servers that are not started; each has what `openpam-hub bus server-config` prints.
    fn servers(&self, authority: &Authority) -> Vec<Server> {
        let all: Vec<_> = self.routes.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect();
        let server = |(number, (port, route)): (usize, (&u16, &u16))| {
            let folder = tempfile::tempdir().expect("a folder");
            let name = format!("nats-{number}");
            let streams = folder.path().join("streams");
            let said = authority.configuration(&folder.path().join("accounts")).expect("signs");
            let text = format!(
                "server_name: {name}\nhost: 127.0.0.1\nport: {port}\njetstream {{ store_dir: {streams:?} }}\n\
                 cluster {{ name: openpam, host: 127.0.0.1, port: {route}, routes: {all:?} }}\n{said}"
            );
            fs::write(folder.path().join("nats.conf"), text).expect("written");
            Server { name, port: *port, folder, process: None }
        };
        self.clients.iter().zip(&self.routes).enumerate().map(server).collect()
    }
}

/// Whose events it makes.
struct Load {
    hub: AppState,
    satellite: SatelliteId,
    user: UserId,
    target: TargetId,
}

impl Load {
    /// Until it is told to stop; so many.
    async fn run(self, stop: &AtomicBool) -> usize {
        let (mut seq, mut previous, mut made) = (0, [0; 32], 0);
        let mut tick = tokio::time::interval(STEP);
        while !stop.load(Ordering::Relaxed) {
            tick.tick().await;
            self.of_hub().await;
            let mut chain = Vec::new();
            for _ in 0..OF_SITE {
                seq += 1;
                let link = ChainedEvent::link(seq, previous, self.of_site().to_bytes());
                previous = link.hash;
                chain.push(link);
            }
            mesh::events::accept(&self.hub, self.satellite, &chain).await.expect("taken");
            made += OF_HUB + OF_SITE;
        }
        made
    }

    async fn of_hub(&self) {
        let mut db = self.hub.pool.begin().await.expect("a transaction");
        for _ in 0..OF_HUB {
            let fact = Fact {
                kind: "user.password_changed",
                user_id: Some(self.user),
                session_id: None,
                client_ip: Some("192.0.2.7".to_owned()),
                detail: json!({}),
            };
            events::record(&mut db, self.hub.id, fact).await.expect("the books");
        }
        db.commit().await.expect("commits");
    }

    fn of_site(&self) -> Event {
        let about = About {
            event_id: EventId::generate(),
            at_ms: 1_700_000_000_000,
            session_id: SessionId::generate(),
            user_id: self.user,
            target_id: self.target,
        };
        Event::Attached(Attachment { about, attachment_id: AttachmentId::generate(), client_ip: None })
    }
}

async fn newest(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT coalesce(max(id), 0) FROM audit_events")
        .fetch_one(pool)
        .await
        .expect("the books")
}

async fn waiting(pool: &PgPool) -> i64 {
    bus::backlog(pool).await.expect("the books").events
}

/// How long it takes from now until an event that comes after now is in the stream, with all before it.
async fn until_told_again(pool: &PgPool) -> Duration {
    let begun = Instant::now();
    let now = newest(pool).await;
    let told = async {
        loop {
            sleep(Duration::from_millis(20)).await;
            let later = newest(pool).await > now;
            let waits = "SELECT EXISTS (SELECT FROM bus_outbox WHERE event_id <= $1 + 1)";
            let waits: bool = sqlx::query_scalar(waits).bind(now).fetch_one(pool).await.expect("the books");
            if later && !waits {
                return begun.elapsed();
            }
        }
    };
    timeout(PATIENCE, told).await.expect("in time")
}

async fn until_all_is_told(pool: &PgPool) -> Duration {
    let begun = Instant::now();
    let told = async {
        while waiting(pool).await > 0 {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, told).await.expect("in time");
    begun.elapsed()
}

async fn hub_at(authority: &Authority, urls: &str) -> jetstream::Context {
    let options = accounts::options(&authority.hub_user().expect("signs")).expect("a key");
    jetstream::new(options.connect(accounts::addresses(urls).expect("addresses")).await.expect("connects"))
}

/// Which server leads the stream.
async fn leader(authority: &Authority, urls: &str) -> String {
    let hub = hub_at(authority, urls).await;
    let leads = async {
        loop {
            if let Ok(stream) = hub.get_stream(keep::STREAM).await
                && let Some(leader) =
                    stream.cached_info().cluster.as_ref().and_then(|cluster| cluster.leader.clone())
            {
                return leader;
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, leads).await.expect("in time")
}

/// Until every server has all of the stream again; what they say, if that takes long.
async fn until_all_copies_are_whole(authority: &Authority, urls: &str) -> String {
    let begun = Instant::now();
    let hub = hub_at(authority, urls).await;
    let mut replicas = Vec::new();
    while begun.elapsed() < COPIES_PATIENCE {
        if let Ok(stream) = hub.get_stream(keep::STREAM).await
            && let Some(cluster) = &stream.cached_info().cluster
        {
            replicas.clone_from(&cluster.replicas);
            let whole = |replica: &PeerInfo| replica.current && !replica.offline;
            if replicas.len() == SERVERS - 1 && replicas.iter().all(whole) {
                return format!("all copies are whole after {:?}", begun.elapsed());
            }
        }
        sleep(Duration::from_millis(50)).await;
    }
    format!("not all copies are whole after {COPIES_PATIENCE:?}: {replicas:?}")
}

/// The `id`s in the stream, each with its node and place, as its leader has them.
async fn heard(authority: &Authority, urls: &str) -> Vec<(Uuid, i64)> {
    let stream = hub_at(authority, urls).await.get_stream(keep::STREAM).await.expect("the stream");
    let info = stream.cached_info();
    assert_eq!(info.config.num_replicas, SERVERS);
    assert_eq!(info.state.messages, info.state.last_sequence, "nothing was dropped");
    // The leader may change once more.
    let message = async |seq| loop {
        match stream.get_raw_message(seq).await {
            Ok(message) => return message.payload,
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    };
    let messages = futures::stream::iter(1..=info.state.last_sequence).map(message);
    let ids = messages.buffered(AT_ONCE).map(|payload| {
        let event: serde_json::Value = serde_json::from_slice(&payload).expect("JSON");
        let (node, seq) = event["id"].as_str().and_then(|id| id.split_once('/')).expect("an id");
        (node.parse().expect("a node"), seq.parse().expect("a number"))
    });
    timeout(PATIENCE, ids.collect()).await.expect("in time")
}

/// Whoever is a site's satellite, at this server alone.
async fn may_connect(world: &World, server: &Server) -> bool {
    let key = KeyPair::new_user();
    let token = world
        .test
        .hub
        .keys
        .bus
        .present()
        .satellite(world.zone, world.satellite, &key.public_key())
        .expect("signs");
    Party::connect(&server.url(), token, key).await.is_ok()
}

async fn a_cluster_loses_two_of_three_under_load(events_wanted: usize) {
    let ports = Ports::new();
    let urls = ports.urls();
    let world = World::with(&format!("nats_url = {urls:?}")).await;
    let authority = &world.test.hub.keys.bus.present();
    let mut servers = ports.servers(authority);
    let (pool, stop) = (&world.test.hub.pool, CancellationToken::new());

    // The hub is there first, then one server, which cannot keep a stream alone.
    let keeping = tokio::spawn(keep::run(world.test.hub.clone(), stop.clone()));
    let mut standing = world.test.hub.bus.watch();
    let refused =
        |standing: &Standing| matches!(standing, Standing::Away(why) if why.contains("no connection"));
    timeout(PATIENCE, standing.wait_for(refused)).await.expect("in time").expect("lives");
    let begun = Instant::now();
    servers[0].start();
    there(&world, 1).await;
    eprintln!("the hub is at the first of {SERVERS} servers after {:?}", begun.elapsed());
    let made = AtomicBool::new(false);
    let load = Load {
        hub: world.test.hub.clone(),
        satellite: world.satellite,
        user: world.user,
        target: world.target,
    };
    let course = async {
        sleep(Duration::from_secs(1)).await;
        assert!(waiting(pool).await > 0, "one server of three takes nothing");
        let begun = Instant::now();
        servers[1].start();
        servers[2].start();
        eprintln!("with all servers there it is told after {:?}", until_told_again(pool).await);
        eprintln!("and the leader is {} after {:?}", leader(authority, &urls).await, begun.elapsed());

        let leads = leader(authority, &urls).await;
        let first = servers.iter().position(|server| server.name == leads).expect("one of them");
        servers[first].kill();
        eprintln!(
            "{leads}, the leader, is killed: it is told again after {:?}",
            until_told_again(pool).await
        );

        let second = (first + 1) % SERVERS;
        servers[second].kill();
        sleep(Duration::from_secs(3)).await;
        let waits = waiting(pool).await;
        assert!(waits > 200, "one server of three takes nothing: {waits}");
        eprintln!("another is killed: after 3 s {waits} events wait in the books");
        servers[second].start();
        eprintln!("it is started: it is told again after {:?}", until_told_again(pool).await);
        servers[first].start();
        eprintln!("the other is started: it is told again after {:?}", until_told_again(pool).await);
        let enough = i64::try_from(events_wanted).expect("a number");
        while newest(pool).await < enough {
            sleep(Duration::from_millis(50)).await;
        }
        made.store(true, Ordering::Relaxed);
    };
    let (told, ()) = tokio::join!(load.run(&made), course);
    eprintln!("{told} events were made; the last of them is told after {:?}", until_all_is_told(pool).await);

    eprintln!("{}", until_all_copies_are_whole(authority, &urls).await);

    let mut all = heard(authority, &urls).await;
    let books: Vec<(Uuid, i64)> =
        sqlx::query_as("SELECT node_id, seq FROM audit_events ORDER BY node_id, seq")
            .fetch_all(pool)
            .await
            .expect("the books");
    assert_eq!(books.len(), told);
    let unique: HashSet<_> = all.iter().collect();
    assert_eq!(unique.len(), all.len(), "told once");
    let mut last = BTreeMap::new();
    for (node, seq) in &all {
        let before = last.insert(node, seq);
        assert!(before < Some(seq), "{node}: {seq} comes after {before:?}");
    }
    all.sort_unstable();
    assert_eq!(all, books, "all of them");

    stop.cancel();
    keeping.await.expect("ends");
}

#[tokio::test]
async fn every_server_of_a_cluster_learns_of_accounts_that_came_and_went_while_it_was_away() {
    let ports = Ports::new();
    let world = World::with(&format!("nats_url = {:?}", ports.urls())).await;
    let mut servers = ports.servers(&world.test.hub.keys.bus.present());
    let (pool, stop) = (&world.test.hub.pool, CancellationToken::new());
    servers[0].start();
    let keeping = tokio::spawn(keep::run(world.test.hub.clone(), stop.clone()));
    there(&world, 1).await;
    for server in &mut servers[1..] {
        server.start();
    }
    all_agree(&world, &servers, true).await;
    // What they kept is lost with their disks; the last of them knows.
    for number in [0, 1] {
        servers[number].kill();
        fs::remove_dir_all(servers[number].folder.path().join("accounts")).expect("removed");
        servers[number].start();
    }
    all_agree(&world, &servers, true).await;

    servers[0].kill();
    let mut db = pool.acquire().await.expect("a connection");
    assert!(satellites::revoke(&mut db, world.satellite).await.expect("the books"));
    world.test.hub.changes.tell(Change::SatelliteRevoked(world.satellite));
    there(&world, 0).await;
    servers[0].start();
    all_agree(&world, &servers, false).await;
    stop.cancel();
    keeping.await.expect("ends");
}

/// Each of them lets the zone's satellite in, or none.
async fn all_agree(world: &World, servers: &[Server], lets_in: bool) {
    for server in servers {
        let begun = Instant::now();
        let listens = || tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, server.port));
        while listens().await.is_err() {
            assert!(begun.elapsed() < PATIENCE, "{} does not listen", server.name);
            sleep(Duration::from_millis(50)).await;
        }
        while may_connect(world, server).await != lets_in {
            assert!(begun.elapsed() < PATIENCE, "{}: {}", server.name, server.words());
            sleep(Duration::from_millis(100)).await;
        }
        eprintln!("{} lets the satellite in: {lets_in}, after {:?}", server.name, begun.elapsed());
    }
}

#[tokio::test]
async fn a_cluster_that_loses_two_of_three_servers_loses_no_event() {
    a_cluster_loses_two_of_three_under_load(2000).await;
}

#[tokio::test]
#[ignore = "soak: 10,000 events"]
async fn a_cluster_that_loses_two_of_three_servers_loses_none_of_ten_thousand_events() {
    a_cluster_loses_two_of_three_under_load(10_000).await;
}
