//! Frames of a channel: the stream is cut anywhere, the same frames come out, or the same refusal.

use bytes::BytesMut;
use openpam_proto::frame::{self, Data, Frame, FrameError};
use openpam_proto::limits::{MAX_DATA_BYTES, MAX_MESSAGE_BYTES};

/// `data` is what arrives.
pub fn feed(data: &[u8]) {
    let whole = frames(data, data.len().max(1));
    for step in [1, 3, 7] {
        assert_eq!(frames(data, step), whole, "cut every {step} bytes");
    }
    for frame in &whole.0 {
        check(frame);
    }
    if let Ok(sole) = Data::from_wire(data.to_vec().into()) {
        check(&Frame::Data(sole));
    }
}

type Taken = (Vec<Frame>, Option<FrameError>);

fn frames(data: &[u8], step: usize) -> Taken {
    let (mut frames, mut buffer) = (Vec::new(), BytesMut::new());
    for piece in data.chunks(step) {
        buffer.extend_from_slice(piece);
        loop {
            match frame::take(&mut buffer) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => return (frames, Some(error)),
            }
        }
    }
    (frames, None)
}

fn check(frame: &Frame) {
    match frame {
        Frame::Message(bytes) => assert!(bytes.len() <= MAX_MESSAGE_BYTES),
        Frame::Data(data) => {
            assert!(!data.is_empty() && data.len() <= MAX_DATA_BYTES && data.len() == data.bytes().len());
            let (mut relayed, mut written) = (BytesMut::new(), BytesMut::new());
            frame::put_relayed(&mut relayed, data);
            frame::put_data(&mut written, data.offset(), &data.bytes());
            assert_eq!(relayed, written);
            assert_eq!(frame::take(&mut relayed), Ok(Some(frame.clone())));
        }
    }
}
