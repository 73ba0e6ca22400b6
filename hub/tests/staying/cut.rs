//! A line between satellite and hub that lets so much of what the hub says through, and then is gone.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinHandle;

/// Room for one datagram, or one read.
const PIECE: usize = 64 * 1024;

/// The line; it goes with this value.
pub(crate) struct Cut {
    /// Where the satellite dials.
    pub(crate) address: String,
    said: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Cut {
    /// Over TCP: connection after connection, each gets so many bytes of the hub's; further ones get all.
    pub(crate) async fn tcp(hub: SocketAddr, bytes: Vec<usize>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("bound").to_string();
        let said = Arc::<AtomicUsize>::default();
        let counted = said.clone();
        let task = tokio::spawn(async move {
            let mut bytes = bytes.into_iter();
            while let Ok((client, _)) = listener.accept().await {
                let most = bytes.next().unwrap_or(usize::MAX);
                tokio::spawn(carry(client, hub, most, counted.clone()));
            }
        });
        Self { address, said, task }
    }

    /// Over UDP: so many datagrams of the hub's.
    pub(crate) async fn udp(hub: SocketAddr, datagrams: usize) -> Self {
        let front = UdpSocket::bind("127.0.0.1:0").await.expect("binds");
        let back = UdpSocket::bind("127.0.0.1:0").await.expect("binds");
        back.connect(hub).await.expect("connects");
        let address = front.local_addr().expect("bound").to_string();
        let said = Arc::<AtomicUsize>::default();
        let counted = said.clone();
        let task = tokio::spawn(async move {
            let (mut up, mut down) = (vec![0; PIECE], vec![0; PIECE]);
            let mut client = None;
            loop {
                tokio::select! {
                    Ok((length, from)) = front.recv_from(&mut up) => {
                        client = Some(from);
                        let _ = back.send(&up[..length]).await;
                    }
                    Ok(length) = back.recv(&mut down) => {
                        if let Some(client) = client && counted.fetch_add(1, Ordering::Relaxed) < datagrams {
                            let _ = front.send_to(&down[..length], client).await;
                        }
                    }
                }
            }
        });
        Self { address, said, task }
    }

    /// Bytes or datagrams that the hub has said so far, whether or not they came through.
    pub(crate) fn said(&self) -> usize {
        self.said.load(Ordering::Relaxed)
    }
}

impl Drop for Cut {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Until one of the two closes, or the last byte that may pass has passed.
async fn carry(mut client: TcpStream, hub: SocketAddr, most: usize, said: Arc<AtomicUsize>) {
    let Ok(mut hub) = TcpStream::connect(hub).await else { return };
    let ((mut from_client, mut to_client), (mut from_hub, mut to_hub)) = (client.split(), hub.split());
    let up = tokio::io::copy(&mut from_client, &mut to_hub);
    let down = async {
        let mut piece = vec![0; PIECE];
        let mut left = most;
        while let Ok(length @ 1..) = from_hub.read(&mut piece).await {
            said.fetch_add(length, Ordering::Relaxed);
            let passes = length.min(left);
            left -= passes;
            if to_client.write_all(&piece[..passes]).await.is_err() || left == 0 {
                return;
            }
        }
    };
    tokio::select! {
        _ = up => {}
        () = down => {}
    }
}
