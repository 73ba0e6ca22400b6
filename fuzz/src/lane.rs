//! A lane or a TCP connection of a tunnel whose peer writes anything: header, yamux, channel headers, frames. It ends
//! when the peer's bytes end, whatever they were.

use std::time::Duration;

use openpam_link::channel::{Channel, Incoming};
use openpam_link::lane::LaneAcceptor;
use openpam_link::tcp::TcpTunnel;
use openpam_link::tunnel::{self, Tunnel};
use openpam_proto::channel::ChannelHeader;
use openpam_proto::{attach, control, recording};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::input::Input;

/// Longer than any input may take: no time-out of the tunnel is as short.
const HANG: Duration = Duration::from_secs(4);

/// The header of a control lane, as a frame.
pub const LANE_HEADER: &[u8] = &[0, 0, 0, 3, 0x82, 0x01, 0xa0];

thread_local! {
    static RUNTIME: Runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
}

/// Bit 0 of the first byte: over TCP instead of a stream. Bit 1: a lane's header comes first. Bit 2: the rest is made
/// yamux frames (see [`frames`]), else it is what is written.
pub fn feed(data: &[u8]) {
    let mut input = Input::new(data);
    let choice = input.byte();
    let rest = input.rest();
    let mut bytes = if choice & 2 == 0 { Vec::new() } else { LANE_HEADER.to_vec() };
    bytes.extend(if choice & 4 == 0 { rest.to_vec() } else { frames(rest) });
    RUNTIME.with(|runtime| {
        let served = runtime.block_on(async {
            let serve = async { if choice & 1 == 0 { stream(bytes).await } else { tcp(bytes).await } };
            tokio::time::timeout(HANG, serve).await
        });
        assert!(served.is_ok(), "the end of the peer's bytes is not the end");
    });
}

/// Yamux frames of version 0 (HashiCorp's specification): type and flags, stream, length and payload of each come from
/// the input.
#[must_use]
pub fn frames(data: &[u8]) -> Vec<u8> {
    let (mut input, mut out) = (Input::new(data), Vec::new());
    while !input.is_empty() {
        let (kind, flags, id, length) = (input.byte() % 5, input.byte() % 16, input.byte(), input.short());
        // Data carry what they say; the other kinds carry a number there.
        let payload = if kind == 0 { input.take(length.into()) } else { &[] };
        let number = if kind == 0 { payload.len() as u32 } else { u32::from(length) };
        out.extend_from_slice(&[0, kind, 0, flags]);
        out.extend_from_slice(&u32::from(id).to_be_bytes());
        out.extend_from_slice(&number.to_be_bytes());
        out.extend_from_slice(payload);
    }
    out
}

async fn stream(bytes: Vec<u8>) {
    let socket = write(bytes);
    if let Ok((_, lane, acceptor)) = tunnel::accept_lane_on(socket).await {
        drop(lane);
        take(acceptor).await;
    }
}

async fn tcp(bytes: Vec<u8>) {
    let tunnel = Tunnel::from(TcpTunnel::accepted(write(bytes), write(Vec::new())));
    let mut lanes = JoinSet::new();
    while let Ok((_, lane, acceptor)) = tunnel.accept_lane().await {
        drop(lane);
        lanes.spawn(take(acceptor));
    }
    tunnel.closed().await;
    lanes.join_all().await;
}

/// A socket whose other end writes `bytes` and reads everything.
fn write(bytes: Vec<u8>) -> DuplexStream {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    tokio::spawn(async move {
        let (mut read, mut write) = tokio::io::split(theirs);
        let written = async {
            let _ = write.write_all(&bytes).await;
            let _ = write.shutdown().await;
        };
        let drained = async {
            let mut buffer = [0; 4096];
            while read.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
        };
        tokio::join!(written, drained);
    });
    ours
}

/// Serves every channel of a lane as far as it goes.
async fn take(mut acceptor: LaneAcceptor) {
    let mut channels = JoinSet::new();
    while let Some(channel) = acceptor.accept().await {
        channels.spawn(serve(channel));
    }
    channels.join_all().await;
}

async fn serve(mut channel: Channel) {
    match channel.reader.next_message::<ChannelHeader>().await {
        Ok(Some(ChannelHeader::Control(_))) => {
            while let Ok(Some(message)) = channel.reader.next_message::<control::ToHub>().await {
                if let control::ToHub::Ping(ping) = message {
                    let pong = control::ToSite::Pong(control::Pong { t: ping.t });
                    let _ = channel.writer.send(&pong).await;
                }
            }
        }
        Ok(Some(ChannelHeader::Attach(_))) => {
            while let Ok(Some(Incoming::Data(_) | Incoming::Message(_))) =
                channel.reader.next::<attach::ToSite>().await
            {
                while let Ok(Some(_)) = channel.reader.buffered::<attach::ToSite>() {}
            }
        }
        Ok(Some(ChannelHeader::Recording(_))) => {
            while let Ok(Some(_)) = channel.reader.next_message::<recording::ToHub>().await {}
        }
        // As the hub carries it on to NATS.
        Ok(Some(ChannelHeader::Bus(_))) => {
            while let Ok(Some(_)) = channel.reader.next::<ChannelHeader>().await {}
        }
        // What a command collected.
        Ok(Some(ChannelHeader::Output(_))) => {
            while let Ok(Some(_)) = channel.reader.next::<ChannelHeader>().await {}
        }
        // The satellite says nothing more.
        Ok(Some(ChannelHeader::Snapshot(_) | ChannelHeader::Unknown(_)) | None) | Err(_) => {}
    }
}
