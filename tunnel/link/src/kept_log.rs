//! The newest lines of this process's own log, in memory, for whoever is asked for them from afar.
//!
//! One per process, as the log is. What is in it went to standard error, too.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

/// Older bytes are forgotten.
const MAX_BYTES: usize = 2 * 1024 * 1024;

static LOG: Mutex<VecDeque<u8>> = Mutex::new(VecDeque::new());

/// Where a log layer writes to.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeptLog;

impl Write for KeptLog {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
        log.extend(line);
        let older = log.len().saturating_sub(MAX_BYTES);
        log.drain(..older);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Its newest whole lines, at most so many bytes.
#[must_use]
pub fn read(max_bytes: usize) -> Vec<u8> {
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    let older = log.len().saturating_sub(max_bytes.min(MAX_BYTES - 1));
    let newest = log.iter().skip(older).copied();
    // What is not kept from its beginning is kept from a line's.
    match older.max(usize::from(log.len() == MAX_BYTES)) {
        0 => newest.collect(),
        _ => newest.skip_while(|byte| *byte != b'\n').skip(1).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_lines_are_kept_and_whole() {
        let line = format!("{}\n", "x".repeat(99));
        for _ in 0..MAX_BYTES / line.len() + 10 {
            KeptLog.write_all(line.as_bytes()).expect("takes it");
        }
        KeptLog.write_all(b"the last\n").expect("takes it");
        let log = String::from_utf8(read(usize::MAX)).expect("text");
        assert!(log.len() < MAX_BYTES && log.len() > MAX_BYTES - 200);
        assert!(log.lines().all(|line| line.len() == 99 || line == "the last"));
        assert!(log.ends_with("the last\n"));
        assert_eq!(read(120), format!("{line}the last\n").into_bytes());
    }
}
