//! A lane: one flow of the tunnel and the channels in it.
//!
//! Over QUIC a lane is a stream with a yamux connection of its own; over TCP it is a name that each of its channels
//! begins with, in the yamux connection of all. Nobody above can tell.

use std::sync::{Arc, Weak};

use futures::{AsyncRead, AsyncWrite};
use openpam_proto::channel::ChannelHeader;
use openpam_proto::lane::LaneHeader;
use openpam_proto::limits::{LANE_WINDOW_BYTES, MAX_CHANNELS_PER_LANE};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use crate::channel::{Channel, ChannelError};
pub(crate) use crate::mux::End;
pub use crate::mux::LaneError;
use crate::mux::{self, Bounds, Mux, WeakMux};

const BOUNDS: Bounds = Bounds {
    channels: MAX_CHANNELS_PER_LANE,
    accepts: MAX_CHANNELS_PER_LANE,
    window_bytes: LANE_WINDOW_BYTES,
};

/// Opens channels in a lane. Clones are cheap.
#[derive(Clone, Debug)]
pub struct Lane {
    mux: Mux,
    limit: Arc<Semaphore>,
    /// Over TCP: what each channel begins with.
    name: Option<Arc<LaneHeader>>,
}

/// A lane that is not kept alive.
#[derive(Clone, Debug)]
pub struct WeakLane {
    mux: WeakMux,
    /// Each channel's permit holds it.
    limit: Weak<Semaphore>,
    name: Option<Arc<LaneHeader>>,
}

impl WeakLane {
    /// The lane, if somebody still holds it or one of the channels opened in it.
    #[must_use]
    pub fn upgrade(&self) -> Option<Lane> {
        Some(Lane { mux: self.mux.upgrade()?, limit: self.limit.upgrade()?, name: self.name.clone() })
    }
}

/// Takes the channels the peer opens in a lane.
#[derive(Debug)]
pub struct LaneAcceptor {
    accepted: mpsc::Receiver<Channel>,
}

/// A lane over a stream of its own, whose header was written or read already.
pub(crate) fn over_stream<T>(socket: T, end: End) -> (Lane, LaneAcceptor)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mux, accepted) = mux::start(socket, end, BOUNDS, CancellationToken::new());
    (
        Lane { mux, limit: Arc::new(Semaphore::new(MAX_CHANNELS_PER_LANE)), name: None },
        LaneAcceptor { accepted },
    )
}

/// A lane by name in a connection that carries many.
pub(crate) fn by_name(mux: Mux, name: LaneHeader) -> Lane {
    Lane { mux, limit: Arc::new(Semaphore::new(MAX_CHANNELS_PER_LANE)), name: Some(Arc::new(name)) }
}

impl Lane {
    /// The lane without keeping it alive.
    #[must_use]
    pub fn downgrade(&self) -> WeakLane {
        WeakLane { mux: self.mux.downgrade(), limit: Arc::downgrade(&self.limit), name: self.name.clone() }
    }

    /// Opens a channel and announces what it is for.
    ///
    /// # Errors
    /// [`ChannelError::Gone`] if the lane is gone or full.
    pub async fn open_channel(&self, header: &ChannelHeader) -> Result<Channel, ChannelError> {
        let mut channel = self.open().await?;
        channel.writer.feed(header)?;
        channel.writer.flush().await?;
        Ok(channel)
    }

    /// Opens a channel whose header is yet to be written; over TCP the lane's name waits for the next flush.
    pub(crate) async fn open(&self) -> Result<Channel, ChannelError> {
        let permit = self.limit.clone().try_acquire_owned().map_err(|_| LaneError::Full);
        let permit = permit.map_err(std::io::Error::other)?;
        let mut channel = self.mux.open(Some(permit)).await.map_err(std::io::Error::other)?;
        if let Some(name) = &self.name {
            channel.writer.feed(&**name)?;
        }
        Ok(channel)
    }
}

impl LaneAcceptor {
    pub(crate) fn new(accepted: mpsc::Receiver<Channel>) -> Self {
        Self { accepted }
    }

    /// The next channel the peer opened, its header still to be read; `None` when the lane is gone.
    pub async fn accept(&mut self) -> Option<Channel> {
        self.accepted.recv().await
    }
}
