//! What the wire reads of an IPv4 packet. Everything else on it is lost: the line carries IPv4 alone.

use std::net::Ipv4Addr;

const UDP: u8 = 17;
const TCP: u8 = 6;
const SYN: u8 = 0x02;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Udp,
    Tcp,
    Other,
}

/// One direction of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Flow {
    pub(crate) from: (Ipv4Addr, u16),
    pub(crate) to: (Ipv4Addr, u16),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) protocol: Protocol,
    /// Ports are 0 where the protocol has none.
    pub(crate) flow: Flow,
    /// Whether it opens a TCP connection, from either side.
    pub(crate) opens: bool,
}

impl Packet {
    /// Reads the headers; `None` if it is no IPv4.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let first = *bytes.first()?;
        if first >> 4 != 4 || bytes.len() < 20 {
            return None;
        }
        let address = |at: usize| Ipv4Addr::new(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
        let inner = bytes.get(usize::from(first & 0x0f) * 4..).unwrap_or_default();
        let protocol = match bytes[9] {
            UDP => Protocol::Udp,
            TCP => Protocol::Tcp,
            _ => Protocol::Other,
        };
        let port = |at: usize| match inner.get(at..at + 2) {
            Some(two) if protocol != Protocol::Other => u16::from_be_bytes([two[0], two[1]]),
            _ => 0,
        };
        Some(Self {
            protocol,
            flow: Flow { from: (address(12), port(0)), to: (address(16), port(2)) },
            opens: protocol == Protocol::Tcp && inner.get(13).is_some_and(|flags| flags & SYN != 0),
        })
    }
}
