//! The ring of recent output against a plain vector that forgets nothing.

use bytes::{Bytes, BytesMut};
use openpam_proto::ring::Ring;

use crate::input::Input;

/// More is not appended: it would be slow and teach nothing.
const MOST_BYTES: usize = 512 * 1024;

/// `data` is a sequence of operations.
pub fn feed(data: &[u8]) {
    let mut input = Input::new(data);
    let (mut ring, mut all, mut acknowledged) = (Ring::new(), Vec::<u8>::new(), 0_u64);
    let mut tail = 0_usize;
    while !input.is_empty() {
        match input.byte() % 6 {
            0 | 1 => {
                let length = usize::from(input.short()) % 9000;
                if all.len() + length <= MOST_BYTES {
                    let seed = input.byte();
                    let piece = (0..length).map(|at| seed.wrapping_add((at % 251) as u8)).collect::<Bytes>();
                    all.extend_from_slice(&piece);
                    ring.append(piece);
                }
            }
            2 => {
                let count = usize::from(input.short());
                ring.release(count);
                tail = all.len().min(tail + count);
            }
            3 => {
                let offset = tail as u64 + u64::from(input.short());
                assert_eq!(ring.acknowledge(offset), offset <= all.len() as u64);
                if offset <= all.len() as u64 {
                    acknowledged = acknowledged.max(offset);
                }
            }
            4 => {
                let offset = input.short().into();
                ring.begin_at(offset);
                acknowledged = offset.clamp(tail as u64, all.len() as u64);
            }
            _ => {
                let (offset, most) = (input.short(), usize::from(input.short()));
                let begin = tail + usize::from(offset) % (all.len() - tail + 1);
                let mut out = BytesMut::new();
                let count = ring.copy_from(begin as u64, most, &mut out);
                let expected = all.get(begin..all.len().min(begin + most)).unwrap_or_default();
                assert_eq!((&*out, count), (expected, expected.len()));
            }
        }
        assert_eq!((ring.tail(), ring.end()), (tail as u64, all.len() as u64));
        assert_eq!((ring.len(), ring.is_empty()), (all.len() - tail, all.len() == tail));
        // The owner gives up only what `leavable` allows, so what is acknowledged never lies before the tail there.
        assert_eq!(ring.acknowledged(), acknowledged);
        let keep = usize::from(input.byte()) * 64;
        let leavable = ring.leavable(keep);
        assert!(leavable == 0 || leavable + keep <= ring.len());
        assert!(leavable as u64 <= acknowledged.saturating_sub(tail as u64));
    }
}
