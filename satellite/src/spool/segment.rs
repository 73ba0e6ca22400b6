//! Segment files: append-only, shared by all sessions, named by their number.
//!
//! A segment is only ever appended to by the run that made it; recovery reads the others.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use openpam_proto::chunk::SealedChunk;

use super::record::{self, RecordError};
use crate::store::{ChunkEntry, ChunkPlace};

pub(super) fn path(folder: &Path, id: u64) -> PathBuf {
    folder.join(format!("{id:016x}.segment"))
}

/// Every segment in the folder, oldest first.
pub(super) fn list(folder: &Path) -> io::Result<Vec<u64>> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let id = name.to_str().and_then(|name| name.strip_suffix(".segment"));
        ids.extend(id.and_then(|id| u64::from_str_radix(id, 16).ok()));
    }
    ids.sort_unstable();
    Ok(ids)
}

pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The segment that is written now.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) id: u64,
    file: File,
    pub(super) len: u64,
}

impl Segment {
    /// Makes the file and makes its name durable.
    pub(super) fn create(folder: &Path, id: u64) -> io::Result<Self> {
        let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path(folder, id))?;
        sync_folder(folder)?;
        Ok(Self { id, file, len: 0 })
    }

    /// Appends the record of a chunk; not durable yet. After an error the file is as before.
    pub(super) fn append(&mut self, chunk: &SealedChunk) -> io::Result<ChunkEntry> {
        let record = record::encode(chunk);
        if let Err(error) = self.file.write_all(&record) {
            self.file.set_len(self.len)?;
            self.file.seek(SeekFrom::Start(self.len))?;
            return Err(error);
        }
        let entry = ChunkEntry::new(chunk, self.id, self.len, record.len() as u64);
        self.len += record.len() as u64;
        Ok(entry)
    }

    /// Makes everything that was appended durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Gives every sound record of a segment from `offset` on to `each`; returns the byte behind the last one.
pub(super) fn scan(
    folder: &Path,
    id: u64,
    offset: u64,
    mut each: impl FnMut(&SealedChunk, ChunkEntry),
) -> io::Result<u64> {
    let mut file = File::open(path(folder, id))?;
    file.seek(SeekFrom::Start(offset))?;
    let mut reader = BufReader::with_capacity(256 * 1024, file);
    let mut at = offset;
    loop {
        match record::read(&mut reader) {
            Ok(Some((chunk, length))) => {
                each(&chunk, ChunkEntry::new(&chunk, id, at, length));
                at += length;
            }
            Ok(None) => return Ok(at),
            Err(RecordError::Damaged) => {
                let rest = io::copy(&mut reader, &mut io::sink())?;
                tracing::warn!(segment = id, at, rest, "the torn end of a segment is dropped");
                return Ok(at);
            }
            Err(RecordError::Io(error)) => return Err(error),
        }
    }
}

/// The chunk at its place.
pub(super) fn read(folder: &Path, place: &ChunkPlace) -> Result<SealedChunk, RecordError> {
    struct At<'a>(&'a File, u64);
    impl Read for At<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.read_at(buffer, self.1)?;
            self.1 += count as u64;
            Ok(count)
        }
    }
    let file = File::open(path(folder, place.segment))?;
    let found = record::read(&mut At(&file, place.offset))?;
    found.map(|(chunk, _)| chunk).ok_or(RecordError::Damaged)
}
