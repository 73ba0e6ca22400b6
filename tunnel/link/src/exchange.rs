//! One request and one answer over a handshake of its own: joins, renewals, the time.
//!
//! Over QUIC on one stream, over TCP on the connection itself. Each side's bytes end with its stream.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use bytes::BytesMut;
use openpam_proto::close::CloseCode;
use openpam_proto::frame;
use openpam_proto::message::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::dial::DialError;
use crate::race::{Carried, TlsStream, quic_error, tls_error};

/// The hub gets this long to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// The asker gets this long to take the answer.
const TAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// An answer carries three certificates.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// A request is about 600 bytes.
pub(crate) const MAX_REQUEST_BYTES: u64 = 16 * 1024;

/// Sends the request's frame; the answer's bytes.
pub(crate) async fn ask(carried: Carried, request: &[u8]) -> Result<Vec<u8>, DialError> {
    let address = carried.address().to_owned();
    let answer = match carried {
        Carried::Quic { connection, endpoint, .. } => {
            let answer = timeout(ANSWER_TIMEOUT, over_quic(&connection, request, &address)).await;
            connection.close(CloseCode::Normal.number().into(), b"");
            // So that the hub hears of it; it need not take long.
            let _ = timeout(Duration::from_secs(1), endpoint.wait_idle()).await;
            answer
        }
        Carried::Tcp { stream, .. } => timeout(ANSWER_TIMEOUT, over_tcp(stream, request, &address)).await,
    };
    answer.map_err(|_| DialError::Unreachable {
        address,
        reason: "the hub did not answer in time".to_owned(),
    })?
}

async fn over_quic(
    connection: &quinn::Connection,
    request: &[u8],
    address: &str,
) -> Result<Vec<u8>, DialError> {
    let lost = || match connection.close_reason() {
        Some(error) => quic_error(&error, address),
        None => DialError::Malformed,
    };
    let (mut send, mut recv) = connection.open_bi().await.map_err(|error| quic_error(&error, address))?;
    send.write_all(request).await.map_err(|_| lost())?;
    let _ = send.finish();
    recv.read_to_end(MAX_ANSWER_BYTES).await.map_err(|_| lost())
}

async fn over_tcp(mut stream: Box<TlsStream>, request: &[u8], address: &str) -> Result<Vec<u8>, DialError> {
    let failed = |error: std::io::Error| tls_error(&error, address);
    stream.write_all(request).await.map_err(failed)?;
    // Ends our half of TLS alone, not of TCP: a proxy would take that for the end of both.
    stream.get_mut().1.send_close_notify();
    stream.flush().await.map_err(failed)?;
    let mut answer = Vec::new();
    (&mut stream).take(MAX_ANSWER_BYTES as u64).read_to_end(&mut answer).await.map_err(failed)?;
    Ok(answer)
}

/// Where a request came from, and the way to answer it.
#[derive(Debug)]
pub struct Reply {
    remote: SocketAddr,
    arrived: SystemTime,
    way: Way,
}

#[derive(Debug)]
enum Way {
    Quic(quinn::Connection, quinn::SendStream),
    Tcp(Box<tokio_rustls::server::TlsStream<TcpStream>>),
}

impl Reply {
    pub(crate) fn quic(connection: quinn::Connection, send: quinn::SendStream) -> Self {
        let (remote, arrived) = (connection.remote_address(), SystemTime::now());
        Self { remote, arrived, way: Way::Quic(connection, send) }
    }

    pub(crate) fn tcp(stream: tokio_rustls::server::TlsStream<TcpStream>, remote: SocketAddr) -> Self {
        Self { remote, arrived: SystemTime::now(), way: Way::Tcp(Box::new(stream)) }
    }

    /// From where.
    #[must_use]
    pub const fn remote(&self) -> SocketAddr {
        self.remote
    }

    /// When the request was here as a whole.
    #[must_use]
    pub const fn arrived(&self) -> SystemTime {
        self.arrived
    }

    /// Answers, waits until the peer has it (or a while), and closes.
    pub async fn send(self, answer: &impl Message) {
        let mut buffer = BytesMut::new();
        if frame::put_message(&mut buffer, answer).is_err() {
            return;
        }
        match self.way {
            Way::Quic(connection, mut send) => {
                if send.write_all(&buffer).await.is_ok() && send.finish().is_ok() {
                    let _ = timeout(TAKE_TIMEOUT, connection.closed()).await;
                }
                connection.close(CloseCode::Normal.number().into(), b"");
            }
            Way::Tcp(mut stream) => {
                let _ = timeout(TAKE_TIMEOUT, async {
                    stream.write_all(&buffer).await?;
                    stream.shutdown().await
                })
                .await;
            }
        }
    }
}
