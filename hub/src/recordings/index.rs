//! Makes complete recordings findable, one after the other, and looks into those that were found.

use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use openpam_ids::SessionId;
use tokio_util::sync::CancellationToken;

use super::said::why;
use super::words::{Words, holds};
use super::{RecordingError, Recordings};
use crate::leader::Leader;
use crate::store::recording_words;

/// How often it looks for recordings that have become complete.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// After a failure of the books, or of the store.
const TRY_AGAIN: Duration = Duration::from_secs(15);
/// Lines that are shown of a recording.
const LINES: usize = 3;
/// Of a line, so much is shown.
const LINE_CHARS: usize = 200;
/// A recording is looked through so far, since its lines are only shown to tell it from others.
const LOOK_BYTES: usize = 4 * 1024 * 1024;

/// Runs until the hub stops.
pub async fn run(recordings: Recordings, leader: Leader, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = leader.until_leading() => {}
        }
        let pause = match next(&recordings).await {
            Ok(true) => continue,
            Ok(false) => LOOK_EVERY,
            Err(error) => {
                tracing::warn!(error = why(&error), "recordings cannot be made findable now");
                TRY_AGAIN
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// The newest recording that cannot be found yet; `false`: there is none.
async fn next(recordings: &Recordings) -> Result<bool, RecordingError> {
    let Some((session_id, protocol)) = recording_words::next(&recordings.pool).await? else {
        return Ok(false);
    };
    if protocol.is_desktop() {
        // Pictures have no words.
        recording_words::keep(&recordings.pool, session_id, &[], true).await?;
        return Ok(true);
    }
    let (words, whole) = match words_of(recordings, session_id).await {
        Ok(found) => found,
        Err(error) if error.is_passing() => return Err(error),
        Err(error) => {
            tracing::error!(session = %session_id, %error, "a recording cannot be read, so it cannot be found by its text");
            (Vec::new(), false)
        }
    };
    recording_words::keep(&recordings.pool, session_id, &words, whole).await?;
    Ok(true)
}

async fn words_of(
    recordings: &Recordings,
    session_id: SessionId,
) -> Result<(Vec<i64>, bool), RecordingError> {
    let mut text = recordings.text(session_id).await?;
    let mut words = Words::default();
    while let Some(piece) = text.next().await {
        let (piece, key) = (piece?, recordings.words.clone());
        let hashed = tokio::task::spawn_blocking(move || {
            words.take(&key, &String::from_utf8_lossy(&piece));
            words
        });
        words = hashed.await.map_err(std::io::Error::other)?;
    }
    Ok(words.finish(&recordings.words))
}

impl Recordings {
    /// The first lines of a recording that hold all of these words; none where it cannot be read, or they stand apart.
    pub async fn lines(&self, session_id: SessionId, wanted: &[String]) -> Vec<String> {
        let Ok(mut text) = self.text(session_id).await else { return Vec::new() };
        let (mut found, mut rest, mut looked) = (Vec::new(), String::new(), 0);
        while let Some(Ok(piece)) = text.next().await {
            looked += piece.len();
            look(&piece, wanted, &mut rest, &mut found);
            if found.len() >= LINES || looked > LOOK_BYTES {
                break;
            }
        }
        if holds(&rest, wanted) {
            found.push(shown(&rest));
        }
        found.truncate(LINES);
        found
    }
}

/// Looks through the lines that are complete with this piece.
fn look(piece: &Bytes, wanted: &[String], rest: &mut String, found: &mut Vec<String>) {
    rest.push_str(&String::from_utf8_lossy(piece));
    let complete = rest.rfind('\n').map_or(0, |end| end + 1);
    let after = rest.split_off(complete);
    for line in std::mem::replace(rest, after).lines().filter(|line| holds(line, wanted)) {
        if found.len() < LINES {
            found.push(shown(line));
        }
    }
    if rest.len() > LOOK_BYTES {
        rest.clear();
    }
}

fn shown(line: &str) -> String {
    line.trim().chars().filter(|character| !character.is_control()).take(LINE_CHARS).collect()
}
