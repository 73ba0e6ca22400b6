//! A file of records, first in, first out. It has no name in any folder and is sealed with a key that never leaves
//! memory, so nothing of it can be read after the program ended, however it ended.
//!
//! It blocks, and counts nothing: who may put how much there is decided elsewhere.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use zeroize::Zeroizing;

/// Records of one session, oldest first.
pub(super) struct RecordFile {
    file: File,
    key: LessSafeKey,
    records: VecDeque<Record>,
    /// Where the next record goes.
    end: u64,
    /// The next record's number. The key never seals two records under one number.
    next: u64,
}

struct Record {
    number: u64,
    at: u64,
    sealed_bytes: usize,
}

impl RecordFile {
    /// An empty file on the disk of `folder`.
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        let mut secret = Zeroizing::new([0; 32]);
        rand::fill(&mut *secret).map_err(io::Error::other)?;
        let key = UnboundKey::new(&AES_256_GCM, &*secret).map_err(io::Error::other)?;
        Ok(Self {
            file: tempfile::tempfile_in(folder)?,
            key: LessSafeKey::new(key),
            records: VecDeque::new(),
            end: 0,
            next: 0,
        })
    }

    /// Appends a record. After an error there is nothing of it.
    pub(super) fn append(&mut self, record: &[u8]) -> io::Result<()> {
        let mut sealed = Vec::with_capacity(record.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(record);
        let number = self.next;
        self.next += 1;
        self.key
            .seal_in_place_append_tag(nonce(number), Aad::empty(), &mut sealed)
            .map_err(io::Error::other)?;
        self.file.write_all_at(&sealed, self.end)?;
        self.records.push_back(Record { number, at: self.end, sealed_bytes: sealed.len() });
        self.end += sealed.len() as u64;
        Ok(())
    }

    /// Takes the oldest record out; the disk has its room back once all are out.
    pub(super) fn take(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some(record) = self.records.pop_front() else { return Ok(None) };
        let mut bytes = vec![0; record.sealed_bytes];
        self.file.read_exact_at(&mut bytes, record.at)?;
        let plain_bytes = self
            .key
            .open_in_place(nonce(record.number), Aad::empty(), &mut bytes)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "a record is not what was written"))?
            .len();
        bytes.truncate(plain_bytes);
        if self.records.is_empty() {
            self.file.set_len(0)?;
            self.end = 0;
        }
        Ok(Some(bytes))
    }
}

fn nonce(number: u64) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    if let Some(low) = nonce.last_chunk_mut() {
        *low = number.to_be_bytes();
    }
    Nonce::assume_unique_for_key(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_out_as_they_went_in_and_an_empty_file_takes_no_room() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut file = RecordFile::create(folder.path()).expect("creates");
        for round in 0..3u8 {
            for index in 0..10u8 {
                file.append(&vec![round ^ index; 1000 * usize::from(index)]).expect("appends");
            }
            for index in 0..10u8 {
                let record = file.take().expect("reads").expect("a record");
                assert_eq!(record, vec![round ^ index; 1000 * usize::from(index)]);
            }
            assert_eq!(file.take().expect("reads"), None);
            assert_eq!(file.file.metadata().expect("metadata").len(), 0);
        }
    }

    #[test]
    fn it_has_no_name_and_its_bytes_say_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut file = RecordFile::create(folder.path()).expect("creates");
        file.append(b"the output of a session").expect("appends");
        assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 0);
        let mut sealed = vec![0; file.end as usize];
        file.file.read_exact_at(&mut sealed, 0).expect("reads");
        assert!(!sealed.windows(6).any(|bytes| bytes == b"output"));
    }

    #[test]
    fn a_changed_record_is_an_error_and_not_output() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut file = RecordFile::create(folder.path()).expect("creates");
        file.append(b"the output of a session").expect("appends");
        file.file.write_all_at(b"X", 3).expect("writes");
        assert_eq!(file.take().expect_err("sees it").kind(), io::ErrorKind::InvalidData);
    }
}
