//! A sealed chunk as a record of a segment file: magic, length, checksum, the chunk's bytes.
//!
//! Records describe themselves, so that recovery needs no index. The checksum tells a torn write from a whole one
//! and is no protection against anybody: that is the chunks' chain.

use std::io::{self, Read};

use aws_lc_rs::digest;
use openpam_proto::chunk::SealedChunk;
use openpam_proto::limits::MAX_CHUNK_BYTES;

const MAGIC: [u8; 4] = *b"OPC1";
const CHECK_BYTES: usize = 8;
/// What stands before a record's chunk.
pub(super) const HEAD_BYTES: usize = MAGIC.len() + 4 + CHECK_BYTES;
/// A longer one is none of ours: a chunk at its limit with the fields around it.
const MAX_BODY_BYTES: usize = MAX_CHUNK_BYTES + 1024;

/// Why bytes are no record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It was not written to its end, or changed since.
    #[error("a torn or damaged record")]
    Damaged,
}

/// The record of a chunk.
#[must_use]
pub fn encode(chunk: &SealedChunk) -> Vec<u8> {
    let body = chunk.to_bytes();
    let mut record = Vec::with_capacity(HEAD_BYTES + body.len());
    record.extend_from_slice(&MAGIC);
    record.extend_from_slice(&(body.len() as u32).to_be_bytes());
    record.extend_from_slice(&check(&body));
    record.extend_from_slice(&body);
    record
}

/// The chunk in the record that `file` stands at, and the record's length; `None` at the end of the file.
///
/// # Errors
/// [`RecordError`].
pub fn read(file: &mut impl Read) -> Result<Option<(SealedChunk, u64)>, RecordError> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    file.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    if head.is_empty() {
        return Ok(None);
    }
    let (magic, rest) = head.split_first_chunk::<4>().ok_or(RecordError::Damaged)?;
    let (length, expected) = rest.split_first_chunk::<4>().ok_or(RecordError::Damaged)?;
    let length = u32::from_be_bytes(*length) as usize;
    if *magic != MAGIC || length > MAX_BODY_BYTES {
        return Err(RecordError::Damaged);
    }
    let mut body = Vec::with_capacity(length);
    file.by_ref().take(length as u64).read_to_end(&mut body)?;
    if body.len() != length || expected != check(&body) {
        return Err(RecordError::Damaged);
    }
    let chunk = SealedChunk::from_bytes(&body).map_err(|_| RecordError::Damaged)?;
    Ok(Some((chunk, (HEAD_BYTES + length) as u64)))
}

fn check(body: &[u8]) -> [u8; CHECK_BYTES] {
    let hash = digest::digest(&digest::SHA256, body);
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(hash.as_ref().first_chunk::<CHECK_BYTES>().unwrap_or(&[0; CHECK_BYTES]));
    check
}

#[cfg(test)]
mod tests {
    use super::*;
    use openpam_ids::SessionId;
    use openpam_proto::chunk::Place;

    #[test]
    fn a_record_that_is_torn_or_changed_anywhere_is_none() {
        let place = Place { session_id: SessionId::generate(), seq: 0, previous: [0; 32], last: false };
        let chunk = SealedChunk::new(place, 5, vec![1; 32], vec![2; 60]);
        let record = encode(&chunk);
        let (read_back, length) = read(&mut record.as_slice()).expect("reads").expect("one");
        assert_eq!((read_back, length), (chunk, record.len() as u64));
        for cut in 1..record.len() {
            assert!(matches!(read(&mut &record[..cut]), Err(RecordError::Damaged)), "cut at {cut}");
        }
        for at in 0..record.len() {
            let mut changed = record.clone();
            changed[at] ^= 1;
            assert!(read(&mut changed.as_slice()).is_err(), "changed at {at}");
        }
        assert!(matches!(read(&mut [].as_slice()), Ok(None)));
    }
}
