//! A tunnel inside one process: the same lanes and channels without a socket. For tests.

use openpam_proto::close::CloseCode;
use openpam_proto::limits::MAX_LANES;
use std::sync::Arc;
use tokio::io::DuplexStream;
use tokio::sync::{Mutex, mpsc, watch};

use crate::tunnel::{Ended, Tunnel, TunnelError};

const BUFFER_BYTES: usize = 256 * 1024;

/// One end of an in-memory tunnel.
#[derive(Clone, Debug)]
pub struct MemoryTunnel {
    opens: mpsc::Sender<DuplexStream>,
    accepts: Arc<Mutex<mpsc::Receiver<DuplexStream>>>,
    closed: Arc<watch::Sender<Option<Ended>>>,
}

/// Both ends of a new tunnel.
#[must_use]
pub fn pair() -> (Tunnel, Tunnel) {
    let (left_opens, right_accepts) = mpsc::channel(MAX_LANES as usize);
    let (right_opens, left_accepts) = mpsc::channel(MAX_LANES as usize);
    let closed = Arc::new(watch::Sender::new(None));
    let end = |opens, accepts| MemoryTunnel {
        opens,
        accepts: Arc::new(Mutex::new(accepts)),
        closed: closed.clone(),
    };
    (end(left_opens, left_accepts).into(), end(right_opens, right_accepts).into())
}

impl MemoryTunnel {
    pub(crate) async fn open(&self) -> Result<DuplexStream, TunnelError> {
        let (ours, theirs) = tokio::io::duplex(BUFFER_BYTES);
        self.check()?;
        self.opens.send(theirs).await.map_err(|_| TunnelError::gone("the other end is gone"))?;
        Ok(ours)
    }

    pub(crate) async fn accept(&self) -> Result<DuplexStream, TunnelError> {
        self.check()?;
        let mut accepts = self.accepts.lock().await;
        tokio::select! {
            stream = accepts.recv() => stream.ok_or_else(|| TunnelError::gone("the other end is gone")),
            ended = self.closed() => Err(TunnelError::gone(ended.reason)),
        }
    }

    pub(crate) fn close(&self, code: CloseCode) {
        self.closed.send_if_modified(|state| {
            let first = state.is_none();
            if first {
                *state = Some(Ended { code: Some(code), reason: code.as_str().to_owned() });
            }
            first
        });
    }

    pub(crate) async fn closed(&self) -> Ended {
        let mut state = self.closed.subscribe();
        match state.wait_for(Option::is_some).await.ok().and_then(|ended| ended.clone()) {
            Some(ended) => ended,
            None => Ended { code: None, reason: "dropped".to_owned() },
        }
    }

    fn check(&self) -> Result<(), TunnelError> {
        match &*self.closed.borrow() {
            Some(ended) => Err(TunnelError::gone(&ended.reason)),
            None => Ok(()),
        }
    }
}
