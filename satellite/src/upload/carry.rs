//! Carries one recording's chunks over its channel: from where the hub wants them, in order, deleted at receipt.
//!
//! It stays for a while after the last receipt, because a living session has news every second, unless others
//! wait for a turn.

use std::time::Duration;

use openpam_ids::SessionId;
use openpam_link::channel::{ChannelError, ChannelReader, ChannelWriter};
use openpam_link::lane::Lane;
use openpam_proto::channel::ChannelHeader;
use openpam_proto::recording::{Chunk, RecordingHeader, ToHub, ToSite};
use tokio::sync::watch;

use super::rate::Rate;
use super::window::{BadReceipt, Window};
use crate::spool::{RecordError, Spool};
use crate::store::{Store, StoreError};

/// The hub says what it wants this soon.
const WANT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a channel without chunks is kept for the next one.
const LINGER: Duration = Duration::from_secs(5);

/// Why the upload of a recording stopped.
#[derive(Debug, thiserror::Error)]
pub(super) enum CarryError {
    #[error(transparent)]
    Channel(#[from] ChannelError),
    #[error("the hub closed the recording's channel")]
    Refused,
    #[error("the hub did not say which chunk it wants")]
    NoWant,
    #[error(transparent)]
    Receipt(#[from] BadReceipt),
    #[error("the hub wants chunk {wanted}, which is not here any more")]
    Missing { wanted: u64 },
    #[error("chunk {seq} in the spool: {source}")]
    Unreadable { seq: u64, source: RecordError },
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(super) struct Carrier {
    pub(super) session_id: SessionId,
    pub(super) store: Store,
    pub(super) spool: Spool,
    pub(super) rate: Rate,
    pub(super) crowded: watch::Receiver<bool>,
}

impl Carrier {
    pub(super) async fn run(mut self, lane: Lane) -> Result<(), CarryError> {
        let header = ChannelHeader::Recording(RecordingHeader { session_id: self.session_id });
        let channel = lane.open_channel(&header).await?;
        let (mut reader, mut writer) = (channel.reader, channel.writer);
        let wanted = tokio::time::timeout(WANT_TIMEOUT, want(&mut reader)).await;
        let mut window = Window::begin(wanted.map_err(|_| CarryError::NoWant)??);
        self.delete_stored(&window).await?;
        let mut news = self.store.newest_chunks();
        let mut last = false;
        loop {
            news.borrow_and_update();
            last |= self.send(&mut window, &mut writer).await?;
            if !window.is_settled() {
                self.take_receipts(&mut window, &mut reader).await?;
            } else if last || !self.linger(&mut news).await {
                writer.finish().await;
                return Ok(());
            }
        }
    }

    /// Sends what there is, as far as the window goes; whether the recording's last chunk was among it.
    async fn send(&self, window: &mut Window, writer: &mut ChannelWriter) -> Result<bool, CarryError> {
        let (next, room) = window.room();
        let places = self.store.chunks_from(self.session_id, next, room as usize).await?;
        let mut last = false;
        for place in places {
            let (wanted, _) = window.room();
            if place.seq != wanted && !window.skip_to(place.seq) {
                return Err(CarryError::Missing { wanted });
            }
            let chunk = self.spool.read(place).await;
            let chunk = chunk.map_err(|source| CarryError::Unreadable { seq: place.seq, source })?;
            self.rate.pass(chunk.ciphertext.len()).await;
            writer.send(&ToHub::Chunk(Chunk { chunk })).await?;
            window.sent();
            last = place.last;
        }
        Ok(last)
    }

    /// Waits until everything on its way has its receipt, then deletes it: one commit for a window.
    async fn take_receipts(&self, window: &mut Window, reader: &mut ChannelReader) -> Result<(), CarryError> {
        while !window.is_settled() {
            match reader.next_message::<ToSite>().await? {
                Some(ToSite::ChunkReceipt(receipt)) => window.receipt(receipt.seq)?,
                Some(ToSite::Want(_) | ToSite::Unknown(_)) => {}
                None => return Err(CarryError::Refused),
            }
        }
        self.delete_stored(window).await
    }

    async fn delete_stored(&self, window: &Window) -> Result<(), CarryError> {
        let free = self.store.chunks_stored(self.session_id, window.stored()).await?;
        if !free.is_empty() {
            self.spool.sweep();
        }
        Ok(())
    }

    /// Waits for news; `false`: the turn is over.
    async fn linger(&mut self, news: &mut watch::Receiver<u64>) -> bool {
        tokio::select! {
            biased;
            _ = self.crowded.wait_for(|crowded| *crowded) => false,
            () = tokio::time::sleep(LINGER) => false,
            changed = news.changed() => changed.is_ok(),
        }
    }
}

async fn want(reader: &mut ChannelReader) -> Result<u64, CarryError> {
    loop {
        match reader.next_message::<ToSite>().await? {
            Some(ToSite::Want(want)) => return Ok(want.next_seq),
            Some(ToSite::ChunkReceipt(_) | ToSite::Unknown(_)) => {}
            None => return Err(CarryError::Refused),
        }
    }
}
