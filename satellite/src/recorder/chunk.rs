//! Cuts a session's lines into chunks, compresses, seals and chains them. Pure but for the randomness in a seal.
//!
//! Lines wait as they are until there are enough for a frame of zstd, or until the chunk is sealed: one compressor
//! serves all sessions, and a session holds nothing but its bytes.

use openpam_ids::SessionId;
use openpam_link::seal::{self, SealError};
use openpam_proto::chunk::{Place, SEAL_INFO, SealedChunk};
use zstd::bulk::Compressor;

/// A chunk is sealed when its compressed content is this long.
pub(super) const CHUNK_BYTES: usize = 64 * 1024;
/// Lines of a session that wait uncompressed; past it they are compressed. A chunk stays below the protocol's limit: 64 KiB
/// that came out, and at most 112 KiB, what waited and one output of a desktop.
const HOLD_BYTES: usize = 48 * 1024;
/// Of one frame's content, and so of its window: the protocol allows no larger one.
const FRAME_BYTES: usize = 64 * 1024;
/// Fastest of the regular levels.
const LEVEL: i32 = 1;

/// Makes frames of zstd, for all sessions.
pub(super) struct Compression {
    compressor: Compressor<'static>,
    /// The newest frame.
    frame: Vec<u8>,
}

impl Compression {
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {
            compressor: Compressor::new(LEVEL)?,
            frame: Vec::with_capacity(zstd::zstd_safe::compress_bound(FRAME_BYTES)),
        })
    }

    /// Compresses all of `plain` into frames behind what is in `out`.
    fn append(&mut self, plain: &[u8], out: &mut Vec<u8>) -> std::io::Result<()> {
        for content in plain.chunks(FRAME_BYTES) {
            self.compressor.compress_to_buffer(content, &mut self.frame)?;
            out.extend_from_slice(&self.frame);
        }
        Ok(())
    }
}

/// Why no chunk could be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChunkError {
    #[error("compression: {0}")]
    Compress(#[from] std::io::Error),
    #[error("sealing: {0}")]
    Seal(#[from] SealError),
}

/// Where a recording's chain of chunks stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    session_id: SessionId,
    next_seq: u64,
    previous: [u8; 32],
}

impl Chain {
    pub(super) const fn begin(session_id: SessionId) -> Self {
        Self { session_id, next_seq: 0, previous: [0; 32] }
    }

    pub(crate) const fn resume(session_id: SessionId, next_seq: u64, previous: [u8; 32]) -> Self {
        Self { session_id, next_seq, previous }
    }

    /// Seals compressed content as the next chunk.
    pub(crate) fn seal(
        &mut self,
        key: &[u8],
        content: &[u8],
        until_ms: u64,
        last: bool,
    ) -> Result<SealedChunk, SealError> {
        let Self { session_id, next_seq: seq, previous } = *self;
        let place = Place { session_id, seq, previous, last };
        let sealed = seal::seal(key, SEAL_INFO, &place.aad(), content)?;
        let chunk = SealedChunk::new(place, until_ms, sealed.enc, sealed.ciphertext);
        self.next_seq += 1;
        self.previous = chunk.hash;
        Ok(chunk)
    }
}

/// Compressed content of a chunk without lines.
pub(crate) fn empty_content() -> std::io::Result<Vec<u8>> {
    zstd::bulk::compress(&[], LEVEL)
}

/// One session's lines on their way into chunks.
pub(super) struct Chunker {
    chain: Chain,
    /// Whole lines that wait, in front of those that its owner writes.
    pub(super) lines: Vec<u8>,
    /// What was compressed of the chunk so far.
    compressed: Vec<u8>,
}

impl Chunker {
    pub(super) const fn new(chain: Chain) -> Self {
        Self { chain, lines: Vec::new(), compressed: Vec::new() }
    }

    /// Whether so many lines wait that they should be compressed now.
    pub(super) const fn is_due(&self) -> bool {
        self.lines.len() >= HOLD_BYTES
    }

    /// Compresses the lines that wait, which must be whole; gives every chunk that became full to `emit`.
    pub(super) fn compress(
        &mut self,
        compression: &mut Compression,
        key: &[u8],
        until_ms: u64,
        emit: &mut impl FnMut(SealedChunk),
    ) -> Result<(), ChunkError> {
        let lines = std::mem::take(&mut self.lines);
        let mut rest = lines.as_slice();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(piece_len(rest));
            rest = after;
            compression.append(piece, &mut self.compressed)?;
            if self.compressed.len() >= CHUNK_BYTES {
                emit(self.seal(key, until_ms, false)?);
            }
        }
        if !self.compressed.is_empty() {
            // A flood goes on: keep the buffer.
            self.lines = lines;
            self.lines.clear();
        }
        Ok(())
    }

    /// Seals everything there is, also nothing if it is the `last` chunk.
    pub(super) fn finish_chunk(
        &mut self,
        compression: &mut Compression,
        key: &[u8],
        until_ms: u64,
        last: bool,
        emit: &mut impl FnMut(SealedChunk),
    ) -> Result<(), ChunkError> {
        self.compress(compression, key, until_ms, emit)?;
        if last && self.compressed.is_empty() {
            self.compressed = empty_content()?;
        }
        if !self.compressed.is_empty() {
            emit(self.seal(key, until_ms, last)?);
        }
        self.lines = Vec::new();
        Ok(())
    }

    fn seal(&mut self, key: &[u8], until_ms: u64, last: bool) -> Result<SealedChunk, ChunkError> {
        let content = std::mem::take(&mut self.compressed);
        Ok(self.chain.seal(key, &content, until_ms, last)?)
    }
}

/// Whole lines of at most [`FRAME_BYTES`], or the first line if that is longer.
fn piece_len(lines: &[u8]) -> usize {
    if lines.len() <= FRAME_BYTES {
        return lines.len();
    }
    let (head, tail) = lines.split_at(FRAME_BYTES);
    match head.iter().rposition(|byte| *byte == b'\n') {
        Some(end) => end + 1,
        None => tail.iter().position(|byte| *byte == b'\n').map_or(lines.len(), |end| FRAME_BYTES + end + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openpam_link::seal::SealKey;
    use openpam_proto::limits::MAX_CHUNK_BYTES;

    fn open(key: &SealKey, chunks: &[SealedChunk]) -> Vec<u8> {
        let mut plain = Vec::new();
        for chunk in chunks {
            let place = chunk.place();
            let content = key.open(SEAL_INFO, &place.aad(), &chunk.enc, &chunk.ciphertext).expect("opens");
            plain.extend(zstd::decode_all(content.as_slice()).expect("decompresses"));
        }
        plain
    }

    /// Lines that do not compress, as long as they get: what the limit must hold against.
    fn noise(bytes: usize) -> Vec<u8> {
        let mut state = 1u64;
        let mut lines = Vec::new();
        while lines.len() < bytes {
            for _ in 0..48_000 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let byte = (state >> 33) as u8;
                lines.push(if byte == b'\n' { 0 } else { byte });
            }
            lines.push(b'\n');
        }
        lines
    }

    fn chunks_of(key: &SealKey, lines: &[u8], step: usize) -> Vec<SealedChunk> {
        let mut chunker = Chunker::new(Chain::begin(SessionId::generate()));
        let mut compression = Compression::new().expect("a compressor");
        let mut chunks = Vec::new();
        for part in lines.chunks(step) {
            chunker.lines.extend_from_slice(part);
            if chunker.is_due() && part.ends_with(b"\n") {
                chunker
                    .compress(&mut compression, key.public(), 7, &mut |chunk| chunks.push(chunk))
                    .expect("seals");
            }
        }
        let emit = &mut |chunk| chunks.push(chunk);
        chunker.finish_chunk(&mut compression, key.public(), 9, true, emit).expect("seals");
        assert!(chunker.lines.capacity() == 0 && chunker.compressed.capacity() == 0);
        chunks
    }

    #[test]
    fn chunks_hold_the_lines_in_order_and_chain() {
        let key = SealKey::generate().expect("generates");
        let lines = noise(1_000_000);
        let chunks = chunks_of(&key, &lines, 48_001);
        assert!(open(&key, &chunks) == lines);
        let mut previous = [0; 32];
        for (seq, chunk) in chunks.iter().enumerate() {
            assert!(chunk.follows(seq as u64, &previous));
            assert_eq!(chunk.last, seq + 1 == chunks.len());
            assert!(chunk.ciphertext.len() <= MAX_CHUNK_BYTES - 1024, "{}", chunk.ciphertext.len());
            previous = chunk.hash;
        }
        assert!(chunks.len() >= 6);
    }

    #[test]
    fn a_chunk_is_sealed_at_64_kib_of_compressed_content_and_not_much_earlier() {
        let key = SealKey::generate().expect("generates");
        let lines = (0..200_000)
            .map(|i| format!("[{i}.000,\"o\",\"line {}\"]\n", i * 7919 % 10_007))
            .collect::<String>();
        let chunks = chunks_of(&key, lines.as_bytes(), usize::MAX);
        let full = &chunks[..chunks.len() - 1];
        assert!(!full.is_empty() && full.iter().all(|chunk| chunk.ciphertext.len() >= CHUNK_BYTES));
        assert!(open(&key, &chunks) == lines.as_bytes());
    }

    #[test]
    fn a_recording_without_lines_has_a_last_chunk_that_opens() {
        let key = SealKey::generate().expect("generates");
        let chunks = chunks_of(&key, b"", 1);
        assert_eq!((chunks.len(), open(&key, &chunks).len()), (1, 0));
    }

    #[test]
    fn a_chunk_opens_with_no_other_key_and_in_no_other_place() {
        let (key, other) = (SealKey::generate().expect("generates"), SealKey::generate().expect("generates"));
        let [chunk] = &chunks_of(&key, b"line\n", 5)[..] else { panic!("one chunk") };
        let open =
            |key: &SealKey, place: Place| key.open(SEAL_INFO, &place.aad(), &chunk.enc, &chunk.ciphertext);
        assert!(open(&key, chunk.place()).is_ok());
        assert!(open(&other, chunk.place()).is_err());
        assert!(open(&key, Place { seq: 1, ..chunk.place() }).is_err());
        assert!(open(&key, Place { last: false, ..chunk.place() }).is_err());
    }
}
