//! The recordings: each chunk against its chain, the last one against the head in the books.

use openpam_proto::chunk::SealedChunk;
use sqlx::PgPool;
use uuid::Uuid;

use super::{Code, Report};
use crate::recordings::{RecordingError, Recordings};
use crate::store;
use crate::store::evidence::{self, KeptRecording};

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

async fn one(
    pool: &PgPool,
    recordings: &Recordings,
    kept: &KeptRecording,
    report: &mut Report,
) -> Result<(), RecordingError> {
    let place = |seq: u64| format!("recording of session {}, chunk {seq}", kept.session_id);
    let whole = format!("recording of session {}", kept.session_id);
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
    for seq in 0..kept.chunks {
        if gaps.iter().any(|gap| gap.contains(&seq)) {
            continue;
        }
        let Some(bytes) = recordings.chunk(&kept.path, seq).await? else {
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
