//! Recordings going up: over one bulk lane of a tunnel, a channel per recording that has chunks here.
//!
//! A chunk is deleted here only at the hub's receipt. Woken by new chunks; it never asks the disk for news.

mod carry;
mod claims;
pub mod rate;
mod window;

use std::collections::HashMap;
use std::time::Duration;

use openpam_ids::SessionId;
use openpam_link::lane::Lane;
use openpam_link::tunnel::Tunnel;
use openpam_proto::lane::{Bulk, LaneHeader};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use claims::Claims;
use rate::Rate;

use crate::recorder::Recorder;
use crate::store::{Store, StoreError};

/// Recordings that go up at the same time over one tunnel; further ones wait for a turn.
const MAX_UPLOADS: usize = 8;
/// A recording that the hub would not take, or that can't be read, is tried again after this.
const REST: Duration = Duration::from_secs(10);

type Uploads = JoinSet<(SessionId, Result<(), carry::CarryError>)>;

/// Uploads until the tunnel is gone.
pub async fn run(tunnel: &Tunnel, store: &Store, recorder: &Recorder, rate: &Rate) {
    let Ok(lane) = tunnel.open_lane(LaneHeader::Bulk(Bulk {})).await else { return };
    let uploader = Uploader {
        lane,
        store: store.clone(),
        recorder: recorder.clone(),
        rate: rate.clone(),
        resting: HashMap::new(),
        crowded: watch::Sender::new(false),
    };
    tokio::select! {
        _ = tunnel.closed() => {}
        error = uploader.run() => {
            tracing::error!(%error, "recordings are not uploaded over this tunnel any more");
            tunnel.closed().await;
        }
    }
}

struct Uploader {
    lane: Lane,
    store: Store,
    recorder: Recorder,
    rate: Rate,
    /// Recordings that failed, and when they are tried again.
    resting: HashMap<SessionId, Instant>,
    /// Whether others wait for a turn.
    crowded: watch::Sender<bool>,
}

impl Uploader {
    async fn run(mut self) -> StoreError {
        let mut news = self.store.newest_chunks();
        let mut given_back = self.recorder.claims().given_back();
        let mut uploads = Uploads::new();
        loop {
            news.borrow_and_update();
            given_back.borrow_and_update();
            if let Err(error) = self.start(&mut uploads).await {
                return error;
            }
            let rested = self.resting.values().min().copied();
            tokio::select! {
                changed = news.changed() => if changed.is_err() { return StoreError::Closed },
                // Another tunnel may have gone down with a recording half carried.
                _ = given_back.changed() => {}
                Some(done) = uploads.join_next() => self.ended(done),
                () = async { tokio::time::sleep_until(rested.unwrap_or_else(Instant::now)).await },
                    if rested.is_some() => {}
            }
        }
    }

    /// Gives every recording that waits a channel, as far as there are any.
    async fn start(&mut self, uploads: &mut Uploads) -> Result<(), StoreError> {
        let now = Instant::now();
        self.resting.retain(|_, until| *until > now);
        let mut except = self.recorder.claims().taken();
        except.extend(self.resting.keys());
        let free = MAX_UPLOADS.saturating_sub(uploads.len());
        let waiting = self.store.recordings_waiting(free + 1, except).await?;
        self.crowded.send_replace(waiting.len() > free);
        for session_id in waiting.into_iter().take(free) {
            let Some(claim) = self.recorder.claims().take(session_id) else { continue };
            let carrier = carry::Carrier {
                session_id,
                store: self.store.clone(),
                spool: self.recorder.spool().clone(),
                rate: self.rate.clone(),
                crowded: self.crowded.subscribe(),
            };
            let lane = self.lane.clone();
            uploads.spawn(async move {
                let result = carrier.run(lane).await;
                drop(claim);
                (session_id, result)
            });
        }
        Ok(())
    }

    fn ended(&mut self, done: Result<(SessionId, Result<(), carry::CarryError>), tokio::task::JoinError>) {
        match done {
            Ok((_, Ok(()))) => {}
            Ok((session, Err(error))) => {
                tracing::warn!(%session, %error, "the upload of a recording stopped; it is tried again");
                self.resting.insert(session, Instant::now() + REST);
            }
            Err(error) => tracing::error!(%error, "the upload of a recording failed"),
        }
    }
}
