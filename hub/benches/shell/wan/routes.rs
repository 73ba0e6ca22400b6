//! Which congestion control the machine's TCP uses across the line. It is set on the two routes of the line itself, one
//! in each network: nothing else on the machine changes, and the routes are gone with the line. A program that chooses
//! for its own sockets, as hub and satellite do, is not overruled.

use std::fs;
use std::net::Ipv4Addr;

use crate::system::process::{command_behind, run_with_input};
use crate::wan_line::Line as WanLine;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Congestion {
    Cubic,
    Bbr,
}

impl Congestion {
    const fn name(self) -> &'static str {
        match self {
            Self::Cubic => "cubic",
            Self::Bbr => "bbr",
        }
    }

    /// Whether this kernel has it.
    pub(crate) fn is_available(self) -> bool {
        let all = fs::read_to_string("/proc/sys/net/ipv4/tcp_available_congestion_control");
        all.is_ok_and(|all| all.split_whitespace().any(|name| name == self.name()))
    }
}

/// For connections that are made from now on, from either end.
pub(crate) async fn set(line: &WanLine, congestion: Congestion) {
    let inside = line.prefix();
    tokio::join!(
        set_towards(line.site_address, &[], congestion),
        set_towards(line.hub_address, &inside, congestion)
    );
}

/// A route to this one address, over the interface that leads there anyway.
async fn set_towards(address: Ipv4Addr, prefix: &[String], congestion: Congestion) {
    let address = address.to_string();
    let found = ip(prefix, &["-o", "route", "get", &address]).await;
    let mut words = found.split_whitespace().skip_while(|word| *word != "dev");
    let device = words.nth(1).expect("a route names its interface");
    ip(prefix, &["route", "replace", &address, "dev", device, "congctl", congestion.name()]).await;
}

async fn ip(prefix: &[String], arguments: &[&str]) -> String {
    let mut command = command_behind(prefix, "ip");
    command.args(arguments);
    let (status, output) = run_with_input(command, "").await;
    assert!(status.success(), "ip {arguments:?}: {output}");
    output
}
