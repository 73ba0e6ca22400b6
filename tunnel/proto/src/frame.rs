//! Frames on a channel: a 4-byte header (8 bits tag, 24 bits length, big-endian), then the payload.
//!
//! Tag 0 carries one message, tag 1 session bytes behind their 8-byte big-endian offset: exactly the
//! browser's binary frame, so that the hub relays it unread. Other tags are refused. No I/O happens here.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::limits::{MAX_DATA_BYTES, MAX_MESSAGE_BYTES};
use crate::message::Message;

/// Bytes of a frame header.
pub const HEADER_BYTES: usize = 4;
/// Bytes of the offset before session bytes.
pub const OFFSET_BYTES: usize = 8;

const TAG_MESSAGE: u8 = 0;
const TAG_DATA: u8 = 1;

/// One frame of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// An encoded message.
    Message(Bytes),
    /// Session bytes: the 8-byte offset of the first one, then the bytes.
    Data(Data),
}

/// Session bytes with the offset of the first one, as they travel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data(Bytes);

impl Data {
    /// Takes a payload from the wire: 8 bytes of offset, then 1 to 64 KiB of session bytes.
    ///
    /// # Errors
    /// [`FrameError::DataSize`] if it is shorter or longer.
    pub fn from_wire(payload: Bytes) -> Result<Self, FrameError> {
        let bytes = payload.len();
        if bytes <= OFFSET_BYTES || bytes > OFFSET_BYTES + MAX_DATA_BYTES {
            return Err(FrameError::DataSize { bytes });
        }
        Ok(Self(payload))
    }

    /// Session bytes from an offset on: 1 to 64 KiB of them.
    ///
    /// # Errors
    /// [`FrameError::DataSize`] if there are less or more.
    pub fn new(offset: u64, bytes: &[u8]) -> Result<Self, FrameError> {
        let mut wire = BytesMut::with_capacity(OFFSET_BYTES + bytes.len());
        wire.put_u64(offset);
        wire.put_slice(bytes);
        Self::from_wire(wire.freeze())
    }

    /// The offset of the first byte.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.0.clone().get_u64()
    }

    /// The offset after the last byte; the end of all numbers where a peer's offset is beyond it.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.offset().saturating_add(self.len() as u64)
    }

    /// The session bytes.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        self.0.slice(OFFSET_BYTES..)
    }

    /// How many session bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len() - OFFSET_BYTES
    }

    /// Never true for data from the wire.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The payload as it travels: offset and bytes.
    #[must_use]
    pub fn wire(&self) -> &Bytes {
        &self.0
    }
}

/// Why a frame is refused. The channel it came on is closed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FrameError {
    /// A tag this protocol does not have.
    #[error("unknown frame tag {tag}")]
    Tag {
        /// The tag.
        tag: u8,
    },
    /// Longer than a message may be.
    #[error("message of {bytes} bytes is too long")]
    MessageSize {
        /// The announced length.
        bytes: usize,
    },
    /// Session bytes must be 1 to 64 KiB behind an offset.
    #[error("data frame of {bytes} bytes is out of bounds")]
    DataSize {
        /// The announced length.
        bytes: usize,
    },
}

/// Appends a message frame to `out`.
///
/// # Errors
/// [`FrameError::MessageSize`] for a message that the peer would refuse; nothing is appended.
pub fn put_message(out: &mut BytesMut, message: &impl Message) -> Result<(), FrameError> {
    let body = message.to_bytes();
    if body.len() > MAX_MESSAGE_BYTES {
        return Err(FrameError::MessageSize { bytes: body.len() });
    }
    put_header(out, TAG_MESSAGE, body.len());
    out.put_slice(&body);
    Ok(())
}

/// Appends a data frame of at most 64 KiB to `out`.
pub fn put_data(out: &mut BytesMut, offset: u64, bytes: &[u8]) {
    debug_assert!(!bytes.is_empty() && bytes.len() <= MAX_DATA_BYTES);
    put_header(out, TAG_DATA, OFFSET_BYTES + bytes.len());
    out.put_u64(offset);
    out.put_slice(bytes);
}

/// Appends a data frame that came from elsewhere, unread.
pub fn put_relayed(out: &mut BytesMut, data: &Data) {
    put_header(out, TAG_DATA, data.wire().len());
    out.put_slice(data.wire());
}

fn put_header(out: &mut BytesMut, tag: u8, len: usize) {
    out.reserve(HEADER_BYTES + len);
    out.put_u32(u32::from(tag) << 24 | (len as u32 & 0x00ff_ffff));
}

/// Takes the first whole frame off `buffer`; `None` if it is not all there yet.
///
/// # Errors
/// [`FrameError`] as soon as the header shows a frame that will be refused: an oversized one is never buffered.
pub fn take(buffer: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
    let Some(header) = buffer.first_chunk::<HEADER_BYTES>() else {
        return Ok(None);
    };
    let header = u32::from_be_bytes(*header);
    let (tag, len) = ((header >> 24) as u8, (header & 0x00ff_ffff) as usize);
    match tag {
        TAG_MESSAGE if len > MAX_MESSAGE_BYTES => return Err(FrameError::MessageSize { bytes: len }),
        TAG_DATA if len <= OFFSET_BYTES || len > OFFSET_BYTES + MAX_DATA_BYTES => {
            return Err(FrameError::DataSize { bytes: len });
        }
        TAG_MESSAGE | TAG_DATA => {}
        tag => return Err(FrameError::Tag { tag }),
    }
    if buffer.len() < HEADER_BYTES + len {
        buffer.reserve(HEADER_BYTES + len - buffer.len());
        return Ok(None);
    }
    buffer.advance(HEADER_BYTES);
    let payload = buffer.split_to(len).freeze();
    Ok(Some(if tag == TAG_DATA { Frame::Data(Data(payload)) } else { Frame::Message(payload) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::{Ping, ToHub};

    #[test]
    fn frames_come_out_whole_wherever_the_stream_is_cut() {
        let mut stream = BytesMut::new();
        put_message(&mut stream, &ToHub::Ping(Ping { t: 1 })).expect("fits");
        put_data(&mut stream, 7, b"hello");
        for cut in 0..=stream.len() {
            let mut buffer = BytesMut::from(&stream[..cut]);
            let mut frames = Vec::new();
            while let Some(frame) = take(&mut buffer).expect("well-formed") {
                frames.push(frame);
            }
            buffer.extend_from_slice(&stream[cut..]);
            while let Some(frame) = take(&mut buffer).expect("well-formed") {
                frames.push(frame);
            }
            assert_eq!(frames.len(), 2);
            let Frame::Data(data) = &frames[1] else { panic!("data comes second") };
            assert_eq!((data.offset(), &data.bytes()[..]), (7, &b"hello"[..]));
        }
    }

    #[test]
    fn an_oversized_or_unknown_frame_is_refused_by_its_header_alone() {
        let refused =
            |header: u32| take(&mut BytesMut::from(&header.to_be_bytes()[..])).expect_err("refused");
        assert!(matches!(refused(0x00ff_ffff), FrameError::MessageSize { .. }));
        assert!(matches!(refused(0x01ff_ffff), FrameError::DataSize { .. }));
        assert!(matches!(refused(0x0100_0008), FrameError::DataSize { bytes: 8 }));
        assert!(matches!(refused(0x0900_0001), FrameError::Tag { tag: 9 }));
    }
}
