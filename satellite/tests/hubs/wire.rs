//! Hubs reduced to their ends of tunnel and control channel, and the program that dials them: real handshakes and the real
//! wire, with books that are a list in memory.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use openpam_ids::{EventId, HubId, SatelliteId, SessionId, TargetId, TunnelId, UserId, ZoneId};
use openpam_link::ca::{self, Authority};
use openpam_link::identity::NodeName;
use openpam_link::listener::{Arrival, Listener, ListenerOptions, TunnelPort};
use openpam_link::quic::ResetKey;
use openpam_link::tunnel::Tunnel;
use openpam_proto::channel::ChannelHeader;
use openpam_proto::close::CloseCode;
use openpam_proto::control::{
    EventReceipt, Events, HubInstance, Instances, Ping, Pong, ToHub, ToSite, Welcome,
};
use openpam_proto::event::{About, Event, SessionOpened};
use openpam_proto::join::Joined;
use openpam_proto::renew::{self, Renewed};
use openpam_proto::version;
use openpam_satellite::hubs;
use openpam_satellite::state::{Membership, StateDir};
use openpam_satellite::store::Store;
use serde_json::Value;
use tokio::sync::broadcast;
use zeroize::Zeroizing;

/// Nothing here takes longer on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
const PING_EVERY: Duration = Duration::from_millis(500);

/// Waits until `look` finds something.
pub(crate) async fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What the hubs of an installation share.
pub(crate) struct Installation {
    authority: Authority,
    satellite_id: SatelliteId,
    /// Which hub took which event; the chain's end.
    books: Mutex<Books>,
    instances: Mutex<Vec<HubInstance>>,
}

#[derive(Default)]
struct Books {
    taken: Vec<(HubId, u64)>,
    last: (u64, [u8; 32]),
    renewals: u64,
}

impl Installation {
    pub(crate) fn new() -> Arc<Self> {
        let pem = Authority::create(SystemTime::now()).expect("creates");
        let authority = Authority::load(&pem.root_cert, &pem.intermediate_cert, &pem.intermediate_key);
        let satellite_id = SatelliteId::generate();
        let (books, instances) = Default::default();
        Arc::new(Self { authority: authority.expect("loads"), satellite_id, books, instances })
    }

    /// From now on hubs tell of these.
    pub(crate) fn has(&self, hubs: &[&Hub]) {
        let instance = |hub: &&Hub| HubInstance { hub_id: hub.listed_as, addresses: vec![hub.address()] };
        *self.instances.lock().expect("a list") = hubs.iter().map(instance).collect();
    }

    fn instances(&self) -> Vec<HubInstance> {
        self.instances.lock().expect("a list").clone()
    }

    /// The number of the newest event in the books.
    pub(crate) fn last(&self) -> u64 {
        self.books.lock().expect("books").last.0
    }

    /// How many events that hub took.
    pub(crate) fn taken_by(&self, hub: &Hub) -> usize {
        self.books.lock().expect("books").taken.iter().filter(|(by, _)| *by == hub.id).count()
    }

    /// How many renewals there were.
    pub(crate) fn renewals(&self) -> u64 {
        self.books.lock().expect("books").renewals
    }

    /// As the books of a hub do: what is known is passed over, a hole is an error.
    fn take(&self, hub: HubId, batch: &Events) -> u64 {
        let mut books = self.books.lock().expect("books");
        for event in &batch.events {
            if event.seq > books.last.0 {
                assert_eq!(
                    (event.seq, event.previous),
                    (books.last.0 + 1, books.last.1),
                    "the chain goes on"
                );
                books.last = (event.seq, event.hash);
                books.taken.push((hub, event.seq));
            }
        }
        books.last.0
    }
}

/// One hub.
pub(crate) struct Hub {
    pub(crate) id: HubId,
    /// Which one hubs say that it is.
    pub(crate) listed_as: HubId,
    address: SocketAddr,
    installation: Arc<Installation>,
    port: Option<TunnelPort>,
    shared: Arc<Shared>,
}

struct Shared {
    id: HubId,
    installation: Arc<Installation>,
    /// It hears and says nothing any more, but does not go.
    mute: AtomicBool,
    /// What it says to the site.
    say: broadcast::Sender<ToSite>,
    tunnels: Mutex<Vec<(TunnelId, Tunnel)>>,
    arrived: Mutex<usize>,
    /// After so many events it takes no more, and says nothing.
    mute_after: Mutex<Option<usize>>,
}

impl Hub {
    pub(crate) async fn start(installation: &Arc<Installation>) -> Self {
        let id = HubId::generate();
        let shared = Shared {
            id,
            installation: installation.clone(),
            mute: AtomicBool::new(false),
            say: broadcast::Sender::new(8),
            tunnels: Mutex::default(),
            arrived: Mutex::default(),
            mute_after: Mutex::default(),
        };
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let (installation, shared) = (installation.clone(), Arc::new(shared));
        let mut hub = Self { id, listed_as: id, address, installation, port: None, shared };
        hub.restart().await;
        hub
    }

    /// Listens, again where it did before.
    pub(crate) async fn restart(&mut self) {
        let identity = self.installation.authority.issue_hub(self.id, SystemTime::now()).expect("issues");
        let reset = ResetKey::new(Zeroizing::new([7; ResetKey::BYTES]));
        let mut tries = 0;
        let mut listener = loop {
            match Listener::bind(self.address, &identity, &reset, ListenerOptions::default()).await {
                Ok(listener) => break listener,
                // What it had before goes a moment later.
                Err(error) => assert!(tries < 100, "{error}"),
            }
            tries += 1;
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        (self.address, self.port) = (listener.local_address(), Some(listener.port()));
        let shared = self.shared.clone();
        tokio::spawn(async move {
            while let Some(arrival) = listener.next().await {
                match arrival {
                    Arrival::Tunnel { tunnel, .. } => drop(tokio::spawn(serve(shared.clone(), tunnel))),
                    Arrival::Renew(certified, request, reply) => {
                        let installation = &shared.installation;
                        installation.books.lock().expect("books").renewals += 1;
                        let name = NodeName::Satellite(installation.satellite_id);
                        assert_eq!(certified.name, name);
                        let issued =
                            installation.authority.sign_request(&request.csr, name, SystemTime::now());
                        let chain = issued.expect("signs").chain;
                        let renewed = renew::ToSite::Renewed(Renewed {
                            chain: chain.iter().map(|cert| cert.to_vec().into()).collect(),
                            generation: request.generation,
                            time_ms: now_ms(),
                            addresses: Vec::new(),
                        });
                        reply.send(&renewed).await;
                    }
                    other => panic!("{other:?}"),
                }
            }
        });
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Is gone at once.
    pub(crate) async fn kill(&mut self) {
        self.drop_tunnels(CloseCode::Normal);
        let port = self.port.take().expect("listens");
        port.close(Duration::from_millis(200)).await;
        drop(port);
    }

    /// Every tunnel to it is closed for that reason.
    pub(crate) fn drop_tunnels(&self, code: CloseCode) {
        self.shared.tunnels.lock().expect("tunnels").drain(..).for_each(|(_, tunnel)| tunnel.close(code));
    }

    pub(crate) fn set_mute(&self, mute: bool) {
        self.shared.mute.store(mute, Ordering::Relaxed);
    }

    pub(crate) fn mute_after(&self, events: usize) {
        *self.shared.mute_after.lock().expect("a number") = Some(events);
    }

    pub(crate) fn is_mute(&self) -> bool {
        self.shared.mute.load(Ordering::Relaxed)
    }

    /// Says to the site which hubs there are.
    pub(crate) fn tell(&self) {
        let instances = self.installation.instances();
        // Nobody listens where no tunnel stands.
        let _ = self.shared.say.send(ToSite::Instances(Instances { instances }));
    }

    /// Tunnels that stand.
    pub(crate) fn tunnels(&self) -> usize {
        self.shared.tunnels.lock().expect("tunnels").len()
    }

    /// How often a site was welcomed.
    pub(crate) fn welcomed(&self) -> usize {
        *self.shared.arrived.lock().expect("a number")
    }
}

fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    i64::try_from(now.as_millis()).expect("this age")
}

async fn serve(hub: Arc<Shared>, tunnel: Tunnel) {
    let id = TunnelId::generate();
    talk(&hub, &tunnel, id).await;
    hub.tunnels.lock().expect("tunnels").retain(|(other, _)| *other != id);
}

async fn talk(hub: &Shared, tunnel: &Tunnel, tunnel_id: TunnelId) -> Option<()> {
    let (_, _lane, mut acceptor) = tunnel.accept_lane().await.ok()?;
    let mut channel = acceptor.accept().await?;
    let header = channel.reader.next_message::<ChannelHeader>().await.ok()??;
    assert!(matches!(header, ChannelHeader::Control(_)), "{header:?}");
    let Some(ToHub::Hello(_)) = channel.reader.next_message::<ToHub>().await.ok()? else { return None };
    let mut said = hub.say.subscribe();
    let (last, hash) = hub.installation.books.lock().expect("books").last;
    let welcome = Welcome {
        minor: version::MINOR,
        version: "0".to_owned(),
        hub_id: hub.id,
        tunnel_id,
        time_ms: now_ms(),
        recording_key: vec![9; 32].into(),
        epoch: 1,
        next_event: last + 1,
        policy_keys: Vec::new(),
        policy: None,
        last_event: (last > 0).then(|| hash.into()),
        bus: None,
        instances: hub.installation.instances(),
    };
    channel.writer.send(&ToSite::Welcome(welcome)).await.ok()?;
    *hub.arrived.lock().expect("a number") += 1;
    hub.tunnels.lock().expect("tunnels").push((tunnel_id, tunnel.clone()));
    let mut ping = tokio::time::interval(PING_EVERY);
    loop {
        let message = tokio::select! {
            message = channel.reader.next_message::<ToHub>() => message.ok()??,
            // Lanes of recordings and the like: nothing comes in them here.
            lane = tunnel.accept_lane() => {
                std::mem::forget(lane.ok()?);
                continue;
            }
            Ok(message) = said.recv() => {
                channel.writer.send(&message).await.ok()?;
                continue;
            }
            _ = ping.tick() => {
                if !hub.mute.load(Ordering::Relaxed) {
                    channel.writer.send(&ToSite::Ping(Ping { t: 1 })).await.ok()?;
                }
                continue;
            }
        };
        if hub.mute.load(Ordering::Relaxed) {
            continue;
        }
        match message {
            ToHub::Events(batch) => {
                let seq = hub.installation.take(hub.id, &batch);
                let enough = *hub.mute_after.lock().expect("a number");
                if enough.is_some_and(|enough| seq as usize >= enough) {
                    // The batch is kept, its receipt does not get there.
                    hub.mute.store(true, Ordering::Relaxed);
                    continue;
                }
                channel.writer.send(&ToSite::EventReceipt(EventReceipt { seq })).await.ok()?;
            }
            ToHub::Ping(ping) => channel.writer.send(&ToSite::Pong(Pong { t: ping.t })).await.ok()?,
            _ => {}
        }
    }
}

/// A satellite that has joined, and the program that runs it.
pub(crate) struct Satellite {
    _folder: tempfile::TempDir,
    pub(crate) state: PathBuf,
    program: Option<Child>,
}

impl Satellite {
    /// Joined where `addresses` are, with so many events that wait.
    pub(crate) async fn new(installation: &Installation, addresses: Vec<String>, events: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("state");
        let (key, csr) = ca::new_request().expect("requests");
        let (id, authority) = (installation.satellite_id, &installation.authority);
        let issued = authority.sign_request(&csr, NodeName::Satellite(id), SystemTime::now()).expect("signs");
        let joined = Joined {
            satellite_id: id,
            zone_id: ZoneId::generate(),
            zone: "plant-7".to_owned(),
            chain: issued.chain.iter().map(|cert| cert.to_vec().into()).collect(),
            root: authority.root().to_vec().into(),
            hub_id: HubId::generate(),
            addresses,
        };
        let folder_of_state = StateDir::open(&state).expect("a state folder");
        folder_of_state.keep_membership(&key, &Membership::from_answer(&joined)).expect("writes");
        let (store, _) = Store::open(&state.join("satellite.db")).expect("opens");
        for _ in 0..events {
            store.record(opened()).await.expect("records");
        }
        Self { _folder: folder, state, program: None }
    }

    /// Runs the program.
    pub(crate) async fn start(&mut self) {
        let state = self.state.clone();
        // What a stopped one held may still be.
        let free = eventually("the state folder is free", || StateDir::open(&state).ok()).await;
        drop(free);
        let log = std::fs::File::options().create(true).append(true).open(self.log()).expect("a log");
        let mut command = self.command("run");
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a handle")).stderr(log);
        self.program = Some(command.spawn().expect("starts"));
    }

    /// Kills it.
    pub(crate) fn kill(&mut self) {
        if let Some(mut program) = self.program.take() {
            let _ = program.kill();
            let _ = program.wait();
        }
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.program.as_mut().is_some_and(|program| matches!(program.try_wait(), Ok(None)))
    }

    fn command(&self, command: &str) -> Command {
        let mut program = Command::new("setpriv");
        program.args(["--pdeathsig", "KILL", "--", env!("CARGO_BIN_EXE_openpam-satellite"), command]);
        program.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        program.env("OPENPAM_STATE", &self.state).env("OPENPAM_LOG", "debug");
        program
    }

    /// What it printed.
    pub(crate) fn log(&self) -> PathBuf {
        self.state.with_file_name("log")
    }

    /// `status`.
    pub(crate) fn status(&self) -> String {
        let output = self.command("status").output().expect("runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// `status --json`.
    pub(crate) fn status_json(&self) -> Option<Value> {
        let output = self.command("status").arg("--json").output().expect("runs");
        serde_json::from_slice(&output.stdout).ok()
    }

    /// The lines of it.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let status = self.status_json();
        status.and_then(|status| status.get("lines")?.as_array().cloned()).unwrap_or_default()
    }

    /// The hubs that it keeps in its folder.
    pub(crate) fn kept(&self) -> usize {
        hubs::read(Path::new(&self.state.join(hubs::FILE))).len()
    }
}

impl Drop for Satellite {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("{}", std::fs::read_to_string(self.log()).unwrap_or_default());
        }
    }
}

/// An event of a session that was never here: its end follows by itself at the next start.
fn opened() -> Event {
    let about = About {
        event_id: EventId::generate(),
        at_ms: now_ms(),
        session_id: SessionId::generate(),
        user_id: UserId::generate(),
        target_id: TargetId::generate(),
    };
    Event::SessionOpened(SessionOpened { about, credential_id: None, client_ip: None, basis: None })
}
