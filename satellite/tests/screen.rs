//! The screen at the ring's tail is exact: sessions recorded from bash, vim, less, top, htop and tmux, and a file of
//! everything a terminal keeps (`screen/corpus`), are cut at every byte.
//!
//! For every byte position of every file the ring's tail is wanted there: [`ScreenModel::ground_prefix`] says where
//! it may be, [`ScreenModel::advance`] takes what leaves, [`ScreenModel::dump`] says the screen. Each distinct
//! position is compared: one xterm.js reads the whole file, another one reads that screen as the browser writes it
//! and the bytes from there on. Their states must be equal:
//!
//! - for every position right at the cut and 1, 4, 16, 64 and 512 bytes after it;
//! - for every 16th position also after each of the next 64 bytes, and after 4,096;
//! - for every 64th position, and all of files up to 10 KiB, at the end of the file, with the scrollback since the cut.
//!
//! A state is every cell of the visible screen, and of the main screen under the alternate one (character,
//! width, colours, attributes, link, soft wraps), the cursor, and what the terminal will go by: pen, margins, tab
//! stops, saved cursors, charsets, modes, mouse, title, the character that `REP` would repeat. `screen/state.mjs`
//! reads it and names what it takes for equal.
//!
//! Besides, each file is fed in random batches of up to 48 KiB (the seed is printed), alone and followed by a flood
//! of its own text; the screen must be that of a model fed byte by byte.
//!
//! Exceptions. No file holds these: there xterm.js goes by what it alone remembers, or by what no escape codes can
//! bring about:
//!
//! - a cursor saved before ED 3 (erase the scrollback) cleared what was above it: xterm.js restores it too low;
//! - a link after all rows that showed it were erased: xterm.js forgets where it leads, the model does not;
//! - a joining character without one to join, right behind the last column: xterm.js leaves the screen's columns;
//! - what DECRC brings back half: an underline's kind that the restored pen hides, a charset other than both the
//!   designated and the saved one (its text is right until the next shift);
//! - in origin mode, a cursor outside the margins, where only a change of screens can have left it;
//! - a blank last column beside a waiting cursor, in a row with text (SU and SD can do that): it becomes a space.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use openpam_satellite::screen::ScreenModel;

const COLS: u16 = 80;
const ROWS: u16 = 24;
/// Every so many cuts are compared more closely.
const CLOSELY_EVERY: usize = 16;
/// Every so many cuts are compared to the end of the file.
const TO_END_EVERY: usize = 64;
/// All cuts of a file up to this size are compared to its end.
const SMALL_BYTES: usize = 10 * 1024;
/// Batches are at most this large.
const MAX_BATCH_BYTES: usize = 48 * 1024;
/// A file is compared in parts of so many cuts, by several programs at once.
const PART_CUTS: usize = 4_000;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screen")
}

/// The corpus: names and bytes, in order.
fn corpus() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder().join("corpus"))
        .expect("the corpus")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "out"))
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read(&path).expect("a recording"))
        })
        .collect()
}

/// Where the web client's packages are.
fn node_modules() -> PathBuf {
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/node_modules");
    assert!(
        modules.join("@xterm/headless").exists() && modules.join("@xterm/addon-unicode11").exists(),
        "this test compares with xterm.js, which is not installed: run `npm ci` in web/ (`make test` does)"
    );
    modules.canonicalize().expect("the packages' folder")
}

/// A cut and the screen there.
#[derive(PartialEq, Eq)]
struct Cut {
    at: usize,
    screen: Vec<u8>,
}

/// A stream that leaves the ring, and the model at the ring's tail.
struct Leaving<'a> {
    stream: &'a [u8],
    tail: usize,
    model: ScreenModel,
}

impl<'a> Leaving<'a> {
    fn new(stream: &'a [u8]) -> Self {
        Self { stream, tail: 0, model: ScreenModel::new(COLS, ROWS) }
    }

    /// Wants the tail at `wanted`, as `session::screen_keeper` does; whether it moved.
    fn want(&mut self, wanted: usize) -> bool {
        let batch = self.stream.get(self.tail..wanted).expect("within the stream");
        let count = self.model.ground_prefix(batch);
        self.model.advance(batch.get(..count).expect("within the batch"));
        self.tail += count;
        count > 0
    }

    fn cut(&self) -> Cut {
        Cut { at: self.tail, screen: self.model.dump() }
    }
}

/// Wants the tail at every byte in turn: the distinct places where it can be, with the screens there.
fn cuts(stream: &[u8]) -> Vec<Cut> {
    let mut leaving = Leaving::new(stream);
    let mut cuts = vec![leaving.cut()];
    for wanted in 1..=stream.len() {
        if leaving.want(wanted) {
            cuts.push(leaving.cut());
        }
    }
    cuts
}

/// What one comparing program found.
#[derive(serde::Deserialize)]
struct Found {
    cuts: usize,
    checks: usize,
    failed: usize,
    differences: Vec<String>,
}

/// A part of a file's cuts, compared by one program.
struct Part<'a> {
    name: &'a str,
    stream: &'a [u8],
    cuts: &'a [Cut],
    first: usize,
}

impl Part<'_> {
    fn how(&self, index: usize) -> u32 {
        let number = self.first + index;
        let to_end = number.is_multiple_of(TO_END_EVERY) || self.stream.len() <= SMALL_BYTES;
        u32::from(number.is_multiple_of(CLOSELY_EVERY)) | u32::from(to_end) << 1
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let length = |bytes: usize| u32::try_from(bytes).expect("a small part").to_le_bytes();
        out.write_all(&length(self.stream.len()))?;
        out.write_all(self.stream)?;
        for (index, cut) in self.cuts.iter().enumerate() {
            out.write_all(&length(8 + cut.screen.len()))?;
            out.write_all(&length(cut.at))?;
            out.write_all(&self.how(index).to_le_bytes())?;
            out.write_all(&cut.screen)?;
        }
        Ok(())
    }

    fn compare(&self, modules: &Path) -> Found {
        let mut node = Command::new("node")
            .arg(folder().join("compare.mjs"))
            .args([self.name, &COLS.to_string(), &ROWS.to_string()])
            .arg(modules)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this test needs Node.js: `node` was not found");
        let input = node.stdin.take().expect("its input");
        // It answers at its end, so nothing waits on both sides. Its own message says why it could not read on.
        let written = self.write(&mut io::BufWriter::new(input));
        let output = node.wait_with_output().expect("its output");
        assert!(output.status.success(), "compare.mjs failed on {} ({written:?})", self.name);
        serde_json::from_slice(&output.stdout).expect("its answer")
    }
}

#[test]
fn a_terminal_fed_screen_and_ring_ends_as_one_fed_the_whole() {
    let begun = Instant::now();
    let modules = node_modules();
    let corpus = corpus();
    assert!(corpus.len() >= 7, "the corpus is incomplete");
    let all: Vec<_> = corpus.iter().map(|(name, stream)| (name, stream, cuts(stream))).collect();
    let parts: Vec<_> = all
        .iter()
        .flat_map(|(name, stream, cuts)| {
            let part = |(index, cuts)| Part { name, stream, cuts, first: index * PART_CUTS };
            cuts.chunks(PART_CUTS).enumerate().map(part)
        })
        .collect();
    let next = AtomicUsize::new(0);
    let programs = std::thread::available_parallelism().map_or(1, usize::from);
    let found: Vec<Found> = std::thread::scope(|scope| {
        let work = || {
            std::iter::from_fn(|| parts.get(next.fetch_add(1, Ordering::Relaxed)))
                .map(|part| part.compare(&modules))
                .collect::<Vec<_>>()
        };
        let workers: Vec<_> = (0..programs).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker")).collect()
    });
    let sum = |count: fn(&Found) -> usize| found.iter().map(count).sum::<usize>();
    println!(
        "{} files, {} bytes, {} cuts, {} comparisons in {:.1} s",
        corpus.len(),
        corpus.iter().map(|(_, stream)| stream.len()).sum::<usize>(),
        sum(|found| found.cuts),
        sum(|found| found.checks),
        begun.elapsed().as_secs_f64()
    );
    assert_eq!(sum(|found| found.cuts), all.iter().map(|(_, _, cuts)| cuts.len()).sum::<usize>());
    let failed = sum(|found| found.failed);
    let told: Vec<_> = found.iter().flat_map(|found| found.differences.iter().map(String::as_str)).collect();
    assert!(failed == 0, "{failed} cuts differ:\n{}", told.join("\n"));
}

/// A small generator, so that a failing run can be had again.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound).expect("a bound")).expect("below the bound")
    }
}

/// Feeds a stream in random batches, as a busy session does.
fn in_batches(stream: &[u8], random: &mut Random) -> Cut {
    let mut leaving = Leaving::new(stream);
    let mut wanted = 0;
    while wanted < stream.len() {
        wanted = (wanted + 1 + random.below(MAX_BATCH_BYTES)).min(stream.len());
        leaving.want(wanted);
    }
    leaving.cut()
}

#[test]
fn batches_and_skipped_floods_bring_the_same_screen() {
    let seed = u64::from(std::process::id()) | 1 << 40;
    println!("seed {seed}");
    let mut random = Random(seed);
    for (name, stream) in corpus() {
        // Text alone is what is skipped when there is much of it.
        let is_text = |byte: &u8| matches!(byte, b'\n' | b'\r' | b' '..=b'~');
        let text: Vec<u8> = stream.iter().copied().filter(is_text).collect();
        let flooded = [&stream, &text, &text, &text].map(|part| part.as_slice()).concat();
        for stream in [stream, flooded] {
            let mut leaving = Leaving::new(&stream);
            (1..=stream.len()).for_each(|wanted| {
                leaving.want(wanted);
            });
            let expected = leaving.cut();
            for _ in 0..8 {
                let got = in_batches(&stream, &mut random);
                assert!(
                    got == expected,
                    "{name} in batches: {:?}\nnot {:?}",
                    String::from_utf8_lossy(&got.screen),
                    String::from_utf8_lossy(&expected.screen)
                );
            }
        }
    }
}
