//! The site's last word: which networks, ports and protocols sessions may reach, by this machine's own configuration.
//!
//! No hub can widen it. Every address that a name resolves to is judged, and only judged addresses are dialled.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

use ipnet::IpNet;
use openpam_proto::control::SiteReach;

/// What sessions may reach. Empty lists allow everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Networks.
    pub networks: Vec<IpNet>,
    /// Ports and ranges of ports.
    pub ports: Vec<RangeInclusive<u16>>,
    /// Protocols: `ssh`, `rdp`, `vnc`.
    pub protocols: Vec<String>,
}

/// What is forbidden, for the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// The protocol.
    #[error("this site's own configuration forbids {0}")]
    Protocol(String),
    /// The port.
    #[error("this site's own configuration forbids port {0}")]
    Port(u16),
    /// All addresses of the target.
    #[error("this site's own configuration forbids the network of {0}")]
    Network(IpAddr),
}

impl Reach {
    /// Whether the protocol and port may be reached.
    ///
    /// # Errors
    /// [`Forbidden`].
    pub fn allows(&self, protocol: &str, port: u16) -> Result<(), Forbidden> {
        if !self.protocols.is_empty() && !self.protocols.iter().any(|allowed| allowed == protocol) {
            return Err(Forbidden::Protocol(protocol.to_owned()));
        }
        if !self.ports.is_empty() && !self.ports.iter().any(|ports| ports.contains(&port)) {
            return Err(Forbidden::Port(port));
        }
        Ok(())
    }

    /// Whether any desktop may be opened.
    #[must_use]
    pub fn lets_desktops(&self) -> bool {
        self.protocols.is_empty() || self.protocols.iter().any(|protocol| protocol != "ssh")
    }

    /// The addresses of these that may be dialled.
    ///
    /// # Errors
    /// [`Forbidden`] if there are addresses, and none may.
    pub fn only_allowed(&self, addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Forbidden> {
        let first = addresses.first().copied();
        let allowed = addresses
            .into_iter()
            .filter(|address| {
                // An IPv4 address in IPv6's clothes is judged as what it is.
                let ip = address.ip().to_canonical();
                self.networks.is_empty() || self.networks.iter().any(|network| network.contains(&ip))
            })
            .collect::<Vec<_>>();
        match first {
            Some(address) if allowed.is_empty() => Err(Forbidden::Network(address.ip())),
            _ => Ok(allowed),
        }
    }

    /// For the hub to show; `None` where nothing is limited.
    #[must_use]
    pub fn shown(&self) -> Option<SiteReach> {
        if *self == Self::default() {
            return None;
        }
        let port = |ports: &RangeInclusive<u16>| match (ports.start(), ports.end()) {
            (start, end) if start == end => start.to_string(),
            (start, end) => format!("{start}-{end}"),
        };
        Some(SiteReach {
            networks: self.networks.iter().map(ToString::to_string).collect(),
            ports: self.ports.iter().map(port).collect(),
            protocols: self.protocols.clone(),
        })
    }
}

/// A port or a range of ports, `22` or `3389-3399`.
#[must_use]
pub fn ports(text: &str) -> Option<RangeInclusive<u16>> {
    let (start, end) = text.split_once('-').unwrap_or((text, text));
    let (start, end) = (start.trim().parse().ok()?, end.trim().parse().ok()?);
    (start <= end).then_some(start..=end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach() -> Reach {
        Reach {
            networks: vec!["10.7.0.0/16".parse().expect("a network")],
            ports: vec![22..=22, 8000..=8100],
            protocols: vec!["ssh".to_owned()],
        }
    }

    fn addresses(of: &[&str]) -> Vec<SocketAddr> {
        of.iter().map(|address| address.parse().expect("an address")).collect()
    }

    #[test]
    fn what_is_not_listed_is_forbidden_with_its_reason() {
        assert_eq!(reach().allows("ssh", 22), Ok(()));
        assert_eq!(reach().allows("ssh", 8050), Ok(()));
        assert_eq!(reach().allows("ssh", 23), Err(Forbidden::Port(23)));
        assert_eq!(reach().allows("rdp", 22), Err(Forbidden::Protocol("rdp".to_owned())));
        let mixed = addresses(&["192.0.2.1:22", "10.7.1.2:22", "[::ffff:10.7.0.9]:22"]);
        assert_eq!(reach().only_allowed(mixed), Ok(addresses(&["10.7.1.2:22", "[::ffff:10.7.0.9]:22"])));
        let outside = addresses(&["[::ffff:192.0.2.1]:22", "127.0.0.1:22"]);
        assert!(matches!(reach().only_allowed(outside), Err(Forbidden::Network(_))));
    }

    #[test]
    fn nothing_listed_allows_everything() {
        let open = Reach::default();
        assert_eq!(open.allows("rdp", 1), Ok(()));
        let all = addresses(&["192.0.2.1:22"]);
        assert_eq!(open.only_allowed(all.clone()), Ok(all));
        assert_eq!(open.shown(), None);
        assert_eq!(reach().shown().expect("limits").ports, ["22", "8000-8100"]);
    }

    #[test]
    fn a_range_of_ports_is_read() {
        assert_eq!(ports("22"), Some(22..=22));
        assert_eq!(ports("3389-3399"), Some(3389..=3399));
        assert_eq!(ports("9-1").or(ports("ssh")).or(ports("70000")), None);
    }
}
