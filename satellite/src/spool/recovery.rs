//! Recovery at start: what was durable but not indexed is indexed, and recordings cut off by a crash are completed.
//!
//! A record that does not follow its recording's chain is not taken. Nothing is ever overwritten.

use std::collections::HashMap;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use openpam_ids::SessionId;

use super::SpoolError;
use super::segment;
use super::writer::Writer;
use crate::recorder::chunk::{Chain, empty_content};
use crate::store::{SegmentMark, Store};

/// Where a chain goes on: next number and the hash before it.
type Heads = HashMap<SessionId, (u64, [u8; 32])>;

/// Indexes what the index lacks; returns the number of the next segment.
pub(super) fn recover(store: &Store, folder: &Path) -> Result<u64, SpoolError> {
    let io = |source| SpoolError::Io { path: folder.to_owned(), source };
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io)?;
    let marks = store.segments()?;
    let files = segment::list(folder).map_err(io)?;
    let mut heads = Heads::new();
    for id in &files {
        let mark = marks.iter().find(|mark| mark.id == *id).map_or(0, |mark| mark.indexed_bytes);
        recover_segment(store, folder, SegmentMark { id: *id, indexed_bytes: mark }, &mut heads)?;
    }
    for mark in marks.iter().filter(|mark| !files.contains(&mark.id)) {
        if store.is_segment_in_use(mark.id)? {
            tracing::error!(
                segment = mark.id,
                alarm = true,
                "recorded chunks are lost: their segment is gone"
            );
        }
    }
    let newest = files.last().copied().max(marks.last().map(|mark| mark.id));
    Ok(newest.map_or(1, |id| id + 1))
}

fn recover_segment(
    store: &Store,
    folder: &Path,
    mark: SegmentMark,
    heads: &mut Heads,
) -> Result<(), SpoolError> {
    let (mut entries, mut failed) = (Vec::new(), None);
    let end = segment::scan(folder, mark.id, mark.indexed_bytes, |chunk, entry| {
        let (next, previous) = match heads.get(&chunk.session_id) {
            Some(head) => *head,
            None => match store.recording(chunk.session_id) {
                Ok(Some(head)) => (head.next_seq, head.hash),
                // The hub has what came before, and says where it goes on.
                Ok(None) if store.lost_its_index() => (chunk.seq, chunk.previous),
                Ok(None) => (0, [0; 32]),
                Err(error) => return failed = Some(error),
            },
        };
        if chunk.follows(next, &previous) {
            heads.insert(chunk.session_id, (next + 1, chunk.hash));
            entries.push(entry);
        } else {
            let (session, seq) = (chunk.session_id, chunk.seq);
            tracing::error!(%session, seq, alarm = true, "a chunk in the spool does not follow the one before");
        }
    })
    .map_err(|source| SpoolError::Io { path: segment::path(folder, mark.id), source })?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    if !entries.is_empty() {
        tracing::warn!(
            chunks = entries.len(),
            segment = mark.id,
            "recorded chunks of an earlier run were found"
        );
    }
    store.index_chunks(SegmentMark { id: mark.id, indexed_bytes: end }, entries)?;
    Ok(())
}

/// Appends a last chunk to every recording that has none: its session died with the earlier run. Gives the key.
pub(super) fn complete(writer: &mut Writer) -> Result<Option<Vec<u8>>, SpoolError> {
    let incomplete = writer.store.incomplete_recordings()?;
    let key = writer.store.recording_key()?;
    if incomplete.is_empty() {
        return Ok(key);
    }
    let Some(key) = key else {
        tracing::error!(
            recordings = incomplete.len(),
            "recordings stay incomplete: there is no key to seal to"
        );
        return Ok(None);
    };
    let content = empty_content().map_err(|source| SpoolError::Io { path: "zstd".into(), source })?;
    for head in &incomplete {
        let mut chain = Chain::resume(head.session_id, head.next_seq, head.hash);
        match chain.seal(&key, &content, head.until_ms, true) {
            Ok(chunk) => writer.append(&chunk),
            Err(error) => tracing::error!(session = %head.session_id, %error, "a recording stays incomplete"),
        }
    }
    writer.sync();
    tracing::warn!(recordings = incomplete.len(), "recordings that a crash cut off were completed");
    Ok(Some(key))
}
