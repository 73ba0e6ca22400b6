//! Segments of the spool as a crash, a bad disk or somebody with the disk in hand may leave them.

use openpam_link::identity::sha256;
use openpam_satellite::spool::record::{self, RecordError};

/// `data` is a segment, and the body of a record whose head is right.
pub fn feed(data: &[u8]) {
    scan(data);
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    let check = sha256(data);
    let head = [&b"OPC1"[..], &length.to_be_bytes(), check.get(..8).unwrap_or_default()].concat();
    scan(&[&head[..], data].concat());
}

fn scan(mut segment: &[u8]) {
    loop {
        let before = segment.len();
        match record::read(&mut segment) {
            Ok(Some((chunk, length))) => {
                assert_eq!(before as u64 - segment.len() as u64, length);
                let again = record::encode(&chunk);
                let (read_back, _) = record::read(&mut again.as_slice()).expect("reads").expect("one");
                assert_eq!(read_back, chunk);
            }
            Ok(None) => return assert_eq!(before, 0),
            Err(RecordError::Damaged) => return,
            Err(RecordError::Io(error)) => panic!("bytes in memory failed: {error}"),
        }
    }
}
