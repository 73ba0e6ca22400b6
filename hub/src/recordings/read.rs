//! Reading a recording: its chunks in order, each checked against the chain, opened and decompressed on a thread
//! of its own, given on in pieces. Memory is bounded whatever a chunk expands to.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use object_store::{ObjectStore, ObjectStoreExt};
use openpam_ids::SessionId;
use openpam_link::seal::SealKey;
use openpam_proto::chunk::{SEAL_INFO, SealedChunk};
use tokio::sync::mpsc;

use super::text::PlainText;
use super::{ByteStream, chunk_path};
use crate::store::recordings::Progress;

/// Pieces that wait for whoever reads; past it nothing more is opened.
const PIECES: usize = 4;
const PIECE_BYTES: usize = 64 * 1024;

/// What a reader wants.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Cast,
    Text,
}

/// A recording as far as it has arrived.
pub(super) struct Reading {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) key: Arc<SealKey>,
    pub(super) session_id: SessionId,
    pub(super) progress: Progress,
}

type Pieces = mpsc::Sender<io::Result<Bytes>>;

impl Reading {
    /// The content; the first error ends it.
    pub(super) fn stream(self, form: Form) -> ByteStream {
        let (pieces, mut received) = mpsc::channel(PIECES);
        tokio::spawn(async move {
            if let Err(error) = self.run(form, &pieces).await {
                tracing::error!(session = %self.session_id, %error, "a recording cannot be read");
                let _ = pieces.send(Err(error)).await;
            }
        });
        Box::pin(futures::stream::poll_fn(move |cx| received.poll_recv(cx)))
    }

    async fn run(&self, form: Form, pieces: &Pieces) -> io::Result<()> {
        let mut text = (form == Form::Text).then(PlainText::default);
        let mut previous = [0; 32];
        for seq in 0..self.progress.chunks {
            let stored = self.store.get(&chunk_path(&self.progress.path, seq)).await?.bytes().await?;
            let chunk = SealedChunk::from_bytes(&stored).map_err(io::Error::other)?;
            if chunk.session_id != self.session_id || !chunk.follows(seq, &previous) {
                return Err(io::Error::other(format!("chunk {seq} does not continue the chain")));
            }
            previous = chunk.hash;
            let (key, to) = (self.key.clone(), pieces.clone());
            let opened = tokio::task::spawn_blocking(move || {
                open(&key, &chunk, &mut text, &to)?;
                io::Result::Ok(text)
            });
            match opened.await.map_err(io::Error::other)? {
                Ok(kept) => text = kept,
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Opens one chunk and gives its content on; `BrokenPipe` if nobody reads any more.
fn open(key: &SealKey, chunk: &SealedChunk, text: &mut Option<PlainText>, to: &Pieces) -> io::Result<()> {
    let content =
        key.open(SEAL_INFO, &chunk.place().aad(), &chunk.enc, &chunk.ciphertext).map_err(io::Error::other)?;
    let mut cast = zstd::stream::read::Decoder::with_buffer(content.as_slice())?;
    loop {
        let mut piece = BytesMut::zeroed(PIECE_BYTES);
        let count = cast.read(&mut piece)?;
        if count == 0 {
            return Ok(());
        }
        piece.truncate(count);
        let piece = text.as_mut().map_or_else(|| piece.clone().freeze(), |text| text.take(&piece).into());
        if !piece.is_empty() && to.blocking_send(Ok(piece)).is_err() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
    }
}
