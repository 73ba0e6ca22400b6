//! A nats-server at a site, which its owner may do with as they like; and the way that it is let in by.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use nkeys::KeyPair;
use openpam_hub::bus::authority::Credentials;
use openpam_ids::ZoneId;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;
use zeroize::Zeroizing;

use crate::place::{PROGRAMS, Party, Place, SITE, program};

/// A leaf node.
pub(crate) struct Leaf {
    process: Child,
    /// Where its own clients connect.
    pub(crate) url: String,
}

impl Drop for Leaf {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Leaf {
    /// Waits until it is connected to `remote`.
    pub(crate) async fn new(place: &Place, name: &str, zone: ZoneId, remote: &str) -> Self {
        let key = KeyPair::new_user();
        let token = place.authority.satellite(zone, SITE, &key.public_key()).expect("signs");
        let seed = Zeroizing::new(key.seed().expect("a seed"));
        let folder = place.folder.path().join("leaf");
        std::fs::create_dir(&folder).expect("a folder");
        let credentials = Credentials { token, seed }.to_file();
        std::fs::write(folder.join("site.creds"), &*credentials).expect("writes");
        let remote = remote.replace("nats://", "nats-leaf://");
        let configuration = format!(
            "listen: \"127.0.0.1:-1\"\nports_file_dir: \"{}\"\n\
             leafnodes {{ reconnect: 1, remotes: [ {{ url: \"{remote}\", credentials: \"site.creds\" }} ] }}\n",
            folder.display()
        );
        std::fs::write(folder.join("leaf.conf"), configuration).expect("writes");
        let mut command = Command::new(program(name));
        command.args(["-c", "leaf.conf", "-l", "leaf.log"]).current_dir(&folder).stdout(Stdio::null());
        let mut leaf = Self { process: command.spawn().expect("starts"), url: String::new() };
        for _ in 0..100 {
            sleep(Duration::from_millis(50)).await;
            let log = std::fs::read_to_string(folder.join("leaf.log")).unwrap_or_default();
            let listens = log.lines().find_map(|line| line.split_once("client connections on "));
            if let Some((_, address)) = listens.filter(|_| log.contains("Leafnode connection created")) {
                sleep(Duration::from_millis(300)).await;
                leaf.url = format!("nats://{}", address.trim());
                return leaf;
            }
        }
        panic!("the leaf node does not connect");
    }
}

/// The only way that a site is let in by, which can be cut.
struct Way {
    url: String,
    open: watch::Sender<bool>,
    tries: Arc<AtomicUsize>,
}

impl Way {
    async fn to(server: &str) -> Self {
        let server = server.trim_start_matches("nats://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
        let url = format!("nats://{}", listener.local_addr().expect("an address"));
        let (open, tries) = (watch::Sender::new(true), Arc::new(AtomicUsize::new(0)));
        let (gate, counted) = (open.clone(), tries.clone());
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                let (mut gate, server) = (gate.subscribe(), server.clone());
                tokio::spawn(async move {
                    if !*gate.borrow() {
                        return;
                    }
                    let mut server = TcpStream::connect(server).await.expect("the server");
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                        _ = gate.wait_for(|open| !open) => {}
                    }
                });
            }
        });
        Self { url, open, tries }
    }
}

#[tokio::test]
async fn a_leaf_node_does_not_walk_around_the_way_that_it_was_let_in_by() {
    for name in PROGRAMS {
        let place = Place::of(name).await;
        let zone = place.zones[0];
        let way = Way::to(&place.server.addresses().leaf_nodes).await;
        let leaf = Leaf::new(&place, name, zone, &way.url).await;
        let site = Party::with(async_nats::ConnectOptions::new(), &leaf.url).await.expect("connects");
        let hub = place.hub_that_listens().await;
        let reaches = async |what: &str| {
            site.client.publish(format!("zone.{zone}.up.{SITE}.{what}"), "x".into()).await.expect("says");
            site.client.flush().await.expect("flushes");
            sleep(Duration::from_millis(300)).await;
            !hub.heard().is_empty()
        };
        assert!(reaches("before").await, "{name}");
        way.open.send_replace(false);
        let before = way.tries.load(Ordering::Relaxed);
        sleep(Duration::from_secs(4)).await;
        assert!(!reaches("meanwhile").await, "{name} found another way");
        assert!(way.tries.load(Ordering::Relaxed) > before, "{name} tries its own way again");
        way.open.send_replace(true);
        sleep(Duration::from_secs(3)).await;
        assert!(reaches("after").await, "{name}");
        place.stop().await;
    }
}
