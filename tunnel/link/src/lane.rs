//! A lane: one flow of the tunnel carrying one yamux connection, driven by one task.
//!
//! yamux drops the whole connection when its stream limit is exceeded, so opens are counted here first.
//! The lane lives as long as somebody holds it or one of its channels.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::{AsyncRead, AsyncWrite};
use openpam_proto::channel::ChannelHeader;
use openpam_proto::limits::{LANE_WINDOW_BYTES, MAX_CHANNELS_PER_LANE};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio_util::compat::FuturesAsyncReadCompatExt;

use crate::channel::{Channel, ChannelError};

/// Opens waiting for the driver; further ones wait with their caller.
const OPEN_QUEUE: usize = 4;
/// Channels the peer opened that nobody took yet; further ones wait in yamux, then are refused.
const ACCEPT_QUEUE: usize = MAX_CHANNELS_PER_LANE;

type OpenReply = oneshot::Sender<Result<yamux::Stream, LaneError>>;

/// Why a lane gives no channel.
#[derive(Debug, thiserror::Error)]
pub enum LaneError {
    /// The lane or its tunnel is gone.
    #[error("the tunnel is gone")]
    Gone,
    /// As many channels as a lane may have.
    #[error("too many channels in one lane")]
    Full,
}

/// Keeps a lane alive, and counts a channel against its limit.
#[derive(Debug)]
pub(crate) struct Held {
    _lane: mpsc::Sender<OpenReply>,
    _permit: Option<OwnedSemaphorePermit>,
}

/// Opens channels in a lane. Clones are cheap.
#[derive(Clone, Debug)]
pub struct Lane {
    opens: mpsc::Sender<OpenReply>,
    limit: Arc<Semaphore>,
}

/// A lane that is not kept alive.
#[derive(Clone, Debug)]
pub struct WeakLane {
    opens: mpsc::WeakSender<OpenReply>,
    limit: Arc<Semaphore>,
}

impl WeakLane {
    /// The lane, if somebody still holds it or one of its channels.
    #[must_use]
    pub fn upgrade(&self) -> Option<Lane> {
        let opens = self.opens.upgrade().filter(|opens| !opens.is_closed())?;
        Some(Lane { opens, limit: self.limit.clone() })
    }
}

/// Takes the channels the peer opens in a lane.
#[derive(Debug)]
pub struct LaneAcceptor {
    accepted: mpsc::Receiver<Channel>,
}

/// Which end of the lane this is: its opener is yamux's client.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Opener,
    Acceptor,
}

pub(crate) fn start<T>(socket: T, end: End) -> (Lane, LaneAcceptor)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut config = yamux::Config::default();
    // Ours and the peer's count against yamux's limit together.
    config.set_max_num_streams(2 * MAX_CHANNELS_PER_LANE + 1);
    config.set_max_connection_receive_window(Some(
        LANE_WINDOW_BYTES.max(256 * 1024 * (2 * MAX_CHANNELS_PER_LANE + 1)),
    ));
    let mode = match end {
        End::Opener => yamux::Mode::Client,
        End::Acceptor => yamux::Mode::Server,
    };
    let (opens, open_requests) = mpsc::channel(OPEN_QUEUE);
    let (accept, accepted) = mpsc::channel(ACCEPT_QUEUE);
    let lane = Lane { opens, limit: Arc::new(Semaphore::new(MAX_CHANNELS_PER_LANE)) };
    let driver = Driver {
        connection: yamux::Connection::new(socket, config, mode),
        keep_alive: lane.opens.downgrade(),
        open_requests,
        opening: None,
        accept,
        closing: false,
    };
    tokio::spawn(driver.run());
    (lane, LaneAcceptor { accepted })
}

impl Lane {
    /// The lane without keeping it alive.
    #[must_use]
    pub fn downgrade(&self) -> WeakLane {
        WeakLane { opens: self.opens.downgrade(), limit: self.limit.clone() }
    }

    /// Opens a channel and announces what it is for.
    ///
    /// # Errors
    /// [`ChannelError::Gone`] if the lane is gone or full.
    pub async fn open_channel(&self, header: &ChannelHeader) -> Result<Channel, ChannelError> {
        let stream = self.open().await.map_err(std::io::Error::other)?;
        let mut channel = stream;
        channel.writer.send(header).await?;
        Ok(channel)
    }

    async fn open(&self) -> Result<Channel, LaneError> {
        let permit = self.limit.clone().try_acquire_owned().map_err(|_| LaneError::Full)?;
        let (reply, opened) = oneshot::channel();
        self.opens.send(reply).await.map_err(|_| LaneError::Gone)?;
        let stream = opened.await.map_err(|_| LaneError::Gone)??;
        Ok(Channel::new(stream.compat(), Held { _lane: self.opens.clone(), _permit: Some(permit) }))
    }
}

impl LaneAcceptor {
    /// The next channel the peer opened, its header still to be read; `None` when the lane is gone.
    pub async fn accept(&mut self) -> Option<Channel> {
        self.accepted.recv().await
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
    async fn run(mut self) {
        poll_fn(|cx| self.poll(cx)).await;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.closing {
                return self.connection.poll_close(cx).map(|_| ());
            }
            if self.opening.is_none() {
                match self.open_requests.poll_recv(cx) {
                    Poll::Ready(Some(reply)) => self.opening = Some(reply),
                    // Nobody holds the lane or a channel of it any more.
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
                    tracing::debug!(%error, "lane failed");
                    return Poll::Ready(());
                }
                Poll::Ready(None) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn hand_over(&self, stream: yamux::Stream) {
        let Some(lane) = self.keep_alive.upgrade() else { return };
        let channel = Channel::new(stream.compat(), Held { _lane: lane, _permit: None });
        // Full or nobody accepts here: dropping the channel resets it.
        let _ = self.accept.try_send(channel);
    }
}
