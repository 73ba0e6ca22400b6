//! Waking a target: the packet that its network card waits for (Wake-on-LAN), to everybody on a network.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use openpam_proto::desktop::WakeOnLan;
use tokio::net::UdpSocket;

/// Where nothing listens: the card reads the packet by itself.
const DISCARD_PORT: u16 = 9;

/// Sends it once.
///
/// # Errors
/// The address is none, or the network does not take it.
pub async fn send(woken: &WakeOnLan) -> io::Result<()> {
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_owned());
    let packet = packet(&woken.mac).ok_or_else(|| wrong("the network card's address is damaged"))?;
    let everybody = IpAddr::V4(Ipv4Addr::BROADCAST);
    let said = woken.broadcast.as_deref().map(str::parse).transpose();
    let to = said.map_err(|_| wrong("the address to wake it at is damaged"))?.unwrap_or(everybody);
    let from =
        if to.is_ipv4() { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
    let socket = UdpSocket::bind(SocketAddr::new(from, 0)).await?;
    socket.set_broadcast(true)?;
    socket.send_to(&packet, SocketAddr::new(to, DISCARD_PORT)).await.map(|_| ())
}

/// Six bytes of ones, then the address sixteen times.
fn packet(mac: &str) -> Option<Vec<u8>> {
    let bytes = mac.split([':', '-']).map(|byte| u8::from_str_radix(byte, 16).ok());
    let address = bytes.collect::<Option<Vec<_>>>().filter(|address| address.len() == 6)?;
    Some([vec![0xff; 6], address.repeat(16)].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_names_the_card_sixteen_times() {
        let packet = packet("00:1b:44:11:3a:B7").expect("an address");
        assert_eq!(packet.len(), 102);
        assert_eq!(packet.get(..8), Some(&[255, 255, 255, 255, 255, 255, 0x00, 0x1b][..]));
        assert!(packet.ends_with(&[0x11, 0x3a, 0xb7]));
        assert!(
            ["", "00:1b", "00:1b:44:11:3a:zz", "00:1b:44:11:3a:b7:00"]
                .iter()
                .all(|mac| super::packet(mac).is_none())
        );
    }
}
