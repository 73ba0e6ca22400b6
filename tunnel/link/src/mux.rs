//! One yamux connection over one socket, driven by one task: what a lane is over QUIC, and what carries all lanes over
//! TCP.
//!
//! yamux drops the whole connection when its stream limit is exceeded, so opens are counted here first. It lives as
//! long as somebody holds it or one of its channels, at most until it is cut.

use std::future::poll_fn;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use futures::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio_util::compat::FuturesAsyncReadCompatExt;
use tokio_util::sync::CancellationToken;

use crate::channel::Channel;

/// Opens waiting for the driver; further ones wait with their caller.
const OPEN_QUEUE: usize = 4;
/// yamux grants every stream so much at once (its specification, section "Flow Control").
const STREAM_WINDOW_BYTES: usize = 256 * 1024;

type OpenReply = oneshot::Sender<Result<yamux::Stream, LaneError>>;

/// Why a lane gives no channel.
#[derive(Debug, thiserror::Error)]
pub enum LaneError {
    /// The lane or its tunnel is gone.
    #[error("the tunnel is gone")]
    Gone,
    /// As many channels as there may be.
    #[error("too many channels")]
    Full,
}

/// Which end this is: the opener is yamux's client.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Opener,
    Acceptor,
}

/// Bounds of one yamux connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Channels that one end opens.
    pub(crate) channels: usize,
    /// Channels that arrived and that nobody took yet; further ones are reset.
    pub(crate) accepts: usize,
    /// How far the receive windows of all channels together may grow beyond what yamux grants them at once.
    pub(crate) window_bytes: usize,
}

/// What a channel keeps alive, and counts against.
#[derive(Debug)]
pub(crate) struct Held {
    _mux: mpsc::Sender<OpenReply>,
    _permits: [Option<OwnedSemaphorePermit>; 2],
    /// Over TCP: keeps its lane known to the accepting end.
    pub(crate) lane: OnceLock<mpsc::Sender<Channel>>,
}

/// Opens channels. Clones are cheap.
#[derive(Clone, Debug)]
pub(crate) struct Mux {
    opens: mpsc::Sender<OpenReply>,
    limit: Arc<Semaphore>,
}

/// A mux that is not kept alive.
#[derive(Clone, Debug)]
pub(crate) struct WeakMux {
    opens: mpsc::WeakSender<OpenReply>,
    limit: Arc<Semaphore>,
}

impl WeakMux {
    pub(crate) fn upgrade(&self) -> Option<Mux> {
        let opens = self.opens.upgrade().filter(|opens| !opens.is_closed())?;
        Some(Mux { opens, limit: self.limit.clone() })
    }
}

/// Starts the driver. Channels that the peer opens come out of the receiver. `cut` ends it at once; it is also told
/// when the driver ends.
pub(crate) fn start<T>(
    socket: T,
    end: End,
    bounds: Bounds,
    cut: CancellationToken,
) -> (Mux, mpsc::Receiver<Channel>)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut config = yamux::Config::default();
    // Ours and the peer's count against yamux's limit together.
    let streams = 2 * bounds.channels + 1;
    // In this order: each is checked against the other.
    config.set_max_connection_receive_window(None);
    config.set_max_num_streams(streams);
    config.set_max_connection_receive_window(Some(STREAM_WINDOW_BYTES * streams + bounds.window_bytes));
    let mode = match end {
        End::Opener => yamux::Mode::Client,
        End::Acceptor => yamux::Mode::Server,
    };
    let (opens, open_requests) = mpsc::channel(OPEN_QUEUE);
    let (accept, accepted) = mpsc::channel(bounds.accepts);
    let mux = Mux { opens, limit: Arc::new(Semaphore::new(bounds.channels)) };
    let mut driver = Driver {
        connection: yamux::Connection::new(socket, config, mode),
        keep_alive: mux.opens.downgrade(),
        open_requests,
        opening: None,
        accept,
        closing: false,
    };
    tokio::spawn(async move {
        tokio::select! {
            () = poll_fn(|cx| driver.poll(cx)) => cut.cancel(),
            () = cut.cancelled() => {}
        }
    });
    (mux, accepted)
}

impl Mux {
    pub(crate) fn downgrade(&self) -> WeakMux {
        WeakMux { opens: self.opens.downgrade(), limit: self.limit.clone() }
    }

    /// Opens a channel that also counts against `permit`. Nothing is sent before its first write.
    pub(crate) async fn open(&self, permit: Option<OwnedSemaphorePermit>) -> Result<Channel, LaneError> {
        let own = self.limit.clone().try_acquire_owned().map_err(|_| LaneError::Full)?;
        let (reply, opened) = oneshot::channel();
        self.opens.send(reply).await.map_err(|_| LaneError::Gone)?;
        let stream = opened.await.map_err(|_| LaneError::Gone)??;
        Ok(Channel::new(stream.compat(), self.held([Some(own), permit])))
    }

    fn held(&self, permits: [Option<OwnedSemaphorePermit>; 2]) -> Held {
        Held { _mux: self.opens.clone(), _permits: permits, lane: OnceLock::new() }
    }
}

struct Driver<T> {
    connection: yamux::Connection<T>,
    keep_alive: mpsc::WeakSender<OpenReply>,
    open_requests: mpsc::Receiver<OpenReply>,
    opening: Option<OpenReply>,
    accept: mpsc::Sender<Channel>,
    closing: bool,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Driver<T> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.closing {
                return self.connection.poll_close(cx).map(|_| ());
            }
            if self.opening.is_none() {
                match self.open_requests.poll_recv(cx) {
                    Poll::Ready(Some(reply)) => self.opening = Some(reply),
                    // Nobody holds it or a channel of it any more.
                    Poll::Ready(None) => {
                        self.closing = true;
                        continue;
                    }
                    Poll::Pending => {}
                }
            }
            if let Some(reply) = self.opening.take() {
                match self.connection.poll_new_outbound(cx) {
                    Poll::Ready(result) => {
                        let _ = reply.send(result.map_err(|_| LaneError::Gone));
                        continue;
                    }
                    Poll::Pending => self.opening = Some(reply),
                }
            }
            match self.connection.poll_next_inbound(cx) {
                Poll::Ready(Some(Ok(stream))) => self.hand_over(stream),
                Poll::Ready(Some(Err(error))) => {
                    tracing::debug!(%error, "a yamux connection failed");
                    return Poll::Ready(());
                }
                Poll::Ready(None) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn hand_over(&self, stream: yamux::Stream) {
        let Some(opens) = self.keep_alive.upgrade() else { return };
        let held = Held { _mux: opens, _permits: [None, None], lane: OnceLock::new() };
        // Full or nobody accepts here: dropping the channel resets it.
        let _ = self.accept.try_send(Channel::new(stream.compat(), held));
    }
}
