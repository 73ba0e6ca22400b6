//! A line between this machine's network and a site's: two tun interfaces and a wire of ours between them.
//!
//! The site's network is a namespace without a name. It is held by its keeper, the small program that opened its
//! interface, and by what runs in it: when the test dies, in whichever way, the keeper dies with it, and nothing is
//! left to clean up. The kernels we meet lack `sch_netem`, hence a wire in userspace.

mod crossing;
mod packet;
mod tun;
mod wire;

use std::fs::File;
use std::net::Ipv4Addr;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tokio::process::Command;

pub(crate) use self::crossing::Manners;
use self::tun::Tun;
use self::wire::Wire;
use crate::system::process;

/// What an Ethernet carries.
pub(crate) const ETHERNET_BYTES: u32 = 1500;

/// Bursts wait in the interface until the wire takes them; what is lost, the wire loses.
const QUEUE_PACKETS: &str = "20000";

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A line to a new site, perfect at first.
pub(crate) struct Line {
    /// This machine's end.
    pub(crate) hub_address: Ipv4Addr,
    /// The site's end.
    pub(crate) site_address: Ipv4Addr,
    /// The name of its interface.
    site_name: String,
    manners: Manners,
    wire: Wire,
    /// Keeps the site's network, and falls last.
    keeper: Tun,
}

impl Line {
    /// Lays a line whose two interfaces take packets of up to `interface_bytes`.
    pub(crate) async fn lay(interface_bytes: u32) -> Self {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = |end| format!("op{}x{number}{end}", std::process::id());
        let (hub_address, site_address) = addresses(std::process::id(), number);
        let unshare = ["unshare", "--net", "--"].map(str::to_owned);
        let hub_name = name('h');
        let site_name = name('s');
        let (hub, site) = tokio::join!(Tun::open(&hub_name, &[]), Tun::open(&site_name, &unshare));
        let line = Self {
            hub_address,
            site_address,
            site_name: site_name.clone(),
            manners: Manners::default(),
            wire: Wire::start(hub.packets(), site.packets()),
            keeper: site,
        };
        set_up(&[], &hub_name, hub_address, interface_bytes).await;
        let inside = line.prefix();
        set_up(&inside, &site_name, site_address, interface_bytes).await;
        ip(&inside, &["link", "set", "lo", "up"]).await;
        line
    }

    /// Words that start a program at the site's end.
    pub(crate) fn prefix(&self) -> Vec<String> {
        vec!["nsenter".to_owned(), format!("--net={}", self.network()), "--".to_owned()]
    }

    /// Changes the line's manners at once; they are perfect until then.
    pub(crate) fn set(&mut self, change: impl FnOnce(&mut Manners)) {
        change(&mut self.manners);
        self.wire.set(&self.manners);
    }

    /// Forgets every TCP connection there is, as a restarted NAT box does: their packets vanish, both ways, and
    /// nobody is told. New connections pass.
    pub(crate) fn forget_connections(&self) {
        self.wire.forget_connections();
    }

    /// Gives the site another address instead of the one it has, as another provider's line does.
    pub(crate) async fn move_site(&mut self) {
        let inside = self.prefix();
        let former = self.site_address;
        self.site_address = other(former);
        for (what, address) in [("del", former), ("add", self.site_address)] {
            ip(&inside, &["address", what, &with_network(address), "dev", &self.site_name]).await;
        }
    }

    /// Does a job inside the site's network: sockets made there stay there.
    pub(crate) fn inside<T: Send>(&self, job: impl FnOnce() -> T + Send) -> T {
        let network = File::open(self.network()).expect("its keeper lives");
        std::thread::scope(|scope| {
            let there = scope.spawn(|| {
                move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network))
                    .expect("root may enter");
                job()
            });
            there.join().expect("the job is done")
        })
    }

    fn network(&self) -> String {
        format!("/proc/{}/ns/net", self.keeper.pid())
    }
}

/// The two ends' addresses: a /29 of 10.0.0.0/8 for each line of each process. The process ids of two runs side by
/// side are less than 2^18 apart, and a test lays fewer than eight lines.
pub(crate) fn addresses(pid: u32, number: u32) -> (Ipv4Addr, Ipv4Addr) {
    let network = (10 << 24) | (((pid * 8 + number % 8) % (1 << 21)) << 3);
    (Ipv4Addr::from(network + 1), Ipv4Addr::from(network + 2))
}

/// The other one of the two that a site has by turns.
fn other(address: Ipv4Addr) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(address) ^ 1)
}

fn with_network(address: Ipv4Addr) -> String {
    format!("{address}/29")
}

async fn set_up(prefix: &[String], name: &str, address: Ipv4Addr, bytes: u32) {
    ip(prefix, &["address", "add", &with_network(address), "dev", name]).await;
    let bytes = bytes.to_string();
    ip(prefix, &["link", "set", name, "mtu", &bytes, "txqueuelen", QUEUE_PACKETS, "up"]).await;
}

async fn ip(prefix: &[String], arguments: &[&str]) {
    let words = prefix.iter().map(String::as_str).chain(["ip"]).chain(arguments.iter().copied());
    let words = words.collect::<Vec<_>>();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    let (status, output) = process::run_with_input(command, "").await;
    assert!(status.success(), "{words:?}: {output}");
}
