//! Input offsets against a model that only counts: each byte is taken once and in order, whatever is sent again.

use bytes::Bytes;
use openpam_proto::limits::INPUT_QUEUE_BYTES;
use openpam_proto::offset::{InputError, InputStream};

use crate::input::Input;

/// `data` is a sequence of operations.
pub fn feed(data: &[u8]) {
    let mut input = Input::new(data);
    let (mut stream, mut taken, mut given) = (InputStream::new(), 0_u64, 0_u64);
    while !input.is_empty() {
        match input.byte() % 4 {
            0 => {
                let offset = taken.saturating_sub(input.byte().into());
                let length = input.short();
                take(&mut stream, &mut taken, given, offset, length.into());
            }
            1 => {
                let (offset, length) = (input.long(), input.byte());
                take(&mut stream, &mut taken, given, offset, length.into());
            }
            2 => {
                let (ahead, length) = (input.byte(), input.byte());
                let offset = taken.saturating_add(ahead.into());
                take(&mut stream, &mut taken, given, offset, length.into());
            }
            _ => {
                let count = usize::from(input.short());
                given = taken.min(given + count as u64);
                assert_eq!(stream.given(count), given);
            }
        }
        assert_eq!(stream.acknowledged(), given);
    }
}

/// The byte at an offset.
fn byte(offset: u64) -> u8 {
    (offset ^ offset >> 8).to_be_bytes().last().copied().unwrap_or_default()
}

fn take(stream: &mut InputStream, taken: &mut u64, given: u64, offset: u64, length: usize) {
    let bytes = (0..length as u64).map(|at| byte(offset.wrapping_add(at))).collect::<Bytes>();
    let end = u128::from(offset) + length as u128;
    let result = stream.take(offset, bytes);
    if offset > *taken || end > u128::from(u64::MAX) {
        assert_eq!(result, Err(InputError::Gap { offset, expected: *taken }));
    } else if end > u128::from(given) + INPUT_QUEUE_BYTES as u128 && end > u128::from(*taken) {
        assert_eq!(result, Err(InputError::TooMuch));
    } else {
        let fresh = result.expect("it fits");
        let expected = (*taken..offset + length as u64).map(byte).collect::<Bytes>();
        assert_eq!(fresh, expected);
        *taken += fresh.len() as u64;
    }
}
