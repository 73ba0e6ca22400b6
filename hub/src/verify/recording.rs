//! The recordings: each chunk against its chain, the last one against the head in the books.

use std::time::Duration;

use futures::TryStreamExt;
use openpam_proto::chunk::SealedChunk;
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use super::{Code, Report};
use crate::recordings::{RecordingError, Recordings};
use crate::store;
use crate::store::evidence::{self, KeptRecording};
use crate::time::Time;

const PART: i64 = 500;

pub(super) async fn verify(
    pool: &PgPool,
    recordings: &Recordings,
    report: &mut Report,
) -> Result<(), RecordingError> {
    let mut after = Uuid::nil();
    loop {
        let part = evidence::recordings_after(pool, after, PART).await?;
        let Some(last) = part.last() else { break };
        after = last.session_id.uuid();
        for kept in &part {
            one(pool, recordings, kept, report).await?;
        }
    }
    for session in evidence::without_recording(pool, PART).await? {
        let found = "the book of sessions names a recording that is not there";
        report.add(Code::RecordingMissing, format!("session {session}"), found);
    }
    Ok(())
}

/// A deleted recording has an event that tells of it, and was kept as long as that says.
fn judge_deletion(kept: &KeptRecording, report: &mut Report) {
    let found = match &kept.deletion {
        None => "it is marked as deleted, and no event tells of that",
        Some((at, told))
            if kept.end_time.is_none_or(|end| kept_until(end, told).is_none_or(|until| *at < until)) =>
        {
            "it was deleted before its time"
        }
        Some(_) => {
            report.deleted_recordings += 1;
            return;
        }
    };
    report.add(Code::RecordingMissing, format!("recording of session {}", kept.session_id), found);
}

/// Until when a recording was to be kept, by what the event of its deletion says.
fn kept_until(end: Time, told: &[u8]) -> Option<Time> {
    let told: Value = serde_json::from_slice(told).ok()?;
    let days = told.pointer("/detail/retention_days")?.as_u64()?;
    Some(end.after(Duration::from_secs(days.checked_mul(24 * 3600)?)))
}

async fn one(
    pool: &PgPool,
    recordings: &Recordings,
    kept: &KeptRecording,
    report: &mut Report,
) -> Result<(), RecordingError> {
    let place = |seq: u64| format!("recording of session {}, chunk {seq}", kept.session_id);
    let whole = format!("recording of session {}", kept.session_id);
    if kept.deleted {
        judge_deletion(kept, report);
        return Ok(());
    }
    report.recordings += 1;
    if kept.booked_path.as_ref() != Some(&kept.path) {
        report.add(Code::RecordingChanged, &whole, "the book of sessions names another one");
    }
    let (mut head, mut complete) = ([0; 32], false);
    let gaps = store::recordings::gaps(pool, kept.session_id).await?;
    for gap in &gaps {
        report.note(format!(
            "{whole}: the chunks from {} to {} were lost by a restore",
            gap.start,
            gap.end - 1
        ));
    }
    let lost = gaps.clone();
    let there = (0..kept.chunks).filter(move |seq| !lost.iter().any(|gap| gap.contains(seq)));
    let mut chunks = recordings.chunks(&kept.path, there);
    while let Some((seq, bytes)) = chunks.try_next().await? {
        let Some(bytes) = bytes else {
            report.add(Code::RecordingMissing, place(seq), "it is not there");
            return Ok(());
        };
        let chunk = SealedChunk::from_bytes(&bytes).ok();
        if let Some(chunk) = chunk.as_ref().filter(|_| gaps.iter().any(|gap| gap.end == seq)) {
            head = chunk.previous;
        }
        let Some(chunk) =
            chunk.filter(|chunk| chunk.session_id == kept.session_id && chunk.follows(seq, &head))
        else {
            report.add(
                Code::RecordingChanged,
                place(seq),
                "it is damaged or does not continue the chunk before it",
            );
            return Ok(());
        };
        report.chunks += 1;
        (head, complete) = (chunk.hash, chunk.last);
    }
    // What follows the gap has not come yet.
    if gaps.iter().any(|gap| gap.end == kept.chunks) {
        return Ok(());
    }
    if head != kept.head_hash || complete != kept.complete {
        report.add(Code::RecordingChanged, &whole, "it does not end where the books say");
    }
    Ok(())
}
