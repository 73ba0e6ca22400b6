//! Reading a recording: its chunks in order, each checked against the chain, opened and decompressed on a thread
//! of its own, given on in pieces. Memory is bounded whatever a chunk expands to.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use openpam_ids::SessionId;
use openpam_link::seal::SealKey;
use openpam_proto::chunk::{SEAL_INFO, SealedChunk};
use tokio::sync::mpsc;

use super::text::PlainText;
use super::{ByteStream, Objects, chunks};
use crate::store::recordings::Progress;

/// Pieces that wait for whoever reads; past it nothing more is opened.
const PIECES: usize = 4;
const PIECE_BYTES: usize = 64 * 1024;
/// What a reader of the text is told of a gap.
const LOST: &[u8] = b"\n[a part was lost when the hub was restored from a backup]\n";
/// Of a recording whose begin a restore lost: the most common size.
const HEADER: &[u8] = b"{\"version\": 2, \"width\": 80, \"height\": 24}\n";
/// The protocol's bound of a chunk's window, as a power of two. Whoever wants more memory is refused.
const WINDOW_LOG: u32 = 16;

/// What a reader wants.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Cast,
    Text,
    /// A desktop's: the chunks' content as it is. Each chunk begins with a whole one, also behind a gap.
    Instructions,
}

/// A recording as far as it has arrived.
pub(super) struct Reading {
    pub(super) store: Objects,
    pub(super) key: Arc<SealKey>,
    pub(super) session_id: SessionId,
    pub(super) progress: Progress,
    /// What a restore lost of it.
    pub(super) gaps: Vec<Range<u64>>,
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
        if form == Form::Cast && self.gaps.iter().any(|gap| gap.start == 0) {
            let _ = pieces.send(Ok(Bytes::from_static(HEADER))).await;
        }
        let mut previous = [0; 32];
        let gaps = self.gaps.clone();
        let there = (0..self.progress.chunks).filter(move |seq| !gaps.iter().any(|gap| gap.contains(seq)));
        let mut chunks = chunks(self.store.clone(), self.progress.path.clone(), there);
        while let Some((seq, stored)) = chunks.try_next().await? {
            let Some(stored) = stored else {
                return Err(io::Error::new(io::ErrorKind::NotFound, format!("chunk {seq} is not there")));
            };
            let chunk = SealedChunk::from_bytes(&stored).map_err(io::Error::other)?;
            if self.is_behind_a_gap(seq) {
                self.tell_of_a_gap(form, pieces).await;
                previous = chunk.previous;
            }
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
        // What follows it has not come yet.
        if self.is_behind_a_gap(self.progress.chunks) {
            self.tell_of_a_gap(form, pieces).await;
        }
        Ok(())
    }

    fn is_behind_a_gap(&self, seq: u64) -> bool {
        self.gaps.iter().any(|gap| gap.end == seq)
    }

    async fn tell_of_a_gap(&self, form: Form, pieces: &Pieces) {
        if form == Form::Text {
            let _ = pieces.send(Ok(Bytes::from_static(LOST))).await;
        }
    }
}

/// Opens one chunk and gives its content on; `BrokenPipe` if nobody reads any more.
fn open(key: &SealKey, chunk: &SealedChunk, text: &mut Option<PlainText>, to: &Pieces) -> io::Result<()> {
    let content =
        key.open(SEAL_INFO, &chunk.place().aad(), &chunk.enc, &chunk.ciphertext).map_err(io::Error::other)?;
    expand(&content, text, |piece| match piece {
        Some(piece) => to.blocking_send(Ok(piece)).is_ok(),
        None => !to.is_closed(),
    })
}

/// Decompresses what a satellite sealed and gives it on piece by piece, as text where one is wanted. `give` gets `None`
/// for a piece without text, and says whether somebody still reads.
///
/// # Errors
/// `BrokenPipe` if nobody reads any more; others for what is no chunk's content.
pub fn expand(
    content: &[u8],
    text: &mut Option<PlainText>,
    mut give: impl FnMut(Option<Bytes>) -> bool,
) -> io::Result<()> {
    let mut cast = zstd::stream::read::Decoder::with_buffer(content)?;
    cast.window_log_max(WINDOW_LOG)?;
    loop {
        let mut piece = BytesMut::zeroed(PIECE_BYTES);
        let count = cast.read(&mut piece)?;
        if count == 0 {
            return Ok(());
        }
        piece.truncate(count);
        let piece = text.as_mut().map_or_else(|| piece.clone().freeze(), |text| text.take(&piece).into());
        if !give(Some(piece).filter(|piece| !piece.is_empty())) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Very little that becomes very much, in the recorder's window.
    fn bomb() -> Vec<u8> {
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).expect("an encoder");
        encoder.window_log(WINDOW_LOG).expect("a window");
        io::copy(&mut io::repeat(b' ').take(64 * 1024 * 1024), &mut encoder).expect("compresses");
        encoder.finish().expect("compresses")
    }

    #[test]
    fn nothing_more_is_expanded_when_nobody_reads_also_where_no_text_comes_of_it() {
        for mut text in [None, Some(PlainText::default())] {
            let mut pieces = 0;
            let ended = expand(&bomb(), &mut text, |_| {
                pieces += 1;
                pieces < 3
            });
            assert_eq!(ended.map_err(|error| error.kind()), Err(io::ErrorKind::BrokenPipe));
            assert_eq!(pieces, 3);
        }
    }

    #[test]
    fn a_chunk_of_several_frames_is_read_to_its_end() {
        let frames = ["one ", "two ", "three"]
            .map(|text| zstd::bulk::compress(text.as_bytes(), 1).expect("compresses"));
        let mut read = Vec::new();
        let done = expand(&frames.concat(), &mut None, |piece| {
            read.extend_from_slice(&piece.unwrap_or_default());
            true
        });
        assert!(done.is_ok());
        assert_eq!(read, b"one two three");
    }

    #[test]
    fn content_that_wants_a_larger_window_than_the_protocol_allows_is_refused() {
        // A frame's head (RFC 8878, section 3.1.1.1), its window, and one raw block.
        let frame =
            |window: u8| [&[0x28, 0xb5, 0x2f, 0xfd, 0x00, window << 3, 0x29, 0, 0][..], b"hello"].concat();
        let read = |content: &[u8]| expand(content, &mut None, |_| true);
        // 64 KiB and 128 MiB.
        assert!(read(&frame(6)).is_ok());
        assert!(read(&frame(17)).is_err());
    }
}
