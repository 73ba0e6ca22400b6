//! One session's recording as it is written: a cast of a terminal, or a desktop's instructions. Pure.

use super::cast::{CastWriter, Header};
use super::{RecordingInfo, Shows};

/// What is written, between events; it goes to the buffer that each call names.
pub(super) enum Track {
    Cast(CastWriter),
    /// Instructions as they came. Each output is whole ones, so that a chunk never cuts one.
    Desktop {
        until_ms: u64,
    },
}

impl Track {
    pub(super) fn begin(out: &mut Vec<u8>, info: &RecordingInfo) -> Self {
        let Shows::Terminal { cols, rows, term } = &info.shows else { return Self::Desktop { until_ms: 0 } };
        let title = format!("{}@{}", info.user, info.target);
        let header = Header { cols: *cols, rows: *rows, begun_ms: info.begun_ms, title: &title, term };
        CastWriter::header(out, header);
        Self::Cast(CastWriter::default())
    }

    /// Milliseconds since the begin at the newest event.
    pub(super) const fn until_ms(&self) -> u64 {
        match self {
            Self::Cast(cast) => cast.until_ms(),
            Self::Desktop { until_ms } => *until_ms,
        }
    }

    pub(super) fn output(&mut self, out: &mut Vec<u8>, at_ms: u64, bytes: &[u8]) {
        match self {
            Self::Cast(cast) => cast.output(out, at_ms, bytes),
            Self::Desktop { until_ms } => {
                *until_ms = at_ms.max(*until_ms);
                out.extend_from_slice(bytes);
            }
        }
    }

    pub(super) fn resize(&mut self, out: &mut Vec<u8>, at_ms: u64, cols: u16, rows: u16) {
        if let Self::Cast(cast) = self {
            cast.resize(out, at_ms, cols, rows);
        }
    }

    pub(super) fn finish(&mut self, out: &mut Vec<u8>, at_ms: u64) {
        match self {
            Self::Cast(cast) => cast.finish(out, at_ms),
            Self::Desktop { until_ms } => *until_ms = at_ms.max(*until_ms),
        }
    }

    pub(super) fn close_line(&mut self, out: &mut Vec<u8>) {
        if let Self::Cast(cast) = self {
            cast.close_line(out);
        }
    }
}
